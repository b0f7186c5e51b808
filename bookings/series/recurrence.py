"""The dates of a recurring loan. Pure: no database, no clock.

django-scheduler's rule gives the starts. Each end is the same hour on the wall clock, so that a night from 20:00 to
06:00 ends at six on both nights of the clock change (its own durations are absolute, and would say five or seven).
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Self
from zoneinfo import ZoneInfo

from schedule.models import Event, Rule

from core import clock, words
from core.db import refuse
from fleet.opening import days_words, hour, weekdays_of
from fleet.opening_actions import rule_of

DAY = dt.timedelta(days=1)
LONGEST = dt.timedelta(days=366)
LAST_MOMENT = dt.time(23, 59, 59)
Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Pattern:
    """On these days of the week (Monday is 0), from this hour to that; an end that is not later is the next day's."""

    weekdays: tuple[int, ...]
    starts: dt.time
    ends: dt.time
    first_on: dt.date
    last_on: dt.date

    @classmethod
    def of(cls, event: Event, zone: ZoneInfo) -> Self:
        """What a kept event says."""
        start, end, last = (at.astimezone(zone) for at in (event.start, event.end, event.end_recurring_period))
        return cls(tuple(weekdays_of(event)), start.time(), end.time(), start.date(), last.date())

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        starts, ends = (dt.time.fromisoformat(kept[name]) for name in ("starts", "ends"))
        first_on, last_on = (dt.date.fromisoformat(kept[name]) for name in ("first_on", "last_on"))
        return cls(tuple(kept["weekdays"]), starts, ends, first_on, last_on)

    def as_json(self) -> dict[str, Any]:
        """As a request keeps it, and as it stands in an address."""
        hours = {name: getattr(self, name).isoformat("minutes") for name in ("starts", "ends")}
        days = {name: getattr(self, name).isoformat() for name in ("first_on", "last_on")}
        return {"weekdays": sorted(self.weekdays), **hours, **days}

    @property
    def is_nightly(self) -> bool:
        return self.ends <= self.starts

    def event(self, zone: ZoneInfo, rule: Rule | None = None) -> Event:
        """Not saved; its rule neither, when none is given. It begins on the first day that the rule allows."""
        first = next(day for number in range(7) if (day := self.first_on + number * DAY).weekday() in self.weekdays)
        return Event(
            rule=rule or rule_of(self.weekdays),
            start=clock.at(first, self.starts, zone).astimezone(dt.UTC),
            end=clock.at(first + DAY if self.is_nightly else first, self.ends, zone).astimezone(dt.UTC),
            end_recurring_period=clock.at(self.last_on, LAST_MOMENT, zone).astimezone(dt.UTC),
            title=self.words(),
        )

    def days(self) -> str:
        """« du lundi au vendredi », « lundi et jeudi », « tous les jours »; of nights « la nuit »."""
        days = days_words(sorted(self.weekdays))
        days = f"du {days}" if " au " in days else days
        return f"la nuit, {days}" if self.is_nightly else days

    def words(self) -> str:
        """« la nuit, du lundi au vendredi, de 20 h à 6 h »."""
        return f"{self.days()}, de {hour(self.starts)} à {hour(self.ends)}"

    def dates(self) -> str:
        """« du lundi 2 mars au vendredi 27 mars »."""
        return f"du {words.calendar_day(self.first_on)} au {words.calendar_day(self.last_on)}"


def refuse_impossible(pattern: Pattern, zone: ZoneInfo, today: dt.date) -> None:
    """Refuses `no_weekday`, `ends_before_start`, `in_the_past`, `too_long`, `no_occurrence`, `skipped_hour`."""
    if not pattern.weekdays:
        raise refuse("Choisissez au moins un jour de la semaine.", "no_weekday")
    if pattern.last_on < pattern.first_on:
        raise refuse("Le dernier jour doit venir après le premier.", "ends_before_start")
    if pattern.first_on < today:
        raise refuse("Le premier jour est passé : choisissez-en un à venir.", "in_the_past")
    if pattern.last_on - pattern.first_on > LONGEST:
        raise refuse("Un prêt régulier dure un an au plus.", "too_long")
    event = pattern.event(zone)
    if event.start > event.end_recurring_period:
        raise refuse("Aucun de ces jours de la semaine ne tombe entre ces dates.", "no_occurrence")
    known = Pattern.of(event, zone)
    if (known.starts, known.ends) != (pattern.starts, pattern.ends):
        raise refuse(
            "Le premier jour, cette heure n’existe pas : on avance les montres cette nuit-là. Choisissez-en une autre.",
            "skipped_hour",
        )


def occurrences(event: Any, zone: ZoneInfo) -> list[Span]:
    """Each start that the rule gives, with its end on the wall clock, in order.

    An hour that a night skips is the one that the clock shows instead; what would end before it starts is left out.
    """
    wall_start, wall_end = (at.astimezone(zone).replace(tzinfo=None) for at in (event.start, event.end))
    lasts = wall_end - wall_start
    spans = [
        (start.replace(tzinfo=zone).astimezone(dt.UTC), (start + lasts).replace(tzinfo=zone).astimezone(dt.UTC))
        for start in event.get_rrule_object(zone)
    ]
    return [(start, end) for start, end in spans if start < end]
