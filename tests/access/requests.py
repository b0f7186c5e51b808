"""Requests and the waiting list."""

from typing import Any

from bookings.models import Booking, LoanRequest, Proposal, WaitingEntry
from core import clock
from tests.access import FORBIDDEN, OK, row
from tests.access.bookings import DESK
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
        for verb in ("propose", "leave_waiting_list")
        for method in ("GET", "POST")
    ),
    *(
        row("POST", f"bookings:{verb}", {"pk": proposal}, **DESK)
        for verb in ("offer", "accept_proposal", "decline_proposal")
    ),
    *(row(method, "bookings:request_policy", **COORDINATED) for method in ("GET", "POST")),
]
