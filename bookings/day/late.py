"""What there is to know of a loan that is late: since when, what it costs, whom to call, what was tried. Reads only."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from bookings.actions.reminders import current_vehicle
from bookings.day.flags import next_of_late
from bookings.models import Assignment, Booking, RecoveryStep
from core import clock, words
from core.models import OutboxMessage
from core.rows import Row, made
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
    """Adds the last step (`last_step`, which `tried_words` says) and when the vehicle is promised next."""
    last = RecoveryStep.objects.filter(booking=OuterRef("booking")).order_by("-happened_at", "-pk")
    return next_of_late(assignments).annotate(last_step=Subquery(last.values_list(Row("pk"))[:1]))


def tried_words(one: Any) -> str:
    """« Appel aujourd’hui à 9 h : a répondu, promet mardi 3 mars à 18 h »; empty when nobody has tried."""
    if one.last_step is None:
        return ""
    step = made(RecoveryStep, one.last_step)
    said = f"{step.get_sort_display()} {words.moment(step.happened_at)}"
    if step.result:
        said += f" : {step.get_result_display().lower()}"
    if step.promised_for is not None:
        said += f", promet {words.moment(step.promised_for)}"
    if step.back_by is not None:
        said += f", à rendre avant le {words.calendar_day(step.back_by, with_year=False)}"
    return said
