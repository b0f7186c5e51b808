"""What goes on around a loan: preparation, lateness, papers, what the platform sets; and the yard."""

import datetime as dt
from typing import Any

from bookings.models import Booking, Clause, Period, RecoveryStep, ReminderStep
from core import clock
from fleet.models import Hold
from tests.access import FORBIDDEN, HIDDEN, OK, row
from tests.access.bookings import DESK, contract, loan
from tests.access.world import World, participant, site, vehicle
from tests.bookings.factories import AssignmentFactory, PeriodFactory
from tests.factories import HoldFactory, SiteFactory

YEAR = dt.timedelta(days=365)


def displaced_loan(world: World) -> Booking:
    one = AssignmentFactory(
        booking__platform=world.platform, booking__participant=world.get(participant), displaced=True,
        booking__starts_at=clock.now(), booking__ends_at=clock.now() + YEAR,
    )  # fmt: skip
    PeriodFactory(booking=one.booking)
    return one.booking


def step(world: World) -> RecoveryStep:
    """Somebody called; the paper of it was kept."""
    signed = world.get(contract)
    return RecoveryStep.objects.create(
        platform=world.platform, booking=world.get(loan), sort="complaint", document=signed.contract,
        by=world.people["adviser"],
    )  # fmt: skip


def reminder(world: World) -> ReminderStep:
    return ReminderStep.objects.create(platform=world.platform, unit="hours", offset=1, text="Bonjour")


def clause(world: World) -> Clause:
    return Clause.objects.create(platform=world.platform, part="duty", text="Oui.", valid_from=clock.today())


def signed(world: World) -> Period:
    period = world.get(contract)
    period.signed_copy = period.contract
    period.save()
    return period


def transfer(world: World) -> Hold:
    now = clock.now()
    return HoldFactory(
        vehicle=world.get(vehicle), purpose="transfer", to_site=SiteFactory(platform=world.platform),
        starts_at=now + 2 * YEAR, ends_at=now + 3 * YEAR,
    )  # fmt: skip


def other_site(world: World) -> dict[str, Any]:
    return {"site": world.get(site).pk}


COORDINATORS: dict[str, Any] = {"staff": FORBIDDEN}
ON_LOAN = {"pk": loan}

ROWS = [
    row("GET", "bookings:displaced", staff=OK),
    *(row(method, "bookings:alternatives", {"pk": displaced_loan}, **DESK) for method in ("GET", "POST")),
    row("GET", "bookings:prepare", ON_LOAN, **DESK),
    row("POST", "bookings:tick", ON_LOAN | {"item": "papers"}, **DESK),
    row("POST", "bookings:untick", ON_LOAN | {"item": "papers"}, **DESK),
    *(row(method, "bookings:meet_at", ON_LOAN, **DESK) for method in ("GET", "POST")),
    row("GET", "bookings:summary", ON_LOAN, staff=OK, participant=OK, garage=HIDDEN, nobody=HIDDEN),
    row("GET", "bookings:signed_copy", {"pk": signed}, staff=OK, participant=OK, garage=HIDDEN, nobody=HIDDEN),
    *(row(method, "bookings:attach_signed_copy", {"pk": contract}, **DESK) for method in ("GET", "POST")),
    row("GET", "bookings:recovery", ON_LOAN, staff=OK),
    row("POST", "bookings:contact_made", ON_LOAN, **DESK),
    row("POST", "bookings:write_letter", ON_LOAN, **DESK),
    row("POST", "bookings:add_proof", {"pk": step}, **DESK),
    row("GET", "bookings:recovery_paper", {"pk": step, "which": "lettre"}, staff=OK),
    row("GET", "bookings:reminders", staff=OK),
    row("POST", "bookings:reminders", **COORDINATORS),
    *(row(method, "bookings:new_reminder", **COORDINATORS) for method in ("GET", "POST")),
    *(row(method, "bookings:change_reminder", {"pk": reminder}, **COORDINATORS) for method in ("GET", "POST")),
    row("POST", "bookings:drop_reminder", {"pk": reminder}, **COORDINATORS),
    row("GET", "bookings:clauses", staff=OK),
    *(row(method, "bookings:new_clause", **COORDINATORS) for method in ("GET", "POST")),
    *(
        row(method, f"bookings:{verb}", {"pk": clause}, **COORDINATORS)
        for verb in ("reword_clause", "end_clause")
        for method in ("GET", "POST")
    ),
    row("POST", "fleet:ready", {"pk": vehicle}, **DESK),
    *(row(method, "fleet:plan_transfer", {"pk": vehicle}, **DESK) for method in ("GET", "POST")),
    row("POST", "fleet:transfer_done", {"pk": transfer}, **DESK),
    # --- the API
    row("GET", "api:booking-preparation", ON_LOAN, staff=OK, participant=OK),
    row("GET", "api:booking-summary", ON_LOAN, staff=OK, participant=OK),
    row("GET", "api:booking-alternatives", {"pk": displaced_loan}, staff=OK, participant=OK),
    *(
        row("POST", f"api:booking-{verb}", ON_LOAN, data=data, participant=FORBIDDEN, **DESK)
        for verb, data in (
            ("tick", {"item": "papers"}),
            ("untick", {"item": "papers"}),
            ("contact-made", {"sort": "call", "result": "reached"}),
            ("write-letter", {"back_by": "2030-01-01"}),
        )
    ),
    row("POST", "api:booking-meet-at", ON_LOAN, data=other_site, participant=OK, **DESK),
    row("POST", "api:booking-attach-signed-copy", ON_LOAN, staff=OK, participant=OK),  # asks what first
    row("GET", "api:recovery_step-list", staff=OK),
    row("GET", "api:recovery_step-detail", {"pk": step}, staff=OK),
    row("GET", "api:recovery_step-paper", {"pk": step}, staff=OK),
    row("POST", "api:recovery_step-add-proof", {"pk": step}, data={"number": "1A"}, **DESK),
    row("GET", "api:reminder-list", staff=OK),
    row("GET", "api:reminder-detail", {"pk": reminder}, staff=OK),
    row(
        "POST", "api:reminder-list", data={"unit": "hours", "offset": 2, "text": "Oui"}, staff=FORBIDDEN,
    ),
    row("POST", "api:reminder-change", {"pk": reminder}, data={"unit": "hours", "offset": 2, "text": "Oui"},
        **COORDINATORS),
    row("POST", "api:reminder-drop", {"pk": reminder}, **COORDINATORS),
    row("POST", "api:reminder-hours", data={"is_on": True, "speaks_from": "08:00", "speaks_until": "19:00"},
        staff=FORBIDDEN),
    row("GET", "api:clause-list", staff=OK),
    row("GET", "api:clause-detail", {"pk": clause}, staff=OK),
    row("POST", "api:clause-list", data={"part": "duty", "text": "Oui."}, staff=FORBIDDEN),
    row("POST", "api:clause-reword", {"pk": clause}, data={"text": "Non."}, **COORDINATORS),
    row("POST", "api:clause-end", {"pk": clause}, **COORDINATORS),
    row("POST", "api:vehicle-ready", {"pk": vehicle}, **DESK),
    row("POST", "api:vehicle-plan-transfer", {"pk": vehicle}, staff=OK),  # asks where first
    row("POST", "api:hold-arrived", {"pk": transfer}, **DESK),
]  # fmt: skip
