"""Requests and the waiting list."""

from typing import Any

from bookings.models import Booking, LoanRequest, Proposal, WaitingEntry
from core import clock
from tests.access import FORBIDDEN, OK, own_page, row
from tests.access.bookings import DESK
from tests.access.portal import ONLY_ANA, own
from tests.access.world import World, participant, vehicle
from tests.bookings.factories import AssignmentFactory, BookingFactory, PeriodFactory


def asked(world: World) -> Booking:
    """Ana's request, waiting for its answer."""
    ana = world.get(participant)
    loan = BookingFactory(
        platform=world.platform, participant=ana, account=None, state=Booking.State.AWAITING_APPROVAL
    )  # fmt: skip
    LoanRequest.objects.create(
        platform=world.platform, booking=loan, asked_by=ana.user, submitted_at=clock.now(), papers=["identity"],
        papers_asked_at=clock.now(), why="Je commence à travailler",
    )  # fmt: skip
    return loan


def entry(world: World) -> WaitingEntry:
    """Ana's place on the list."""
    ana = world.get(participant)
    return WaitingEntry.objects.create(
        platform=world.platform, participant=ana, programme=ana.programme, kind="car", earliest_at=clock.now(), days=7,
        created_by=world.people["adviser"],
    )  # fmt: skip


def proposal(world: World) -> Proposal:
    """What is kept for Ana, and she knows."""
    waiting = world.get(entry)
    kept = AssignmentFactory(
        booking__platform=world.platform,
        booking__participant=waiting.participant,
        booking__promised_until=clock.now() + waiting.length,
        vehicle=world.get(vehicle),
        booking__starts_at=clock.now() + 300 * waiting.length,
        booking__ends_at=clock.now() + 301 * waiting.length,
    )
    PeriodFactory(booking=kept.booking)
    return Proposal.objects.create(
        platform=world.platform, entry=waiting, booking=kept.booking, vehicle=kept.vehicle, told_at=clock.now()
    )


POLICY = {
    "participants_may_ask": True,
    "offers_by_itself": False,
    "answer_hours": 24,
    "order": ["age", "work", "audience"],
    "priority_audiences": [],
}
DATES = {"starts_at": "2030-01-07T09:00:00+01:00", "ends_at": "2030-01-14T09:00:00+01:00", "kind": "car"}
OTHER_DATES = {"earliest_at": "2030-01-07T09:00:00+01:00", "days": 7}
COORDINATED: dict[str, Any] = {"staff": FORBIDDEN}

ROWS = [
    row("GET", "bookings:requests", staff=OK),
    row("GET", "bookings:waiting", staff=OK),
    row("GET", "bookings:booking", {"pk": asked}, staff=OK),
    *(
        row(method, f"bookings:{name}", **DESK)
        for name in ("request_loan", "join_waiting_list")
        for method in ("GET", "POST")
    ),
    *(
        row(method, f"bookings:{verb}", {"pk": asked}, **DESK)
        for verb in ("approve", "refuse_request", "ask_for_documents", "change_request", "wait_for_vehicle")
        for method in ("GET", "POST")
    ),
    *(row("POST", f"bookings:{verb}", {"pk": asked}, **DESK) for verb in ("submit", "confirm")),
    *(
        row(method, f"bookings:{verb}", {"pk": entry}, **DESK)
        for verb in ("propose", "leave_waiting_list", "change_waiting")
        for method in ("GET", "POST")
    ),
    *(
        row("POST", f"bookings:{verb}", {"pk": proposal}, **DESK)
        for verb in ("offer", "accept_proposal", "decline_proposal")
    ),
    *(row(method, "bookings:request_policy", **COORDINATED) for method in ("GET", "POST")),
    row("POST", "api:booking-request-loan", staff=OK, outsiders=OK),  # asks what first
    *(
        row("POST", f"api:booking-{verb}", {"pk": asked}, data=data, participant=FORBIDDEN, **DESK)
        for verb, data in (
            ("submit", {}),
            ("ask-for-documents", {"documents": ["identity"]}),
            ("approve", {}),
            ("refuse", {"reason": "full"}),
            ("confirm", {}),
            ("wait", {}),
        )
    ),
    row("POST", "api:booking-change-request", {"pk": asked}, staff=OK, participant=OK),  # asks what first
    row("GET", "api:waiting_entry-list", staff=OK),
    row("POST", "api:waiting_entry-list", staff=OK, outsiders=OK),
    row("GET", "api:waiting_entry-detail", {"pk": entry}, staff=OK, participant=OK),
    row("GET", "api:waiting_entry-places", staff=OK, outsiders=FORBIDDEN),
    row("POST", "api:waiting_entry-propose", {"pk": entry}, staff=OK, participant=OK),
    row("POST", "api:waiting_entry-change", {"pk": entry}, data=OTHER_DATES, participant=FORBIDDEN, **DESK),
    row("POST", "api:waiting_entry-leave", {"pk": entry}, data={"reason": "Essai"}, participant=OK, **DESK),
    row("GET", "api:proposal-list", staff=OK),
    row("GET", "api:proposal-detail", {"pk": proposal}, staff=OK, participant=OK),
    row("POST", "api:proposal-offer", {"pk": proposal}, participant=FORBIDDEN, **DESK),
    *(row("POST", f"api:proposal-{verb}", {"pk": proposal}, participant=OK, **DESK) for verb in ("accept", "decline")),
    row("GET", "api:request_policy-list", staff=OK),
    row("POST", "api:request_policy-list", data=POLICY, staff=FORBIDDEN),
    *(own_page(method, "portal:ask", participant=FORBIDDEN, **ONLY_ANA) for method in ("GET", "POST")),
    own("POST", "portal:withdraw", {"pk": asked}),
    own("POST", "portal:accept", {"pk": proposal}),
    own("POST", "portal:decline", {"pk": proposal}),
    own("POST", "portal:leave", {"pk": entry}),
    row("GET", "api:availability-list", data=DATES, outsiders=FORBIDDEN, **DESK),
]
