"""What the preparation of loans looks at: the assignment that waits for its keys, and the papers that the rules ask."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, prefetch_related_objects

from bookings.day import flags
from bookings.models import Booking, LoanRules
from bookings.rules.house import terms
from core import clock
from participants.papers import Paper, what_is_missing


def awaiting(loan: Booking, now: dt.datetime) -> Any:
    """The loan's vehicle whose keys are to be given, with what stands in its way; None when there is none.

    Three queries.
    """
    waiting = flags.with_flags(loan.assignments.current().filter(hold__out_at__isnull=True), now)
    one = waiting.select_related("hold", "vehicle__site", "site").order_by(F("hold").asc(nulls_last=True)).first()
    if one is not None:
        one.booking = loan
        with_papers([one])
    return one


def with_papers(assignments: Sequence[Any]) -> Sequence[Any]:
    """Says in `papers_known` whether the papers that the rules ask for were all seen, and which were not; None where
    the rules ask for none. Two queries for any number of loans, none when there is nothing to prepare."""
    if not assignments:
        return assignments
    platform = assignments[0].booking.platform
    first = min(one.starts_at for one in assignments)
    since = clock.local_date(first, platform.time_zone)
    still = Q(valid_until__isnull=True) | Q(valid_until__gt=since)
    rows = list(LoanRules.objects.filter(still, platform=platform))
    days = {one.pk: clock.local_date(one.starts_at, platform.time_zone) for one in assignments}
    asked = {one.pk: asked_of(one.booking, rows, days[one.pk]) for one in assignments}
    if any(asked.values()):
        prefetch_related_objects([one for one in assignments if asked[one.pk]], "booking__participant__documents")
    for one in assignments:
        one.papers_known = seen_of(one, asked[one.pk], platform.time_zone) if asked[one.pk] else None
    return assignments


def asked_of(booking: Booking, rows: list[LoanRules], day: dt.date) -> tuple[str, ...]:
    """The papers that the rules of this case ask for on that day."""
    speaking = [
        row
        for row in rows
        if row.kind in ("", booking.kind)
        and row.programme_id in (None, booking.programme_id)
        and row.valid_from <= day
        and (row.valid_until is None or row.valid_until > day)
    ]
    return terms(speaking).documents


def seen_of(one: Any, asked: tuple[str, ...], zone: str) -> tuple[bool, str]:
    papers = [Paper.of(row) for row in one.booking.participant.documents.all()]
    missing, promised = what_is_missing(papers, asked, clock.local_date(one.starts_at, zone))
    if missing or promised:
        return False, "Il manque : " + ", ".join([*missing, *promised]) + "."
    return True, "Tous vus."
