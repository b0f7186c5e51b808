"""What may be lent to this person at these dates, at what price, and why not the rest. Reads only."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, When

from accounts.models import Platform
from bookings.rules.law import Condition, unlawful
from core import clock, words
from core.french import in_french
from fleet import availability
from fleet.availability import late
from fleet.models import NO_TIME, Hold, Kind, Site, Vehicle
from participants.entitlements import Driver, ToDrive, Verdict, can_drive
from participants.models import Participant, Programme
from places.distance import Point, distance_km, roughly_km
from pricing.models import Tariff
from pricing.tariff_choice import tariff_for
from pricing.tariffs import Quote, quote

Margins = tuple[dt.timedelta, dt.timedelta]  # the turnaround before and after


@dataclass(frozen=True)
class Needs:
    """What the participant needs of a vehicle, whichever it is."""

    kind: str
    automatic: bool = False
    seats: int | None = None
    site: int | None = None  # one alone
    before: dt.timedelta = NO_TIME  # the turnaround that the loan needs
    after: dt.timedelta = NO_TIME
    squeezing: bool = False  # the turnaround gives way: somebody passed that rule

    def around(self, margins: Margins) -> Self:
        """The same, with the turnaround before and after."""
        return replace(self, before=margins[0], after=margins[1])

    def matching(self, vehicles: QuerySet[Vehicle]) -> QuerySet[Vehicle]:
        return self.fitting(vehicles.filter(kind=self.kind))

    def fitting(self, vehicles: QuerySet[Vehicle]) -> QuerySet[Vehicle]:
        """What is needed of a vehicle of whichever kind."""
        if self.automatic:
            vehicles = vehicles.filter(gearbox=Vehicle.Gearbox.AUTOMATIC)
        if self.seats:
            vehicles = vehicles.filter(seats__gte=self.seats)
        if self.site:
            vehicles = vehicles.filter(site=self.site)
        return vehicles

    def are_met_by(self, vehicle: Vehicle) -> bool:
        """The same, of one vehicle at hand."""
        return (
            vehicle.kind == self.kind
            and (not self.automatic or vehicle.gearbox == Vehicle.Gearbox.AUTOMATIC)
            and (not self.seats or (vehicle.seats or 0) >= self.seats)
            and (not self.site or vehicle.site_id == self.site)
        )


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

    @property
    def free_from_words(self) -> str:
        """« libre depuis le mardi 3 mars »; empty for one that nothing ever took."""
        since = self.vehicle.free_from  # type: ignore[attr-defined]
        return f"libre depuis le {words.calendar_day(since, with_year=False)}" if since else ""


@dataclass(frozen=True)
class KindOffer:
    """How many of a kind there are in service, and how many of them are free."""

    kind: Kind
    total: int
    free: int
    sites: tuple[tuple[str, int], ...] = ()  # where they are free, and how many

    @property
    def free_words(self) -> str:
        return "1 libre" if self.free == 1 else f"{self.free} libres"


def free_vehicles(
    platform: Platform,
    start: dt.datetime,
    end: dt.datetime,
    needs: Needs | None = None,
    *,
    squeezing: bool = False,
) -> QuerySet[Vehicle]:
    """In service and taken by nothing; with `needs`, those that meet them, the turnaround included. `squeezing` counts
    nobody's turnaround."""
    pool = Vehicle.objects.filter(platform=platform)
    if needs is None:
        return pool.free(start, end, clock.now(), squeezing=squeezing)
    margins = (NO_TIME, NO_TIME, True) if needs.squeezing else (needs.before, needs.after)
    return needs.matching(pool.free(start, end, clock.now(), *margins))


NEAR = 32  # sites among which a first page is looked for before the rest of the pool


def choices(
    platform: Platform,
    needs: Needs,
    start: dt.datetime,
    end: dt.datetime,
    participant: Participant | None = None,
    limit: int | None = None,
    with_law: bool = False,
) -> list[Choice]:
    """The free vehicles that meet the needs: those the participant may drive first, then the nearest, then
    those that stay free the shortest (the long gaps stay whole).

    `with_law` looks at the vehicles' papers and damages too. With `limit` the first so many of the same list, for
    which a large pool is not read as a whole. One query; one more with a participant, one with their home, and one
    where the nearest do not do.
    """
    found = free_vehicles(platform, start, end, needs).select_related("site__address")
    first_day, last_day = (clock.local_date(at, platform.time_zone) for at in (start, end))
    if with_law:
        found = found.with_law(first_day)  # type: ignore[attr-defined]
    soonest = [F("free_until").asc(nulls_last=True), "pk"]
    offer = Offer(participant, first_day, last_day if with_law else None)
    if limit is not None:
        first, is_whole = found.order_by(*soonest), True
        if offer.home:
            near = nearest_sites(platform, offer.home)
            is_whole = len(near) < NEAR
            places = [When(site=site, then=place) for place, site in enumerate(near)]
            first = found.filter(site__in=near).order_by(Case(*places, default=len(near)), *soonest)
        shown = in_order(offer.of(vehicle) for vehicle in first[:limit])
        is_full = len(shown) == limit
        if (is_full and shown[-1].possible) or (is_whole and not is_full):
            return shown
    return in_order(offer.of(vehicle) for vehicle in found.order_by(*soonest))[:limit]


