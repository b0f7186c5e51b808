"""A participant wishes to keep the vehicle: it stands on « Aujourd’hui » until the staff answers."""

import datetime as dt

from accounts.models import User
from bookings import perms
from bookings.changes import messages as change_messages
from bookings.models import Booking, Wish
from core import clock
from core.db import action, become, lock, refuse, require, save
from core.journal import record


@action
def ask_for_longer(booking: Booking, *, until: dt.date, by: User, reason: str = "") -> Wish:
    """Takes the place of what was asked before. Refuses with `wrong_state`, `not_longer`."""
    booking = lock(booking)
    require(perms.can_ask_for_longer(by, booking))
    if booking.state != Booking.State.ACTIVE:
        raise refuse("Ce prêt n’est pas en cours.", "wrong_state")
    if until <= clock.local_date(booking.ends_at, booking.platform.time_zone):
        raise refuse("Choisissez un jour après la fin de votre prêt.", "not_longer")
    for former in booking.wishes.filter(state=Wish.State.OPEN):
        become(former, Wish.State.REPLACED)
        save(former, "state")
    wish = save(Wish(platform_id=booking.platform_id, booking=booking, until=until, reason=" ".join(reason.split())))
    record(by, "booking.longer_asked", booking, until=until.isoformat())
    return wish


@action
def refuse_wish(wish: Wish, *, by: User, reason: str) -> Wish:
    """No, and why: the participant reads it in a message and on their page. Refuses `wrong_state`, `reason_missing`."""
    booking = lock(wish.booking)
    wish = lock(wish)
    require(perms.can_change(by, booking))
    if wish.state != Wish.State.OPEN:
        raise refuse(f"Cette demande a déjà sa réponse : {wish.get_state_display().lower()}.", "wrong_state")
    become(wish, Wish.State.REFUSED)
    wish.answered_at, wish.answered_by, wish.answer = clock.now(), by, " ".join(reason.split())
    save(wish)
    record(by, "booking.longer_refused", booking, until=wish.until.isoformat())
    change_messages.wish_refused(booking, wish)
    return wish


def grant_wishes(booking: Booking, by: User) -> None:
    """The loan was made longer: what was asked for is answered, wholly or in part. Step of `extend` and `renew`, whose
    message tells the participant."""
    for wish in booking.wishes.filter(state=Wish.State.OPEN):
        become(wish, Wish.State.GRANTED)
        wish.answered_at, wish.answered_by, wish.granted_until = clock.now(), by, booking.ends_at
        save(wish)
