"""What a recurring loan costs. Pure.

The days of its occurrences count together, as those of one loan, so that five nights never cost more than the week.
What each occurrence adds to what those before it cost is its own price: it is charged when its keys are given, and
whatever is given up costs nothing. With calendar days, a day that two occurrences touch counts once.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from bookings.series.recurrence import Span
from pricing.tariffs import CALENDAR_DAYS, Line, Quote, Terms, calendar_days, days_between, quote_days

DAY = dt.timedelta(days=1)
NOTHING = Decimal(0)


def days_of(spans: Sequence[Span], rule: str, zone: ZoneInfo) -> list[int]:
    """How many days each occurrence adds."""
    if rule != CALENDAR_DAYS:
        return [days_between(start, end, rule, zone) for start, end in spans]
    counted, last = [], dt.date.min
    for start, end in spans:
        first_on, last_on = calendar_days(start, end, zone)
        counted.append(max(0, (last_on - max(first_on - DAY, last)).days))
        last = max(last, last_on)
    return counted


def whole(terms: Terms, spans: Sequence[Span], zone: ZoneInfo) -> Quote:
    """The price of all of them, with the deposit, which is asked for once."""
    return quote_days(terms, sum(days_of(spans, terms.day_rule, zone)))


def shares(terms: Terms, spans: Sequence[Span], zone: ZoneInfo) -> list[Quote]:
    """What each occurrence adds, in order; together the price of the whole."""
    found, done, paid = [], 0, NOTHING
    for days in days_of(spans, terms.day_rule, zone):
        agreed = quote_days(terms, days, first_day=done + 1)
        due = quote_days(terms, done + days).total
        label = f"Prêt régulier, jour {done + 1}" if days < 2 else f"Prêt régulier, jours {done + 1} à {done + days}"
        lines = (Line(label, 1, due - paid),) if due != paid else ()
        found.append(replace(agreed, lines=lines, deposit=NOTHING, cancel_fee=NOTHING))
        done, paid = done + days, due
    return found
