"""What the board shows: a day, a week, a month or a quarter, in columns of equal wall-clock time. Pure."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from django.utils import timezone

from core import clock

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """What the board shows: whole days from `first`, each cut in `parts` columns."""

    first: dt.date
    days: int
    parts: int
    zone: ZoneInfo

    @cached_property
    def columns(self) -> int:
        return self.days * self.parts

    @cached_property
    def start(self) -> dt.datetime:
        return clock.at(self.first, dt.time(), self.zone)

    @cached_property
    def end(self) -> dt.datetime:
        return clock.at(self.first + self.days * DAY, dt.time(), self.zone)

    def column_at(self, moment: dt.datetime, *, up: bool = False) -> int:
        """The column (from 0) in which this moment falls; with `up`, the first that begins at or after it."""
        wall = timezone.localtime(moment, self.zone).replace(tzinfo=None)
        since = (wall - dt.datetime.combine(self.first, dt.time())) / (DAY / self.parts)
        column = -int(-since // 1) if up else int(since // 1)
        return min(max(column, 0), self.columns)

    def days_between(self, start: dt.datetime, end: dt.datetime) -> range:
        """The days (from 0) on which [start, end) takes at least one column."""
        first, last = self.column_at(start), self.column_at(end, up=True)
        return range(first // self.parts, -(-max(last, first + 1) // self.parts)) if first < self.columns else range(0)

    def hours(self) -> list[int]:
        """For the head of a single day: its hours on the wall."""
        return list(range(24)) if self.days == 1 else []

    def dates(self) -> list[dt.date]:
        return [self.first + n * DAY for n in range(self.days)]


SCALES = {"jour": (1, 48), "semaine": (7, 6), "mois": (31, 2), "trimestre": (92, 1)}  # days, columns a day


def window_of(scale: str, around: dt.date, zone: ZoneInfo) -> Window:
    """The day itself, the week from its Monday, the month from its first day, or three months from that day on."""
    days, parts = SCALES[scale]
    first = around
    if scale == "semaine":
        first = around - dt.timedelta(days=around.weekday())
    elif scale != "jour":
        first = around.replace(day=1)
        if scale == "mois":
            days = (next_month(first) - first).days
        else:
            days = (next_month(next_month(next_month(first))) - first).days
    return Window(first, days, parts, zone)


def next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def neighbours(window: Window) -> tuple[dt.date, dt.date]:
    """The days around which the windows before and after this one lie."""
    return window.first - DAY, window.first + window.days * DAY
