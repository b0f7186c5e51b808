"""Figures of the law, each with the day from which it holds. A new decree is a new line, never a changed one."""

import datetime as dt
from decimal import Decimal

# What may be paid in cash towards one debt to a professional by somebody who lives in France, in euros:
# art. L112-6 and D112-3 of the Code monétaire et financier (décret n° 2015-741 of 24 June 2015).
CASH_CEILINGS: list[tuple[dt.date, Decimal]] = [
    (dt.date(2011, 1, 1), Decimal(3000)),
    (dt.date(2015, 9, 1), Decimal(1000)),
]


def cash_ceiling(on: dt.date) -> Decimal | None:
    """The ceiling that holds on that day; None before there was one."""
    return max((line for line in CASH_CEILINGS if line[0] <= on), default=(on, None))[1]
