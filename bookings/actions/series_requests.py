"""A recurring loan is asked for, and approved: the request keeps its pattern, and becomes its first date."""

import datetime as dt
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Platform, User
from bookings import perms
from bookings.actions.requests import decided, request_loan, request_of
from bookings.actions.series import book_series
from bookings.models import Booking, LoanRequest, Series
from bookings.rules.house import Pass
from bookings.series import recurrence
from bookings.series.recurrence import Pattern
from core import clock
from core.db import action, refuse, require, save
from core.journal import record
from fleet.models import Vehicle
from participants.models import Participant


@action
def request_series(
    platform: Platform, *, participant: Participant, pattern: Pattern, kind: str, by: User, **wish: Any
) -> Booking:
    """Writes down that somebody needs a vehicle on these days again and again. `wish` is what `request_loan` takes.

    Refuses as `request_loan` does, and with `no_weekday`, `no_occurrence`, `skipped_hour`.
    """
    zone = ZoneInfo(platform.time_zone)
    recurrence.refuse_impossible(pattern, zone, clock.today(zone))
    spans = recurrence.occurrences(pattern.event(zone), zone)
    wish |= {"starts_at": spans[0][0], "ends_at": spans[-1][1]}
    booking = request_loan(platform, participant=participant, kind=kind, by=by, **wish)
    asked = LoanRequest.objects.get(booking=booking)
    asked.pattern = pattern.as_json()
    save(asked, "pattern")
    return booking


@action
def approve_series(
    booking: Booking,
    *,
    by: User,
    pattern: Pattern | None = None,
    kind: str = "",
    vehicle: Vehicle | None = None,
    needs_automatic: bool | None = None,
    needs_seats: int | None = None,
    purpose: str = "",
    destination: str = "",
    without: Collection[dt.date] = (),
    without_conflicts: bool = False,
    passes: Sequence[Pass] = (),
    seen: Decimal | None = None,
) -> Series:
    """Says yes to a recurring loan, as it was asked for or with another pattern: its dates are promised as
    `book_series` does, and the request is the first of them.

    Refuses with `not_a_request`, `not_recurring`, `approval_needed`, and as `book_series` does.
    """
    asked = request_of(booking)
    require(perms.can_decide(by, booking))
    if not asked.pattern:
        raise refuse("Cette demande n’est pas celle d’un prêt régulier : approuvez-la.", "not_recurring")
    series = book_series(
        booking.platform,
        participant=booking.participant,
        pattern=pattern or Pattern.from_json(asked.pattern),
        by=by,
        vehicle=vehicle,
        kind=kind or booking.kind,
        needs_automatic=booking.needs_automatic if needs_automatic is None else needs_automatic,
        needs_seats=needs_seats or booking.needs_seats,
        programme=booking.programme,
        purpose=purpose or booking.purpose,
        destination=destination or booking.destination,
        without=without,
        without_conflicts=without_conflicts,
        passes=passes,
        seen=seen,
        request=booking,
    )
    decided(asked, by)
    record(by, "booking.approved", booking, series=series.pk)
    return series
