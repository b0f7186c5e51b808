"""Reads of recurring loans: what stands of one, and what it costs in all."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, Prefetch, Q, QuerySet

from bookings.models import Assignment, Booking, Series
from bookings.series import prices as series_prices
from bookings.series.recurrence import Pattern
from bookings.series.steps import STANDING
from pricing.tariffs import Quote, Terms

WITH_EVENT = ("participant", "platform", "event__rule")


def pattern_of(series: Series) -> Pattern:
    return Pattern.of(series.event, series.zone)


def listed(series: QuerySet[Series]) -> QuerySet[Series]:
    """With how many dates there were and are to come, and when the next one is. One query."""
    of_loan = {"next_at": Min("bookings__starts_at", filter=Q(bookings__state=Booking.State.RESERVED))}
    of_loan["last_at"] = Max("bookings__starts_at", filter=Q(bookings__state__in=STANDING))
    coming = Count("bookings", filter=Q(bookings__state=Booking.State.RESERVED))
    standing = Count("bookings", filter=Q(bookings__state__in=STANDING))
    return series.select_related(*WITH_EVENT).annotate(**of_loan, coming=coming, standing=standing)


@dataclass
class Line:
    """One occurrence, as the page of the series shows it."""

    loan: Booking
    vehicle: Any
    price: Decimal
    is_displaced: bool = False


@dataclass
class Whole:
    """A series with its loans."""

    series: Series
    lines: list[Line] = field(default_factory=list)

    @property
    def standing(self) -> list[Line]:
        return [one for one in self.lines if one.loan.state in STANDING]

    @property
    def coming(self) -> list[Line]:
        return [one for one in self.lines if one.loan.state == Booking.State.RESERVED]

    @property
    def total(self) -> Decimal:
        return sum((one.price for one in self.standing), Decimal(0))


def whole(series: Series) -> Whole:
    """Three queries, however many dates."""
    assignments = Assignment.objects.select_related("vehicle__site").order_by("pk")
    loans = series.bookings.order_by("starts_at", "pk").prefetch_related(
        "periods", Prefetch("assignments", queryset=assignments)
    )
    lines = []
    for loan in loans:
        given = list(loan.assignments.all())
        current = [one for one in given if one.ended_at is None] or given
        price = sum((one.total for one in loan.periods.all() if one.given_up_at is None), Decimal(0))
        displaced = bool(current) and current[-1].ended_at is None and current[-1].hold_id is None
        lines.append(Line(loan, current[-1].vehicle if current else None, price, displaced))
    return Whole(series, lines)


def agreed_quote(series: Series) -> Quote:
    """The price of all that stands, with its deposit, as the contract says it."""
    standing = series.bookings.filter(state__in=STANDING).order_by("starts_at", "pk")
    spans = list(standing.values_list("starts_at", "ends_at"))
    return series_prices.whole(Terms.of(series.tariff), spans, series.zone)
