"""What there is to know of a loan that is late: since when, what it costs, whom to call, what was tried. Reads only."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from bookings.actions.reminders import current_vehicle
from bookings.day.flags import next_of_late
from bookings.models import Assignment, Booking, RecoveryStep
from core import clock, words
from core.models import OutboxMessage
from pricing.tariffs import Quote, late_days


def story(loan: Booking) -> dict[str, Any]:
    """For the page of what was tried. Six queries, one more for a vehicle that never came back."""
    now = clock.now()
    assignment = vehicle_wanted(loan)
    period = loan.periods.last()
    quote = Quote.from_json(period.quote) if period and period.quote else None
    days = late_days(loan.ends_at, now, loan.platform.time_zone)
    return {
        "loan": loan,
        "participant": loan.participant,
        "assignment": assignment,
        "is_out": bool(assignment and assignment.hold and assignment.hold.is_out),
        "is_late": loan.is_late(now),
        "is_lost": loan.state == Booking.State.NOT_RETURNED,
        "days": days,
        "fee": quote.late_fee_per_day * days if quote else None,
        "recovery_steps": list(loan.recovery_steps.select_related("by", "document", "proof").order_by("-happened_at")),
        "reminders": list(reminders_of(loan)),
        "next": next_promise(assignment) if assignment else None,
    }


def vehicle_wanted(loan: Booking) -> Assignment | None:
    """The vehicle that they have, or that never came back from them."""
    if loan.state != Booking.State.NOT_RETURNED:
        return current_vehicle(loan)
    lost = loan.assignments.filter(unreturned__recovered_at__isnull=True, unreturned__isnull=False)
    return lost.select_related("hold", "vehicle__site", "site").last()


def reminders_of(loan: Booking) -> QuerySet[OutboxMessage]:
    """The reminders that were written by themselves, latest first."""
    sent = OutboxMessage.objects.filter(
        target_type="bookings.booking", target_id=str(loan.pk), key__startswith=f"booking:{loan.pk}:reminder:"
    )
    return sent.order_by("-pk")[:20]


def next_promise(assignment: Assignment) -> Assignment | None:
    """Who is promised this vehicle after that."""
    promised = Assignment.objects.current().filter(
        vehicle=assignment.vehicle_id, hold__isnull=False, hold__out_at__isnull=True
    )
    return promised.exclude(pk=assignment.pk).select_related("booking__participant").order_by("starts_at").first()


def with_what_was_tried(assignments: QuerySet[Assignment]) -> QuerySet[Any]:
    """Adds the last step (`tried_sort`, `tried_result`, `tried_at`, `tried_for`) and whom the vehicle is promised to
    next."""
    last = RecoveryStep.objects.filter(booking=OuterRef("booking")).order_by("-happened_at", "-pk")
    return next_of_late(assignments).annotate(
        tried_sort=Subquery(last.values("sort")[:1]),
        tried_result=Subquery(last.values("result")[:1]),
        tried_at=Subquery(last.values("happened_at")[:1]),
        tried_for=Subquery(last.values("promised_for")[:1]),
        tried_back_by=Subquery(last.values("back_by")[:1]),
    )


def tried_words(one: Any) -> str:
    """« Appel aujourd’hui à 9 h : a répondu, promet mardi 3 mars à 18 h »; empty when nobody has tried."""
    if one.tried_sort is None:
        return ""
    said = f"{RecoveryStep.Sort(one.tried_sort).label} {words.moment(one.tried_at)}"
    if one.tried_result:
        said += f" : {RecoveryStep.Result(one.tried_result).label.lower()}"
    if one.tried_for is not None:
        said += f", promet {words.moment(one.tried_for)}"
    if one.tried_back_by is not None:
        said += f", à rendre avant le {words.calendar_day(one.tried_back_by, with_year=False)}"
    return said
