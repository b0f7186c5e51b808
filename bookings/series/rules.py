"""The house rules of a recurring loan: asked of each occurrence, the days of all of them counted together.

One pass holds for all dates: it is noted once, on the first loan.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from bookings.rules.closed import closed
from bookings.rules.house import Breach, Rule, Spell, Terms, Wish, back, breaches, days_within
from bookings.series.recurrence import Span
from fleet.opening import Hours


def breaches_of_dates(
    spans: Sequence[Span], rules: Terms, *, kind: str, zone: str, now: dt.datetime, facts: dict[str, Any]
) -> list[list[Breach]]:
    """For each occurrence what it breaks, whichever vehicle serves it. Pure."""
    alone = replace(rules, quota_days=None, quota_months=None)
    over = over_quota(spans, rules, zone, facts.get("others", ()))
    found = []
    for number, (start, end) in enumerate(spans):
        wish = Wish(kind=kind, starts_at=start, ends_at=end, now=now, zone=zone, **facts)
        broken = [one for one in breaches(wish, alone) if one.binds]
        if number in over:
            said = f"Au plus {rules.quota_days} jours en {rules.quota_months} mois, toutes dates comptées."
            broken.append(Breach(Rule.QUOTA, said, passed_by=rules.passed_by))
        found.append(broken)
    return found


def over_quota(spans: Sequence[Span], rules: Terms, zone: str, others: Sequence[Spell]) -> set[int]:
    """The numbers of those with which the days of the rolling window that ends with them are too many."""
    if rules.quota_days is None or rules.quota_months is None:
        return set()
    known, over = list(others), set()
    for number, (start, end) in enumerate(spans):
        known.append(Spell(start, end))
        since = back(end, rules.quota_months, ZoneInfo(zone))
        if sum(days_within(one, since, end, zone) for one in known) > rules.quota_days:
            over.add(number)
    return over


def closed_then(hours: Hours, site: str, span: Span, rules: Terms) -> list[Breach]:
    """The site of the vehicle that would serve it is closed at one of its ends."""
    return closed(hours, site, *span, rules.passed_by)
