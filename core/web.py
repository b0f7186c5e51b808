"""What every page does alike: full page or fragment, refusal or result.

    form = BookForm(request.POST or None)
    if form.is_valid() and (booking := attempt(form, actions.book, by=request.user, **form.cleaned_data)):
        return redirect("bookings:booking", booking.pk)
    return page(request, "bookings/book.html", {"form": form}, partial="quote")

A verb that needs no form is a POST to its own URL; its refusal is caught by `core.middleware.RefusalMiddleware`.
A view whose POST creates something is `@once`: a double click makes one thing.
"""

import hashlib
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from core import idempotency
from core.db import refuse
from core.models import IdempotencyKey

R = TypeVar("R")
V = TypeVar("V", bound=Callable[..., HttpResponse])

SUBMISSION = "submission"  # the hidden field that `{% submit %}` and `{% post_button %}` write
LONGEST_ID = 18  # digits that a bigint surely holds
PATIENCE = 8.0  # seconds that a second click waits for the first


def attempt(form: BaseForm, verb: Callable[..., R], /, *args: Any, **kwargs: Any) -> R | None:
    """Calls an action; its refusal becomes an error of the form (and `form.refusal`), and None is returned.

    A refusal that names fields which the form has goes to those fields.
    """
    try:
        return verb(*args, **kwargs)
    except ValidationError as refusal:
        form.refused, form.refusal = True, refusal  # type: ignore[attr-defined]
        if hasattr(refusal, "error_dict"):
            for field, errors in refusal.error_dict.items():
                form.add_error(field if field in form.fields else None, errors)
        else:
            form.add_error(None, refusal)
        return None


def sent(request: HttpRequest) -> tuple[Any, Any]:
    """`Form(*sent(request))`: bound by any POST, also by one that says nothing (a form of one button)."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def row_id(text: str) -> int | None:
    """An id as it stands in an address or a hidden field; None for what can be none, however long."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_ID else None


def back_to(request: HttpRequest, usual: str) -> str:
    """Where somebody was sent from on an errand (`?retour=`, an address of ours), else the usual page."""
    wanted = request.GET.get("retour", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else usual


def status_of(form: BaseForm) -> int:
    """409 when an action refused, 422 when the form itself does not stand, else 200."""
    if getattr(form, "refused", False):
        return 409
    return 422 if form.is_bound and not form.is_valid() else 200


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    partial: str = "",
    status: int | None = None,
) -> HttpResponse:
    """Renders the page, or for htmx its named partial: same URL, same view, same context.

    The status is that of `context["form"]` when none is given.
    """
    context = context or {}
    if status is None:
        status = status_of(context["form"]) if isinstance(context.get("form"), BaseForm) else 200
    if partial and request.htmx and not request.htmx.boosted:  # type: ignore[attr-defined]
        template = f"{template}#{partial}"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def once(view: V) -> V:
    """A POST that carries the same `submission` key twice is carried out once.

    The second is answered with the first's redirect, for which it waits. Only a redirect (it happened) is
    remembered: after a form that did not stand or a refusal, the same key may be sent again.
    """

    @wraps(view)
    def view_once(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.POST.get(SUBMISSION, "")[:80] if request.method == "POST" else ""
        if not key or not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        row, ours = claim(request, key)
        if not ours:
            return redirect(row.location)
        try:
            with idempotency.carrying_out(row):
                response = view(request, *args, **kwargs)
        except (ValidationError, PermissionDenied, Http404):
            idempotency.release(row)
            raise
        except BaseException:
            idempotency.give_up(row)
            raise
        if 300 <= response.status_code < 400:
            idempotency.finish(row, status=response.status_code, location=response["Location"])
        else:
            idempotency.release(row)
        return response

    return view_once  # type: ignore[return-value]


def claim(request: HttpRequest, key: str) -> tuple[IdempotencyKey, bool]:
    """The submission's row, and whether it is ours to carry out; waits while another request is at it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return idempotency.claim(request.user.pk, f"page:{key}", fingerprint_of(request))
        except ValidationError as refusal:
            if refusal.code == "key_reused":
                raise refuse(
                    "Ce formulaire a déjà été envoyé. Rechargez la page pour en remplir un autre.", "already_sent"
                ) from refusal
            if refusal.code == "already_done":
                raise
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)


def fingerprint_of(request: HttpRequest) -> str:
    """Of what was sent, but for the token that changes with the session."""
    fields = sorted((k, v) for k, values in request.POST.lists() if k != "csrfmiddlewaretoken" for v in values)
    files = sorted((k, f.name, f.size) for k, values in request.FILES.lists() for f in values)
    body = hashlib.sha256(repr((fields, files)).encode()).digest()
    return idempotency.fingerprint_of("POST", request.path, body)
