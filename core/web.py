"""What every page does alike: full page or fragment, refusal or result.

    form = BookForm(request.POST or None)
    if form.is_valid() and (booking := attempt(form, actions.book, by=request.user, **form.cleaned_data)):
        return redirect("bookings:booking", booking.pk)
    return page(request, "bookings/book.html", {"form": form}, partial="quote")

A verb that needs no form is a POST to its own URL; its refusal is caught by `core.middleware.RefusalMiddleware`.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

R = TypeVar("R")


def attempt(form: BaseForm, verb: Callable[..., R], /, *args: Any, **kwargs: Any) -> R | None:
    """Calls an action; its refusal becomes an error of the form, and None is returned.

    A refusal that names fields which the form has goes to those fields.
    """
    try:
        return verb(*args, **kwargs)
    except ValidationError as refusal:
        form.refused = True  # type: ignore[attr-defined]
        if hasattr(refusal, "error_dict"):
            for field, errors in refusal.error_dict.items():
                form.add_error(field if field in form.fields else None, errors)
        else:
            form.add_error(None, refusal)
        return None


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
