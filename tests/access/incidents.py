import datetime as dt
from decimal import Decimal
from typing import Any

from bookings.models import CasePaper, Fine, Incident, Trip, UnreturnedLoan
from core import clock
from core.files import store_photo
from tests.access import FORBIDDEN, OK, row
from tests.access.bookings import loan
from tests.access.world import World, site, vehicle
from tests.bookings.factories import AssignmentFactory
from tests.bookings.reports import picture

HOUR = dt.timedelta(hours=1)


def incident(world: World) -> Incident:
    """An accident during Ana's loan."""
    return Incident.objects.create(
        platform=world.platform,
        vehicle=world.get(vehicle),
        booking=world.get(loan),
        sort="accident",
        happened_at=clock.now(),
        known_on=clock.today(),
        due_on=clock.today(),
        due_step="insure",
        reported_by=world.people["adviser"],
    )


def fine(world: World) -> Fine:
    return Fine.objects.create(
        platform=world.platform,
        vehicle=world.get(vehicle),
        sort="offence",
        number="6400001",
        sent_on=clock.today(),
        offence_at=clock.now(),
        amount=Decimal(135),
        due_on=clock.today(),
        due_step="designate",
        noted_by=world.people["adviser"],
    )


def paper(world: World, **case: Any) -> Any:
    file = store_photo(picture(), platform_id=world.platform.pk, by=None)
    CasePaper.objects.create(platform=world.platform, sort="photo", file=file, added_by=world.people["adviser"], **case)
    return file


def incident_paper(world: World) -> Any:
    return paper(world, incident=world.get(incident))


def fine_paper(world: World) -> Any:
    return paper(world, fine=world.get(fine))


def trip(world: World) -> Trip:
    return Trip.objects.create(
        platform=world.platform,
        vehicle=world.get(vehicle),
        driver=world.people["adviser"],
        starts_at=clock.now() - 2 * HOUR,
        ends_at=clock.now() - HOUR,
        noted_by=world.people["adviser"],
    )


def lost_vehicle(world: World) -> Any:
    """Ana's vehicle, stolen."""
    gone = AssignmentFactory(booking__platform=world.platform, vehicle__site=world.get(site), out=True)
    UnreturnedLoan.objects.create(
        platform=world.platform,
        booking=gone.booking,
        assignment=gone,
        why="stolen",
        since=gone.starts_at,
        rent_until=gone.starts_at.date(),
        noted_by=world.people["adviser"],
    )
    return gone.vehicle


DESK: dict[str, Any] = {"staff": OK, "accountant": FORBIDDEN}
MONEY: dict[str, Any] = {"staff": FORBIDDEN, "accountant": OK}
ON = {"on": "2026-03-02"}

ROWS = [
    *(row("GET", f"bookings:{name}", staff=OK) for name in ("incidents", "fines", "trips")),
    *(
        row(method, f"bookings:{name}", **DESK)
        for name in ("open_incident", "record_fine", "note_trip")
        for method in ("GET", "POST")
    ),
    *(row(method, "bookings:incident_policy", staff=FORBIDDEN) for method in ("GET", "POST")),
    row("GET", "bookings:cases_of_vehicle", {"pk": vehicle}, staff=OK),
    row("GET", "bookings:incident", {"pk": incident}, staff=OK),
    row("GET", "bookings:fine", {"pk": fine}, staff=OK),
    row("GET", "bookings:incident_file", {"pk": incident, "file": incident_paper}, staff=OK),
    row("GET", "bookings:fine_file", {"pk": fine, "file": fine_paper}, staff=OK),
    row("GET", "bookings:fine_sheet", {"pk": fine}, **DESK),
    *(
        row(method, f"bookings:incident_{verb}", {"pk": incident}, **DESK)
        for verb in ("complete", "paper", "complaint", "declare", "fetch", "close")
        for method in ("GET", "POST")
    ),
    *(
        row(method, f"bookings:fine_{verb}", {"pk": fine}, **DESK)
        for verb in ("driver", "designate", "notice", "contest", "withdraw", "paper")
        for method in ("GET", "POST")
    ),
    *(row(method, "bookings:fine_pay", {"pk": fine}, **MONEY) for method in ("GET", "POST")),
    row("POST", "bookings:fine_rebill", {"pk": fine}, staff=OK, fleet_manager=FORBIDDEN),
    row("POST", "bookings:fine_close", {"pk": fine}, staff=OK),
    row("POST", "bookings:drop_trip", {"pk": trip}, **DESK),
    *(row(method, "bookings:not_returned", {"pk": loan}, **DESK) for method in ("GET", "POST")),
    *(row(method, "bookings:recovered", {"pk": lost_vehicle}, **DESK) for method in ("GET", "POST")),
    # the API
    *(row("GET", f"api:{name}-list", staff=OK) for name in ("incident", "fine", "trip", "incident_policy")),
    *(row("POST", f"api:{name}-list", staff=OK, outsiders=OK) for name in ("incident", "fine", "trip")),
    row("POST", "api:incident_policy-list", data={"fine_fee": "0", "keep_months": 12}, staff=FORBIDDEN),
    row("GET", "api:incident-detail", {"pk": incident}, staff=OK),
    row("GET", "api:fine-detail", {"pk": fine}, staff=OK),
    row("GET", "api:trip-detail", {"pk": trip}, staff=OK),
    row("GET", "api:incident-paper", {"pk": incident, "file": incident_paper}, staff=OK),
    row("GET", "api:fine-paper", {"pk": fine, "file": fine_paper}, staff=OK),
    row("GET", "api:fine-designation", {"pk": fine}, **DESK),
    row("POST", "api:incident-complete", {"pk": incident}, data={"place": "Dax"}, **DESK),
    *(
        row("POST", f"api:incident-{verb}", {"pk": incident}, data=data, **DESK)
        for verb, data in (
            ("add-paper", {"sort": "photo", "file": "AAAA"}),
            ("lodge-complaint", ON),
            ("declare", ON),
            ("fetch", ON),
            ("close", {"outcome": "Réparé"}),
        )
    ),
    *(
        row("POST", f"api:fine-{verb}", {"pk": fine}, data=data, **DESK)
        for verb, data in (
            ("name-driver", {"last_name": "Dupouy"}),
            ("notice-came", {"number": "P1", "sent_on": "2026-03-02"}),
            ("designate", ON),
            ("contest", ON),
            ("withdraw", {"reason": "Doublon"}),
            ("add-paper", {"sort": "photo", "file": "AAAA"}),
        )
    ),
    row("POST", "api:fine-pay", {"pk": fine}, data=ON, **MONEY),
    row("POST", "api:fine-rebill", {"pk": fine}, staff=OK, fleet_manager=FORBIDDEN),
    row("POST", "api:fine-close", {"pk": fine}, staff=OK),
    row("POST", "api:trip-drop", {"pk": trip}, **DESK),
    row(
        "POST",
        "api:booking-end-without-return",
        {"pk": loan},
        data={"why": "stolen", "rent_until": "2026-03-02"},
        participant=FORBIDDEN,
        **DESK,
    ),
    row(
        "POST",
        "api:vehicle-recovered",
        {"pk": lost_vehicle},
        data=lambda world: {"at": clock.now().isoformat(), "site": world.get(site).pk},
        **DESK,
    ),
]