class Offer:
    """Makes choices for one participant (or for nobody yet) on a day; what is alike is worked out once."""

    def __init__(self, participant: Participant | None, day: dt.date, last_day: dt.date | None = None) -> None:
        self.driver = Driver.of(participant) if participant else None
        self.home = participant.address.point if participant and participant.address else None
        self.day, self.last_day = day, last_day  # with a last day, the law of the vehicle is looked at too
        self.distance = cache(lambda there: distance_km(self.home, there))
        self.verdict = cache(lambda to_drive: can_drive(self.driver, to_drive, self.day))  # type: ignore[arg-type]

    def of(self, vehicle: Vehicle) -> Choice:
        address = vehicle.site.address
        choice = Choice(vehicle, self.distance(address.point) if address else None)
        if self.driver:
            verdict = self.verdict(ToDrive.of(vehicle))
            choice.refusals, choice.warnings = [*verdict.refusals], [*verdict.warnings]
        if self.last_day is not None:
            driver = self.driver or Driver()
            found = unlawful(Verdict(), driver, Condition.of(vehicle), self.day, self.last_day)
            choice.refusals += [breach.message for breach in found if breach.binds]
            choice.warnings += [breach.message for breach in found if not breach.binds]
        return choice


def in_order(offered: Iterable[Choice]) -> list[Choice]:
    far = dt.datetime.max.replace(tzinfo=dt.UTC)
    return sorted(
        offered,
        key=lambda c: (
            not c.possible,
            c.distance_km if c.distance_km is not None else 1e6,
            c.vehicle.free_until or far,  # type: ignore[attr-defined]
            c.vehicle.pk,
        ),
    )


def nearest_sites(platform: Platform, home: Point) -> list[int]:
    """The platform's nearest sites, by id, the nearest first; those of which nobody knows where they lie come last."""
    sites = Site.objects.filter(platform=platform).values_list("pk", "address__latitude", "address__longitude")
    ranked = sorted(
        (roughly_km(home, (latitude, longitude)) if latitude is not None else 1e6, pk)
        for pk, latitude, longitude in sites
    )
    return [pk for _, pk in ranked[:NEAR]]


def nearest_alternatives(
    platform: Platform, needs: Needs, start: dt.datetime, end: dt.datetime, *, but: Vehicle | None = None
) -> list[Vehicle]:
    """Three vehicles of the kind that are free instead, for the sentence of a refusal."""
    found = free_vehicles(platform, start, end, needs).select_related("site")
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
    found = tariff_for(
        platform.pk, kind, programme.pk, lambda: participant.audiences_on(day) if participant else set(), day
    )
    if found is None:
        return None
    tariff, terms = found
    return tariff, quote(terms, start, end, ZoneInfo(platform.time_zone), first_day=first_day)


def kinds_with_counts(
    platform: Platform, start: dt.datetime, end: dt.datetime, needs: Needs, margins: Callable[[str], Margins]
) -> list[KindOffer]:
    """For each kind of the pool: how many there are in service, and how many `choices` would offer for these needs
    with that kind's turnaround. Two queries."""
    pool = Vehicle.objects.filter(platform=platform).in_service()
    total = dict(pool.order_by().values_list("kind").annotate(Count("pk")))
    alike: dict[Margins, list[str]] = {}  # the kinds of one turnaround are counted together
    for kind in total:
        alike.setdefault(margins(kind), []).append(kind)
    counted = [
        needs.fitting(Vehicle.objects.filter(platform=platform, kind__in=kinds))
        .free(start, end, clock.now(), *turnaround)
        .order_by()
        .values_list("kind", "site__name")
        .annotate(Count("pk"))
        for turnaround, kinds in alike.items()
    ]
    free: dict[str, list[tuple[str, int]]] = {}
    for kind, site, number in counted[0].union(*counted[1:], all=True) if counted else ():
        free.setdefault(kind, []).append((site, number))
    known = {
        kind: tuple(sorted(free.get(kind, ()), key=lambda there: in_french(there[0]))) for kind in Kind if kind in total
    }
    return [KindOffer(kind, total[kind], sum(n for _, n in sites), sites) for kind, sites in known.items()]


@dataclass(frozen=True)
class Taken:
    """A vehicle that is not free, and why, in a few words; `tight`: only the turnaround is in the way."""

    vehicle: Vehicle
    why: str
    tight: bool = False


def why_not(platform: Platform, needs: Needs, start: dt.datetime, end: dt.datetime, limit: int = 12) -> list[Taken]:
    """Vehicles of the kind that are not free, and why: shown greyed under the free ones. One query."""
    of_vehicle = {"vehicle": OuterRef("pk")}
    before = availability.in_the_way(end, needs.after).filter(**of_vehicle).order_by("-starts_at")
    squeezed = availability.in_the_way(end, NO_TIME, squeezing=True).filter(**of_vehicle).order_by("-starts_at")
    pool = needs.matching(Vehicle.objects.filter(platform=platform).in_service())
    taken = (
        pool.annotate(
            taken_until=Subquery(before.values(freed=availability.freed(needs.before))[:1]),
            taken_for=Subquery(before.values("purpose")[:1]),
            plan_until=Subquery(squeezed.values(freed=availability.freed(NO_TIME, squeezing=True))[:1]),
            is_late=late(clock.now()),
        )
        .filter(Q(taken_until__gt=start) | Q(is_late=True))
        .select_related("site")
        .order_by("taken_until", "pk")[:limit]
    )
    return [taken_because(vehicle, start) for vehicle in taken]


def taken_because(vehicle: Any, start: dt.datetime) -> Taken:
    tight = not vehicle.is_late and (vehicle.plan_until is None or vehicle.plan_until <= start)
    return Taken(vehicle, "trop peu de temps pour le préparer" if tight else in_words(vehicle), tight)


def in_words(vehicle: Any) -> str:
    if vehicle.is_late:
        return "pas encore rendu"
    why = {Hold.Purpose.LOAN: "prêté", Hold.Purpose.MAINTENANCE: "en réparation"}.get(vehicle.taken_for, "pris")
    return f"{why} jusqu’{words.until_day(vehicle.taken_until)}"
