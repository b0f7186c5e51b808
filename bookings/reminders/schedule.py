"""When a participant is reminded of a loan. Pure: a schedule, a moment and the clock in, what is due out.

A reminder never leaves at night: what comes before the start or the end leaves in the evening before, what comes
after it in the next morning. Of several that are due only the last one leaves (a worker that slept for a day does not
send yesterday's), and one that is a day old does not leave at all. Everything is counted from the end as it stands
now: an extended loan is reminded anew, a shortened one sooner.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from core import clock

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
STALE = DAY
START, END = "start", "end"


@dataclass(frozen=True)
class Hours:
    """From when until when people may be written to, on the platform's wall clock."""

    zone: ZoneInfo
    since: dt.time = dt.time(8)
    until: dt.time = dt.time(20)

    def allow(self, moment: dt.datetime) -> bool:
        return self.since <= moment.astimezone(self.zone).time() <= self.until

    def nearest(self, moment: dt.datetime, *, before: bool) -> dt.datetime:
        """The moment itself by day; at night the evening `before` it, or the morning after."""
        if self.allow(moment):
            return moment
        wall = moment.astimezone(self.zone)
        is_morning = wall.time() < self.since
        if before:
            return clock.at(wall.date() - (DAY if is_morning else 0 * DAY), self.until, self.zone)
        return clock.at(wall.date() + (0 * DAY if is_morning else DAY), self.since, self.zone)


@dataclass(frozen=True)
class Step:
    """One line of the schedule, without its database (`ReminderStep`)."""

    pk: int
    anchor: str
    unit: str
    offset: int
    at: dt.time | None
    repeats_until: int | None
    text: str


@dataclass(frozen=True)
class Due:
    """A reminder that leaves at a moment: the step, and which of its days when it repeats."""

    step: Step
    at: dt.datetime
    nth: int
    anchor_at: dt.datetime

    @property
    def key(self) -> str:
        """The same for whoever counts: once a step, a day of it, and a start or end of the loan."""
        return f"{self.step.pk}:{self.anchor_at.astimezone(dt.UTC):%Y%m%dT%H%M}:{self.nth}"

    @property
    def comes_before(self) -> bool:
        """It tells of something to come, or of the same day."""
        return self.nth <= 0 and self.step.offset <= 0

    @property
    def useful_until(self) -> dt.datetime:
        """A day; « Vous rendez la voiture … » only until that hour."""
        return min(self.anchor_at, self.at + STALE) if self.comes_before else self.at + STALE


def dues(step: Step, anchor_at: dt.datetime, hours: Hours) -> list[Due]:
    """All moments at which this step leaves for a loan that starts, or ends, at `anchor_at`."""
    if step.unit == "hours":
        return [Due(step, settled(anchor_at + step.offset * HOUR, step.offset, anchor_at, hours), 0, anchor_at)]
    day = anchor_at.astimezone(hours.zone).date()
    last = step.offset if step.repeats_until is None else step.repeats_until
    assert step.at is not None
    return [
        Due(step, settled(clock.at(day + n * DAY, step.at, hours.zone), n, anchor_at, hours), n, anchor_at)
        for n in range(step.offset, last + 1)
    ]


def settled(moment: dt.datetime, offset: int, anchor_at: dt.datetime, hours: Hours) -> dt.datetime:
    """Moved into the hours of the day; what is to come before (or on the day of) the moment never comes after it."""
    before = offset <= 0
    if before and moment >= anchor_at:
        moment = anchor_at - HOUR
    return hours.nearest(moment, before=before)


def due_now(
    steps: Iterable[Step],
    moments: Mapping[str, dt.datetime],
    since: dt.datetime,
    now: dt.datetime,
    hours: Hours,
    *,
    is_routine: bool = False,
) -> Due | None:
    """The last reminder that is due at `now`, if it is still worth sending and the hour allows it.

    `moments` says when the loan starts or ends, as far as that is still to be told; what was due before `since` (the
    keys were given, the loan was booked: they have just been told) never leaves. Of a routine (routine.py) only what
    comes after the moment does.
    """
    if not hours.allow(now):
        return None
    due = [
        one
        for step in steps
        if step.anchor in moments
        for one in dues(step, moments[step.anchor], hours)
        if since < one.at <= now < one.useful_until and not (is_routine and one.comes_before)
    ]
    return max(due, key=lambda one: (one.at, one.step.pk), default=None)
