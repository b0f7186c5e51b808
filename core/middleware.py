from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

from core.typography import unbreakable


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
        is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()})
        if request.method == "POST" and is_ours:
            messages.error(request, sentence)
            return redirect(came_from)
        back = came_from if is_ours and urlsplit(came_from).path != request.path else ""
        thing = above(request.path) if request.method == "GET" else ""
        context = {"sentence": sentence, "back": back, "thing": "" if urlsplit(back).path == thing else thing}
        return render(request, "core/refusal.html", context, status=409)


def above(path: str) -> str:
    """The nearest page above this address: that of the thing which the verb is about, or of its list; none but the
    first page is nothing."""
    while path := path.rstrip("/").rpartition("/")[0]:
        try:
            resolve(f"{path}/")
        except Resolver404:
            continue
        return f"{path}/"
    return ""


class TypographyMiddleware:
    """Sets the spaces of French on every page that leaves; see core/typography.py."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if not answer.streaming and answer.headers.get("Content-Type", "").startswith("text/html"):
            answer.content = unbreakable(answer.content.decode(answer.charset))
        return answer
