"""What a participant's wish to keep the vehicle means for pages. Reads only."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from bookings.models import Booking, Wish
from core import clock


def latest(booking: Booking) -> Wish | None:
    """The last wish for this loan, answered or not. One query."""
    return booking.wishes.exclude(state=Wish.State.REPLACED).first()


def change_address(wish: Wish) -> str:
    """The page of the renewal, filled in with the day that is wished, at the hour that was agreed for the return."""
    zone = timezone.get_current_timezone()
    until = clock.at(wish.until, timezone.localtime(wish.booking.ends_at).time(), zone)
    filled_in = urlencode({"until": until.strftime("%Y-%m-%dT%H:%M")})
    return f"{reverse('bookings:renew', args=[wish.booking_id])}?{filled_in}"
