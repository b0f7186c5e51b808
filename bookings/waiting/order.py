"""In which order people who wait are served, and why one is passed over: pure, with the reason in words for each."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from bookings.models import RequestPolicy, WaitingEntry
from bookings.rules.law import Condition, unlawful
from core import clock, words
from fleet.gaps import Gap
from fleet.models import Vehicle
from participants.entitlements import Driver, ToDrive, can_drive
from participants.models import Audience

SOON = dt.timedelta(days=7)  # a vehicle that is free later than this is no answer to who waits without a last day
SILENT_TOO_OFTEN = 2  # proposals without an answer; then a person calls, the list writes no more
Order = RequestPolicy.Order
Snap = Any  # (site, moment) → the moment itself, or the next one at which somebody is there


@dataclass
class Place:
    """Somebody's place on the list: why here, and which vehicle they could have now, or why none."""

    entry: WaitingEntry
    number: int
    reasons: list[str]
    gap: Gap | None = None
    vehicle: Vehicle | None = None
    starts_at: dt.datetime | None = None
    why_not: str = ""
    proposal: Any = None  # the one that is open now

    @property
    def ends_at(self) -> dt.datetime | None:
        return later(self.starts_at, self.entry.days, self.zone) if self.starts_at else None

    @property
    def zone(self) -> str:
        return self.entry.platform.time_zone


@dataclass
class Pool:
    """The vehicles that could be had, and when; what is proposed to one is had by no other."""

    vehicles: Mapping[int, Vehicle]
    gaps: list[Gap]
    now: dt.datetime
    snap: Snap
    taken: set[Gap] = field(default_factory=set)


def in_order(entries: Iterable[WaitingEntry], policy: RequestPolicy, today: dt.date) -> list[WaitingEntry]:
    """As the platform's rule says, each criterion in turn. Prefetch the participants' audiences."""
    far = dt.date.max
    value = {
        Order.AUDIENCE: lambda entry: not priorities(entry, policy, today),
        Order.WORK: lambda entry: entry.work_starts_on or far,
        Order.AGE: lambda entry: entry.asked_at,
    }
    return sorted(entries, key=lambda entry: (*(value[Order(name)](entry) for name in policy.order), entry.pk))


def priorities(entry: WaitingEntry, policy: RequestPolicy, today: dt.date) -> list[str]:
    """The priority publics to which this person belongs today."""
    return sorted(entry.participant.audiences_on(today) & set(policy.priority_audiences))


def why_here(entry: WaitingEntry, policy: RequestPolicy, today: dt.date) -> list[str]:
    """What the order looks at, in the words of the page, the first criterion first."""
    of_audience = [str(Audience(one).label) for one in priorities(entry, policy, today)]
    said = {
        Order.AUDIENCE: "Pas de public prioritaire",
        Order.WORK: "Pas de date de travail",
        Order.AGE: f"Attend depuis le {words.calendar_day(entry.asked_at, with_year=False)}",
    }
    if of_audience:
        said[Order.AUDIENCE] = f"Public prioritaire : {', '.join(of_audience)}"
    if entry.work_starts_on:
        said[Order.WORK] = f"Commence à travailler le {words.calendar_day(entry.work_starts_on, with_year=False)}"
    return [said[Order(name)] for name in policy.order]


