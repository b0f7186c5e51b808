"""What a change writes: the periods as they are to be, and the account that follows them.

Steps: their caller has checked who may, has locked the vehicle and the loan, and journals.
"""

import datetime as dt

from accounts.models import User
from bookings.changes import deposit
from bookings.changes import outcome as changes
from bookings.changes.values import Change
from bookings.charges import brought_back_at, charge_line, charge_period, charge_what_came_on_top
from bookings.models import Booking, Period
from core import clock
from core.db import lock, save


def settle(booking: Booking, change: Change, by: User) -> None:
    """Writes the periods as the change has them; once the keys are given, the ledger follows them line by line."""
    charged = booking.state != Booking.State.RESERVED
    if charged and booking.account:
        lock(booking.account)
    for stretch in sorted(change.after, key=lambda one: not one.given_up):  # what is given up makes room first
        former = stretch.period
        period = former or Period(platform=booking.platform, booking=booking, awaits_signature=charged, agreed_by=by)
        total = period.total if former else None
        period.starts_at, period.ends_at, period.tariff = stretch.starts_at, stretch.ends_at, stretch.tariff
        period.quote, period.total = stretch.quote.as_json(), stretch.quote.total
        if stretch.given_up:
            period.given_up_at, period.awaits_signature = clock.now(), False
        save(period)
        if charged and (former is None or total != period.total):
            charge_period(booking, period, by, reason="Changement de dates")
    for sort, line in change.on_top:
        charge_line(booking, sort, line, clock.now(), by)
    booking.starts_at, booking.ends_at = change.starts_at, change.ends_at
    save(booking, "starts_at", "ends_at")


def settle_return(booking: Booking, by: User) -> None:
    """The loan is over: what of the rent is not due any more is given back, what came on top is charged."""
    back_at = brought_back_at(booking)
    if back_at is not None and back_at < booking.ends_at:
        rent_ends(booking, back_at, by)
    charge_what_came_on_top(booking, by)
    deposit.no_longer_expected(booking.account, "Véhicule rendu")


def rent_ends(booking: Booking, at: dt.datetime, by: User) -> Change:
    """The rent stops then, before the agreed end; what the tariff keeps stays due."""
    change = changes.early_return(booking, at)
    settle(booking, change, by)
    return change
