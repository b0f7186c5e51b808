"""What the participant is told when the dates of their loan change: once a change, in plain French."""

from decimal import Decimal

from bookings.changes.values import Change
from bookings.messages import in_its_zone, on, tell, the_vehicle
from bookings.models import Booking, Wish
from core import clock, outbox, words

SIGN = "/moi/signer/"


def price_words(difference: Decimal) -> str:
    if difference > 0:
        return f"C’est {words.euros(difference)} de plus à payer."
    if difference < 0:
        return f"C’est {words.euros(-difference)} de moins à payer."
    return "Le prix ne change pas."


def said(booking: Booking, what: str, text: str, *, path: str = "/moi/") -> None:
    tell(booking, what, text, once_per=clock.now().isoformat(), path=path)


@in_its_zone
def extended(booking: Booking, change: Change) -> None:
    said(
        booking,
        "extended",
        f"Bonjour {booking.participant.first_name}. Vous gardez {the_vehicle(booking.kind)} jusqu’au "
        f"{on(booking.ends_at)}. {price_words(change.difference)} Votre page : {outbox.LINK}",
    )


@in_its_zone
def renewed(booking: Booking, change: Change, *, by_telephone: bool = True) -> None:
    sign = f"Signez ici, s’il vous plaît : {outbox.LINK}" if by_telephone else f"Votre page : {outbox.LINK}"
    said(
        booking,
        "renewed",
        f"Bonjour {booking.participant.first_name}. Votre prêt continue : vous gardez {the_vehicle(booking.kind)} "
        f"jusqu’au {on(booking.ends_at)}. {price_words(change.difference)} {sign}",
        path=SIGN if by_telephone else "/moi/",
    )


@in_its_zone
def wish_refused(booking: Booking, wish: Wish) -> None:
    said(
        booking,
        "wish-refused",
        f"Bonjour {booking.participant.first_name}. Vous ne pouvez pas garder {the_vehicle(booking.kind)} plus "
        f"longtemps : {wish.answer.rstrip('. ')}. La date du retour ne change pas : le {on(booking.ends_at)}. "
        "Une question ? Appelez-nous.",
    )


@in_its_zone
def shortened(booking: Booking, change: Change) -> None:
    back = f"Rendez {the_vehicle(booking.kind)} le" if booking.state == Booking.State.ACTIVE else "Il finit le"
    said(
        booking,
        "shortened",
        f"Bonjour {booking.participant.first_name}. Votre prêt est plus court. {back} {on(booking.ends_at)}. "
        f"{price_words(change.difference)} Votre page : {outbox.LINK}",
    )


@in_its_zone
def moved(booking: Booking, change: Change) -> None:
    site = f" Venez à : {change.vehicle.site}." if change.vehicle else ""
    said(
        booking,
        "moved",
        f"Bonjour {booking.participant.first_name}. Les dates de votre prêt changent. Nous vous prêtons "
        f"{the_vehicle(booking.kind)} du {on(booking.starts_at)} au {on(booking.ends_at)}.{site} "
        f"{price_words(change.difference)} Votre page : {outbox.LINK}",
    )