def place(
    entry: WaitingEntry, number: int, reasons: list[str], pool: Pool, asked: Sequence[Any], until: dt.datetime
) -> Place:
    """Which vehicle this entry could have; else the reason, that of the step at which none was left.

    `asked`: the proposals that were made to this entry. `until`: the latest moment at which it may begin.
    """
    found = Place(entry, number, reasons)
    found.proposal = next((one for one in asked if one.booking.is_provisional), None)
    vehicles = [one for one in pool.vehicles.values() if one.kind == entry.kind]
    if found.proposal:
        found.why_not = "Une proposition attend une réponse"
    elif sum(one.booking.state == "expired" for one in asked) >= SILENT_TOO_OFTEN:
        found.why_not = "N’a pas répondu deux fois : appelez cette personne"
    elif not vehicles:
        found.why_not = "Aucun véhicule de ce type dans le parc"
    elif entry.site_id and not (vehicles := [one for one in vehicles if one.site_id == entry.site_id]):
        found.why_not = f"Aucun véhicule de ce type à : {entry.site}"
    elif not (vehicles := [one for one in vehicles if meets_needs(entry, one)]):
        found.why_not = "Aucun véhicule ne répond aux besoins (boîte automatique, places)"
    else:
        among_drivable(found, vehicles, pool, asked, until)
    return found


def among_drivable(found: Place, vehicles: list[Vehicle], pool: Pool, asked: Sequence[Any], until: dt.datetime) -> None:
    entry = found.entry
    driver = Driver.of(entry.participant)
    on = clock.local_date(max(entry.earliest_at, pool.now), found.zone)
    why_not = {one.pk: unlawful_here(driver, one, on, entry.days) for one in vehicles}
    may = {pk for pk, reasons in why_not.items() if not reasons}
    if not may:
        found.why_not = " ".join(next(iter(why_not.values())))
        return
    refused = {one.vehicle_id for one in asked if one.booking.state == "cancelled"}
    fitting = [
        (start, gap)
        for gap in pool.gaps
        if gap.vehicle_id in may and gap not in pool.taken and (start := start_in(gap, entry, pool, until))
    ]
    wanted = [(start, gap) for start, gap in fitting if gap.vehicle_id not in refused]
    if not wanted:
        found.why_not = (
            "A déjà refusé le véhicule qui est libre"
            if fitting
            else f"Rien n’est libre {entry.days} jours de suite à ces dates"
        )
        return
    found.starts_at, found.gap = min(wanted)
    found.vehicle = pool.vehicles[found.gap.vehicle_id]


def unlawful_here(driver: Driver, vehicle: Vehicle, on: dt.date, days: int) -> list[str]:
    """What would forbid these keys to this person: licence, inspection, insurance, a vehicle that must not run."""
    verdict = can_drive(driver, ToDrive.of(vehicle), on)
    found = unlawful(verdict, driver, Condition.of(vehicle), on, on + dt.timedelta(days=days))
    return [breach.message for breach in found if breach.binds]


def start_in(gap: Gap, entry: WaitingEntry, pool: Pool, until: dt.datetime) -> dt.datetime | None:
    """When the loan would begin in this gap; None when it does not fit."""
    site = pool.vehicles[gap.vehicle_id].site
    start = pool.snap(site, max(gap.free_from, entry.earliest_at, pool.now))
    end = pool.snap(site, later(start, entry.days, entry.platform.time_zone))
    return start if start <= until and (gap.free_until is None or end <= gap.free_until) else None


def latest_start(entry: WaitingEntry, now: dt.datetime) -> dt.datetime:
    """The last moment at which the loan may begin: the end of the day that was said, else within a week."""
    if entry.latest_on is None:
        return max(entry.earliest_at, now) + SOON
    return clock.at(entry.latest_on + dt.timedelta(days=1), dt.time(), entry.platform.time_zone)


def meets_needs(entry: WaitingEntry, vehicle: Vehicle) -> bool:
    automatic = not entry.needs_automatic or vehicle.gearbox == Vehicle.Gearbox.AUTOMATIC
    return automatic and (not entry.needs_seats or (vehicle.seats or 0) >= entry.needs_seats)


def later(start: dt.datetime, days: int, zone: str) -> dt.datetime:
    """So many days later on the wall clock, whatever the nights of the clock change do."""
    local = start.astimezone(ZoneInfo(zone))
    return clock.at(local.date() + dt.timedelta(days=days), local.timetz().replace(tzinfo=None), zone)
