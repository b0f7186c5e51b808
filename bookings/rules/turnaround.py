"""The time that a vehicle needs before and after a loan (cleaning, charging): read from the rules, laid by the holds.

`fleet.holds.take` and `change` take `before` and `after` and lay them inside the hold, around the plan; between two
loans the longer one counts, once. `fleet.availability.free` answers for the span with them.
"""

import datetime as dt
from collections.abc import Callable

from accounts.models import Platform
from bookings.rules.reads import terms_for, terms_of
from core import clock
from participants.models import Programme

Margins = tuple[dt.timedelta, dt.timedelta]


def margins(platform: Platform, kind: str, programme: Programme | int | None, on: dt.date | dt.datetime) -> Margins:
    """Before and after, for a loan of this kind and programme that begins on that day. One query."""
    return terms_for(platform, kind, programme, on).margins


def margins_by_kind(platform: Platform, programme: int | None, on: dt.datetime) -> Callable[[str], Margins]:
    """The same for any kind. One query for all of them."""
    of_case, day = terms_of(platform), clock.local_date(on, platform.time_zone)
    return lambda kind: of_case(kind, programme, day).margins
