"""A recurring loan before it is agreed: each occurrence with its vehicle or what stands in its way, and what it costs.

Reads only, in a fixed number of queries; the action plans again under its locks.
"""

import datetime as dt
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from accounts.models import Platform
from bookings.offers.choices import Needs, Offer, in_order
from bookings.rules.house import Breach, Rule
from bookings.rules.house import Terms as HouseRules
from bookings.rules.reads import facts_of, terms_for
from bookings.series import prices as series_prices
from bookings.series import recurrence
from bookings.series.recurrence import Pattern
from bookings.series.rules import breaches_of_dates, closed_then
from core import clock, words
from core.db import refuse
from fleet.availability import late
from fleet.holds import plans_overlap, stands_in_the_way
from fleet.models import Hold, Kind, Vehicle
from fleet.opening import hours_of
from participants.entitlements import ToDrive, can_drive
from participants.models import Participant, Programme
from pricing.models import Tariff
from pricing.tariff_choice import tariff_for
from pricing.tariffs import Quote, Terms

MOST_VEHICLES = 500  # of a kind that are looked at; a larger pool still finds room among so many


@dataclass
class Conflict:
    """Why an occurrence cannot be; a house rule can be passed."""

    code: str  # taken, late, past, or the rule
    sentence: str
    can_be_passed: bool = False

    @property
    def short(self) -> str:
        """Beside a date: of a house rule its name, since all dates that break it say much the same."""
        return str(Rule(self.code).label) if self.can_be_passed else self.sentence


TOO_NEAR = Conflict(
    str(Rule.TURNAROUND), "Trop peu de temps pour préparer le véhicule entre deux prêts.", can_be_passed=True
)


@dataclass
class Occurrence:
    starts_at: dt.datetime
    ends_at: dt.datetime
    on: dt.date  # on which it starts, on the wall clock
    vehicle: Vehicle | None = None
    conflicts: list[Conflict] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)  # what the hand-over would refuse today
    left_out: bool = False
    share: Quote | None = None  # what it adds to the price; None when it is left out

    @property
    def is_possible(self) -> bool:
        return not self.conflicts

    @property
    def words(self) -> str:
        """« lundi 2 mars de 20 h à 6 h »: the end's day goes without saying."""
        hours = f"de {words.hour(self.starts_at)} à {words.hour(self.ends_at)}"
        return f"{words.calendar_day(self.on, with_year=False)} {hours}"


@dataclass
class Plan:
    pattern: Pattern
    occurrences: list[Occurrence]
    vehicles: list[Vehicle]  # that serve it, the one that serves most first
    tariff: Tariff
    quote: Quote  # of what is neither left out nor impossible, with the deposit
    rules: HouseRules
    broken: dict[str, Breach] = field(default_factory=dict)  # house rules, by name: the first breach of each
    passed: dict[str, Breach] = field(default_factory=dict)  # those that somebody passes

    @property
    def kept(self) -> list[Occurrence]:
        return [one for one in self.occurrences if not one.left_out]

    @property
    def possible(self) -> list[Occurrence]:
        return [one for one in self.kept if one.is_possible]

    @property
    def seen(self) -> str:
        """The price of all of them as a door sends it back, without the comma of the screens."""
        return f"{self.quote.total:.2f}"

    @property
    def warnings(self) -> list[str]:
        """Each once."""
        return list(dict.fromkeys(said for one in self.possible for said in one.warnings))

    @property
    def lacks_a_vehicle(self) -> bool:
        """Some date has none: what nobody can pass."""
        return any(not said.can_be_passed for one in self.impossible for said in one.conflicts if said.code != "past")

    @property
    def impossible(self) -> list[Occurrence]:
        return [one for one in self.kept if not one.is_possible]


