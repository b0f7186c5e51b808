"""What a change of a loan is: what is wished, the periods before and after, and what it costs. Pure values."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.core.exceptions import ValidationError

from bookings.models import Assignment, Period
from bookings.rules.house import NO_RULES, Breach, Rule, Terms
from core import words
from fleet.models import Hold, Vehicle
from pricing.models import Deposit, Tariff
from pricing.tariffs import Line, Quote

NOTHING = Decimal("0.00")
NOT_ASKED = (Deposit.State.WAIVED, Deposit.State.LAPSED)


@dataclass(frozen=True)
class Stretch:
    """A period as the loan has it, or would have it after the change."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    quote: Quote
    tariff: Tariff | None = None
    period: Period | None = None  # None: a new one
    given_up: bool = False

    @property
    def last_day(self) -> int:
        """Which day of the loan it ends on."""
        return self.quote.first_day + self.quote.days - 1


@dataclass(frozen=True)
class Refusal:
    """Why not, in a sentence that also says what is possible instead."""

    sentence: str
    code: str

    @classmethod
    def of(cls, error: ValidationError) -> "Refusal":
        return cls(" ".join(error.messages), error.code or "")


@dataclass
class Change:
    """What would happen, with its price before and after; nothing is written yet."""

    verb: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    before: list[Stretch] = field(default_factory=list)
    after: list[Stretch] = field(default_factory=list)
    on_top: list[tuple[str, Line]] = field(default_factory=list)  # sort of charge, line
    deposits: list[Deposit] = field(default_factory=list)  # of a loan that is moved: its deposit may change too
    deposit_after: Decimal = NOTHING
    current: Assignment | None = None
    vehicle: Vehicle | None = None
    warnings: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    free_until: dt.datetime | None = None  # how far the vehicle's time goes, when it does not go far enough
    free_from: dt.datetime | None = None  # when the vehicle is free for as long as that
    instead: list[Vehicle] = field(default_factory=list)  # equal vehicles
    in_the_way: Hold | None = None
    rules: Terms = NO_RULES
    breaches: list[Breach] = field(default_factory=list)  # house rules, passed with a reason; and the law

    @property
    def deposit_before(self) -> Decimal:
        return sum((one.amount for one in self.deposits if one.state not in NOT_ASKED), NOTHING)

    @property
    def lines_before(self) -> list[Line]:
        return [line for stretch in self.before for line in stretch.quote.lines]

    @property
    def lines_after(self) -> list[Line]:
        return [line for stretch in self.after for line in stretch.quote.lines]

    @property
    def lines_on_top(self) -> list[Line]:
        return [line for _, line in self.on_top]

    @property
    def total_before(self) -> Decimal:
        return total(self.before)

    @property
    def total_after(self) -> Decimal:
        return total(self.after) + sum((line.amount for line in self.lines_on_top), NOTHING)

    @property
    def difference(self) -> Decimal:
        """To pay in addition; below zero: not due any more."""
        return self.total_after - self.total_before

    @property
    def seen(self) -> str:
        """The difference as a door sends it back."""
        return f"{self.difference:.2f}"

    @property
    def difference_words(self) -> str:
        if self.difference > 0:
            return f"{words.euros(self.difference)} à payer en plus"
        if self.difference < 0:
            return f"{words.euros(-self.difference)} de moins à payer"
        return "Rien à payer de plus"

    @property
    def agreed(self) -> Quote:
        """What the return would be measured against."""
        last = [one for one in self.after if not one.given_up][-1]
        return together([one.quote for one in self.after], last.quote)

    @property
    def to_sign(self) -> Stretch | None:
        """The new period, whose contract page is to be signed."""
        return next((one for one in self.after if one.period is None), None)

    @property
    def possible(self) -> bool:
        """Nothing refuses it but house rules that somebody may pass."""
        return not self.refusals and all(one.can_be_passed for one in self.to_pass)

    @property
    def to_pass(self) -> list[Breach]:
        """The rules that refuse it unless they are passed."""
        return [one for one in self.breaches if one.binds]

    def too_near(self, sentence: str) -> None:
        """The plan would fit, the time to make the vehicle ready would not: a house rule like the others."""
        self.breaches.append(Breach(Rule.TURNAROUND, sentence, passed_by=self.rules.passed_by))

    def refuse(self, sentence: str, code: str) -> None:
        self.refusals.append(Refusal(sentence, code))


def together(quotes: Sequence[Quote], last: Quote) -> Quote:
    """The terms of the last period, with the kilometres of all of them: what the return is measured against."""
    included = [one.km_included for one in quotes]
    return replace(last, km_included=None if None in included else sum(filter(None, included)))


def total(stretches: Iterable[Stretch]) -> Decimal:
    return sum((one.quote.total for one in stretches), NOTHING)


@dataclass(frozen=True)
class Extend:
    until: dt.datetime


@dataclass(frozen=True)
class Shorten:
    until: dt.datetime


@dataclass(frozen=True)
class Renew:
    until: dt.datetime


@dataclass(frozen=True)
class Move:
    starts_at: dt.datetime
    ends_at: dt.datetime
    vehicle: Vehicle | None = None
    comes_later: bool = False  # the same loan, whose participant comes later than agreed


@dataclass(frozen=True)
class Exchange:
    vehicle: Vehicle


@dataclass(frozen=True)
class GiveUp:
    reason: str  # Booking.GivenUp


@dataclass(frozen=True)
class BringBack:
    at: dt.datetime


@dataclass(frozen=True)
class EndWithoutReturn:
    rent_until: dt.date  # this day included


Wished = Extend | Shorten | Renew | Move | Exchange | GiveUp | BringBack | EndWithoutReturn
