import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from bookings.cases import deadlines
from bookings.cases.deadlines import Step
from maintenance.working_days import public_holidays

PARIS, REUNION = "Europe/Paris", "Indian/Reunion"


def day(text):
    return dt.date.fromisoformat(text)


@pytest.fixture(autouse=True)
def sunday():
    """A pure file asks no clock."""


@pytest.mark.parametrize(
    ("known_on", "by"),
    [
        ("2026-03-02", "2026-03-09"),  # a Monday: the weekend is not counted
        ("2026-03-06", "2026-03-13"),  # a Friday
        ("2026-03-07", "2026-03-13"),  # a Saturday: Monday is the first day
        ("2026-04-29", "2026-05-07"),  # over Friday 1 May
        ("2026-04-30", "2026-05-11"),  # over 1 May and Friday 8 May
        ("2026-05-11", "2026-05-19"),  # over Ascension Thursday, 14 May
        ("2025-12-24", "2026-01-02"),  # over Christmas and New Year
    ],
)
def test_an_accident_is_declared_within_five_working_days(known_on, by):
    assert deadlines.insure_accident_by(day(known_on), PARIS) == day(by)


@pytest.mark.parametrize(
    ("known_on", "by"),
    [
        ("2026-03-02", "2026-03-04"),
        ("2026-03-06", "2026-03-10"),  # Friday: Monday, Tuesday
        ("2026-04-30", "2026-05-05"),  # 1 May is a Friday
        ("2026-04-03", "2026-04-08"),  # over Easter Monday
    ],
)
def test_a_theft_is_declared_within_two(known_on, by):
    assert deadlines.insure_theft_by(day(known_on), PARIS) == day(by)


def test_la_reunion_has_a_holiday_of_its_own():
    """20 December, the abolition of slavery: a Friday in 2024."""
    assert deadlines.insure_theft_by(day("2024-12-18"), PARIS) == day("2024-12-20")
    assert deadlines.insure_theft_by(day("2024-12-18"), REUNION) == day("2024-12-23")


def test_alsace_loses_no_day():
    """Good Friday and 26 December are worked in Paris, whose clock Strasbourg shares: early is safe."""
    assert deadlines.insure_theft_by(day("2026-04-01"), PARIS) == day("2026-04-03")


def test_the_garages_working_days_are_the_same():
    for year in range(2020, 2041):
        assert deadlines.public_holidays(year) == public_holidays(year)


@pytest.mark.parametrize(
    ("sent_on", "by"),
    [
        ("2026-01-01", "2026-02-15"),
        ("2026-01-31", "2026-03-17"),
        ("2024-01-31", "2024-03-16"),  # a leap year
        ("2026-02-28", "2026-04-14"),
        ("2026-07-31", "2026-09-14"),
        ("2026-11-17", "2027-01-01"),  # a holiday: never moved to a later day
    ],
)
def test_the_driver_is_named_within_forty_five_days_of_the_notice(sent_on, by):
    assert deadlines.designate_by(day(sent_on)) == day(by)


def test_a_parking_charge_is_paid_within_three_months_and_contested_within_one():
    assert deadlines.pay_parking_by(day("2025-11-30")) == day("2026-02-28")
    assert deadlines.appeal_parking_by(day("2026-01-31")) == day("2026-02-28")
    assert deadlines.appeal_parking_by(day("2028-01-31")) == day("2028-02-29")


def test_a_toll_is_paid_within_seventy_two_hours_also_when_the_clocks_change():
    passed = dt.datetime(2026, 3, 27, 22, 30, tzinfo=ZoneInfo(PARIS))
    assert deadlines.pay_toll_by(passed) == dt.datetime(2026, 3, 30, 23, 30, tzinfo=ZoneInfo(PARIS))
    passed = dt.datetime(2026, 10, 23, 0, 30, tzinfo=ZoneInfo(PARIS))
    assert deadlines.pay_toll_by(passed).date() == day("2026-10-25")


def test_the_pound_keeps_a_vehicle_as_long_as_the_law_of_the_day_says():
    assert deadlines.fetch_by(day("2026-03-02"), low_value=False) == day("2026-03-17")
    assert deadlines.fetch_by(day("2026-03-02"), low_value=True) == day("2026-03-12")
    assert deadlines.fetch_by(day("2021-03-31"), low_value=False) == day("2021-04-30")  # thirty days before the reform
    assert deadlines.fetch_by(day("2021-04-01"), low_value=False) == day("2021-04-16")


@pytest.mark.parametrize("step", list(Step))
def test_a_deadline_is_red_before_it_is_missed_and_stays_so(step):
    by = day("2026-06-15")
    tones = [deadlines.tone(step, by, by + dt.timedelta(days=n)) for n in range(-60, 10)]
    assert tones[0] == ""
    assert tones == sorted(tones, key=["", "soon", "now"].index)
    assert tones[60] == tones[-1] == "now"  # on its last day, and after it
    assert deadlines.tone(step, by, day("2026-06-12")) == "now"  # it ends on a Monday: red on the Friday before
