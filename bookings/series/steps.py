"""What happens to the rest of a recurring loan when a part of it is given up. Steps: their caller has checked who may,
locked vehicles and loans, and journals.
"""

import datetime as dt
from collections.abc import Sequence

from bookings.models import Assignment, Booking, Period, Series
from bookings.series import prices as series_prices
from core import clock
from core.db import become, lock, refuse
from fleet.freed import tell_freed
from fleet.models import Hold, Vehicle
from pricing.tariffs import Quote, Terms

STANDING = (Booking.State.RESERVED, Booking.State.ACTIVE, Booking.State.RETURNED, Booking.State.NOT_RETURNED)


def give_up(bookings: Sequence[Booking], *, reason: str, vehicles: Sequence[Vehicle]) -> None:
    """These promises are dropped and their vehicles free again, in one statement a table."""
    if not reason.strip():
        raise refuse("Dites pourquoi ce prêt régulier s’arrête.", "reason_missing")
    now = clock.now()
    for one in bookings:
        become(one, Booking.State.CANCELLED)
        one.cancelled_at, one.cancel_reason = now, reason.strip()[:200]
        one.given_up_because = Booking.GivenUp.OTHER
    Booking.objects.bulk_update(bookings, ["state", "cancelled_at", "cancel_reason", "given_up_because"])
    current = Assignment.objects.current().filter(booking__in=bookings)
    held = list(current.filter(hold__out_at__isnull=True).values_list("hold_id", flat=True))
    current.update(hold=None, ended_at=now, end_reason=Assignment.EndReason.CANCELLED)
    Hold.objects.filter(pk__in=[pk for pk in held if pk], vehicle__in=vehicles).delete()
    for vehicle in vehicles:
        tell_freed(vehicle)


def requote(series: Series) -> None:
    """Each loan to come costs what it adds to those before it that stand; what was charged stays."""
    series = lock(series)
    standing = list(Booking.objects.filter(series=series, state__in=STANDING).order_by("starts_at", "pk"))
    periods = {one.booking_id: one for one in Period.objects.filter(booking__in=standing).standing()}
    terms = Terms.of(series.tariff)
    shares = series_prices.shares(terms, [(one.starts_at, one.ends_at) for one in standing], series.zone)
    changed = []
    for booking, share in zip(standing, shares, strict=True):
        period = periods[booking.pk]
        if booking.state == Booking.State.RESERVED and period.quote != share.as_json():
            period.quote, period.total = share.as_json(), share.total
            changed.append(period)
    Period.objects.bulk_update(changed, ["quote", "total"])


def moved_share(series: Series, booking: Booking, start: dt.datetime, end: dt.datetime) -> Quote:
    """What this loan of the series adds at other dates to those that stand before it then."""
    others = Booking.objects.filter(series=series, state__in=STANDING).exclude(pk=booking.pk)
    spans = sorted([*others.values_list("starts_at", "ends_at"), (start, end)])
    return series_prices.shares(Terms.of(series.tariff), spans, series.zone)[spans.index((start, end))]
