"""The dates of a recurring loan, and what they cost: no database."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from bookings.series import prices as series_prices
from bookings.series.recurrence import Pattern, occurrences, refuse_impossible
from pricing.tariffs import Band, Terms, quote_days

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
WEEKNIGHTS = (0, 1, 2, 3, 4)
EIGHT, SIX = dt.time(20), dt.time(6)


def nights(first: dt.date, last: dt.date, weekdays: tuple[int, ...] = WEEKNIGHTS, **more: dt.time) -> Pattern:
    return Pattern(weekdays, more.get("starts", EIGHT), more.get("ends", SIX), first, last)


def dates_of(pattern: Pattern, zone: ZoneInfo = PARIS) -> list[str]:
    """On the wall clock."""
    spans = occurrences(pattern.event(zone), zone)
    return [" – ".join(f"{at.astimezone(zone):%d/%m %H:%M}" for at in span) for span in spans]


def test_weeknights_from_monday_to_friday() -> None:
    found = dates_of(nights(dt.date(2026, 3, 1), dt.date(2026, 3, 13)))
    assert len(found) == 10
    assert (found[0], found[-1]) == ("02/03 20:00 – 03/03 06:00", "13/03 20:00 – 14/03 06:00")


@pytest.mark.parametrize(
    ("night", "hours"), [(dt.date(2026, 3, 28), 9), (dt.date(2026, 10, 24), 11), (dt.date(2026, 3, 21), 10)]
)
def test_a_night_ends_at_six_on_both_nights_of_the_clock_change(night: dt.date, hours: int) -> None:
    pattern = nights(night - dt.timedelta(days=14), night + dt.timedelta(days=7), (5,))
    ((start, end),) = [
        one for one in occurrences(pattern.event(PARIS), PARIS) if one[0].astimezone(PARIS).date() == night
    ]
    assert end.astimezone(PARIS).time() == SIX
    assert end - start == dt.timedelta(hours=hours)
    assert all(one.endswith("06:00") for one in dates_of(pattern))


def test_a_series_that_begins_on_the_night_of_the_clock_change_is_right_afterwards_too() -> None:
    assert {one[-5:] for one in dates_of(nights(dt.date(2026, 3, 28), dt.date(2026, 4, 30), (5, 6)))} == {"06:00"}


def test_la_reunion_has_no_summer_time_and_other_instants() -> None:
    pattern = nights(dt.date(2026, 3, 28), dt.date(2026, 3, 29), (5, 6))
    there, here = (occurrences(pattern.event(zone), zone) for zone in (REUNION, PARIS))
    assert {end - start for start, end in there} == {dt.timedelta(hours=10)}
    assert [end - start for start, end in here] == [dt.timedelta(hours=9), dt.timedelta(hours=10)]
    assert here[0][0] - there[0][0] == dt.timedelta(hours=3)
    assert dates_of(pattern, REUNION) == dates_of(pattern, PARIS)


def test_leap_day_and_the_end_of_a_month() -> None:
    found = dates_of(nights(dt.date(2028, 2, 28), dt.date(2028, 3, 1), (0, 1, 2)))
    assert [one[:5] for one in found] == ["28/02", "29/02", "01/03"]
    assert found[1] == "29/02 20:00 – 01/03 06:00"
    assert dates_of(nights(dt.date(2026, 4, 30), dt.date(2026, 4, 30))) == ["30/04 20:00 – 01/05 06:00"]


def test_an_hour_that_a_night_skips_is_the_one_that_the_clock_shows_instead() -> None:
    pattern = nights(dt.date(2026, 3, 27), dt.date(2026, 3, 30), (4, 5, 6, 0), starts=dt.time(2, 30), ends=dt.time(5))
    assert [one[6:11] for one in dates_of(pattern)] == ["02:30", "02:30", "03:30", "02:30"]
    short = nights(dt.date(2026, 3, 28), dt.date(2026, 3, 30), (5, 6, 0), starts=dt.time(2, 30), ends=dt.time(3))
    assert len(dates_of(short)) == 2, "on that night it would end before it starts"


def test_days_at_work_and_whole_days() -> None:
    day = Pattern((0,), dt.time(8), dt.time(18), dt.date(2026, 3, 2), dt.date(2026, 3, 2))
    assert dates_of(day) == ["02/03 08:00 – 02/03 18:00"]
    assert not day.is_nightly
    whole = Pattern((0,), dt.time(8), dt.time(8), dt.date(2026, 3, 2), dt.date(2026, 3, 2))
    assert dates_of(whole) == ["02/03 08:00 – 03/03 08:00"]


def test_it_is_read_back_from_what_is_kept() -> None:
    pattern = nights(dt.date(2026, 3, 2), dt.date(2026, 3, 28))
    assert Pattern.of(pattern.event(PARIS), PARIS) == pattern
    assert Pattern.of(pattern.event(REUNION), REUNION) == pattern


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (nights(dt.date(2026, 3, 2), dt.date(2026, 3, 28)), "la nuit, du lundi au vendredi, de 20 h à 6 h"),
        (
            nights(dt.date(2026, 3, 2), dt.date(2026, 3, 28), (0, 3), ends=dt.time(22, 30)),
            "lundi et jeudi, de 20 h à 22 h 30",
        ),
        (nights(dt.date(2026, 3, 2), dt.date(2026, 3, 28), tuple(range(7))), "la nuit, tous les jours, de 20 h à 6 h"),
        (
            nights(dt.date(2026, 3, 2), dt.date(2026, 3, 28), (5, 6, 0)),
            "la nuit, lundi, samedi et dimanche, de 20 h à 6 h",
        ),
    ],
)
def test_in_words(pattern: Pattern, words: str) -> None:
    assert pattern.words().replace("\u00a0", " ") == words


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        (nights(dt.date(2026, 3, 2), dt.date(2026, 3, 28), ()), "no_weekday"),
        (nights(dt.date(2026, 3, 28), dt.date(2026, 3, 2)), "ends_before_start"),
        (nights(dt.date(2026, 2, 27), dt.date(2026, 3, 2)), "in_the_past"),
        (nights(dt.date(2026, 3, 2), dt.date(2027, 3, 5)), "too_long"),
        (nights(dt.date(2026, 3, 7), dt.date(2026, 3, 8)), "no_occurrence"),
        (nights(dt.date(2026, 3, 29), dt.date(2026, 4, 8), (6,), starts=dt.time(2, 30)), "skipped_hour"),
    ],
)
def test_what_cannot_be(pattern: Pattern, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        refuse_impossible(pattern, PARIS, dt.date(2026, 3, 1))
    assert refusal.value.code == code


# --- what it costs ----------------------------------------------------------------------------------

BY_DAY = Terms((Band(1, Decimal(2)),), deposit=Decimal(150))
BY_WEEK = Terms((Band(1, Decimal(4), Decimal(15)),))
BY_CALENDAR = Terms((Band(1, Decimal(2)),), day_rule="calendar_days")


def spans(pattern: Pattern) -> list[tuple[dt.datetime, dt.datetime]]:
    return occurrences(pattern.event(PARIS), PARIS)


def test_nights_cost_their_days_and_never_more_than_the_week() -> None:
    week = spans(nights(dt.date(2026, 3, 2), dt.date(2026, 3, 6)))
    assert [share.total for share in series_prices.shares(BY_DAY, week, PARIS)] == [2, 2, 2, 2, 2]
    assert [share.total for share in series_prices.shares(BY_WEEK, week, PARIS)] == [4, 4, 4, 3, 0]
    assert series_prices.whole(BY_WEEK, week, PARIS).total == 15
    assert series_prices.whole(BY_DAY, week, PARIS).deposit == 150
    assert {share.deposit for share in series_prices.shares(BY_DAY, week, PARIS)} == {Decimal(0)}


def test_a_calendar_day_that_two_nights_touch_counts_once() -> None:
    week = spans(nights(dt.date(2026, 3, 2), dt.date(2026, 3, 6)))
    assert series_prices.days_of(week, "calendar_days", PARIS) == [2, 1, 1, 1, 1]
    assert series_prices.whole(BY_CALENDAR, week, PARIS).total == 12
    assert series_prices.days_of(week[::2], "calendar_days", PARIS) == [2, 2, 2]


@given(
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 90),
    st.sampled_from([BY_DAY, BY_WEEK, BY_CALENDAR, Terms((Band(1, Decimal(3)), Band(8, Decimal(2), Decimal(9))))]),
)
def test_the_shares_are_the_price_of_the_whole(weekdays: set[int], length: int, terms: Terms) -> None:
    first = dt.date(2026, 3, 2)
    pattern = nights(first, first + dt.timedelta(days=7 + length), tuple(sorted(weekdays)))
    shares = series_prices.shares(terms, spans(pattern), PARIS)
    total = sum((share.total for share in shares), Decimal(0))
    assert total == series_prices.whole(terms, spans(pattern), PARIS).total
    assert total <= quote_days(terms, sum(share.days for share in shares)).total
    assert all(share.total >= 0 for share in shares)
