"""The planning board: one row a vehicle, one bar a hold, laid out in columns of equal wall-clock time.

Two queries whatever the number of vehicles: the vehicles, and their holds in the window.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from core import clock, words
from fleet.models import Hold, Kind, Vehicle

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """What the board shows: whole days from `first`, each cut in `parts` columns."""

    first: dt.date
    days: int
    parts: int
    zone: ZoneInfo

    @property
    def columns(self) -> int:
        return self.days * self.parts

    @property
    def start(self) -> dt.datetime:
        return clock.at(self.first, dt.time(), self.zone)

    @property
    def end(self) -> dt.datetime:
        return clock.at(self.first + self.days * DAY, dt.time(), self.zone)

    def column_at(self, moment: dt.datetime, *, up: bool = False) -> int:
        """The column (from 0) in which this moment falls; with `up`, the first that begins at or after it."""
        wall = timezone.localtime(moment, self.zone).replace(tzinfo=None)
        since = (wall - dt.datetime.combine(self.first, dt.time())) / (DAY / self.parts)
        column = -int(-since // 1) if up else int(since // 1)
        return min(max(column, 0), self.columns)

    def dates(self) -> list[dt.date]:
        return [self.first + n * DAY for n in range(self.days)]


SCALES = {"semaine": (7, 6), "mois": (31, 2), "trimestre": (92, 1)}


def window_of(scale: str, around: dt.date, zone: ZoneInfo) -> Window:
    """The week from its Monday, the month from its first day, or the three months from that day on."""
    days, parts = SCALES[scale]
    if scale == "semaine":
        first = around - dt.timedelta(days=around.weekday())
    else:
        first = around.replace(day=1)
        if scale == "mois":
            days = (next_month(first) - first).days
        else:
            days = (next_month(next_month(next_month(first))) - first).days
    return Window(first, days, parts, zone)


def next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def neighbours(window: Window, scale: str) -> tuple[dt.date, dt.date]:
    """The days around which the windows before and after this one lie."""
    return window.first - DAY, window.first + window.days * DAY


@dataclass
class Bar:
    """A hold as it is drawn: from a column, over so many, with what is said about it."""

    hold: Hold
    column: int  # from 1, as CSS counts
    span: int
    tone: str
    label: str
    title: str
    url: tuple[str, int] | None
    ends_later: bool = False
    began_before: bool = False


@dataclass
class Row:
    vehicle: Vehicle
    bars: list[Bar] = field(default_factory=list)


@dataclass
class Group:
    """The vehicles of one kind at one site."""

    site: Any
    kind: str
    rows: list[Row] = field(default_factory=list)

    @property
    def label(self) -> str:
        return Kind(self.kind).label


@dataclass
class Strip:
    """How many of a kind are free the whole day, for each day."""

    kind: str
    total: int
    free: list[int]

    @property
    def label(self) -> str:
        return Kind(self.kind).label


@dataclass
class Board:
    window: Window
    groups: list[Group]
    strips: list[Strip]
    now_column: int | None
    weekends: set[dt.date]


def board_of(vehicles: Iterable[Vehicle], window: Window, now: dt.datetime) -> Board:
    """Lays out these vehicles, in the order given and with their site, over the window. One query: the holds."""
    rows = {vehicle.pk: Row(vehicle) for vehicle in vehicles}
    busy: dict[dt.date, Counter[str]] = {day: Counter() for day in window.dates()}
    for hold in holds_in(list(rows), window, now):
        row = rows[hold.vehicle_id]
        bar = bar_of(hold, window, now)
        if bar.span:
            row.bars.append(bar)
    for row in rows.values():
        for day in days_taken(row.bars, window):
            busy[day][row.vehicle.kind] += 1
    pool = Counter(row.vehicle.kind for row in rows.values())
    strips = [
        Strip(kind, pool[kind], [pool[kind] - busy[day][kind] for day in window.dates()])
        for kind in Kind.values
        if kind in pool
    ]
    return Board(
        window=window,
        groups=grouped(rows.values()),
        strips=strips,
        now_column=window.column_at(now) + 1 if window.start <= now < window.end else None,
        weekends={day for day in window.dates() if day.weekday() >= 5},
    )


def holds_in(vehicle_ids: list[int], window: Window, now: dt.datetime) -> Iterable[Hold]:
    """The holds whose plan, or whose fact, touches the window."""
    planned = Hold.objects.filter(vehicle__in=vehicle_ids).overlapping(window.start, window.end)
    late = Hold.objects.filter(vehicle__in=vehicle_ids).late(now)
    return (
        (planned | late)
        .select_related("assignment__booking__participant", "repair_job")
        .order_by("vehicle", "starts_at")
    )


def bar_of(hold: Hold, window: Window, now: dt.datetime) -> Bar:
    """A late hold is drawn until now, for there the vehicle still is."""
    late = hold.is_late(now)
    end = max(hold.ends_at, now) if late else hold.ends_at
    first, last = window.column_at(hold.starts_at), window.column_at(end, up=True)
    loan = getattr(hold, "assignment", None)
    job = getattr(hold, "repair_job", None)
    if loan is not None:
        who, url = str(loan.booking.participant), ("bookings:booking", loan.booking_id)
    elif job is not None:
        who, url = job.title, ("maintenance:job", job.pk)
    else:
        who, url = hold.reason or hold.get_purpose_display(), None
    tone = tone_of(hold, late)
    state = {"late": "en retard", "out": "en cours", "back": "rendu"}.get(tone, "")
    span = words.span(hold.starts_at, hold.ends_at)
    title = ", ".join(part for part in (hold.get_purpose_display(), who, span, state) if part)
    return Bar(
        hold=hold,
        column=first + 1,
        span=max(last - first, 1) if hold.starts_at < window.end else 0,
        tone=tone,
        label=who,
        title=title,
        url=url,
        began_before=hold.starts_at < window.start,
        ends_later=end > window.end,
    )


def tone_of(hold: Hold, late: bool) -> str:
    """A loan is coloured by where it stands; a repair and the rest by what they are for."""
    if hold.purpose != Hold.Purpose.LOAN:
        return hold.purpose
    return "late" if late else "out" if hold.is_out else "back" if hold.back_at else hold.purpose


def days_taken(bars: list[Bar], window: Window) -> set[dt.date]:
    """The days on which something takes the vehicle for at least one column."""
    columns = {column for bar in bars for column in range(bar.column - 1, bar.column - 1 + bar.span)}
    return {window.first + (column // window.parts) * DAY for column in columns if column < window.columns}


def grouped(rows: Iterable[Row]) -> list[Group]:
    groups: list[Group] = []
    for row in rows:
        site, kind = row.vehicle.site, row.vehicle.kind
        if not groups or (groups[-1].site.pk, groups[-1].kind) != (site.pk, kind):
            groups.append(Group(site, kind))
        groups[-1].rows.append(row)
    return groups
