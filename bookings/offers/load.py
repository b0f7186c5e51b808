"""How many keys change hands at a site in a half-hour, so that six people do not stand there at nine o'clock."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from accounts.models import Platform
from bookings.models import Assignment, Booking
from core import clock, words
from fleet.models import Site
from fleet.opening import Hours, hours_of

HALF_HOUR, DAY = dt.timedelta(minutes=30), dt.timedelta(days=1)
BUSY = 3  # in one half-hour: a walk round the vehicle takes twenty minutes
AROUND = 6  # half-hours before and after in which a quieter one is looked for
FIRST, LAST = dt.time(8), dt.time(18)  # nobody is sent to a quieter hour at night
SITES_SHOWN = 3


@dataclass(frozen=True)
class Load:
    """One half-hour of one site."""

    site: Site
    at: dt.datetime  # the half-hour begins
    departures: int
    returns: int
    is_start: bool  # of the wished loan; else its end
    quieter: tuple[dt.datetime, ...] = field(default=())

    @property
    def total(self) -> int:
        return self.departures + self.returns

    @property
    def is_busy(self) -> bool:
        return self.total >= BUSY

    @property
    def words(self) -> str:
        """« Au départ, 9 h à Dax : 2 départs et 3 retours déjà prévus »."""
        parts = [plural(self.departures, "départ"), plural(self.returns, "retour")]
        said = " et ".join(part for part in parts if part)
        when = "Au départ" if self.is_start else "Au retour"
        return f"{when}, {words.hour(self.at)} à {self.site} : {said} déjà prévu{'s' if self.total > 1 else ''}"


def plural(count: int, word: str) -> str:
    return "" if not count else f"{count} {word}{'s' if count > 1 else ''}"


def half_hour(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """When the half-hour of this moment began, on the wall clock."""
    wall = moment.astimezone(zone)
    return wall.replace(minute=wall.minute // 30 * 30, second=0, microsecond=0)


def loads(platform: Platform, start: dt.datetime, end: dt.datetime, sites: Iterable[Site]) -> list[Load]:
    """Of the half-hours in which the wished loan starts and ends, at these sites; empty ones are left out.

    One query, and those of the sites' hours when one of them is busy.
    """
    wanted = list({site.pk: site for site in sites}.values())[:SITES_SHOWN]
    if not wanted:
        return []
    zone = ZoneInfo(platform.time_zone)
    counted = counts(platform, [start, end], wanted, zone)
    slots = [
        (site, half_hour(moment, zone), is_start)
        for moment, is_start in ((start, True), (end, False))
        for site in wanted
    ]
    is_busy = any(total(counted, site, at) >= BUSY for site, at, _ in slots)
    hours = hours_of(wanted) if is_busy else {}
    return [
        Load(
            site,
            at,
            counted[site.pk, at, True],
            counted[site.pk, at, False],
            is_start,
            quieter_than(counted, site, at, hours) if total(counted, site, at) >= BUSY else (),
        )
        for site, at, is_start in slots
        if total(counted, site, at)
    ]


Counts = Counter[tuple[int | None, dt.datetime, bool]]


def counts(platform: Platform, moments: list[dt.datetime], sites: list[Site], zone: ZoneInfo) -> Counts:
    """How many leave (True) and come back (False) at each site in each half-hour of the days of these moments."""
    days = {moment.astimezone(zone).date() for moment in moments}
    spans = [(clock.at(day, dt.time(), zone), clock.at(day + DAY, dt.time(), zone)) for day in days]
    rows = Assignment.objects.current().filter(
        platform=platform, hold__isnull=False, booking__state__in=Booking.OPEN, site__in=sites
    )
    counted: Counts = Counter()
    for site_id, starts_at, ends_at, out_at in rows.values_list("site_id", "starts_at", "ends_at", "hold__out_at"):
        if out_at is None and within(starts_at, spans):
            counted[site_id, half_hour(starts_at, zone), True] += 1
        if within(ends_at, spans):
            counted[site_id, half_hour(ends_at, zone), False] += 1
    return counted


def within(moment: dt.datetime, spans: list[tuple[dt.datetime, dt.datetime]]) -> bool:
    return any(start <= moment < end for start, end in spans)


def total(counted: Counts, site: Site, at: dt.datetime) -> int:
    return counted[site.pk, at, True] + counted[site.pk, at, False]


def quieter_than(counted: Counts, site: Site, at: dt.datetime, hours: dict[int, Hours]) -> tuple[dt.datetime, ...]:
    """The nearest half-hours of that day in which fewer keys change hands there: the first before, the first after."""
    now = clock.now()
    found = []
    for step in (-1, 1):
        for n in range(1, AROUND + 1):
            other = at + step * n * HALF_HOUR
            by_day = other.date() == at.date() and FIRST <= other.time() <= LAST and other > now
            is_open = site.pk not in hours or hours[site.pk].is_open(other)
            if by_day and is_open and total(counted, site, other) < BUSY - 1:
                found.append(other)
                break
    return tuple(found)
