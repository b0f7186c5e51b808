"""Who may do what with loans."""

from collections.abc import Iterable
from typing import Any

from accounts.models import Platform, Role
from accounts.perms import acts_as_machine, has_role, is_staff
from bookings.models import Booking, RequestPolicy, Series, WaitingEntry
from participants.models import Participant


def can_book(user: Any, platform: Platform) -> bool:
    """Advisers, fleet managers, coordinators."""
    return has_role(user, platform.pk, Role.ADVISER, Role.FLEET_MANAGER)


def can_change(user: Any, booking: Booking) -> bool:
    """Whoever may book on its platform: cancel, replace or correct the vehicle, write reports, hand over, take back."""
    return has_role(user, booking.platform_id, Role.ADVISER, Role.FLEET_MANAGER)


def can_pass(user: Any, platform_id: int, roles: Iterable[str]) -> bool:
    """Whoever the platform's loan rules name, and coordinators."""
    return has_role(user, platform_id, *roles)


def can_review_passes(user: Any, platform: Platform) -> bool:
    """Coordinators: which rules were passed, by whom, why."""
    return has_role(user, platform.pk)


def can_set_rules(user: Any, platform: Platform) -> bool:
    """Coordinators: what the platform asks of a loan."""
    return has_role(user, platform.pk)


def can_change_series(user: Any, series: Series) -> bool:
    """Whoever may book on its platform: drop one of its loans, end it."""
    return has_role(user, series.platform_id, Role.ADVISER, Role.FLEET_MANAGER)


def can_record(user: Any, platform: Platform) -> bool:
    """Whoever may book: a loan that began on paper."""
    return can_book(user, platform)


def can_report_problem(user: Any, booking: Booking) -> bool:
    """The participant whose loan it is, and the staff."""
    return booking.participant.user_id == user.pk or is_staff(user, booking.platform_id)


def can_sign(user: Any, booking: Booking) -> bool:
    """The participant whose loan it is, and whoever may change it, before whom they sign."""
    return booking.participant.user_id == user.pk or can_change(user, booking)


def can_ask_for_longer(user: Any, booking: Booking) -> bool:
    """The participant whose loan it is."""
    return booking.participant.user_id == user.pk


def can_request(user: Any, participant: Participant) -> bool:
    """Whoever may book; the participant for themself, where the platform takes requests from their page."""
    return can_book(user, participant.platform) or (
        participant.user_id == user.pk
        and RequestPolicy.objects.filter(platform=participant.platform_id, participants_may_ask=True).exists()
    )


def can_decide(user: Any, booking: Booking) -> bool:
    """Whoever may book: approve a request or refuse it. Where the loan rules name approvers, only those (approvals)."""
    return can_book(user, booking.platform) and not acts_as_machine(user, booking.platform_id)


def can_give_up(user: Any, booking: Booking) -> bool:
    """Whoever may change the loan; the participant, as long as it is their own request."""
    return can_change(user, booking) or (booking.is_request and booking.participant.user_id == user.pk)


def can_expire(user: Any, booking: Booking) -> bool:
    """The platform's machine user alone: nobody ends a promise before its hour; people cancel, with a reason."""
    return acts_as_machine(user, booking.platform_id)


def can_wait(user: Any, entry: WaitingEntry) -> bool:
    """Whoever may book on its platform puts people on the waiting list; the person may leave it, and answer."""
    return can_book(user, entry.platform) or entry.participant.user_id == user.pk


def can_set_request_policy(user: Any, platform: Platform) -> bool:
    """Coordinators: who may ask, and in which order the waiting list is served."""
    return has_role(user, platform.pk) and not acts_as_machine(user, platform.pk)


def can_set_reminders(user: Any, platform: Platform) -> bool:
    """Coordinators: what people are reminded of, and when."""
    return has_role(user, platform.pk)


def can_set_clauses(user: Any, platform: Platform) -> bool:
    """Coordinators: what the contract says."""
    return has_role(user, platform.pk)


def can_remind(user: Any, booking: Booking) -> bool:
    """The platform's machine, and whoever may change the loan."""
    return can_change(user, booking)
