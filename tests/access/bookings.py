from typing import Any

from bookings.models import Booking
from tests.access import FORBIDDEN, OK, row
from tests.access.world import World, participant, vehicle
from tests.bookings.factories import AssignmentFactory, PeriodFactory


def loan(world: World) -> Booking:
    """Ana's, promised."""
    ana = world.get(participant)
    assignment = AssignmentFactory(
        booking__platform=world.platform, booking__participant=ana, vehicle=world.get(vehicle)
    )
    PeriodFactory(booking=assignment.booking)
    return assignment.booking


DESK: dict[str, Any] = {"staff": OK, "accountant": FORBIDDEN}

ROWS = [
    row("GET", "bookings:board", staff=OK),
    row("GET", "bookings:bookings", staff=OK),
    row("GET", "bookings:booking", {"pk": loan}, staff=OK),
    *(row(method, "bookings:book", **DESK) for method in ("GET", "POST")),
    row("POST", "bookings:find_participant", **DESK),
    row("POST", "bookings:new_participant", **DESK),
    *(row(method, "bookings:record", **DESK) for method in ("GET", "POST")),
    *(
        row(method, f"bookings:{verb}", {"pk": loan}, **DESK)
        for verb in ("cancel", "close", "replace_vehicle", "correct_vehicle")
        for method in ("GET", "POST")
    ),
    row("POST", "bookings:rehouse", {"pk": loan}, **DESK),
    row("GET", "api:booking-list", staff=OK),
    row("POST", "api:booking-list", staff=OK, outsiders=OK),
    row("GET", "api:booking-detail", {"pk": loan}, staff=OK, participant=OK),
    row("POST", "api:booking-record", staff=OK, outsiders=OK),
    *(
        row("POST", f"api:booking-{verb}", {"pk": loan}, data=data, participant=FORBIDDEN, **DESK)
        for verb, data in (("cancel", {"reason": "Essai"}), ("close", {"reason": "Essai"}))
    ),
    *(
        row("POST", f"api:booking-{verb}", {"pk": loan}, staff=OK, participant=OK)
        for verb in ("replace-vehicle", "correct-vehicle", "rehouse", "report-problem")
    ),
]
