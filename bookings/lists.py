"""Reads of loans for pages and feeds: each says what it loads, so that no page asks row by row."""

import datetime as dt
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from bookings.models import Assignment, Booking


def with_vehicle(loans: QuerySet[Booking]) -> QuerySet[Booking]:
    """Loans with the participant, and in `now_with` the assignments that are current, or all that ended with it."""
    assignments = Assignment.objects.select_related("vehicle__site", "hold").order_by("-pk")
    return loans.select_related("participant").prefetch_related(
        Prefetch("assignments", queryset=assignments, to_attr="with_vehicles")
    )


def in_state(loans: QuerySet[Booking], state: str, now: dt.datetime) -> QuerySet[Booking]:
    """The states of the filter: those of the loan, and those that are derived; requests have a list of their own."""
    if state == "late":
        return loans.filter(state=Booking.State.ACTIVE, ends_at__lte=now)
    if state == "displaced":
        displaced = Assignment.objects.displaced()
        return loans.filter(pk__in=displaced.values("booking_id"), state__in=Booking.OPEN)
    if state == "provisional":
        return loans.filter(state=Booking.State.RESERVED, promised_until__isnull=False)
    return loans.filter(state=state) if state else loans.exclude(state__in=Booking.REQUESTS)


def matching(loans: QuerySet[Booking], wanted: dict[str, Any], now: dt.datetime) -> QuerySet[Booking]:
    loans = in_state(loans, wanted.get("state") or "", now)
    if kind := wanted.get("kind"):
        loans = loans.filter(kind=kind)
    if site := wanted.get("site"):
        at_site = Assignment.objects.filter(vehicle__site=site).filter(
            Q(ended_at__isnull=True) | Q(end_reason=Assignment.EndReason.RETURNED)
        )
        loans = loans.filter(pk__in=at_site.values("booking_id"))
    return loans
