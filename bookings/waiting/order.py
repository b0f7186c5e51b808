"""In which order people who wait are served, and why one is passed over: pure, with the reason in words for each."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from bookings.models import RequestPolicy, WaitingEntry
from bookings.rules.house import Breach, Terms, Wish, breaches
from bookings.rules.law import Condition, unlawful
from core import clock, words
from fleet.gaps import Gap
from fleet.models import Vehicle
from fleet.opening import Hours
from participants.entitlements import Driver, ToDrive, can_drive
from participants.models import Audience, Participant

A_QUARTER, AN_HOUR, A_DAY = dt.timedelta(minutes=15), dt.timedelta(hours=1), dt.timedelta(days=1)
SOON = dt.timedelta(days=7)  # a vehicle that is free later than this is no answer to who waits without a last day
SILENT_TOO_OFTEN = 2  # proposals without an answer; then a person calls, the list writes no more
LOOKED_AT = 20  # beginnings of which the house rules are asked; what none of the first allows, they forbid
Order = RequestPolicy.Order


@dataclass
class Place:
    """Somebody's place on the list: why here, and which vehicle they could have now, or why none."""

    entry: WaitingEntry
    number: int
    reasons: list[str]
    gap: Gap | None = None
    vehicle: Vehicle | None = None
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    why_not: str = ""
    proposal: Any = None  # the one that is open now
    in_pool: bool = True  # the pool has such a vehicle, wherever it stands


@dataclass
class Pool:
    """The vehicles that could be had, and when; what is proposed to one is had by no other.

    `terms`: the house rules of a kind and programme on a day. `facts`: what they look at of a person.
    """

    vehicles: Mapping[int, Vehicle]
    gaps: list[Gap]
    now: dt.datetime
    hours: Mapping[int, Hours]  # of each site
    terms: Callable[[str, int | None, dt.date], Terms]
    facts: Callable[[Participant, Terms], dict[str, Any]]
    taken: set[Gap] = field(default_factory=set)
    laid: dict[Any, tuple[dt.datetime, dt.datetime]] = field(default_factory=dict)  # worked out once for all alike


