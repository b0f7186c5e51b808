"""Requests that wait for an answer, and vehicles that are kept for somebody until theirs. One query for both."""

from django.urls import reverse

from accounts.models import Platform
from bookings.models import Booking
from bookings.requests.reads import OPEN, waits_for_words
from core import words
from portal.today.lines import SHOWN, Line

State = Booking.State


def requests(platform: Platform) -> list[Line]:
    """The oldest first; what waits for the person's papers stands on the page of requests alone."""
    loans = Booking.objects.filter(OPEN, platform=platform).exclude(state__in=[State.DRAFT, State.AWAITING_DOCUMENTS])
    loans = loans.select_related("participant", "request", "proposal__vehicle").order_by("created_at", "pk")
    return [line(loan) for loan in loans[: SHOWN + 1]]


def line(loan: Booking) -> Line:
    page = reverse("bookings:booking", args=[loan.pk])
    what = f"{loan.get_kind_display()} {words.span(loan.starts_at, loan.ends_at)}"
    if loan.is_request:
        return Line(str(loan.participant), what, page, "Répondre", tone="waiting", label="À approuver")
    proposal = getattr(loan, "proposal", None)
    to_tell = proposal is not None and proposal.told_at is None
    return Line(
        who=str(loan.participant),
        when=f"{what}, attend {waits_for_words(loan)}",
        url=page,
        verb="Proposer" if to_tell else "Voir",
        phone=loan.participant.phone,
        tone="soon",
        label="Véhicule gardé" if proposal else "Sous réserve",
        plate=proposal.vehicle.plate if proposal else "",
        vehicle=proposal.vehicle.fleet_number if proposal else "",
    )
