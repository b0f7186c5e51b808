"""The schedule of reminders: pure, at its edges; then as sweeps send it."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from bookings.reminders.schedule import DAY, HOUR, Hours, Step, due_now, dues

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
BY_DAY = Hours(PARIS)
TEN = dt.time(10)


def step(unit="days", offset=-3, at=TEN, repeats_until=None, anchor="end", pk=1):
    return Step(pk, anchor, unit, offset, at if unit == "days" else None, repeats_until, "…")


def wall(text, zone=PARIS):
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


def walls(step, end, hours=BY_DAY):
    return [f"{one.at.astimezone(hours.zone):%Y-%m-%d %H:%M}" for one in dues(step, end, hours)]


@pytest.mark.parametrize(
    ("given", "end", "expected"),
    [
        (step(), "2026-03-20 18:00", "2026-03-17 10:00"),
        (step(offset=0, at=dt.time(9)), "2026-03-20 18:00", "2026-03-20 09:00"),
        # An end before the hour of the day: said the evening before, never after it.
        (step(offset=0, at=dt.time(9)), "2026-03-20 08:30", "2026-03-19 20:00"),
        (step(offset=0, at=dt.time(9)), "2026-03-20 09:00", "2026-03-20 08:00"),
        (step("hours", 1), "2026-03-20 18:00", "2026-03-20 19:00"),
        # At night: after the end the next morning, before it the evening before.
        (step("hours", 1), "2026-03-20 19:30", "2026-03-21 08:00"),
        (step("hours", 1), "2026-03-20 23:59", "2026-03-21 08:00"),
        (step("hours", -2), "2026-03-20 09:00", "2026-03-19 20:00"),
        (step("hours", -2), "2026-03-20 00:00", "2026-03-19 20:00"),
        # Both nights of the clock change: ten o'clock stays ten o'clock.
        (step(), "2026-03-31 18:00", "2026-03-28 10:00"),
        (step(), "2026-04-01 02:00", "2026-03-29 10:00"),
        (step(), "2026-10-27 18:00", "2026-10-24 10:00"),
        (step("hours", 12), "2026-10-24 20:00", "2026-10-25 08:00"),
        (step(offset=-1, at=TEN), "2026-03-01 00:00", "2026-02-28 10:00"),
        (step(offset=-1, at=TEN), "2028-03-01 12:00", "2028-02-29 10:00"),
    ],
)
def test_when_a_reminder_leaves(given, end, expected):
    assert walls(given, wall(end)) == [expected]


def test_a_repeated_reminder_leaves_each_day_until_its_last():
    assert walls(step(offset=1, repeats_until=3), wall("2026-03-28 18:00")) == [
        "2026-03-29 10:00",
        "2026-03-30 10:00",
        "2026-03-31 10:00",
    ]


def test_la_reunion_is_reminded_by_its_own_clock():
    """Ten o'clock in Saint-Denis is seven in Paris, at night for nobody there."""
    hours = Hours(REUNION)
    (due,) = dues(step(), wall("2026-03-20 18:00", REUNION), hours)
    assert due.at == dt.datetime(2026, 3, 17, 6, tzinfo=dt.UTC)
    assert not BY_DAY.allow(dt.datetime(2026, 3, 17, 6, tzinfo=dt.UTC))
    assert hours.allow(due.at)


END = wall("2026-03-20 18:00")
SCHEDULE = [
    step(pk=1),
    step(offset=0, at=dt.time(9), pk=2),
    step("hours", 1, pk=3),
    step(offset=1, repeats_until=14, pk=4),
]
LONG_AGO = END - 30 * DAY


def now_due(moment, end=END, since=LONG_AGO, steps=SCHEDULE):
    due = due_now(steps, {"end": end}, since, wall(moment), BY_DAY)
    return (due.step.pk, due.nth) if due else None


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-17 09:59", None),
        ("2026-03-17 10:00", (1, -3)),
        ("2026-03-18 09:59", (1, -3)),  # a worker that slept makes up for it
        ("2026-03-18 10:00", None),  # but not a day later
        ("2026-03-20 09:00", (2, 0)),
        ("2026-03-20 17:59", (2, 0)),
        ("2026-03-20 18:00", None),  # no longer true
        ("2026-03-20 19:00", (3, 0)),
        ("2026-03-20 20:01", None),  # night
        ("2026-03-21 08:00", (3, 0)),
        ("2026-03-21 10:00", (4, 1)),
        ("2026-04-03 10:00", (4, 14)),
        ("2026-04-04 10:00", None),  # the last one has left
    ],
)
def test_the_last_reminder_that_is_due_leaves_and_no_older_one(moment, expected):
    assert now_due(moment) == expected


@pytest.mark.parametrize(("moment", "says"), [("2026-03-17 10:00", None), ("2026-03-20 09:00", None),
                                              ("2026-03-20 19:00", 3), ("2026-03-21 10:00", 4)])  # fmt: skip
def test_of_a_routine_only_what_comes_after_is_said(moment, says):
    due = due_now(SCHEDULE, {"end": END}, LONG_AGO, wall(moment), BY_DAY, is_routine=True)
    assert (due.step.pk if due else None) == says


def test_a_reminder_is_useful_for_a_day_and_never_beyond_its_moment():
    until = {step.pk: dues(step, END, BY_DAY)[0].useful_until for step in SCHEDULE}
    assert until == {
        1: wall("2026-03-18 10:00"),
        2: END,
        3: wall("2026-03-21 19:00"),
        4: wall("2026-03-22 10:00"),
    }


def test_whoever_has_just_got_the_keys_is_not_told_again():
    assert now_due("2026-03-17 12:00", since=wall("2026-03-17 11:00")) is None


def test_an_extension_moves_what_is_to_come_and_makes_it_anew():
    later = END + 7 * DAY
    assert now_due("2026-03-21 10:00", end=later) is None
    assert now_due("2026-03-24 10:00", end=later) == (1, -3)
    keys = {due_now(SCHEDULE, {"end": end}, LONG_AGO, end - 3 * DAY, Hours(PARIS)).key for end in (END, later)}
    assert len(keys) == 2


def test_at_the_start_nothing_is_said_of_the_end():
    assert due_now([step(anchor="start", offset=-1)], {"end": END}, LONG_AGO, END - DAY, BY_DAY) is None


def test_an_hour_is_an_hour_on_the_night_of_the_clock_change():
    (due,) = dues(step("hours", 10), wall("2026-03-28 23:00"), BY_DAY)
    assert due.at - wall("2026-03-28 23:00") == 10 * HOUR