@dataclass(frozen=True, order=True)
class Chance:
    """When a vehicle could serve somebody who waits."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    gap: Gap


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
        Order.AGE: f"Attend depuis le {words.brief_day(entry.asked_at)}",
    }
    if of_audience:
        said[Order.AUDIENCE] = f"Public prioritaire : {', '.join(of_audience)}"
    if entry.work_starts_on:
        said[Order.WORK] = f"Travaille dès le {words.brief_day(entry.work_starts_on)}"
    return [said[Order(name)] for name in policy.order]


def place(
    entry: WaitingEntry, number: int, reasons: list[str], pool: Pool, asked: Sequence[Any], until: dt.datetime
) -> Place:
    """Which vehicle this entry could have; else the reason, that of the step at which none was left.

    `asked`: the proposals that were made to this entry. `until`: the latest moment at which it may begin.
    """
    found = Place(entry, number, reasons)
    found.proposal = next((one for one in asked if one.booking.is_provisional), None)
    of_kind = [one for one in pool.vehicles.values() if one.kind == entry.kind]
    vehicles = serving(entry, of_kind)
    found.in_pool = any(meets_needs(entry, one) for one in of_kind)
    if found.proposal:
        found.why_not = "Une proposition attend une réponse"
    elif sum(one.booking.state == "expired" for one in asked) >= SILENT_TOO_OFTEN:
        found.why_not = "N’a pas répondu deux fois : appelez cette personne"
    elif entry.latest_on is not None and until <= pool.now:
        found.why_not = f"Trop tard : ce n’était plus utile après le {words.calendar_day(entry.latest_on)}"
    elif not vehicles:
        found.why_not = why_none(entry, of_kind)
    else:
        among_drivable(found, vehicles, pool, asked, until)
    return found


def serving(entry: WaitingEntry, vehicles: Iterable[Vehicle]) -> list[Vehicle]:
    """Those of the kind that stand where they are wanted and meet what is needed."""
    here = [one for one in vehicles if entry.site_id in {None, one.site_id}]
    return [one for one in here if meets_needs(entry, one)]


def why_none(entry: WaitingEntry, of_kind: Sequence[Vehicle]) -> str:
    if not of_kind:
        return "Aucun véhicule de ce type dans le parc"
    if not any(entry.site_id in {None, one.site_id} for one in of_kind):
        return f"Aucun véhicule de ce type à : {entry.site}"
    return "Aucun véhicule ne répond aux besoins (boîte automatique, places)"


def among_drivable(found: Place, vehicles: list[Vehicle], pool: Pool, asked: Sequence[Any], until: dt.datetime) -> None:
    entry = found.entry
    driver = Driver.of(entry.participant)
    on = clock.local_date(max(entry.earliest_at, pool.now), entry.platform.time_zone)
    why_not = {one.pk: unlawful_here(driver, one, on, entry.days) for one in vehicles}
    may = {pk for pk, reasons in why_not.items() if not reasons}
    if not may:
        found.why_not = " ".join(next(iter(why_not.values())))
        return
    refused = {one.vehicle_id for one in asked if one.booking.state == "cancelled"}
    fitting = chances(entry, may, pool, until)
    wanted = [one for one in fitting if one.gap.vehicle_id not in refused]
    if not wanted:
        found.why_not = (
            "A déjà refusé le véhicule qui est libre"
            if fitting
            else f"Rien n’est libre {entry.days} jours de suite à ces dates"
        )
        return
    broken = [against_the_rules(entry, one, pool) for one in wanted[:LOOKED_AT]]
    first = next((one for one, said in zip(wanted, broken, strict=False) if not said), None)
    if first is None:
        found.why_not = " ".join(breach.message for breach in broken[0])
        return
    found.starts_at, found.ends_at, found.gap = first.starts_at, first.ends_at, first.gap
    found.vehicle = pool.vehicles[first.gap.vehicle_id]


def chances(
    entry: WaitingEntry, vehicles: Collection[int], pool: Pool, until: dt.datetime | None = None
) -> list[Chance]:
    """When these vehicles could serve, the soonest first; `until`: the latest moment at which it may begin."""
    free = [gap for gap in pool.gaps if gap.vehicle_id in vehicles and gap not in pool.taken]
    found = [chance_in(gap, entry, pool) for gap in free if until is None or gap.free_from <= until]
    return sorted(one for one in found if one is not None and (until is None or one.starts_at <= until))


def against_the_rules(entry: WaitingEntry, chance: Chance, pool: Pool) -> list[Breach]:
    """The house rules that bind and that this loan would break; whoever proposes by hand may pass them."""
    zone = entry.platform.time_zone
    rules = pool.terms(entry.kind, entry.programme_id, clock.local_date(chance.starts_at, zone))
    wish = Wish(
        entry.kind, chance.starts_at, chance.ends_at, pool.now, zone, birth_date=entry.participant.birth_date,
        **pool.facts(entry.participant, rules),
    )  # fmt: skip
    return [breach for breach in breaches(wish, rules) if breach.binds]


def unlawful_here(driver: Driver, vehicle: Vehicle, on: dt.date, days: int) -> list[str]:
    """What would forbid these keys to this person: licence, inspection, insurance, a vehicle that must not run."""
    verdict = can_drive(driver, ToDrive.of(vehicle), on)
    found = unlawful(verdict, driver, Condition.of(vehicle), on, on + dt.timedelta(days=days))
    return [breach.message for breach in found if breach.binds]


def chance_in(gap: Gap, entry: WaitingEntry, pool: Pool) -> Chance | None:
    """When the loan would begin and end in this gap, the turnaround around it and the notice that the rules ask for
    before it; None when it does not fit."""
    zone, site = entry.platform.time_zone, pool.vehicles[gap.vehicle_id].site_id
    earliest = max(entry.earliest_at, pool.now, gap.free_from)
    if gap.free_until is not None and gap.free_until < earliest + (entry.days - 8) * A_DAY:
        return None  # far too short, whatever the hours
    rules = pool.terms(entry.kind, entry.programme_id, clock.local_date(earliest, zone))
    before, after = rules.margins
    told = pool.now + dt.timedelta(hours=rules.notice_hours or 0)
    wanted = on_the_quarter(max(earliest, gap.free_from + before, told))
    alike = (site, wanted, entry.days, rules)
    if alike not in pool.laid:
        start = pool.hours[site].next_open(wanted) or wanted
        pool.laid[alike] = (start, end_of(start, entry.days, pool.hours[site], rules, zone))
    start, end = pool.laid[alike]
    fits = gap.free_until is None or end + after <= gap.free_until
    return Chance(start, end, gap) if fits else None


def on_the_quarter(moment: dt.datetime) -> dt.datetime:
    """The next full quarter of an hour, as people agree on one."""
    return moment + (dt.datetime.min.replace(tzinfo=moment.tzinfo) - moment) % A_QUARTER


def end_of(start: dt.datetime, days: int, hours: Hours, rules: Terms, zone: str) -> dt.datetime:
    """So many days later, while somebody is there: after the wished moment, or before it where the rules allow no
    longer loan."""
    wished = later(start, days, zone)
    end = hours.next_open(wished) or wished
    if rules.max_days and end > later(start, rules.max_days, zone):
        end = hours.last_open(wished) or wished
    return max(end, start + AN_HOUR)


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
