import datetime as dt
from typing import Any

from bookings.actions import book_series
from bookings.models import Booking, Series
from bookings.series.recurrence import Pattern
from core import clock
from pricing.models import Tariff, TariffBand
from tests.access import FORBIDDEN, OK, row
from tests.access.requests import asked
from tests.access.world import World, participant, vehicle


def nights(world: World) -> Series:
    """Ana's, from next week on."""
    begun = clock.today() - dt.timedelta(days=400)
    tariff = Tariff.objects.filter(platform=world.platform, kind="car", valid_until=None).first()
    tariff = tariff or Tariff.objects.create(platform=world.platform, name="3 €", kind="car", valid_from=begun)
    if not tariff.bands.exists():
        TariffBand.objects.create(platform=world.platform, tariff=tariff, day_price=3)
    first = clock.today() + dt.timedelta(days=1000)
    pattern = Pattern((0, 1, 2, 3, 4), dt.time(20), dt.time(6), first, first + dt.timedelta(days=13))
    return book_series(
        world.platform,
        participant=world.get(participant),
        vehicle=world.get(vehicle),
        pattern=pattern,
        by=world.people["coordinator"],
    )


def one_night(world: World) -> Booking:
    return world.get(nights).bookings.earliest("starts_at")


def wish(world: World) -> dict[str, Any]:
    who, what = world.get(participant).pk, world.get(vehicle).pk
    days = {"first_on": "2031-03-03", "last_on": "2031-03-14", "weekdays": [0]}
    return {"participant": who, "vehicle": what, "starts": "20:00", "ends": "06:00"} | days


def wish_of_kind(world: World) -> dict[str, Any]:
    return {name: value for name, value in wish(world).items() if name != "vehicle"} | {"kind": "car"}


# Whom the address does not name is unknown to them; Ana is known to herself, and may not ask here.
AS_KNOWN: dict[str, Any] = {"outsiders": 400, "participant": FORBIDDEN, "stranger": 400}
DESK: dict[str, Any] = {"staff": OK, "accountant": FORBIDDEN}

ROWS = [
    row("GET", "bookings:all_series", staff=OK),
    row("GET", "bookings:series", {"pk": nights}, staff=OK),
    *(row(method, "bookings:new_series", **DESK) for method in ("GET", "POST")),
    row("POST", "bookings:request_series", **DESK),
    *(row(method, "bookings:end_series", {"pk": nights}, **DESK) for method in ("GET", "POST")),
    row("POST", "bookings:drop_occurrence", {"pk": one_night}, **DESK),
    row("POST", "api:booking-request-series", data=wish_of_kind, **AS_KNOWN, **DESK),
    row("POST", "api:booking-approve-series", {"pk": asked}, participant=FORBIDDEN, **DESK),
    row("GET", "api:series-list", staff=OK),
    row("GET", "api:series-detail", {"pk": nights}, staff=OK, participant=OK),
    row("POST", "api:series-list", data=wish, outsiders=400, stranger=400, **DESK),
    row("POST", "api:series-preview", data=wish, outsiders=400, stranger=400, **DESK),
    row("POST", "api:series-end", {"pk": nights}, data={"reason": "Fin"}, participant=FORBIDDEN, **DESK),
]
