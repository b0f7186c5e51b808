"""Loans whose dates change: a renewal that waits for its signature, wishes to keep the vehicle, an early end."""

import datetime as dt

from django.core.exceptions import ValidationError

from bookings.actions import ask_for_longer, refuse_wish, renew, shorten
from core import clock
from portal.demo.cast import World
from portal.demo.loans import Written, out_now

DAY = dt.timedelta(days=1)
WHY = ("Mon contrat est prolongé de deux semaines.", "Ma formation dure plus longtemps.", "")


def change_some(world: World, written: list[Written]) -> None:
    """Through the verbs themselves, on a few of the loans that are under way; what is refused is left as it is."""
    running = [one for one in out_now(written) if one.booking.ends_at > world.now + DAY]
    agent = world.desk[0]
    for number, one in enumerate(running[:5]):
        loan, person = one.booking, one.loan.participant.user
        later = clock.local_date(loan.ends_at, world.platform.time_zone) + 14 * DAY
        try:
            if number == 0:
                km = one.loan.vehicle.km + 180  # type: ignore[attr-defined]
                renew(loan, until=loan.ends_at + 14 * DAY, by=agent, declared_km=km, by_telephone=True)
            elif number in (1, 2):
                ask_for_longer(loan, until=later, by=person, reason=WHY[number - 1])
            elif number == 3:
                wish = ask_for_longer(loan, until=later, by=person)
                refuse_wish(wish, by=agent, reason="Quelqu’un d’autre attend ce véhicule.")
            else:
                shorten(loan, until=loan.ends_at - DAY, by=agent, reason="Fin de mission plus tôt")
        except ValidationError:
            continue