def preview_series(
    platform: Platform,
    *,
    participant: Participant,
    pattern: Pattern,
    needs: Needs,
    vehicle: Vehicle | None = None,
    programme: Programme | None = None,
    without: Collection[dt.date] = (),
    among: Iterable[int] | None = None,
    passed: Collection[str] = (),
) -> Plan:
    """Every occurrence with its conflict and what the others cost in all. `without`: first days that are left out.

    One vehicle for all where there is one; else the one that can serve most, and others for the rest. With `among`
    no other vehicles are looked at. `passed`: house rules that somebody
    passes. Refuses as `recurrence.refuse_impossible`, and with `no_tariff`.
    """
    zone, now = ZoneInfo(platform.time_zone), clock.now()
    recurrence.refuse_impossible(pattern, zone, clock.today(zone))
    spans = recurrence.occurrences(pattern.event(zone), zone)
    found = [Occurrence(start, end, start.astimezone(zone).date()) for start, end in spans]
    for one in found:
        one.left_out = one.on in without
        if one.starts_at <= now:
            one.conflicts.append(Conflict("past", "C’est déjà passé."))
    programme_id = programme.pk if programme else participant.programme_id
    first = pattern.first_on
    priced = tariff_for(platform.pk, needs.kind, programme_id, lambda: participant.audiences_on(first), first)
    if priced is None:
        raise refuse(
            f"Aucun tarif ne vaut ce jour-là pour « {Kind(needs.kind).label} ». Ajoutez-en un dans Réglages, Tarifs.",
            "no_tariff",
        )
    tariff, terms = priced
    rules = terms_for(platform, needs.kind, programme_id, first)
    plan = Plan(pattern, found, [], tariff, Quote(0, (), tariff.day_rule), rules)
    pool = Vehicle.objects.filter(platform=platform).in_service()
    pool = pool.filter(pk=vehicle.pk) if vehicle is not None else needs.matching(pool)
    pool = pool if among is None else pool.filter(pk__in=list(among))
    serve(plan, Pool(pool, found, participant, rules, squeezing=Rule.TURNAROUND in passed), vehicle)
    ask_the_rules(plan, platform, participant, needs.kind, passed)
    price(plan, terms, zone)
    counts = [one.vehicle for one in plan.possible if one.vehicle is not None]
    plan.vehicles = sorted(dict.fromkeys(counts), key=lambda one: -counts.count(one))
    return plan


def ask_the_rules(plan: Plan, platform: Platform, participant: Participant, kind: str, passed: Collection[str]) -> None:
    """A broken house rule is a conflict of the date, unless it is passed."""
    kept, now = plan.kept, clock.now()
    facts = facts_of(participant, plan.rules, now)
    spans = [(one.starts_at, one.ends_at) for one in kept]
    broken = breaches_of_dates(spans, plan.rules, kind=kind, zone=platform.time_zone, now=now, facts=facts)
    hours = hours_of({one.vehicle.site for one in kept if one.vehicle is not None})
    for one, breaches in zip(kept, broken, strict=True):
        if one.vehicle is not None:
            site = one.vehicle.site
            breaches += closed_then(hours[site.pk], str(site), (one.starts_at, one.ends_at), plan.rules)
        for breach in breaches:
            into = plan.passed if breach.rule in passed else plan.broken
            into.setdefault(str(breach.rule), breach)
            if breach.rule not in passed:
                one.conflicts.append(Conflict(str(breach.rule), breach.message, can_be_passed=True))


def price(plan: Plan, terms: Terms, zone: ZoneInfo) -> None:
    spans = [(one.starts_at, one.ends_at) for one in plan.possible]
    plan.quote = series_prices.whole(terms, spans, zone)
    for one, share in zip(plan.possible, series_prices.shares(terms, spans, zone), strict=True):
        one.share = share


# --- which vehicle for which occurrence ------------------------------------------------------------


