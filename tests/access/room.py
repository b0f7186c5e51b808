"""Room for one more loan, and vehicles that are kept for theirs."""

from typing import Any

from bookings.models import Assignment
from tests.access import FORBIDDEN, HIDDEN, OK, row
from tests.access.bookings import DESK, loan
from tests.access.world import World, participant, vehicle


def promised(world: World) -> Assignment:
    return world.get(loan).assignments.get()


def wish(world: World) -> dict[str, Any]:
    dates = {"starts_at": "2031-03-02T09:00:00Z", "ends_at": "2031-03-03T09:00:00Z"}
    return dates | {"participant": world.get(participant).pk, "kind": "car", "vehicle": world.get(vehicle).pk}


def this_one(world: World) -> dict[str, Any]:
    return {"assignment": world.get(promised).pk}


ROWS = [
    *(row(method, "bookings:make_room", **DESK) for method in ("GET", "POST")),
    *(row("POST", f"bookings:{verb}", {"pk": loan, "assignment": promised}, **DESK) for verb in ("pin", "unpin")),
    row("POST", "api:booking-find-room", data=wish, outsiders=OK, stranger=OK, participant=FORBIDDEN, **DESK),
    row("POST", "api:booking-make-room", data=lambda world: wish(world) | {"moves": []}, outsiders=OK, **DESK),
    *(
        row("POST", f"api:booking-{verb}", {"pk": loan}, data=this_one, outsiders=HIDDEN, participant=FORBIDDEN, **DESK)
        for verb in ("pin", "unpin")
    ),
]
