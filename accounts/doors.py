"""Which pages stand open to whom, before any of them asks who may do what.

Closed by default: a page is for staff (whoever has a role in a platform). Pages under `/moi/`, `/garage/` and
`/compte/` are for everybody who has signed in, and so is a view marked `@not_only_staff` (a receipt's PDF, a photo):
what such a page shows is what `visible_to(request.user)` gives. Pages for people who have not signed in carry
Django's `@login_not_required`.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest

V = TypeVar("V", bound=Callable[..., Any])

FOR_EVERYBODY = ("/moi/", "/garage/", "/compte/")


def not_only_staff(view: V) -> V:
    """Participants and garages may open this page too."""
    view.not_only_staff = True  # type: ignore[attr-defined]
    return view


def is_for_staff(request: HttpRequest, view: Callable[..., Any]) -> bool:
    if getattr(view, "not_only_staff", False) or not getattr(view, "login_required", True):
        return False
    return not request.path_info.startswith(FOR_EVERYBODY)
