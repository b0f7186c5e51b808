"""The participant's own dates in the agenda of their phone."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from bookings.actions import make_feed
from bookings.models import CalendarFeed
from bookings.views.feeds import addresses_of
from core.web import page
from participants.models import Participant
from portal.views.me import own


@require_http_methods(["GET", "HEAD", "POST"])
@own
def agenda(request: HttpRequest, participant: Participant) -> HttpResponse:
    """What it is and one button; then the address, shown once, and those that stand already."""
    addresses: dict[str, str] = {}
    if request.method == "POST":
        _, secret = make_feed(
            participant.platform, of=CalendarFeed.Of.PARTICIPANT, participant=participant, by=request.user
        )
        addresses = addresses_of(secret)
    feeds = list(CalendarFeed.objects.standing().filter(owner=request.user, participant=participant))
    return page(request, "portal/me_agenda.html", {"platform": participant.platform, "feeds": feeds} | addresses)
