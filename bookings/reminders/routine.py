"""The dates of a recurring loan that follow each other closely are a routine: nobody is reminded of every night of it.

What comes before a start is said when nothing of the series ended in the days before it; what comes before an end when
nothing of it begins in the days after. Whoever is late is told of every night.
"""

import datetime as dt
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from bookings.models import Booking
from bookings.reminders.schedule import START
from bookings.series.steps import STANDING

APART = dt.timedelta(days=4)  # from Friday night to Monday evening is the same routine; from week to week is not


def with_neighbours(loans: QuerySet[Booking]) -> QuerySet[Any]:
    """Adds when the date before ended, and when the next begins (`series_before`, `series_after`)."""
    others = Booking.objects.filter(series=OuterRef("series"), state__in=STANDING)
    before = others.filter(starts_at__lt=OuterRef("starts_at")).order_by("-starts_at")
    after = others.filter(starts_at__gt=OuterRef("starts_at")).order_by("starts_at")
    return loans.annotate(
        series_before=Subquery(before.values("ends_at")[:1]), series_after=Subquery(after.values("starts_at")[:1])
    )


def is_routine(booking: Booking, moment: str) -> bool:
    """The start, or the end, of this loan is one of many. One query for a loan of a series that was read without its
    neighbours."""
    if booking.series_id is None:
        return False
    one: Any = booking if hasattr(booking, "series_before") else with_neighbours(Booking.objects).get(pk=booking.pk)
    if moment == START:
        return one.series_before is not None and one.starts_at - one.series_before < APART
    return one.series_after is not None and one.series_after - one.ends_at < APART
