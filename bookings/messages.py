"""What the participant is told, in plain French (A2): one idea a sentence, the platform's number at the end.

By SMS when they have a telephone, else by mail (see `outbox.tell`); a participant with neither is told by the staff.
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import ParamSpec
from zoneinfo import ZoneInfo

from django.utils import timezone

from bookings.models import Booking
from core import clock, outbox, words
from fleet.models import Kind, Site, Vehicle

LINK_DAYS = 60
NOTHING = Decimal(0)
P = ParamSpec("P")

THE = {
    Kind.CAR: "la voiture",
    Kind.VAN: "l’utilitaire",
    Kind.MICROCAR: "la voiturette",
    Kind.MOPED: "le scooter",
    Kind.MOTORCYCLE_125: "le scooter 125",
    Kind.E_BIKE: "le vélo électrique",
    Kind.BIKE: "le vélo",
}


def the_vehicle(kind: str) -> str:
    """« la voiture », « le scooter »: how a participant calls it."""
    return THE[Kind(kind)]


def in_its_zone(say: Callable[P, None]) -> Callable[P, None]:
    """Hours are those of the platform’s wall clock, whatever the clock of the program or worker that speaks."""

    @wraps(say)
    def said(*args: P.args, **kwargs: P.kwargs) -> None:
        with timezone.override(ZoneInfo(args[0].platform.time_zone)):  # type: ignore[attr-defined]
            say(*args, **kwargs)

    return said


def on(moment: dt.datetime) -> str:
    """« mardi 3 mars à 18 h »: never « demain », for a message is read later than it is written."""
    return f"{words.calendar_day(moment, with_year=False)} à {words.hour(moment)}"


@in_its_zone
def promised(booking: Booking, vehicle: Vehicle) -> None:
    tell(
        booking,
        "promised",
        f"Bonjour {booking.participant.first_name}. Nous vous prêtons {the_vehicle(booking.kind)} "
        f"du {on(booking.starts_at)} au {on(booking.ends_at)}. Venez à : {vehicle.site}. "
        f"Apportez votre pièce d’identité et votre permis. Votre page : {outbox.LINK}",
    )


@in_its_zone
def handed_over(booking: Booking) -> None:
    """Of a recurring loan once, with its first keys."""
    if others_of_series(booking, Booking.State.ACTIVE, Booking.State.RETURNED):
        return
    tell(
        booking,
        "handed-over",
        f"Bonne route {booking.participant.first_name} ! Vous rendez {the_vehicle(booking.kind)} "
        f"le {on(booking.ends_at)}. Votre page, en cas de panne ou de question : {outbox.LINK}",
        once_per=clock.now().isoformat(),
    )


def returned(booking: Booking) -> None:
    """Of a recurring loan once, when nothing of it is to come."""
    if others_of_series(booking, Booking.State.RESERVED, Booking.State.ACTIVE):
        return
    tell(
        booking,
        "returned",
        f"Bonjour {booking.participant.first_name}. Vous avez rendu {the_vehicle(booking.kind)}. Merci ! "
        f"Vos papiers et vos paiements : {outbox.LINK}",
    )


@in_its_zone
def cancelled(booking: Booking, cost: Decimal = NOTHING) -> None:
    others = " Les autres jours ne changent pas." if others_of_series(booking, Booking.State.RESERVED) else ""
    tell(
        booking,
        "cancelled",
        f"Bonjour {booking.participant.first_name}. "
        f"{'Votre prêt' if booking.account_id else 'Votre demande de prêt'} ({the_vehicle(booking.kind)}, "
        f"du {on(booking.starts_at)}) est annulé{'' if booking.account_id else 'e'}.{others} "
        f"{f'Cela coûte {words.euros(cost)}. ' if cost else ''}Une question ? Appelez-nous.",
    )


def vehicle_changed(booking: Booking, vehicle: Vehicle, at: dt.datetime) -> None:
    """Of a recurring loan once a day for each new vehicle, however many of its nights get it."""
    is_recurring = booking.series_id is not None
    tell(
        booking,
        "vehicle-changed",
        f"Bonjour {booking.participant.first_name}. Votre véhicule change. Le nouveau : {vehicle.label} "
        f"{vehicle.plate or vehicle.fleet_number}. Il vous attend à : {vehicle.site}. Votre page : {outbox.LINK}",
        once_per=f"{vehicle.pk}:{at.date()}" if is_recurring else at.isoformat(),
        of=f"series:{booking.series_id}" if is_recurring else "",
    )


@in_its_zone
def site_changed(booking: Booking, site: Site, at: dt.datetime) -> None:
    tell(
        booking,
        "site-changed",
        f"Bonjour {booking.participant.first_name}. Vous venez chercher {the_vehicle(booking.kind)} "
        f"à un autre endroit : {site}. C’est le {on(booking.starts_at)}. Votre page : {outbox.LINK}",
        once_per=at.isoformat(),
    )


def others_of_series(booking: Booking, *states: str) -> bool:
    """Another loan of the same series is in one of these states."""
    if booking.series_id is None:
        return False
    return Booking.objects.filter(series=booking.series_id, state__in=states).exclude(pk=booking.pk).exists()


def tell(
    booking: Booking,
    what: str,
    text: str,
    *,
    once_per: str = "",
    path: str = "/moi/",
    of: str = "",
    useful_until: dt.datetime | None = None,
) -> None:
    """Puts the message in the outbox, once for each `what` (and `once_per`) of a loan, or of what `of` names; from
    `useful_until` on it does not leave any more."""
    participant, platform = booking.participant, booking.platform
    signature = f" {platform.name}" + (f", {words.phone(platform.phone)}" if platform.phone else "")
    link = {"user_id": participant.user_id, "purpose": "person", "path": path, "days": LINK_DAYS}
    named = {
        "key": f"{of or f'booking:{booking.pk}'}:{what}:{once_per}",
        "platform_id": booking.platform_id,
        "user_id": participant.user_id,
        "about": booking,
        "link": link,
        "useful_until": useful_until,
    }
    subject = f"Votre prêt, {platform.name}"
    outbox.tell(participant.phone, participant.email, subject, f"{text}{signature}", **named)
