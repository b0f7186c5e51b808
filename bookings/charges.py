"""What a loan puts on its account: the rent when the keys leave, what came on top when they are back.

Steps: their caller has checked who may, and journals.
"""

import datetime as dt

from accounts.models import User
from bookings.changes.values import together
from bookings.models import Booking, Period
from core import clock
from fleet.models import OdometerReading
from pricing import ledger
from pricing.models import Charge
from pricing.tariffs import STARTED_24H, Line, Quote, late_days


def charge_rent(booking: Booking, by: User) -> None:
    """The rent of each period, as it was quoted, due on the period's last day."""
    for period in booking.periods.standing():
        charge_period(booking, period, by)


def charge_period(booking: Booking, period: Period, by: User, *, reason: str = "") -> None:
    """The rent of this period, in the place of what was charged for it before: that is reversed, never edited."""
    due_on = clock.local_date(period.ends_at, booking.platform.time_zone)
    agreed = Quote.from_json(period.quote)
    former = list(period.charges.all())
    charges = ledger.charge_instead(former, agreed, booking.account, due_on=due_on, by=by, reason=reason)
    period.charges.add(*charges)


def charge_line(booking: Booking, sort: str, line: Line, at: dt.datetime, by: User) -> Charge:
    """One line that is due on the day of `at`."""
    return ledger.charge(
        booking.account,
        sort=sort,
        label=line.label,
        quantity=line.quantity,
        unit_price=line.unit_price,
        due_on=clock.local_date(at, booking.platform.time_zone),
        by=by,
    )


def charge_what_came_on_top(booking: Booking, by: User) -> None:
    """Started late days and kilometres above the allowance, as agreed; nothing of a loan whose keys never left."""
    at = brought_back_at(booking)
    if at is None:
        return
    agreed = whole_agreement(booking)
    late = late_days(booking.ends_at, at, booking.platform.time_zone)
    lines = zip((Charge.Sort.LATE, Charge.Sort.EXCESS_KM), agreed.on_top(late, kilometres_driven(booking)), strict=True)
    for sort, line in lines:
        if line is not None:
            charge_line(booking, sort, line, at, by)


def whole_agreement(booking: Booking) -> Quote:
    """What was agreed for all periods of the loan."""
    periods = [period for period in booking.periods.all() if period.quote]
    if not periods:
        return Quote(days=0, lines=(), rule=STARTED_24H)
    standing = [period for period in periods if period.given_up_at is None]
    return together([Quote.from_json(one.quote) for one in periods], Quote.from_json(standing[-1].quote))


def brought_back_at(booking: Booking) -> dt.datetime | None:
    """When the vehicle whose keys were given last came back: a first one that was replaced is ours to fetch, in our
    own time."""
    back = booking.assignments.filter(hold__back_at__isnull=False).order_by("hold__out_at", "pk")
    return back.values_list("hold__back_at", flat=True).last()


def kilometres_driven(booking: Booking) -> int | None:
    """What the counters say was driven, from each key given to each key back; None when one of them could not tell."""
    served = booking.assignments.filter(hold__back_at__isnull=False)
    trips = list(served.values_list("vehicle_id", "hold__out_at", "hold__back_at"))
    readings = OdometerReading.objects.filter(
        vehicle__in=[vehicle for vehicle, _, _ in trips],
        read_at__in=[moment for _, *moments in trips for moment in moments],
        state=OdometerReading.State.ACCEPTED,
    )
    read = {(vehicle, at): km for vehicle, at, km in readings.order_by("pk").values_list("vehicle_id", "read_at", "km")}
    total = 0
    for vehicle, out_at, back_at in trips:
        out, back = read.get((vehicle, out_at)), read.get((vehicle, back_at))
        if out is None or back is None:
            return None
        total += max(back - out, 0)
    return total if trips else None
