"""A participant wishes to keep the vehicle: a line on the loan, until the staff decides."""

import datetime as dt

from accounts.models import User
from bookings import notes, perms
from bookings.models import Booking
from core import clock
from core.db import action, refuse, require
from core.journal import record
from core.models import Note
from core.words import calendar_day


@action
def ask_for_longer(booking: Booking, *, until: dt.date, by: User, reason: str = "") -> Note:
    """Stands on « Aujourd’hui » until the staff writes on that loan. Refuses with `wrong_state`, `not_longer`."""
    require(perms.can_ask_for_longer(by, booking))
    if booking.state != Booking.State.ACTIVE:
        raise refuse("Ce prêt n’est pas en cours.", "wrong_state")
    if until <= clock.local_date(booking.ends_at, booking.platform.time_zone):
        raise refuse("Choisissez un jour après la fin de votre prêt.", "not_longer")
    note = notes.put(booking, f"Voudrait garder le véhicule jusqu’au {calendar_day(until)}. {reason}", by)
    record(by, "booking.longer_asked", booking, until=until.isoformat())
    return note
