"""Who may do what with loans."""

from typing import Any

from accounts.models import Platform, Role
from accounts.perms import has_role, is_staff
from bookings.models import Booking


def can_book(user: Any, platform: Platform) -> bool:
    """Advisers, fleet managers, coordinators."""
    return has_role(user, platform.pk, Role.ADVISER, Role.FLEET_MANAGER)


def can_change(user: Any, booking: Booking) -> bool:
    """Whoever may book on its platform: cancel, replace or correct the vehicle, write reports, hand over, take back."""
    return has_role(user, booking.platform_id, Role.ADVISER, Role.FLEET_MANAGER)


def can_record(user: Any, platform: Platform) -> bool:
    """Whoever may book: a loan that began on paper."""
    return can_book(user, platform)


def can_report_problem(user: Any, booking: Booking) -> bool:
    """The participant whose loan it is, and the staff."""
    return booking.participant.user_id == user.pk or is_staff(user, booking.platform_id)


def can_ask_for_longer(user: Any, booking: Booking) -> bool:
    """The participant whose loan it is."""
    return booking.participant.user_id == user.pk
