from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme


class RefusalMiddleware:
    """Turns an action's refusal that no form caught into a sentence on the page that the person came from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, ValidationError):
            return None
        sentence = " ".join(exception.messages)
        if request.headers.get("HX-Request"):
            return render(request, "core/refusal.html#sentence", {"sentence": sentence}, status=409)
        came_from = request.headers.get("Referer", "")
        if request.method == "POST" and url_has_allowed_host_and_scheme(came_from, {request.get_host()}):
            messages.error(request, sentence)
            return redirect(came_from)
        return render(request, "core/refusal.html", {"sentence": sentence}, status=409)
