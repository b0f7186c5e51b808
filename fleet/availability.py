"""Which vehicles are free, since when and until when: one query for any number of vehicles.

Holds of a vehicle cannot overlap, so only the last one that starts before the wished end can collide with
the wished period. Read backwards on the btree (vehicle, starts_at DESC), that is one index step a vehicle;
the same trick forward gives "free until" (measured against NOT EXISTS on GiST: docs/decisions/002).
"""

import datetime as dt
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from fleet.models import Hold

LONG_AGO = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)


def free(vehicles: QuerySet[Any], start: dt.datetime, end: dt.datetime, now: dt.datetime) -> QuerySet[Any]:
    """The vehicles in service that nothing takes in the half-open [start, end), with `free_from` and `free_until`.

    `free_from` is the end of the hold before (None: never held), `free_until` the start of the next one
    (None: nothing planned). A vehicle that is out past its plan is not free.
    """
    before = Hold.objects.filter(vehicle=OuterRef("pk"), starts_at__lt=end).order_by("-starts_at")
    after = Hold.objects.filter(vehicle=OuterRef("pk"), starts_at__gte=end).order_by("starts_at")
    freed_at = Subquery(before.values("ends_at")[:1])
    return (
        vehicles.filter(withdrawn_on__isnull=True)
        .alias(freed_at=Coalesce(freed_at, Value(LONG_AGO)))
        .filter(freed_at__lte=start)
        .exclude(late(now))
        .annotate(free_from=freed_at, free_until=Subquery(after.values("starts_at")[:1]))
    )


def late(now: dt.datetime) -> Exists:
    """The vehicle is out past its plan."""
    return Exists(Hold.objects.late(now).filter(vehicle=OuterRef("pk")))


def with_whereabouts(vehicles: QuerySet[Any], now: dt.datetime) -> QuerySet[Any]:
    """Adds what takes each vehicle now, or took it last and is still out.

    `held_for` (a purpose), `held_until`, `held_out` (it really left), `is_late`, `held_by` (the hold's id) and
    `next_held_at`; all None or False when it stands at its site.
    """
    current = Hold.objects.filter(
        Q(starts_at__lte=now, ends_at__gt=now) | Q(out_at__isnull=False, back_at__isnull=True),
        vehicle=OuterRef("pk"),
    ).order_by(F("back_at").asc(nulls_first=True), "starts_at")
    coming = Hold.objects.filter(vehicle=OuterRef("pk"), starts_at__gt=now).order_by("starts_at")
    return vehicles.annotate(
        held_by=Subquery(current.values("pk")[:1]),
        held_for=Subquery(current.values("purpose")[:1]),
        held_until=Subquery(current.values("ends_at")[:1]),
        held_out=Exists(Hold.objects.out().filter(vehicle=OuterRef("pk"))),
        is_late=late(now),
        next_held_at=Subquery(coming.values("starts_at")[:1]),
    )
