import contextlib
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
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


PIECE = 64 * 1024  # bytes
LONGEST_BODY = settings.UPLOAD_MAX_BYTES + 10 * 1024 * 1024


def whole_body(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Reads what no view did read, such as the photo of somebody who is not signed in.

    The server closes a connection on which something is left to read, and the answer may be lost with it: a proxy that
    is still sending then answers 502 in our place.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method in ("POST", "PUT", "PATCH"):
            left = LONGEST_BODY
            with contextlib.suppress(OSError):  # who sent it is gone
                while left > 0 and (piece := request.read(PIECE)):
                    left -= len(piece)
        return response

    return answer


class TypographyMiddleware:
    """Sets the spaces of French on every page that leaves; see core/typography.py."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if not answer.streaming and answer.headers.get("Content-Type", "").startswith("text/html"):
            answer.content = unbreakable(answer.content.decode(answer.charset))
        return answer
