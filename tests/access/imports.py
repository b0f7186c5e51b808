from typing import Any

from core import waiting_sheets
from core.models import JournalEntry, StoredFile
from fleet.imports import import_vehicles
from garages.imports import import_garages
from participants.imports import import_participants
from tests.access import FORBIDDEN, HIDDEN, OK, Row, row
from tests.access.world import World
from tests.sheets import content


def sheet(world: World, name: str) -> StoredFile:
    """The adviser's; it waits for nobody else."""
    return waiting_sheets.keep(content(name), name=name, platform_id=world.platform.pk, by=world.people["adviser"])


def pool(world: World) -> Any:
    return sheet(world, "pool.csv")


def people(world: World) -> Any:
    return sheet(world, "participants.csv")


def garages(world: World) -> Any:
    return sheet(world, "garages.csv")


def done(report: Any) -> Any:
    return JournalEntry.objects.get(pk=report.entry_id)


def pool_done(world: World) -> Any:
    by = world.people["adviser"]
    return done(import_vehicles(world.platform, content("pool.csv"), by=by, create_sites=True))


def people_done(world: World) -> Any:
    return done(import_participants(world.platform, content("participants.csv"), by=world.people["adviser"]))


def garages_done(world: World) -> Any:
    return done(import_garages(world.platform, content("garages.csv"), by=world.people["adviser"]))


def rows(room: str, waiting: Any, finished: Any, fleet_manager: str | int) -> list[Row]:
    """An import's pages: for advisers, for fleet managers where they may, and a sheet for whoever sent it."""
    may: dict[str, Any] = {"staff": FORBIDDEN, "adviser": OK, "fleet_manager": fleet_manager}
    not_theirs = HIDDEN if fleet_manager == OK else FORBIDDEN
    own: dict[str, Any] = {"staff": FORBIDDEN, "adviser": OK, "fleet_manager": not_theirs, "coordinator": HIDDEN}
    return [
        row("GET", f"{room}:import", **may),
        row("POST", f"{room}:import", **may),
        row("GET", f"{room}:import_template", **may),
        row("GET", f"{room}:import_preview", {"pk": waiting}, **own),
        row("POST", f"{room}:import_confirm", {"pk": waiting}, **own),
        row("GET", f"{room}:import_done", {"pk": finished}, **may),
    ]


ROWS = [
    *rows("fleet", pool, pool_done, OK),
    *rows("participants", people, people_done, FORBIDDEN),
    *rows("garages", garages, garages_done, OK),
    row("POST", "api:import_fleet-list", data={}, staff=FORBIDDEN, adviser=OK, fleet_manager=OK),
    row("POST", "api:import_participants-list", data={}, staff=FORBIDDEN, adviser=OK),
    row("POST", "api:import_garages-list", data={}, staff=FORBIDDEN, adviser=OK, fleet_manager=OK),
]