class Pool:
    """The vehicles that may serve, the first choice first, with what takes each of them meanwhile. Five queries."""

    def __init__(
        self,
        vehicles: QuerySet[Any],
        wanted: Sequence[Occurrence],
        participant: Participant,
        rules: HouseRules,
        *,
        squeezing: bool = False,
    ) -> None:
        self.before, self.after = rules.margins
        self.squeezing = squeezing  # somebody passes the turnaround
        first, last = wanted[0].starts_at - self.before, wanted[-1].ends_at + self.after
        rows = vehicles.select_related("site__address", "site__platform").annotate(is_late=late(clock.now()))
        found = list(rows.order_by("pk")[:MOST_VEHICLES])
        for one in found:
            one.free_until = None
        offer = Offer(participant, wanted[0].on)
        ordered = in_order(offer.of(one) for one in found)
        self.vehicles = [choice.vehicle for choice in ordered]
        self.unfit = {choice.vehicle.pk for choice in ordered if not choice.possible}
        self.verdict = cache(lambda to_drive, on: can_drive(offer.driver, to_drive, on))  # type: ignore[arg-type]
        self.holds: dict[int, list[Hold]] = {one.pk: [] for one in found}
        near = Hold.objects.filter(vehicle__in=found).overlapping(first, last)
        for hold in near.order_by("starts_at"):
            self.holds[hold.vehicle_id].append(hold)

    def conflict(self, vehicle: Any, wanted: Occurrence) -> Conflict | None:
        """Why this vehicle cannot serve then."""
        if vehicle.is_late:
            return Conflict("late", "Ce véhicule aurait dû être rendu et ne l’est pas encore.")
        near = self.in_the_way(vehicle, wanted)
        if taken := next((hold for hold in near if plans_overlap(hold, wanted.starts_at, wanted.ends_at)), None):
            return Conflict("taken", f"Ce véhicule est {taken_for(taken)} {span_of(taken)}.")
        return TOO_NEAR if near and not self.squeezing else None

    def in_the_way(self, vehicle: Any, wanted: Occurrence) -> list[Hold]:
        """What takes the vehicle then, or leaves no time to make it ready."""
        holds = self.holds[vehicle.pk]
        end = bisect_left(holds, wanted.ends_at, key=lambda hold: hold.starts_at)
        span = (wanted.starts_at, wanted.ends_at, self.before, self.after)
        return [hold for hold in holds[max(0, end - 2) : end + 1] if stands_in_the_way(hold, *span)]


def serve(plan: Plan, pool: Pool, vehicle: Vehicle | None) -> None:
    """Gives each occurrence its vehicle, or says why it has none."""
    open_ones = plan.possible
    refused = {
        one.pk: {each.on: said for each in open_ones if (said := pool.conflict(one, each))} for one in pool.vehicles
    }
    # Whoever may drive it first, then whichever serves most; stable, so that the first choice wins among equals.
    ranked = sorted(pool.vehicles, key=lambda one: (one.pk in pool.unfit, len(refused[one.pk])))
    for each in open_ones:
        able = [one for one in ranked if each.on not in refused[one.pk]]
        each.vehicle = next((one for one in able if not pool.in_the_way(one, each)), able[0] if able else None)
        if each.vehicle is not None:
            each.warnings = [*pool.verdict(ToDrive.of(each.vehicle), each.on).refusals]
            if pool.in_the_way(each.vehicle, each):
                plan.passed.setdefault(TOO_NEAR.code, too_near(plan))
        elif any(refused[one.pk][each.on] is TOO_NEAR for one in ranked):
            plan.broken.setdefault(TOO_NEAR.code, too_near(plan))
            each.conflicts.append(TOO_NEAR)
        elif vehicle is not None and ranked:
            each.conflicts.append(refused[ranked[0].pk][each.on])
        else:
            each.conflicts.append(Conflict("taken", "Aucun véhicule de ce type n’est libre."))


def too_near(plan: Plan) -> Breach:
    return Breach(Rule.TURNAROUND, TOO_NEAR.sentence, passed_by=plan.rules.passed_by)


def taken_for(hold: Hold) -> str:
    return {Hold.Purpose.LOAN: "prêté", Hold.Purpose.MAINTENANCE: "en réparation"}.get(
        Hold.Purpose(hold.purpose), "pris"
    )


def span_of(hold: Hold) -> str:
    return words.span(hold.plan_starts_at, hold.plan_ends_at)
