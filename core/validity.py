"""What holds from a day until a day (half-open; without an end, until further notice): prices, rules, clauses."""

import datetime as dt

from django.db.models import Q


def valid_on(day: dt.date) -> Q:
    """Of rows with `valid_from` and `valid_until`."""
    return Q(valid_from__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gt=day))
