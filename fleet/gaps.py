"""When a vehicle is free for so long, nearest to a wished moment: the gaps between holds, in one query.

A gap runs from the end of one hold (or from now) to the start of the next (or for ever). Holds of a vehicle cannot
overlap, so the next one is one index step away. A vehicle that is out past its plan has no gap: nobody knows when it
comes back.
"""

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import (
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Greatest, Least

from fleet.availability import late
from fleet.models import Hold

MOMENT: Any = DateTimeField()


class Gap(NamedTuple):
    """A vehicle is free from `free_from` until `free_until` (None: nothing planned), and `start` fits into that."""

    start: dt.datetime
    vehicle_id: int
    free_from: dt.datetime
    free_until: dt.datetime | None


def gaps(vehicles: QuerySet[Any], now: dt.datetime) -> tuple[QuerySet[Any], QuerySet[Any]]:
    """All gaps of these vehicles from now on: those after a hold, and those that are open already."""
    here = vehicles.filter(withdrawn_on__isnull=True).exclude(late(now)).order_by()
    following = Hold.objects.filter(vehicle=OuterRef("vehicle"), starts_at__gte=OuterRef("ends_at"))
    after_holds = (
        Hold.objects.filter(vehicle__in=here.values("pk"), ends_at__gt=now)
        .annotate(
            of=F("vehicle_id"),
            free_from=F("ends_at"),
            free_until=Subquery(following.order_by("starts_at").values("starts_at")[:1]),
        )
        .order_by()
    )
    running = Hold.objects.filter(vehicle=OuterRef("pk"), starts_at__lte=now, ends_at__gt=now)
    coming = Hold.objects.filter(vehicle=OuterRef("pk"), starts_at__gt=now).order_by("starts_at")
    open_now = here.alias(running=Subquery(running.values("pk")[:1])).filter(running__isnull=True)
    open_now = open_now.annotate(
        of=F("pk"),
        free_from=Value(now, output_field=MOMENT),
        free_until=Subquery(coming.values("starts_at")[:1]),
    )
    return after_holds, open_now


def nearest(
    vehicles: QuerySet[Any], wished: dt.datetime, length: dt.timedelta, now: dt.datetime
) -> tuple[Gap | None, Gap | None]:
    """The latest period of this length that begins before `wished`, and the earliest that begins then or later.

    One query for any number of vehicles.
    """
    before, after = [], []
    for rows in gaps(vehicles, now):
        fits = Q(free_until__isnull=True) | Q(free_until__gte=plus(F("start"), length))
        later = rows.annotate(start=Greatest("free_from", Value(wished, output_field=MOMENT))).filter(fits)
        after.append(columns(later).order_by("start", "of")[:1])
        latest_start = Least(plus(F("free_until"), -length), Value(wished, output_field=MOMENT))
        earlier = rows.filter(free_until__isnull=False).annotate(start=latest_start)
        before.append(columns(earlier.filter(start__gte=F("free_from"))).order_by("-start", "of")[:1])
    found = [Gap(*row) for row in before[0].union(before[1], *after, all=True)]
    earliest = min((gap for gap in found if gap.start >= wished), default=None, key=lambda gap: gap.start)
    latest = max((gap for gap in found if gap.start < wished), default=None, key=lambda gap: gap.start)
    return latest, earliest


def openings(vehicles: QuerySet[Any], now: dt.datetime, at_least: dt.timedelta) -> list[Gap]:
    """Every gap that lasts so long, the earliest first. One query, and a plain one: what it finds is few enough to be
    sifted and sorted here."""
    after_holds, open_now = (rows.values_list("of", "free_from", "free_until") for rows in gaps(vehicles, now))
    found = (Gap(start, of, start, end) for of, start, end in after_holds.union(open_now, all=True))
    return sorted(gap for gap in found if gap.free_until is None or gap.free_until - gap.free_from >= at_least)


def columns(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.values_list("start", "of", "free_from", "free_until")


def plus(moment: Any, length: dt.timedelta) -> ExpressionWrapper:
    return ExpressionWrapper(moment + Value(length, output_field=DurationField()), output_field=MOMENT)
