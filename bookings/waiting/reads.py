"""The waiting list of a platform as it stands now: in order, with what each could have."""

import datetime as dt
from zoneinfo import ZoneInfo

from accounts.models import Platform
from bookings.models import Proposal, RequestPolicy, WaitingEntry
from bookings.waiting import order as waiting
from bookings.waiting.order import Place, Pool
from core import clock
from fleet import gaps
from fleet.models import Vehicle
from fleet.opening import hours_of

A_DAY = dt.timedelta(days=1)


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
    entries = WaitingEntry.objects.waiting().filter(platform=platform).select_related("participant", "site", "platform")
    if vehicle is not None:
        kind = vehicle.kind
    if kind:
        entries = entries.filter(kind=kind)
    ordered = waiting.in_order(
        entries.prefetch_related("participant__audiences", "participant__entitlements"), policy, today
    )
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


def pool_for(platform: Platform, kinds: set[str], now: dt.datetime, vehicle: Vehicle | None = None) -> Pool:
    """The vehicles of these kinds that are somewhere free for a day at least."""
    pool = Vehicle.objects.filter(platform=platform, kind__in=kinds).in_service()
    if vehicle is not None:
        pool = pool.filter(pk=vehicle.pk)
    today = clock.local_date(now, platform.time_zone)
    free = gaps.openings(pool, now, A_DAY) if kinds else []
    vehicles = {one.pk: one for one in pool.select_related("site__platform").with_law(today)} if kinds else {}
    hours = hours_of({one.site_id: one.site for one in vehicles.values()}.values())
    return Pool(vehicles, free, now, lambda site, moment: hours[site.pk].next_open(moment) or moment)
