from garages.models import GarageMember
from tests.access import FORBIDDEN, OK, row
from tests.access.world import World, garage
from tests.factories import GarageFactory
from tests.maintenance.factories import GarageMemberFactory


def member(world: World) -> GarageMember:
    return GarageMemberFactory(garage=world.get(garage), user=None)


def former(world: World) -> object:
    return GarageFactory(platform=world.platform, is_active=False)


MANAGED = {"staff": FORBIDDEN, "fleet_manager": OK}

ROWS = [
    row("GET", "garages:garages", staff=OK),
    row("GET", "garages:garage", {"pk": garage}, staff=OK),
    row("GET", "garages:add", **MANAGED),
    row("POST", "garages:add", data={"name": "Chez Momo", "sort": "partner"}, **MANAGED),
    *(
        row(method, f"garages:{verb}", {"pk": garage}, **MANAGED)
        for verb in ("change", "set_rate", "add_member")
        for method in ("GET", "POST")
    ),
    row("POST", "garages:remove_member", {"pk": garage, "member": member}, **MANAGED),
    row("POST", "garages:send_link", {"pk": garage}, **MANAGED),
    row("POST", "garages:stop", {"pk": garage}, **MANAGED),
    row("POST", "garages:resume", {"pk": former}, **MANAGED),
    row("GET", "api:garage-list", staff=OK),
    row("POST", "api:garage-list", data={"name": "Chez Momo"}, **MANAGED),
    row("GET", "api:garage-detail", {"pk": garage}, staff=OK, garage=OK),
    *(
        row("POST", f"api:garage-{verb}", {"pk": garage}, data=data, garage=FORBIDDEN, **MANAGED)
        for verb, data in (
            ("change", {"name": "Autre"}),
            ("set-rate", {"hourly_rate": "39.90"}),
            ("add-member", {"name": "Karim"}),
            ("send-link", {}),
            ("stop-working-with", {}),
            ("work-again-with", {}),
        )
    ),
    row("POST", "api:garage-remove-member", {"pk": garage}, staff=OK, garage=OK),  # 400: nobody is named
]
