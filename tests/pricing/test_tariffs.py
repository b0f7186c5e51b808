"""The examples of real platforms as a table, the clock-change weeks, and what must hold of any tariff."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.tariffs import (
    CALENDAR_DAYS,
    STARTED_24H,
    Band,
    Quote,
    Terms,
    cheapest,
    days_between,
    late_days,
    quote,
)

PARIS = ZoneInfo("Europe/Paris")
MONDAY = dt.datetime(2026, 3, 2, 9, tzinfo=PARIS)


def d(text: str) -> Decimal:
    return Decimal(text)


CAUDRY = Terms(bands=(Band(1, d("3.00")),), late_fee_per_day=d("3.00"))
LOIRET = Terms(bands=(Band(1, d("1.00")),))
NIMES = Terms(
    bands=(Band(1, d("3.00"), d("21.00")), Band(31, d("3.50"), d("24.50")), Band(61, d("4.00"))), deposit=d("250.00")
)
SOLIDACAR = Terms(bands=(Band(1, d("4.00"), d("15.00"), d("60.00")),), deposit=d("50.00"))


@pytest.mark.parametrize(
    ("terms", "days", "total", "labels"),
    [
        (CAUDRY, 30, "90.00", ["30 jours à 3,00 €"]),
        (CAUDRY, 1, "3.00", ["1 jour à 3,00 €"]),
        (LOIRET, 90, "90.00", ["90 jours à 1,00 €"]),
        (NIMES, 30, "90.00", ["30 jours à 3,00 € (jours 1 à 30)"]),
        (NIMES, 31, "93.50", ["30 jours à 3,00 € (jours 1 à 30)", "1 jour à 3,50 € (jour 31)"]),
        (
            NIMES,
            70,
            "235.00",
            [
                "30 jours à 3,00 € (jours 1 à 30)",
                "30 jours à 3,50 € (jours 31 à 60)",
                "10 jours à 4,00 € (jours 61 à 70)",
            ],
        ),
        (SOLIDACAR, 1, "4.00", ["1 jour à 4,00 €"]),
        (SOLIDACAR, 4, "15.00", ["1 semaine à 15,00 €"]),  # four days would cost 16
        (SOLIDACAR, 7, "15.00", ["1 semaine à 15,00 €"]),
        (SOLIDACAR, 9, "23.00", ["1 semaine à 15,00 €", "2 jours à 4,00 €"]),
        (SOLIDACAR, 24, "57.00", ["3 semaines à 15,00 €", "3 jours à 4,00 €"]),
        (SOLIDACAR, 29, "60.00", ["1 mois à 60,00 €"]),
        (SOLIDACAR, 30, "60.00", ["1 mois à 60,00 €"]),
        (SOLIDACAR, 33, "72.00", ["1 mois à 60,00 €", "3 jours à 4,00 €"]),
        (SOLIDACAR, 60, "120.00", ["2 mois à 60,00 €"]),
    ],
)
def test_real_tariffs_give_their_known_prices(terms: Terms, days: int, total: str, labels: list[str]) -> None:
    price = quote(terms, MONDAY, MONDAY + dt.timedelta(days=days), PARIS)
    assert price.total == d(total)
    assert [line.label.replace("\xa0", " ") for line in price.lines] == labels
    assert price.days == days


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("start", "end", "started", "calendar"),
    [
        ("2026-03-02 09:00", "2026-03-02 17:00", 1, 1),
        ("2026-03-02 09:00", "2026-03-03 09:00", 1, 2),
        ("2026-03-02 09:00", "2026-03-03 09:01", 2, 2),
        ("2026-03-02 09:00", "2026-03-03 00:00", 1, 1),  # midnight does not touch the day that begins
        ("2026-03-02 00:00", "2026-03-04 00:00", 2, 2),
        ("2026-03-02 23:00", "2026-03-03 01:00", 1, 2),
        ("2026-03-23 09:00", "2026-03-30 09:00", 7, 8),  # spring: 167 hours on the stopwatch
        ("2026-10-19 09:00", "2026-10-26 09:00", 7, 8),  # autumn: 169 hours
        ("2026-03-28 12:00", "2026-03-29 12:00", 1, 2),
        ("2026-10-24 12:00", "2026-10-25 12:00", 1, 2),
        ("2026-12-31 18:00", "2027-01-01 08:00", 1, 2),
        ("2028-02-28 09:00", "2028-03-01 09:00", 2, 3),  # a leap year
    ],
)
def test_days_are_counted_on_the_wall_clock(start: str, end: str, started: int, calendar: int) -> None:
    assert days_between(at(start), at(end), STARTED_24H, "Europe/Paris") == started
    assert days_between(at(start), at(end), CALENDAR_DAYS, "Europe/Paris") == calendar


def test_an_hour_that_comes_twice_is_still_a_day() -> None:
    first = dt.datetime(2026, 10, 25, 2, 30, tzinfo=PARIS)
    again = first.replace(fold=1)
    assert days_between(first.astimezone(dt.UTC), again.astimezone(dt.UTC), STARTED_24H, PARIS) == 1


def test_days_belong_to_the_time_zone() -> None:
    start, end = dt.datetime(2026, 3, 2, 22, tzinfo=dt.UTC), dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC)
    assert days_between(start, end, CALENDAR_DAYS, "Europe/Paris") == 2
    assert days_between(start, end, CALENDAR_DAYS, "UTC") == 1


@pytest.mark.parametrize(
    ("back", "days"),
    [
        ("2026-03-03 17:59", 0),
        ("2026-03-03 18:00", 0),
        ("2026-03-03 18:01", 1),
        ("2026-03-04 18:00", 1),
        ("2026-03-04 18:01", 2),
        ("2026-03-10 09:00", 7),
    ],
)
def test_every_started_24_hours_after_the_agreed_end_is_late(back: str, days: int) -> None:
    assert late_days(at("2026-03-03 18:00"), at(back), PARIS) == days


def test_a_period_ends_after_it_starts() -> None:
    with pytest.raises(ValueError, match="end must come after"):
        quote(CAUDRY, MONDAY, MONDAY, PARIS)


@pytest.mark.parametrize("bands", [(), (Band(2, d("3")),), (Band(1, d("3")), Band(1, d("4")))])
def test_bands_begin_on_the_first_day_and_follow_each_other(bands: tuple[Band, ...]) -> None:
    with pytest.raises(ValueError, match="day 1"):
        Terms(bands=bands)


def test_kilometres_beyond_those_included_have_a_price() -> None:
    terms = Terms(bands=(Band(1, d("2.50")),), km_per_day=40, excess_km_price=d("0.125"))
    price = quote(terms, MONDAY, MONDAY + dt.timedelta(days=10), PARIS)
    assert price.km_included == 400
    assert price.excess_km(400) is None
    over = price.excess_km(435)
    assert over is not None
    assert (over.quantity, over.amount) == (35, d("4.38"))
    assert quote(CAUDRY, MONDAY, MONDAY + dt.timedelta(days=1), PARIS).excess_km(9999) is None


def test_what_the_return_adds_is_late_days_and_kilometres_at_the_agreed_prices() -> None:
    terms = Terms(bands=(Band(1, d("3")),), late_fee_per_day=d("10"), km_per_day=10, excess_km_price=d("0.10"))
    price = quote(terms, at("2026-03-02 09:00"), at("2026-03-05 09:00"), PARIS)
    late, excess = price.on_top(2, 50)
    assert late is not None
    assert (late.label.replace("\xa0", " "), late.amount) == ("2 jours de retard à 10,00 €", d("20.00"))
    assert excess is not None
    assert excess.amount == d("2.00")
    assert price.on_top(0, 30) == (None, None)
    assert price.on_top(0, None) == (None, None)


def test_a_tariff_without_a_late_fee_charges_no_late_day() -> None:
    price = quote(Terms(bands=(Band(1, d("3")),)), at("2026-03-02 09:00"), at("2026-03-05 09:00"), PARIS)
    assert price.lateness(3) is None


def test_a_renewal_goes_on_counting_where_the_loan_stood() -> None:
    start, end = MONDAY + dt.timedelta(days=30), MONDAY + dt.timedelta(days=40)
    assert quote(NIMES, start, end, PARIS, first_day=31).total == d("35.00")


# --- what holds of any tariff ---------------------------------------------------------------------

prices = st.decimals(min_value=0, max_value=60, places=2)
bands = st.lists(
    st.tuples(st.integers(2, 120), prices, st.none() | prices, st.none() | prices), max_size=3, unique_by=lambda b: b[0]
)


@st.composite
def any_terms(draw: st.DrawFn) -> Terms:
    first = Band(1, draw(prices), draw(st.none() | prices), draw(st.none() | prices))
    later = [Band(*band) for band in sorted(draw(bands))]
    return Terms(bands=(first, *later), day_rule=draw(st.sampled_from([STARTED_24H, CALENDAR_DAYS])))


NEW_YEAR = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
starts = st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: NEW_YEAR + dt.timedelta(minutes=minutes))
lengths = st.timedeltas(dt.timedelta(minutes=1), dt.timedelta(days=400))


@given(any_terms(), starts, lengths)
def test_a_price_is_never_negative_and_its_lines_add_up(terms: Terms, start: dt.datetime, length: dt.timedelta) -> None:
    price = quote(terms, start, start + length, PARIS)
    assert price.total >= 0
    assert price.total == sum(line.amount for line in price.lines)
    assert price.total == price.total.quantize(d("0.01"))


@given(any_terms(), starts, lengths, lengths)
def test_longer_is_never_cheaper(terms: Terms, start: dt.datetime, one: dt.timedelta, more: dt.timedelta) -> None:
    """Because within a band the cheapest set of months, weeks and days that covers the days is due."""
    short = quote(terms, start, start + one, PARIS)
    assert short.total <= quote(terms, start, start + one + more, PARIS).total


@given(any_terms(), starts, st.integers(1, 200), st.integers(1, 200))
def test_splitting_a_loan_is_never_cheaper_when_days_go_on_counting(
    terms: Terms, start: dt.datetime, one: int, more: int
) -> None:
    wall = start.astimezone(PARIS).replace(hour=12, minute=0, second=0, microsecond=0)
    middle, end = wall + dt.timedelta(days=one), wall + dt.timedelta(days=one + more)
    first = quote(terms, wall, middle, PARIS)
    second = quote(terms, middle, end, PARIS, first_day=first.days + 1)
    assert first.total + second.total >= quote(terms, wall, end, PARIS).total


@given(any_terms(), starts, st.integers(1, 200), st.integers(1, 200))
def test_splitting_costs_the_same_where_only_days_have_a_price(
    terms: Terms, start: dt.datetime, one: int, more: int
) -> None:
    plain = Terms(bands=tuple(Band(band.from_day, band.day_price) for band in terms.bands))
    wall = start.astimezone(PARIS).replace(hour=12, minute=0, second=0, microsecond=0)
    middle, end = wall + dt.timedelta(days=one), wall + dt.timedelta(days=one + more)
    second = quote(plain, middle, end, PARIS, first_day=one + 1)
    assert quote(plain, wall, middle, PARIS).total + second.total == quote(plain, wall, end, PARIS).total


@given(prices, st.none() | prices, st.none() | prices, st.integers(1, 130))
def test_no_other_set_of_months_weeks_and_days_is_cheaper(
    day: Decimal, week: Decimal | None, month: Decimal | None, days: int
) -> None:
    months, weeks, single = cheapest(Band(1, day, week, month), days)
    assert 30 * months + 7 * weeks + single >= days
    found = months * (month or 0) + weeks * (week or 0) + single * day
    for m in range(6) if month is not None else (0,):
        for w in range(20) if week is not None else (0,):
            rest = max(0, days - 30 * m - 7 * w)
            assert found <= m * (month or 0) + w * (week or 0) + rest * day


@given(any_terms(), starts, lengths)
def test_a_quote_survives_its_storage(terms: Terms, start: dt.datetime, length: dt.timedelta) -> None:
    price = quote(terms, start, start + length, PARIS)
    assert Quote.from_json(price.as_json()) == price
