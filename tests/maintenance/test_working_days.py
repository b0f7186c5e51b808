import datetime as dt

import pytest

from maintenance.working_days import easter, is_working_day, working_days_after


@pytest.mark.parametrize(
    ("year", "sunday"),
    [(2024, (3, 31)), (2025, (4, 20)), (2026, (4, 5)), (2027, (3, 28)), (2038, (4, 25)), (2100, (3, 28))],
)
def test_easter_falls_on_its_sunday(year, sunday):
    assert easter(year) == dt.date(year, *sunday)


@pytest.mark.parametrize(
    "day", ["2026-01-01", "2026-04-06", "2026-05-14", "2026-05-25", "2026-07-14", "2026-03-07", "2026-03-08"]
)
def test_nobody_works_on_holidays_and_at_the_week_end(day):
    assert not is_working_day(dt.date.fromisoformat(day))


@pytest.mark.parametrize(
    ("start", "number", "end"),
    [
        ("2026-03-04", 0, "2026-03-04"),
        ("2026-03-07", 0, "2026-03-09"),  # a Saturday
        ("2026-03-07", 1, "2026-03-09"),
        ("2026-03-06", 1, "2026-03-09"),
        ("2026-04-03", 1, "2026-04-07"),  # over Easter Monday
        ("2026-12-24", 1, "2026-12-28"),
        ("2026-03-04", 5, "2026-03-11"),
    ],
)
def test_working_days_are_counted_over_what_is_closed(start, number, end):
    assert working_days_after(dt.date.fromisoformat(start), number) == dt.date.fromisoformat(end)
