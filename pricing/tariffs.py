"""What a loan costs. Pure: a tariff's terms and a period in, lines of a price out.

Days are counted on the wall clock of the platform, so that a loan from Monday 9:00 to Monday 9:00 is seven
days in the weeks of the clock change too.

Each day of the loan belongs to the last band that starts on it or before; a renewal goes on counting where
the loan stood. Within a band the participant pays the cheapest set of months of 30 days, weeks of 7 and days
that covers what they had of it: five days never cost more than a week. A longer loan is therefore never
cheaper than a shorter one, and never dearer than its days one by one.

What a loan costs that ends sooner than agreed, or is given up, is part of the terms too, and is kept with the price
that was quoted: a later tariff changes nothing of it.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Self
from zoneinfo import ZoneInfo

from core.words import euros, km

CENT = Decimal("0.01")
WEEK, MONTH = 7, 30
STARTED_24H, CALENDAR_DAYS = "started_24h", "calendar_days"  # Tariff.DayRule
GIVEN_BACK, KEPT = "given_back", "kept"  # Tariff.UnusedDays


@dataclass(frozen=True)
class Band:
    """From the nth day of the loan on: the price of a day, and of 7 and of 30 of them where there is one."""

    from_day: int
    day_price: Decimal
    week_price: Decimal | None = None
    month_price: Decimal | None = None


@dataclass(frozen=True)
class Terms:
    """What a tariff says, without its database. The first band starts on day 1."""

    bands: tuple[Band, ...]
    day_rule: str = STARTED_24H
    deposit: Decimal = Decimal(0)
    late_fee_per_day: Decimal = Decimal(0)
    km_per_day: int | None = None
    excess_km_price: Decimal | None = None
    unused_days: str = GIVEN_BACK
    cancel_free_days: int = 0
    cancel_fee: Decimal = Decimal(0)
    no_show_fee: Decimal = Decimal(0)
    tariff_id: int | None = None
    name: str = ""

    def __post_init__(self) -> None:
        starts = [band.from_day for band in self.bands]
        if starts[:1] != [1] or starts != sorted(set(starts)):
            raise ValueError("The bands of a tariff start on day 1 and follow each other.")

    @classmethod
    def of(cls, tariff: Any, bands: Iterable[Any] | None = None) -> Self:
        """The terms of a `pricing.Tariff`; reads its bands where they are not at hand."""
        bands = sorted(tariff.bands.all() if bands is None else bands, key=lambda band: band.from_day)
        return cls(
            bands=tuple(Band(b.from_day, b.day_price, b.week_price, b.month_price) for b in bands),
            day_rule=tariff.day_rule,
            deposit=tariff.deposit,
            late_fee_per_day=tariff.late_fee_per_day,
            km_per_day=tariff.km_per_day,
            excess_km_price=tariff.excess_km_price,
            unused_days=tariff.unused_days,
            cancel_free_days=tariff.cancel_free_days,
            cancel_fee=tariff.cancel_fee,
            no_show_fee=tariff.no_show_fee,
            tariff_id=tariff.pk,
            name=tariff.name,
        )


@dataclass(frozen=True)
class Line:
    """One line of a price: « 30 jours à 3,00 € »."""

    label: str
    quantity: int
    unit_price: Decimal

    @property
    def amount(self) -> Decimal:
        return (self.quantity * self.unit_price).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Quote:
    """The price of one period, with the rule that gave it; kept as JSON on the loan."""

    days: int
    lines: tuple[Line, ...]
    rule: str
    first_day: int = 1
    deposit: Decimal = Decimal(0)
    late_fee_per_day: Decimal = Decimal(0)
    km_included: int | None = None
    excess_km_price: Decimal | None = None
    unused_days: str = GIVEN_BACK
    cancel_free_days: int = 0
    cancel_fee: Decimal = Decimal(0)
    no_show_fee: Decimal = Decimal(0)
    tariff_id: int | None = None
    tariff_name: str = ""

    @property
    def gives_back(self) -> bool:
        """Days that were agreed and not used are not due."""
        return self.unused_days == GIVEN_BACK

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal("0.00"))

    def as_json(self) -> dict[str, Any]:
        plain = asdict(self) | {"total": self.total}
        plain["lines"] = [asdict(line) | {"amount": line.amount} for line in self.lines]
        return _strings(plain)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        """What `as_json` gave."""
        lines = tuple(Line(line["label"], line["quantity"], Decimal(line["unit_price"])) for line in plain["lines"])
        price = plain["excess_km_price"]
        return cls(
            days=plain["days"],
            lines=lines,
            rule=plain["rule"],
            first_day=plain["first_day"],
            deposit=Decimal(plain["deposit"]),
            late_fee_per_day=Decimal(plain["late_fee_per_day"]),
            km_included=plain["km_included"],
            excess_km_price=None if price is None else Decimal(price),
            unused_days=plain.get("unused_days", KEPT),  # before the rule existed, all that was agreed was due
            cancel_free_days=plain.get("cancel_free_days", 0),
            cancel_fee=Decimal(plain.get("cancel_fee", 0)),
            no_show_fee=Decimal(plain.get("no_show_fee", 0)),
            tariff_id=plain["tariff_id"],
            tariff_name=plain["tariff_name"],
        )

    def on_top(self, late: int, driven: int | None) -> tuple[Line | None, Line | None]:
        """What the return adds: the late days, and the excess kilometres when one knows how many were driven."""
        return self.lateness(late), self.excess_km(driven) if driven is not None else None

    def lateness(self, days: int) -> Line | None:
        """The late days at the fee that was agreed, when there are any and it has one."""
        if days <= 0 or not self.late_fee_per_day:
            return None
        words = "jour" if days == 1 else "jours"
        return Line(f"{days} {words} de retard à {euros(self.late_fee_per_day)}", days, self.late_fee_per_day)

    def cancellation(self, starts_at: dt.datetime, at: dt.datetime, tz: str | dt.tzinfo) -> Line | None:
        """What it costs to give the loan up at `at`: nothing up to `cancel_free_days` whole days of the wall clock
        before its start, the agreed amount from then on."""
        notice = _wall_clock(starts_at, tz) - _wall_clock(at, tz)
        if not self.cancel_fee or notice >= dt.timedelta(days=self.cancel_free_days):
            return None
        return Line("Frais d’annulation", 1, self.cancel_fee)

    def no_show(self) -> Line | None:
        """What it costs not to come."""
        return Line("Absence au rendez-vous", 1, self.no_show_fee) if self.no_show_fee else None

    def excess_km(self, driven: int) -> Line | None:
        """The kilometres beyond those included, when the tariff counts them and has a price for them."""
        if self.km_included is None or not self.excess_km_price or driven <= self.km_included:
            return None
        over = driven - self.km_included
        return Line(f"{km(over)} en plus des {km(self.km_included)} compris", over, self.excess_km_price)


def quote(terms: Terms, start: dt.datetime, end: dt.datetime, tz: str | dt.tzinfo, *, first_day: int = 1) -> Quote:
    """The price of the half-open [start, end). `first_day`: which day of the loan it begins on (a renewal's is not 1).

    Raises ValueError when the end does not come after the start.
    """
    return quote_days(terms, days_between(start, end, terms.day_rule, tz), first_day=first_day)


def quote_days(terms: Terms, days: int, *, first_day: int = 1) -> Quote:
    """The price of so many days; none is free."""
    return Quote(
        days=days,
        lines=tuple(_lines(terms, first_day, days)) if days else (),
        rule=terms.day_rule,
        first_day=first_day,
        deposit=terms.deposit,
        late_fee_per_day=terms.late_fee_per_day,
        km_included=None if terms.km_per_day is None else terms.km_per_day * days,
        excess_km_price=terms.excess_km_price,
        unused_days=terms.unused_days,
        cancel_free_days=terms.cancel_free_days,
        cancel_fee=terms.cancel_fee,
        no_show_fee=terms.no_show_fee,
        tariff_id=terms.tariff_id,
        tariff_name=terms.name,
    )


def days_between(start: dt.datetime, end: dt.datetime, rule: str, tz: str | dt.tzinfo) -> int:
    """How many days are due for [start, end): started 24 h periods, or calendar days touched. At least one.

    An end at midnight does not touch the day that begins then.
    """
    if end <= start:
        raise ValueError("The end must come after the start.")
    if rule == CALENDAR_DAYS:
        first_on, last_on = calendar_days(start, end, tz)
        return (last_on - first_on).days + 1
    first, last = _wall_clock(start, tz), _wall_clock(end, tz)
    if rule != STARTED_24H:
        raise ValueError(f"Unknown rule {rule!r}.")
    return max(1, -((first - last) // dt.timedelta(days=1)))


def calendar_days(start: dt.datetime, end: dt.datetime, tz: str | dt.tzinfo) -> tuple[dt.date, dt.date]:
    """The first and the last calendar day that [start, end) touches; an end at midnight touches no new one."""
    first, last = _wall_clock(start, tz), _wall_clock(end, tz)
    return first.date(), max(first.date(), (last - dt.timedelta(microseconds=1)).date())


def late_days(ends_at: dt.datetime, back_at: dt.datetime, tz: str | dt.tzinfo) -> int:
    """Every started 24 h after the agreed end is a late day; 0 when it came back in time."""
    return 0 if back_at <= ends_at else days_between(ends_at, back_at, STARTED_24H, tz)


def _wall_clock(at: dt.datetime, tz: str | dt.tzinfo) -> dt.datetime:
    return at.astimezone(ZoneInfo(tz) if isinstance(tz, str) else tz).replace(tzinfo=None)


def _lines(terms: Terms, first_day: int, days: int) -> Iterator[Line]:
    last_day = first_day + days - 1
    several = len(terms.bands) > 1
    for band, following in zip(terms.bands, (*terms.bands[1:], None), strict=True):
        start = max(band.from_day, first_day)
        end = last_day if following is None else min(last_day, following.from_day - 1)
        if start > end:
            continue
        where = _where(start, end) if several else ""
        months, weeks, single = cheapest(band, end - start + 1)
        for quantity, unit_price, words in (
            (months, band.month_price, "mois"),
            (weeks, band.week_price, "semaine" if weeks == 1 else "semaines"),
            (single, band.day_price, "jour" if single == 1 else "jours"),
        ):
            if quantity:
                assert unit_price is not None
                yield Line(f"{quantity} {words} à {euros(unit_price)}{where}", quantity, unit_price)


def _where(start: int, end: int) -> str:
    return f" (jour {start})" if start == end else f" (jours {start} à {end})"


def cheapest(band: Band, days: int) -> tuple[int, int, int]:
    """How many months, weeks and single days cover `days` most cheaply; of two ways that cost the same, the plainer."""

    def burden(way: tuple[int, int, int]) -> tuple[Decimal, int, int]:
        months, weeks, single = way
        cost = months * (band.month_price or 0) + weeks * (band.week_price or 0) + single * band.day_price
        return Decimal(cost), MONTH * months + WEEK * weeks + single, sum(1 for count in way if count)

    return min(_ways(band, days), key=burden)


def _ways(band: Band, days: int) -> Iterator[tuple[int, int, int]]:
    for months in range(-(-days // MONTH) + 1) if band.month_price is not None else (0,):
        rest = max(0, days - MONTH * months)
        # The cost is linear in the weeks: only no week, all whole weeks, and one more for what remains can be best.
        for weeks in {0, rest // WEEK, -(-rest // WEEK)} if band.week_price is not None else (0,):
            yield months, weeks, max(0, rest - WEEK * weeks)


def _strings(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {key: _strings(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strings(item) for item in value]
    return value
