"""When a site is open: its week, less public holidays and closures, and the days on which it opens all the same.

django-scheduler keeps the calendars and gives the starts; ends are read on the wall clock here, for its durations are
absolute (a night desk from 20:00 to 06:00 would close at 05:00 or 07:00 on the nights of the clock change). A site
of which nothing was said is always open. The stroke counts: a site that closes at 17:00 still takes keys at 17:00.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from django.db.models import Q
from schedule.models import Event

from accounts.models import Platform
from core import clock, words
from fleet.models import Site
from fleet.regions import HolidayRegion

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
DAY = dt.timedelta(days=1)
LOOK_AHEAD = (7, 31, 400)  # days: most sites open again within a week
KEPT = dt.timedelta(days=31)  # closures that are over for longer are not read any more
ANNOUNCED = dt.timedelta(days=45)  # how long before people are told of a closure

Range = tuple[dt.time, dt.time]  # opens, closes; midnight as an end is the end of the day
Stretch = tuple[dt.datetime, dt.datetime]


@dataclass
class Hours:
    """Of one site, as read once: no question to it makes a query."""

    zone: ZoneInfo
    region: str = ""
    weekly: list[Event] = field(default_factory=list)
    openings: list[Event] = field(default_factory=list)
    closures: list[Event] = field(default_factory=list)

    @property
    def asks_nothing(self) -> bool:
        """Always open: nothing was ever said of it."""
        return not (self.weekly or self.closures or self.region)

    def is_open(self, moment: dt.datetime) -> bool:
        return self.asks_nothing or any(start <= moment <= end for start, end in self.open_between(moment, moment))

    def next_open(self, moment: dt.datetime) -> dt.datetime | None:
        """The moment itself when it is open, else the next opening; None when it opens no more within a year."""
        if self.is_open(moment):
            return moment
        for days in LOOK_AHEAD:
            for start, _ in self.open_between(moment, moment + days * DAY):
                if start > moment:
                    return start
        return None

    def last_open(self, moment: dt.datetime) -> dt.datetime | None:
        """The moment itself when it is open, else when it closed last, within a week."""
        if self.is_open(moment):
            return moment
        before = [end for _, end in self.open_between(moment - 7 * DAY, moment) if end < moment]
        return before[-1] if before else None

    def open_between(self, start: dt.datetime, end: dt.datetime) -> list[Stretch]:
        """Every stretch during which it is open, of the days from `start` to `end` and their neighbours; merged, in
        order."""
        first, last = (moment.astimezone(self.zone).date() for moment in (start, end))
        first, last = first - DAY, last + DAY
        off = holidays_of(self.region, first.year) | holidays_of(self.region, last.year) if self.region else {}
        usual = [
            (opens, closes)
            for opens, closes in self.usual(first, last)
            if opens.astimezone(self.zone).date() not in off
        ]
        left = without(usual, [(one.start, one.end) for one in self.closures])
        return merged([*left, *((one.start, one.end) for one in self.openings)])

    def usual(self, first: dt.date, last: dt.date) -> Iterator[Stretch]:
        """As the week says, or all day long where there is none."""
        if not self.weekly:
            for number in range((last - first).days + 1):
                yield self.stretch(dt.datetime.combine(first + number * DAY, dt.time()), DAY)
        since, until = (dt.datetime.combine(day, dt.time()) for day in (first, last + DAY))
        for event in self.weekly:
            lasts = self.on_the_wall(event.end) - self.on_the_wall(event.start)
            for start in event.get_rrule_object(self.zone).between(since, until, inc=True):
                yield self.stretch(start, lasts)

    def stretch(self, start: dt.datetime, lasts: dt.timedelta) -> Stretch:
        """From wall-clock values; an hour that the clock shows twice belongs to the stretch both times."""
        ends = [(start + lasts).replace(tzinfo=self.zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1)]
        return start.replace(tzinfo=self.zone).astimezone(dt.UTC), max(ends)

    def on_the_wall(self, moment: dt.datetime) -> dt.datetime:
        return moment.astimezone(self.zone).replace(tzinfo=None)

    # --- as people read it --------------------------------------------------------------------

    def week(self) -> dict[int, list[Range]]:
        """Monday is 0: the ranges of each day of the week."""
        found: dict[int, list[Range]] = {number: [] for number in range(7)}
        for event in self.weekly:
            opens, closes = self.on_the_wall(event.start).time(), self.on_the_wall(event.end).time()
            for number in weekdays_of(event):
                found[number].append((opens, closes))
        return {number: sorted(ranges) for number, ranges in found.items()}

    def words(self) -> str:
        """« lundi au vendredi, 9 h – 12 h et 14 h – 17 h ; samedi, 9 h – 12 h »; nothing where there are no hours."""
        said = []
        for ranges, days in runs(self.week()):
            if ranges:
                when = " et ".join(f"{hour(opens)} – {hour(closes)}" for opens, closes in ranges)
                said.append(f"{days_words(days)}, {when}")
        return " ; ".join(said)

    def coming(self, now: dt.datetime) -> list[str]:
        """« fermé du lundi 10 au vendredi 21 août (congés) », « ouvert samedi 14 mars de 9 h à midi »: of the next
        weeks."""
        near = [
            (event.start, f"{verb} {self.span(event)}{f' ({event.title})' if event.title else ''}")
            for verb, events in (("fermé", self.closures), ("ouvert", self.openings))
            for event in events
            if event.end > now and event.start < now + ANNOUNCED
        ]
        return [said for _, said in sorted(near)]

    def span(self, event: Event) -> str:
        """Whole days by their names, the rest with its hours."""
        start, end = self.on_the_wall(event.start), self.on_the_wall(event.end)
        if end.time() != dt.time():
            return words.span(event.start, event.end)
        days = words.span(start.date(), (end - DAY).date())
        return days if start.time() == dt.time() else f"{days}, à partir de {words.hour(event.start)}"


# --- reading -------------------------------------------------------------------------------------


def hours_of(sites: Iterable[Site]) -> dict[int, Hours]:
    """The hours of these sites, by site: one query for their events, one more where their platforms are not at hand."""
    sites = list(sites)
    zones = dict.fromkeys((site.platform_id for site in sites), "")
    for site in sites:
        if Site.platform.is_cached(site):  # type: ignore[attr-defined]
            zones[site.platform_id] = site.platform.time_zone
    if missing := [pk for pk, zone in zones.items() if not zone]:
        zones |= dict(Platform.objects.filter(pk__in=missing).values_list("pk", "time_zone"))
    found = {site.pk: Hours(ZoneInfo(zones[site.platform_id]), site.holiday_region) for site in sites}
    into: dict[int, list[list[Event]]] = {}
    for site in sites:
        hours = found[site.pk]
        if site.openings_id:
            into[site.openings_id] = [hours.weekly, hours.openings]
        if site.closures_id:
            into[site.closures_id] = [hours.closures, hours.closures]
    if into:
        events = Event.objects.filter(Q(rule__isnull=False) | Q(end__gt=clock.now() - KEPT), calendar__in=into)
        for event in events.select_related("rule").order_by("start", "pk"):
            into[event.calendar_id][0 if event.rule_id else 1].append(event)
    return found


def hours_of_site(site: Site) -> Hours:
    return hours_of([site])[site.pk]


def is_open(site: Site, moment: dt.datetime) -> bool:
    return hours_of_site(site).is_open(moment)


def next_open(site: Site, moment: dt.datetime) -> dt.datetime | None:
    """See `Hours.next_open`."""
    return hours_of_site(site).next_open(moment)


def opening_words(site: Site) -> str:
    """See `Hours.words`."""
    return hours_of_site(site).words()


@lru_cache(maxsize=256)
def holidays_of(region: str, year: int) -> dict[dt.date, str]:
    """The public holidays of the region in that year, with their names."""
    subdivision = None if region == HolidayRegion.MAINLAND else region
    return dict(holidays.country_holidays("FR", subdiv=subdivision, years=year, language="fr"))


# --- calculations --------------------------------------------------------------------------------


def without(stretches: Iterable[Stretch], taken: list[Stretch]) -> Iterator[Stretch]:
    """What remains of them."""
    for start, end in stretches:
        for away, back in sorted(taken):
            if back <= start or away >= end:
                continue
            if away > start:
                yield start, away
            start = back
            if start >= end:
                break
        if start < end:
            yield start, end


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """In order, those that touch joined."""
    joined: list[Stretch] = []
    for start, end in sorted(stretches):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def weekdays_of(event: Event) -> list[int]:
    """The days of the week on which its rule lets it recur."""
    days = event.rule.get_params()["byweekday"]
    return [day.weekday for day in (days if isinstance(days, list) else [days])]


def runs(week: dict[int, list[Range]]) -> list[tuple[list[Range], list[int]]]:
    """Days that follow each other with the same ranges, together; those that do not follow stand apart."""
    found: list[tuple[list[Range], list[int]]] = []
    for number, ranges in sorted(week.items()):
        if found and found[-1][0] == ranges:
            found[-1][1].append(number)
        else:
            found.append((ranges, [number]))
    return found


def days_words(days: list[int]) -> str:
    """« lundi », « lundi et mardi », « lundi au vendredi », « tous les jours »."""
    if len(days) == 7:
        return "tous les jours"
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{DAYS[days[0]]} au {DAYS[days[-1]]}"
    names = [DAYS[number] for number in days]
    return " et ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def hour(at: dt.time) -> str:
    """« 9 h », « 12 h 30 », « minuit »: figures, since they stand in a range."""
    if at == dt.time():
        return "minuit"
    return f"{at.hour}{words.NBSP}h" + (f"{words.NBSP}{at.minute:02d}" if at.minute else "")
