from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.doors import is_for_staff
from accounts.models import Membership
from core.french import InFrench

SESSION_KEY = "platform"


class CurrentPlatformMiddleware:
    """For staff: `request.membership` and `request.platform`, the one they chose last, or their first.

    For everybody else both are None, and pages that are not for them are refused. The platform's time zone is the
    page's. One query.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.membership = request.platform = None  # type: ignore[attr-defined]
        request.memberships = []  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            memberships = list(
                Membership.objects.filter(user=request.user).select_related("platform").order_by(InFrench("platform__name"))
            )
            request.user._roles = {m.platform_id: m.role for m in memberships}  # type: ignore[union-attr]
            chosen = request.session.get(SESSION_KEY)
            current = next((m for m in memberships if m.platform_id == chosen), next(iter(memberships), None))
            request.memberships = memberships  # type: ignore[attr-defined]
            request.membership = current  # type: ignore[attr-defined]
            request.platform = current.platform if current else None  # type: ignore[attr-defined]
        zone = request.platform.time_zone if request.platform else None  # type: ignore[attr-defined]
        with timezone.override(ZoneInfo(zone) if zone else timezone.get_default_timezone()):
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        if request.user.is_authenticated and not request.memberships and is_for_staff(request, view):  # type: ignore[attr-defined]
            raise PermissionDenied
