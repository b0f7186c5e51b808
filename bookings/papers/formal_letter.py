"""The registered letter (*mise en demeure*) that asks for a vehicle back: what its template is filled with.

It states facts only: what was agreed, since when the vehicle is due, what was tried, by when it is to come back, and
what follows otherwise (art. 314-1 of the penal code: keeping what one was to give back is *abus de confiance*).
"""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from bookings.day.late import vehicle_wanted
from bookings.models import Booking, RecoveryStep
from bookings.papers import contracts
from bookings.reports import papers as report_papers
from core import clock, pdf, words
from core.files import store
from core.models import OutboxMessage, StoredFile
from pricing.receipts import letterhead
from pricing.tariffs import Quote, late_days

TRIED_SHOWN = 12


def written(booking: Booking, step: RecoveryStep) -> StoredFile:
    """The letter of a step that is about to be saved, kept with its SHA-256."""
    with timezone.override(ZoneInfo(booking.platform.time_zone)):
        content = pdf.render("bookings/formal_letter", contents(booking, step))
    return store(
        content,
        kind=StoredFile.Kind.DOCUMENT,
        name=f"mise-en-demeure-pret-{booking.pk}.pdf",
        media_type="application/pdf",
        platform_id=booking.platform_id,
        by=step.by,
    )


def contents(booking: Booking, step: RecoveryStep) -> dict[str, Any]:
    participant, now = booking.participant, clock.now()
    assignment = vehicle_wanted(booking)
    period = booking.periods.last()
    quote = Quote.from_json(period.quote) if period and period.quote else None
    days = late_days(booking.ends_at, now, booking.platform.time_zone)
    is_late = booking.is_late(now)  # what never came back costs no late days beyond those that were chosen
    fee = quote.late_fee_per_day if quote and is_late else None
    assert step.back_by is not None
    return {
        "platform": letterhead(booking.platform),
        "to": [str(participant), *contracts.address_words(participant.address).split(", ")],
        "date": words.calendar_day(now),
        "number": str(booking.pk),
        "vehicle": report_papers.vehicle_words(assignment.vehicle) if assignment else booking.get_kind_display(),
        "handed_over": at_words(assignment.hold.out_at) if assignment and assignment.hold else "",
        "due": at_words(booking.ends_at),
        "late": "1 jour" if days == 1 else f"{days} jours",
        "back_by": words.calendar_day(step.back_by),
        "site": site_words(assignment),
        "fee": words.euros(fee) if fee else "",
        "fee_so_far": words.euros(fee * days) if fee else "",
        "tried": tried(booking),
        "signer": str(step.by),
    }


def at_words(at: dt.datetime) -> str:
    return f"{words.calendar_day(at)} à {words.hour(at)}"


def site_words(assignment: Any) -> str:
    site = (assignment.site or assignment.vehicle.site) if assignment else None
    if site is None:
        return ""
    return ", ".join(part for part in (site.name, contracts.address_words(site.address)) if part)


def tried(booking: Booking) -> list[str]:
    """How one tried to reach them, oldest first: calls and visits as they were noted, and the messages that left."""
    found = [
        (one.happened_at, f"{one.get_sort_display().lower()} ({one.get_result_display().lower()})")
        if one.result
        else (one.happened_at, one.get_sort_display().lower())
        for one in booking.recovery_steps.filter(sort__in=[RecoveryStep.Sort.CALL, RecoveryStep.Sort.VISIT])
    ]
    sent = OutboxMessage.objects.filter(
        target_type="bookings.booking", target_id=str(booking.pk), topic__in=["sms", "mail"],
        key__contains=":reminder:", done_at__gte=booking.ends_at,
    )  # fmt: skip
    found += [(one.done_at, "SMS" if one.topic == "sms" else "e-mail") for one in sent]
    return [f"{at_words(at)} : {what}" for at, what in sorted(found, key=lambda one: one[0])[-TRIED_SHOWN:]]
