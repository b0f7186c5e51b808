from typing import Any

from participants.models import Programme
from tests.access import FORBIDDEN, OK, row
from tests.access.world import World, participant
from tests.participants.factories import (
    AudienceMembershipFactory,
    EntitlementFactory,
    PrescriberFactory,
    ReferentFactory,
)


def membership(world: World) -> Any:
    return AudienceMembershipFactory(participant=world.get(participant))


def entitlement(world: World) -> Any:
    return EntitlementFactory(participant=world.get(participant))


def prescriber(world: World) -> Any:
    return PrescriberFactory(platform=world.platform)


def referent(world: World) -> Any:
    return ReferentFactory(organization=world.get(prescriber))


def programme(world: World) -> Programme:
    return world.get(participant).programme


PERSON = {"pk": participant}
ADVISES = {"staff": FORBIDDEN, "adviser": OK}
GIVES_KEYS = {"staff": FORBIDDEN, "adviser": OK, "fleet_manager": OK}
COORDINATES = {"staff": FORBIDDEN}

ROWS = [
    row("GET", "participants:participants", staff=OK),
    row("POST", "participants:participants", data={"q": "dupouy"}, staff=OK),
    row("GET", "participants:participant", PERSON, staff=OK),
    row("GET", "participants:programmes", staff=OK),
    row("GET", "participants:prescribers", staff=OK),
    row("POST", "participants:end_audience", {"pk": membership}, **ADVISES),
    row("POST", "participants:verify_entitlement", {"pk": entitlement}, data={"method": "original"}, **GIVES_KEYS),
    *[
        row(method, name, kwargs, **who)
        for method in ("GET", "POST")
        for name, kwargs, who in (
            ("participants:register", None, ADVISES),
            ("participants:change", PERSON, ADVISES),
            ("participants:add_audience", PERSON, ADVISES),
            ("participants:record_entitlement", PERSON, GIVES_KEYS),
            ("participants:change_entitlement", {"pk": entitlement}, GIVES_KEYS),
            ("participants:add_programme", None, COORDINATES),
            ("participants:change_programme", {"pk": programme}, COORDINATES),
            ("participants:add_prescriber", None, ADVISES),
            ("participants:change_prescriber", {"pk": prescriber}, ADVISES),
            ("participants:add_referent", None, ADVISES),
            ("participants:change_referent", {"pk": referent}, ADVISES),
        )
    ],
]
