"""What stands in the way of a departure: its vehicle is late, elsewhere, or not ready. Derived, never typed.

`with_flags` brings the facts of any number of assignments in the query that reads them; `flags_of` says them.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from bookings.models import Assignment, PreparationTick
from core import words
from fleet.models import Hold, Vehicle
from pricing.models import Deposit

SOON = dt.timedelta(days=2)  # before which a vehicle that is not clean yet is nobody's worry
LATE, ELSEWHERE, NOT_READY = "late", "elsewhere", "not_ready"


@dataclass(frozen=True)
class Flag:
    """One thing that must be settled before the keys can be given."""

    code: str
    label: str  # two words
    text: str  # the sentence
    tone: str  # now | soon


def with_flags(assignments: QuerySet[Assignment], now: dt.datetime) -> QuerySet[Any]:
    """Adds what `flags_of` and `bookings.day.preparation` read; no further query."""
    others = Hold.objects.filter(vehicle=OuterRef("vehicle")).exclude(pk=OuterRef("hold"))
    out = others.out().order_by("out_at")
    transfers = Hold.objects.filter(
        vehicle=OuterRef("vehicle"),
        purpose=Hold.Purpose.TRANSFER,
        to_site=OuterRef("site"),
        back_at__isnull=True,
        ends_at__gt=now,
    )
    ticks = PreparationTick.objects.filter(booking=OuterRef("booking"))
    expected = Deposit.objects.filter(account=OuterRef("booking__account"), state=Deposit.State.EXPECTED)
    return assignments.annotate(
        vehicle_out_until=Subquery(out.values("ends_at")[:1]),
        vehicle_not_ready=Exists(Hold.objects.not_ready().filter(vehicle=OuterRef("vehicle"))),
        transfer_planned=Exists(transfers),
        ticked=ArraySubquery(ticks.order_by("item").values("item")),
        deposit_expected=Exists(expected),
    )


def flags_of(one: Any, now: dt.datetime) -> list[Flag]:
    """Of an assignment that `with_flags` read (with its vehicle's site and its own): nothing once its keys left."""
    if one.hold is None or one.hold.out_at is not None:
        return []
    flags = []
    if one.vehicle_out_until is not None and one.vehicle_out_until <= now:
        since = words.moment(one.vehicle_out_until)
        flags.append(
            Flag(LATE, "Pas encore rendu", f"Le véhicule n’est pas encore rendu : il devait revenir {since}.", "now")
        )
    if is_elsewhere(one):
        text = f"Le véhicule est à {one.vehicle.site}, départ prévu à {one.site}."
        flags.append(Flag(ELSEWHERE, f"Est à {one.vehicle.site}", text, "now" if near(one, now) else "soon"))
    if one.vehicle_not_ready and near(one, now):
        flags.append(Flag(NOT_READY, "Pas prêt", "Le véhicule est revenu et n’est pas encore prêt.", "soon"))
    return flags


def near(one: Assignment, now: dt.datetime) -> bool:
    return one.starts_at <= now + SOON


def is_elsewhere(one: Any) -> bool:
    """It stands at another site than the one where they come, and nobody is to drive it there. One that is out may
    still come back to the right place."""
    return (
        one.site_id is not None
        and one.site_id != one.vehicle.site_id
        and one.vehicle_out_until is None
        and not one.transfer_planned
    )


def next_of_late(assignments: QuerySet[Assignment]) -> QuerySet[Any]:
    """Adds to assignments that are out: when somebody is promised their vehicle next (`next_starts_at`)."""
    promised = (
        Assignment.objects.current()
        .filter(vehicle=OuterRef("vehicle"), hold__isnull=False, hold__out_at__isnull=True)
        .exclude(pk=OuterRef("pk"))
        .order_by("starts_at")
    )
    return assignments.annotate(next_starts_at=Subquery(promised.values("starts_at")[:1]))


def next_departure(vehicle: Vehicle, now: dt.datetime) -> tuple[Any, list[Flag]]:
    """Who is promised this vehicle next, and what stands in the way of that; (None, []) when nobody is. One query."""
    promised = Assignment.objects.current().filter(vehicle=vehicle, hold__isnull=False, hold__out_at__isnull=True)
    known = with_flags(promised, now).select_related("hold", "vehicle__site", "site", "booking__participant")
    one = known.order_by("starts_at").first()
    return one, flags_of(one, now) if one is not None else []


def elsewhere(platform: Any, now: dt.datetime) -> QuerySet[Any]:
    """Promised assignments whose vehicle stands at another site, the next departure first."""
    promised = Assignment.objects.current().filter(
        platform=platform, hold__isnull=False, hold__out_at__isnull=True, site__isnull=False
    )
    apart = promised.filter(~Q(site=F("vehicle__site")))
    return with_flags(apart, now).filter(vehicle_out_until__isnull=True, transfer_planned=False).order_by("starts_at")
