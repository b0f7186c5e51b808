import datetime as dt
from typing import Any

from participants.models import DrivingAptitudeTest, ParticipantDocument, Programme
from tests.access import FORBIDDEN, OK, row
from tests.access.world import World, participant, vehicle
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


def document(world: World) -> ParticipantDocument:
    """Promised, not seen yet."""
    return ParticipantDocument.objects.create(
        platform=world.platform, participant=world.get(participant), sort="bank", promised_for=dt.date(2030, 1, 1)
    )


def aptitude_test(world: World) -> DrivingAptitudeTest:
    return DrivingAptitudeTest.objects.create(
        platform=world.platform, participant=world.get(participant), kind="car", tested_on=dt.date(2026, 1, 1),
        assessor="Bruno", result="fit", recorded_by=world.people["adviser"],
    )  # fmt: skip


KEYS: dict[str, Any] = {"staff": OK, "accountant": FORBIDDEN}

ROWS = [
    *(
        row(method, f"participants:{page}", {"pk": participant}, **KEYS)
        for page in ("note_document", "record_aptitude_test")
        for method in ("GET", "POST")
    ),
    row("POST", "participants:see_document", {"pk": document}, **KEYS),
    row("POST", "participants:forget_document", {"pk": document}, **KEYS),
    row("GET", "participants:document_copy", {"pk": document}, **KEYS),
    row("GET", "api:participant_document-list", staff=OK),
    row("POST", "api:participant_document-list", staff=OK, outsiders=OK),
    row("GET", "api:participant_document-detail", {"pk": document}, staff=OK),
    row("POST", "api:participant_document-see", {"pk": document}, **KEYS),
    row("POST", "api:participant_document-forget", {"pk": document}, **KEYS),
    row("GET", "api:aptitude_test-list", staff=OK),
    row("POST", "api:aptitude_test-list", staff=OK, outsiders=OK),
    row("GET", "api:aptitude_test-detail", {"pk": aptitude_test}, staff=OK),
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

ROWS += [
    row("GET", "api:participant-list", staff=OK),
    row("GET", "api:participant-detail", PERSON, staff=OK, participant=OK),
    row(
        "GET",
        "api:participant-can-drive",
        PERSON,
        data=lambda world: {"vehicle": world.get(vehicle).pk},
        staff=OK,
        participant=400,  # to whom no vehicle is known
    ),
    row("POST", "api:participant-search", data={"q": "dupouy"}, staff=OK, outsiders=OK),
    row("POST", "api:participant-list", data={"first_name": "Léa", "last_name": "Castets"}, **ADVISES),
    row("POST", "api:participant-change", PERSON, data={"project": "CDI"}, participant=FORBIDDEN, **ADVISES),
    row("POST", "api:participant-add-audience", PERSON, data={"audience": "qpv"}, participant=FORBIDDEN, **ADVISES),
    row(
        "POST",
        "api:participant-record-entitlement",
        PERSON,
        data={"category": "AM"},
        participant=FORBIDDEN,
        **GIVES_KEYS,
    ),
    row("POST", "api:audience_membership-end", {"pk": membership}, **ADVISES),
    row("POST", "api:driving_entitlement-verify", {"pk": entitlement}, data={"method": "original"}, **GIVES_KEYS),
    row("POST", "api:programme-list", data={"name": "Contrat de ville"}, **COORDINATES),
    row("POST", "api:programme-change", {"pk": programme}, data={"name": "Contrat de ville"}, **COORDINATES),
    row("POST", "api:prescriber-list", data={"name": "CCAS de Dax"}, **ADVISES),
    row("POST", "api:prescriber-change", {"pk": prescriber}, data={"name": "CCAS"}, **ADVISES),
    row("POST", "api:referent-list", data={"name": "Mme Paul"}, **ADVISES),
    row("POST", "api:referent-change", {"pk": referent}, data={"name": "Mme Paul"}, **ADVISES),
    *[
        row("GET", f"api:{name}-{kind}", {"pk": maker} if kind == "detail" else None, staff=OK)
        for name, maker in (
            ("audience_membership", membership),
            ("driving_entitlement", entitlement),
            ("programme", programme),
            ("prescriber", prescriber),
            ("referent", referent),
        )
        for kind in ("list", "detail")
    ],
]
