"""The waiting list of a platform as it stands now: in order, with what each could have."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from accounts.models import Platform
from bookings.models import Proposal, RequestPolicy, WaitingEntry
from bookings.rules.house import Breach
from bookings.rules.reads import facts_of, terms_of, with_loans
from bookings.waiting import order as waiting
from bookings.waiting.order import Chance, Place, Pool
from core import clock
from fleet import gaps
from fleet.models import Vehicle
from fleet.opening import hours_of
from participants.entitlements import Driver
from participants.file import unpack, with_file
from participants.models import Participant

A_DAY = dt.timedelta(days=1)
MOST = 60  # vehicles that a page looks at for one person


def places_of(
    platform: Platform,
    policy: RequestPolicy,
    *,
    kind: str = "",
    site: int | None = None,
    vehicle: Vehicle | None = None,
    greedy: bool = False,
) -> list[Place]:
    """Everybody who waits, first the first. With `vehicle`: who could have that one, and why the others not.

    With `greedy`, what one can have is no longer there for the next: as the list is served.
    """
    now, today = clock.now(), clock.today(ZoneInfo(platform.time_zone))
    entries = WaitingEntry.objects.waiting().filter(platform=platform).select_related("site", "platform")
    if vehicle is not None:
        kind = vehicle.kind
    if kind:
        entries = entries.filter(kind=kind)
    ordered = waiting.in_order(with_people(entries), policy, today)
    proposals = Proposal.objects.filter(entry__in=[entry.pk for entry in ordered]).select_related("booking", "vehicle")
    asked: dict[int, list[Proposal]] = {}
    for one in proposals:
        asked.setdefault(one.entry_id, []).append(one)
    pool = pool_for(platform, {entry.kind for entry in ordered}, now, vehicle)
    places = []
    for number, entry in enumerate(ordered, start=1):
        until = waiting.latest_start(entry, now)
        reasons = waiting.why_here(entry, policy, today)
        place = waiting.place(entry, number, reasons, pool, asked.get(entry.pk, []), until)
        if greedy and place.gap:
            pool.taken.add(place.gap)
        places.append(place)
    if site is not None:
        places = [place for place in places if place.entry.site_id in {site, None}]
    return places


@dataclass(frozen=True)
class Could:
    """A vehicle that could be kept for somebody by hand: from when until when, and what the law would refuse."""

    vehicle: Vehicle
    chance: Chance
    refusals: list[str]
    is_here: bool  # at the site where it is wanted


def could_be_kept(entry: WaitingEntry) -> tuple[list[Could], list[Breach]]:
    """Each vehicle that meets the needs, at the first dates at which it could serve: those at the wished site first,
    then the soonest. And the house rules that the first of them would break."""
    platform, now = entry.platform, clock.now()
    (entry,) = with_people(WaitingEntry.objects.filter(pk=entry.pk).select_related("site", "platform"))
    pool = pool_for(platform, {entry.kind}, now)
    vehicles = {pk: one for pk, one in pool.vehicles.items() if waiting.meets_needs(entry, one)}
    first: dict[int, Chance] = {}
    of_kind = [gap for gap in pool.gaps if gap.vehicle_id in vehicles]
    for gap in sorted(of_kind, key=lambda one: entry.site_id not in {None, vehicles[one.vehicle_id].site_id}):
        chance = waiting.chance_in(gap, entry, pool) if gap.vehicle_id not in first else None
        if chance is not None:
            first[gap.vehicle_id] = chance
        if len(first) == MOST:
            break
    driver = Driver.of(entry.participant)
    found = []
    for pk, chance in first.items():
        on = clock.local_date(chance.starts_at, platform.time_zone)
        refusals = waiting.unlawful_here(driver, vehicles[pk], on, entry.days)
        found.append(Could(vehicles[pk], chance, refusals, entry.site_id in {None, vehicles[pk].site_id}))
    found.sort(key=lambda one: (not one.is_here, bool(one.refusals), one.chance))
    return found, waiting.against_the_rules(entry, found[0].chance, pool) if found else []


def with_people(entries: QuerySet[WaitingEntry]) -> list[WaitingEntry]:
    """Each with the person's whole file and their loans, in one query more."""
    people = with_loans(with_file(Participant.objects.order_by()))
    found = list(entries.prefetch_related(Prefetch("participant", queryset=people)))
    for entry in found:
        unpack(entry.participant)
    return found


def pool_for(platform: Platform, kinds: set[str], now: dt.datetime, vehicle: Vehicle | None = None) -> Pool:
    """The vehicles of these kinds that are somewhere free for a day at least."""
    pool = Vehicle.objects.filter(platform=platform, kind__in=kinds).in_service()
    if vehicle is not None:
        pool = pool.filter(pk=vehicle.pk)
    today = clock.local_date(now, platform.time_zone)
    free = gaps.openings(pool, now, A_DAY) if kinds else []
    vehicles = {one.pk: one for one in pool.select_related("site").with_law(today)} if kinds else {}
    for one in vehicles.values():
        one.site.platform = platform
    hours = hours_of({one.site_id: one.site for one in vehicles.values()}.values())
    return Pool(
        vehicles, free, now, hours, terms_of(platform), lambda person, rules: facts_of(person, rules, now, known=True)
    )
