"""The planning board: one row a vehicle, one bar a hold, laid out in columns of equal wall-clock time.

Whatever the number of vehicles: one query for the holds of the page's vehicles, and one for the days on which the rest
of the pool is taken, when the pool has more than one page.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bookings.board.window import Window
from core import words
from fleet.models import Hold, Kind, Vehicle

MOVABLE, RESIZABLE = SafeString(" data-move"), SafeString(" data-resize")


@dataclass
class Bar:
    """A hold as it is drawn: from a column, over so many, with what is said about it.

    A promised loan can be moved, and any loan that is not back can end later or sooner: then its dates on the wall
    stand here (`starts`, `ends`: those that were agreed, without the time between two loans).
    """

    hold: Hold
    column: int  # from 1, as CSS counts
    span: int
    tone: str
    state: str
    label: str
    title: str
    url: str = ""
    beside: str = ""  # a loan in a few lines
    loan: int | None = None
    starts: str = ""
    ends: str = ""
    can_move: bool = False
    can_resize: bool = False
    ends_later: bool = False
    began_before: bool = False

    @property
    def classes(self) -> str:
        where = f"c{self.column} s{self.span} bar {self.tone}"
        return f"{where}{' began' if self.began_before else ''}{' goes-on' if self.ends_later else ''}"

    @property
    def handles(self) -> SafeString:
        """What the script that drags needs to know."""
        if self.loan is None:
            return SafeString("")
        known = format_html(' data-loan="{}" data-starts="{}" data-ends="{}"', self.loan, self.starts, self.ends)
        return known + (MOVABLE if self.can_move else "") + (RESIZABLE if self.can_resize else "")

    @property
    def link(self) -> SafeString:
        shown_beside = format_html(' data-beside="{}"', self.beside) if self.beside else SafeString("")
        return format_html(' href="{}"', self.url) + shown_beside


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


def board_of(shown: Sequence[Vehicle], pool: Sequence[Vehicle], window: Window, now: dt.datetime) -> Board:
    """Lays out the vehicles that are shown, in the order given and with their site; the strips count the whole pool."""
    rows = {vehicle.pk: Row(vehicle) for vehicle in shown}
    taken: set[tuple[int, int]] = set()  # vehicle, day
    addresses = Addresses()
    for hold in holds_in(list(rows), window, now):
        bar = bar_of(hold, window, now, addresses)
        if bar.span:
            rows[hold.vehicle_id].bars.append(bar)
            taken.update((hold.vehicle_id, day) for day in window.days_between(hold.starts_at, end_of(hold, now)))
    for row in rows.values():
        say_who_waits_for_a_late_one(row, now)
    taken |= days_taken([vehicle.pk for vehicle in pool if vehicle.pk not in rows], window, now)
    return Board(
        window=window,
        groups=grouped(rows.values()),
        strips=strips_of(pool, taken, window),
        now_column=window.column_at(now) + 1 if window.start <= now < window.end else None,
        weekends={day for day in window.dates() if day.weekday() >= 5},
    )


def holds_in(vehicle_ids: list[int], window: Window, now: dt.datetime) -> Iterable[Hold]:
    """The holds whose plan, or whose fact, touches the window. One query."""
    found = touching(vehicle_ids, window, now).select_related("assignment__booking__participant", "repair_job")
    return found.only(*DRAWN)


DRAWN = [  # a month of a large pool has a thousand holds
    *("vehicle", "purpose", "reason", "starts_at", "ends_at", "out_at", "back_at", "before", "after"),
    *("assignment__hold", "assignment__starts_at", "assignment__ends_at", "assignment__booking__participant"),
    *("assignment__booking__participant__first_name", "assignment__booking__participant__last_name"),
    *("repair_job__hold", "repair_job__title"),
]


def touching(vehicle_ids: list[int], window: Window, now: dt.datetime) -> Any:
    planned = Hold.objects.filter(vehicle__in=vehicle_ids).overlapping(window.start, window.end)
    late = Hold.objects.filter(vehicle__in=vehicle_ids).late(now)
    return (planned | late).order_by("vehicle", "starts_at")


def days_taken(vehicle_ids: list[int], window: Window, now: dt.datetime) -> set[tuple[int, int]]:
    """On which days something takes these vehicles, which are not drawn: nothing but times is read."""
    if not vehicle_ids:
        return set()
    times = touching(vehicle_ids, window, now).values_list("vehicle", "starts_at", "ends_at", "out_at", "back_at")
    return {
        (vehicle, day)
        for vehicle, starts_at, ends_at, out_at, back_at in times
        for day in window.days_between(starts_at, max(ends_at, now) if out_at and not back_at else ends_at)
    }


def strips_of(pool: Sequence[Vehicle], taken: set[tuple[int, int]], window: Window) -> list[Strip]:
    kind_of = {vehicle.pk: vehicle.kind for vehicle in pool}
    total = Counter(kind_of.values())
    busy = Counter((kind_of[vehicle], day) for vehicle, day in taken)
    return [
        Strip(kind, total[kind], [total[kind] - busy[kind, day] for day in range(window.days)])
        for kind in Kind.values
        if kind in total
    ]


def say_who_waits_for_a_late_one(row: Row, now: dt.datetime) -> None:
    """The next promise of a vehicle that is late says so at once."""
    if any(bar.hold.is_late(now) for bar in row.bars):
        waiting = next((bar for bar in row.bars if bar.loan is not None and bar.hold.out_at is None), None)
        if waiting is not None:
            waiting.title += ", véhicule pas encore rendu"
            waiting.state += ", véhicule pas encore rendu"
            waiting.tone += " waits"


def end_of(hold: Hold, now: dt.datetime) -> dt.datetime:
    """A late hold is drawn until now, for there the vehicle still is."""
    return max(hold.ends_at, now) if hold.is_late(now) else hold.ends_at


@dataclass(frozen=True)
class Addresses:
    """Where bars lead: resolved once for a page, not once for each of its thousand bars."""

    loan: str = field(default_factory=lambda: pattern("bookings:booking"))
    beside: str = field(default_factory=lambda: pattern("bookings:board_loan"))
    job: str = field(default_factory=lambda: pattern("maintenance:job"))


def pattern(name: str) -> str:
    return reverse(name, args=[0]).replace("/0/", "/{}/")


def bar_of(hold: Hold, window: Window, now: dt.datetime, addresses: Addresses) -> Bar:
    late = hold.is_late(now)
    end = end_of(hold, now)
    first, last = window.column_at(hold.starts_at), window.column_at(end, up=True)
    assignment = getattr(hold, "assignment", None)
    job = getattr(hold, "repair_job", None)
    tone = tone_of(hold, late)
    state = STATES.get(tone, hold.get_purpose_display())
    agreed = (hold.starts_at, hold.ends_at)
    more: dict[str, Any] = {}
    if assignment is not None:
        agreed = (assignment.starts_at, assignment.ends_at)
        who, url = str(assignment.booking.participant), addresses.loan.format(assignment.booking_id)
        more = {
            "beside": addresses.beside.format(assignment.booking_id),
            "loan": assignment.booking_id,
            "starts": on_the_wall(agreed[0], window),
            "ends": on_the_wall(agreed[1], window),
            "can_move": hold.out_at is None,
            "can_resize": hold.back_at is None,
        }
    elif job is not None:
        who, url = job.title, addresses.job.format(job.pk)
    else:
        who, url = hold.reason or hold.get_purpose_display(), ""
    return Bar(
        hold=hold,
        column=first + 1,
        span=max(last - first, 1) if hold.starts_at < window.end else 0,
        tone=tone,
        state=state,
        label=who,
        title=", ".join(part for part in (who, words.span(*agreed), state.lower()) if part),
        url=url,
        began_before=hold.starts_at < window.start,
        ends_later=end > window.end,
        **more,
    )


STATES = {"loan": "Réservé", "late": "En retard", "out": "En cours", "back": "Rendu"}


def tone_of(hold: Hold, late: bool) -> str:
    """A loan is coloured by where it stands; a repair and the rest by what they are for."""
    if hold.purpose != Hold.Purpose.LOAN:
        return hold.purpose
    return "late" if late else "out" if hold.is_out else "back" if hold.back_at else hold.purpose


def on_the_wall(moment: dt.datetime, window: Window) -> str:
    return timezone.localtime(moment, window.zone).strftime("%Y-%m-%dT%H:%M")


def grouped(rows: Iterable[Row]) -> list[Group]:
    groups: list[Group] = []
    for row in rows:
        site, kind = row.vehicle.site, row.vehicle.kind
        if not groups or (groups[-1].site.pk, groups[-1].kind) != (site.pk, kind):
            groups.append(Group(site, kind))
        groups[-1].rows.append(row)
    return groups
