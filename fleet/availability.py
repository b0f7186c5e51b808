"""Which vehicles are free, since when and until when: one query for any number of vehicles.

Holds of a vehicle cannot overlap, so only the last one that starts before the wished end can collide with
the wished period. Read backwards on the btree (vehicle, starts_at DESC), that is one index step a vehicle;
the same trick forward gives "free until" (measured against NOT EXISTS on GiST: docs/decisions/002).
"""

import datetime as dt
from typing import Any

from django.db.models import DateTimeField, DurationField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest, Least

from fleet.models import NO_TIME, Hold

MOMENT: Any = DateTimeField()
LENGTH: Any = DurationField()
LONG_AGO = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)


def free(
    vehicles: QuerySet[Any],
    start: dt.datetime,
    end: dt.datetime,
    now: dt.datetime,
    before: dt.timedelta = NO_TIME,
    after: dt.timedelta = NO_TIME,
    squeezing: bool = False,
) -> QuerySet[Any]:
    """The vehicles in service that nothing takes in the half-open [start, end), with `free_from` and `free_until`.

    `before` and `after` are the turnaround that the wished plan needs; between two plans the longer one counts, once;
    `squeezing` counts none at all. `free_from` is when the plan could begin at the earliest after the hold before
    (None: never held), `free_until` when it must end at the latest for the next one (None: nothing planned). A
    vehicle that is out past its plan is not free.
    """
    earlier = in_the_way(end, after, squeezing).filter(vehicle=OuterRef("pk")).order_by("-starts_at")
    next_one = Hold.objects.filter(vehicle=OuterRef("pk"), starts_at__gte=end).order_by("starts_at")
    freed_at = Subquery(earlier.values(freed=freed(before, squeezing))[:1])
    return (
        vehicles.filter(withdrawn_on__isnull=True)
        .alias(freed_at=Coalesce(freed_at, Value(LONG_AGO)))
        .filter(freed_at__lte=start)
        .exclude(late(now))
        .annotate(free_from=freed_at, free_until=Subquery(next_one.values(wanted=wanted(after))[:1]))
    )


def in_the_way(end: dt.datetime, after: dt.timedelta, squeezing: bool = False) -> QuerySet[Hold]:
    """The holds that begin, or whose turnaround with ours does, before a plan that ends at `end` is over.

    Of those of one vehicle only the last one can collide, turnaround or not: each frees the vehicle after the one
    before it.
    """
    holds = Hold.objects.filter(starts_at__lt=end + after)
    if squeezing:
        return holds.filter(starts_at__lt=Value(end, MOMENT) - F("before"))
    if not after:
        return holds
    return holds.filter(Q(starts_at__lt=end) | Q(starts_at__lt=Value(end + after, MOMENT) - F("before")))


def freed(before: dt.timedelta, squeezing: bool = False) -> Any:
    """When a hold lets a plan begin that needs `before`: the longer of both turnarounds counts."""
    if squeezing:
        return F("ends_at") - F("after")
    return Greatest("ends_at", F("ends_at") - F("after") + Value(before, LENGTH)) if before else F("ends_at")


def wanted(after: dt.timedelta) -> Any:
    """By when a hold wants the vehicle back from a plan that needs `after`."""
    return Least("starts_at", F("starts_at") + F("before") - Value(after, LENGTH)) if after else F("starts_at")


def late(now: dt.datetime) -> Exists:
    """The vehicle is out past its plan."""
    return Exists(Hold.objects.late(now).filter(vehicle=OuterRef("pk")))


def with_whereabouts(vehicles: QuerySet[Any], now: dt.datetime) -> QuerySet[Any]:
    """Adds what takes each vehicle now, or took it last and is still out.

    `held_for` (a purpose), `held_until` (the end that people read, without turnaround), `free_again_at` (with it),
    `held_out` (it really left), `held_back` (it is back, and being made ready), `is_late`, `held_by` (the hold's id)
    and `next_held_at`; all None or False when it stands at its site.

    What is out comes first; else it can only be the last hold that has begun. Either is one index step, however many
    holds the vehicle ever had.
    """
    of_it = Hold.objects.filter(vehicle=OuterRef(OuterRef("pk")))
    out, begun = of_it.out().order_by("starts_at"), of_it.filter(starts_at__lte=now).order_by("-starts_at")
    current = Hold.objects.filter(
        Q(ends_at__gt=now) | Q(out_at__isnull=False, back_at__isnull=True),
        pk=Coalesce(Subquery(out.values("pk")[:1]), Subquery(begun.values("pk")[:1])),
    )
    coming = Hold.objects.filter(vehicle=OuterRef("pk"), starts_at__gt=now).order_by("starts_at")
    return vehicles.annotate(
        held_by=Subquery(current.values("pk")[:1]),
        held_for=Subquery(current.values("purpose")[:1]),
        held_until=Subquery(current.values(until=F("ends_at") - F("after"))[:1]),
        free_again_at=Subquery(current.values("ends_at")[:1]),
        held_back=Subquery(current.values(back=Q(back_at__isnull=False))[:1]),
        held_out=Exists(Hold.objects.out().filter(vehicle=OuterRef("pk"))),
        is_late=late(now),
        next_held_at=Subquery(coming.values("starts_at")[:1]),
    )
