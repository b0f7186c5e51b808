import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from core.days import months_later, years_later

DAYS = st.dates(dt.date(1950, 1, 1), dt.date(2080, 1, 1))


def test_a_month_without_the_day_ends_on_its_last() -> None:
    assert months_later(dt.date(2026, 10, 31), 4) == dt.date(2027, 2, 28)
    assert years_later(dt.date(2024, 2, 29), 4) == dt.date(2028, 2, 29)
    assert years_later(dt.date(2024, 2, 29), 1) == dt.date(2025, 2, 28)


@given(DAYS, st.integers(0, 240))
def test_later_is_later_and_in_the_right_month(day: dt.date, months: int) -> None:
    later = months_later(day, months)
    assert later >= day
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day
