"""What the participant is told of a parking charge or a toll that was theirs."""

from decimal import Decimal

from bookings.messages import tell
from bookings.models import Booking
from core import outbox, words


def passed_on(booking: Booking, what: str, amount: Decimal, number: int) -> None:
    """The platform paid it in their place."""
    tell(
        booking,
        "passed-on",
        f"Bonjour {booking.participant.first_name}. Nous avons payé pour vous : {what}, {words.euros(amount)}. "
        f"Ce montant est à nous rembourser. Votre compte : {outbox.LINK}",
        once_per=str(number),
    )
