"""What may be lent to this person at these dates, at what price, and why not the rest. Reads only."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from accounts.models import Platform
from core import clock, words
from fleet.availability import late
from fleet.models import Hold, Kind, Vehicle
from participants.entitlements import Driver, ToDrive, can_drive
from participants.models import Participant, Programme
from places.distance import distance_km
from pricing.models import Tariff
from pricing.tariff_choice import tariff_for
from pricing.tariffs import Quote, Terms, quote


@dataclass(frozen=True)
class Needs:
    """What the participant needs of a vehicle, whichever it is."""

    kind: str
    automatic: bool = False
    seats: int | None = None

    def matching(self, vehicles: QuerySet[Vehicle]) -> QuerySet[Vehicle]:
        vehicles = vehicles.filter(kind=self.kind)
        if self.automatic:
            vehicles = vehicles.filter(gearbox=Vehicle.Gearbox.AUTOMATIC)
        if self.seats:
            vehicles = vehicles.filter(seats__gte=self.seats)
        return vehicles


@dataclass
class Choice:
    """A free vehicle, as the booking page shows it."""

    vehicle: Vehicle
    distance_km: float | None = None
    refusals: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def possible(self) -> bool:
        return not self.refusals

    @property
    def free_until_words(self) -> str:
        """« libre jusqu’au vendredi 6 mars », « rien de prévu ensuite »."""
        until = self.vehicle.free_until  # type: ignore[attr-defined]
        return f"libre jusqu’{words.until_day(until)}" if until else "rien de prévu ensuite"


@dataclass(frozen=True)
class KindOffer:
    """How many of a kind there are in service, and how many of them are free."""

    kind: Kind
    total: int
    free: int

    @property
    def free_words(self) -> str:
        return "1 libre" if self.free == 1 else f"{self.free} libres"


def free_vehicles(platform: Platform, start: dt.datetime, end: dt.datetime) -> QuerySet[Vehicle]:
    return Vehicle.objects.filter(platform=platform).free(start, end, clock.now())


def choices(
    platform: Platform,
    needs: Needs,
    start: dt.datetime,
    end: dt.datetime,
    participant: Participant | None = None,
) -> list[Choice]:
    """The free vehicles that meet the needs: those the participant may drive first, then the nearest, then
    those that stay free the shortest (the long gaps stay whole). Two queries, three with a participant."""
    found = needs.matching(free_vehicles(platform, start, end)).select_related("site__address")
    driver = Driver.of(participant) if participant else None
    home = participant.address.point if participant and participant.address else None
    day = clock.local_date(start, platform.time_zone)
    offered = []
    for vehicle in found:
        choice = Choice(vehicle)
        there = vehicle.site.address.point if vehicle.site.address else None
        if home and there:
            choice.distance_km = distance_km(home, there)
        if driver:
            verdict = can_drive(driver, ToDrive.of(vehicle), day)
            choice.refusals, choice.warnings = verdict.refusals, verdict.warnings
        offered.append(choice)
    far = dt.datetime.max.replace(tzinfo=dt.UTC)
    offered.sort(
        key=lambda c: (
            not c.possible,
            c.distance_km if c.distance_km is not None else 1e6,
            c.vehicle.free_until or far,
            c.vehicle.pk,
        )
    )
    return offered


def nearest_alternatives(
    platform: Platform, needs: Needs, start: dt.datetime, end: dt.datetime, *, but: Vehicle | None = None
) -> list[Vehicle]:
    """Three vehicles of the kind that are free instead, for the sentence of a refusal."""
    found = needs.matching(free_vehicles(platform, start, end)).select_related("site")
    return list((found.exclude(pk=but.pk) if but else found).order_by("pk")[:3])


def price(
    platform: Platform,
    kind: str,
    start: dt.datetime,
    end: dt.datetime,
    *,
    programme: Programme,
    participant: Participant | None = None,
    first_day: int = 1,
) -> tuple[Tariff, Quote] | None:
    """The tariff of this case on the first day and what it makes of the period; None when there is no tariff.

    `first_day`: which day of the loan the period begins on; a renewal's is not 1.
    """
    day = clock.local_date(start, platform.time_zone)
    audiences = participant.audiences_on(day) if participant else set()
    tariff = tariff_for(platform.pk, kind, programme.pk, audiences, day)
    if tariff is None:
        return None
    return tariff, quote(Terms.of(tariff), start, end, ZoneInfo(platform.time_zone), first_day=first_day)


def kinds_with_counts(platform: Platform, start: dt.datetime, end: dt.datetime) -> list[KindOffer]:
    """For each kind of the pool: how many there are in service, how many are free. Two queries."""
    pool = Vehicle.objects.filter(platform=platform).in_service()
    total = dict(pool.order_by().values_list("kind").annotate(Count("pk")))
    free = dict(free_vehicles(platform, start, end).order_by().values_list("kind").annotate(Count("pk")))
    return [KindOffer(kind, total[kind], free.get(kind, 0)) for kind in Kind if kind in total]


def why_not(
    platform: Platform, needs: Needs, start: dt.datetime, end: dt.datetime, limit: int = 12
) -> list[tuple[Vehicle, str]]:
    """Vehicles of the kind that are not free, and why, in a few words: shown greyed under the free ones. One query."""
    before = Hold.objects.filter(vehicle=OuterRef("pk"), starts_at__lt=end).order_by("-starts_at")
    pool = needs.matching(Vehicle.objects.filter(platform=platform).in_service())
    taken = (
        pool.annotate(
            taken_until=Subquery(before.values("ends_at")[:1]),
            taken_for=Subquery(before.values("purpose")[:1]),
            is_late=late(clock.now()),
        )
        .filter(Q(taken_until__gt=start) | Q(is_late=True))
        .select_related("site")
        .order_by("taken_until", "pk")[:limit]
    )
    return [(vehicle, in_words(vehicle)) for vehicle in taken]


def in_words(vehicle: Any) -> str:
    if vehicle.is_late:
        return "pas encore rendu"
    why = {Hold.Purpose.LOAN: "prêté", Hold.Purpose.MAINTENANCE: "en réparation"}.get(vehicle.taken_for, "pris")
    return f"{why} jusqu’{words.until_day(vehicle.taken_until)}"
