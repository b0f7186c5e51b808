"""People through the API: what it shows, every verb once, and to whom not."""

from typing import Any

import pytest

from participants.models import AudienceMembership, DrivingEntitlement, Participant
from tests.api.test_fleet import as_
from tests.factories import ParticipantFactory, SiteFactory, VehicleFactory
from tests.participants.factories import AudienceMembershipFactory, EntitlementFactory, ReferentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(platform: Any) -> Participant:
    return ParticipantFactory(platform=platform, last_name="Dupouy", name_key="dupouy ana")


def test_a_person_is_registered_with_little_and_changed(bruno: Any) -> None:
    client = as_(bruno)
    made = client.post("/api/v1/participants/", {"first_name": "Maëva", "last_name": "Ibrahimi"}, format="json")
    assert made.status_code == 201, made.json()
    assert made.json()["programme"]
    assert made.json()["entered_on"]
    address = f"/api/v1/participants/{made.json()['id']}/"
    changed = client.post(
        f"{address}change/",
        {"phone": "06.17.42.21.94", "birth_date": "1968-10-25", "city": "Ychoux", "adviser": bruno.pk},
        format="json",
    ).json()
    assert (changed["phone"], changed["address"]["city"]) == ("+33617422194", "Ychoux")
    assert changed["adviser"] == bruno.pk
    assert changed["last_name"] == "Ibrahimi"
    twice = {"first_name": "MAEVA", "last_name": "IBRAHIMI", "birth_date": "1968-10-25"}
    again = client.post("/api/v1/participants/", twice, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "participant_exists")
    assert Participant.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "status", "code"),
    [
        ({"phone": "12"}, 409, "phone_impossible"),
        ({"first_name": " ", "last_name": "’"}, 400, "invalid"),
        ({"birth_date": "31/02/1990"}, 400, "invalid"),
        ({"audiences": ["vip"]}, 400, "invalid"),
    ],
)
def test_what_cannot_be_is_refused(bruno: Any, typed: dict[str, Any], status: int, code: str) -> None:
    answer = as_(bruno).post("/api/v1/participants/", {"first_name": "A", "last_name": "B"} | typed, format="json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Participant.objects.exists()


def test_somebody_of_another_team_advises_nobody_here(bruno: Any, eve: Any, ana: Participant) -> None:
    answer = as_(bruno).post(f"/api/v1/participants/{ana.pk}/change/", {"adviser": eve.pk}, format="json")
    assert answer.status_code == 400


def test_people_are_found_by_name_number_or_birth_date(bruno: Any, eve: Any, ana: Participant) -> None:
    for typed in ("DUPOUY", "ana dup", "06 67 96 90 08", "18/03/1990"):
        found = as_(bruno).post("/api/v1/participants/search/", {"q": typed}, format="json").json()
        assert [row["id"] for row in found] == [ana.pk], typed
        assert as_(eve).post("/api/v1/participants/search/", {"q": typed}, format="json").json() == []


def test_a_participant_sees_themself_and_a_referent_those_they_follow(platform: Any, nobody: Any) -> None:
    referent = ReferentFactory(organization=None, platform=platform, user=nobody)
    ana = ParticipantFactory(platform=platform, referent=referent)
    ParticipantFactory(platform=platform)
    for user in (ana.user, nobody):
        assert [row["id"] for row in as_(user).get("/api/v1/participants/").json()["results"]] == [ana.pk]


def test_publics(bruno: Any, ana: Participant) -> None:
    client, address = as_(bruno), f"/api/v1/participants/{ana.pk}/"
    made = client.post(f"{address}add_audience/", {"audience": "rsa", "starts_on": "2026-01-01"}, format="json").json()
    assert (
        client.post(f"{address}add_audience/", {"audience": "rsa"}, format="json").json()["code"] == "audience_exists"
    )
    assert len(client.get("/api/v1/participants/", {"audience": "rsa"}).json()["results"]) == 1
    ended = client.post(f"/api/v1/audience_memberships/{made['id']}/end/", {}, format="json").json()
    assert ended["ends_on"]
    assert client.get("/api/v1/participants/", {"audience": "rsa"}).json()["results"] == []
    assert AudienceMembership.objects.count() == 1


def test_who_may_drive_what_is_answered_with_reasons(bruno: Any, eve: Any, ana: Participant) -> None:
    car = VehicleFactory(site=SiteFactory(platform=ana.platform))
    client, address = as_(bruno), f"/api/v1/participants/{ana.pk}/"
    made = client.post(
        f"{address}record_entitlement/",
        {"category": "B", "obtained_on": "2019-03-01", "restriction_codes": ["78"], "method": "original"},
        format="json",
    ).json()
    answer = client.get(f"{address}can_drive/", {"vehicle": car.pk, "on": "2026-11-22"}).json()
    assert answer == {
        "allowed": False,
        "refusals": ["Permis B limité aux boîtes automatiques (code 78)."],
        "warnings": [],
    }
    again = {"category": "B", "restriction_codes": []}
    assert client.post(f"{address}record_entitlement/", again, format="json").status_code == 201
    assert client.get(f"{address}can_drive/", {"vehicle": car.pk, "on": "2026-11-22"}).json()["allowed"]
    verified = client.post(f"/api/v1/driving_entitlements/{made['id']}/verify/", {"method": "adcs"}, format="json")
    assert verified.json()["method"] == "adcs"
    assert DrivingEntitlement.objects.get().verified_by == bruno
    assert client.get(f"{address}can_drive/").status_code == 400
    assert as_(eve).get(f"{address}can_drive/", {"vehicle": car.pk}).status_code in {400, 404}


def test_programmes_prescribers_and_referents(driss: Any, bruno: Any) -> None:
    client = as_(driss)
    one = client.post("/api/v1/programmes/", {"name": "Accompagnement"}, format="json").json()
    two = client.post("/api/v1/programmes/", {"name": "3 mois pour un job", "is_default": True}, format="json").json()
    assert two["is_default"]
    assert not client.get(f"/api/v1/programmes/{one['id']}/").json()["is_default"]
    changed = client.post(
        f"/api/v1/programmes/{one['id']}/change/", {"name": "Suivi", "is_default": True}, format="json"
    )
    assert changed.json()["is_default"]
    structure = as_(bruno).post("/api/v1/prescribers/", {"name": "CCAS de Dax", "sort": "CCAS"}, format="json").json()
    referent = as_(bruno).post(
        "/api/v1/referents/",
        {"name": "Mme Paul", "organization": structure["id"], "phone": "0558412210"},
        format="json",
    )
    assert referent.json()["phone"] == "+33558412210"


@pytest.mark.parametrize(
    "path", ["participants", "audience_memberships", "driving_entitlements", "programmes", "prescribers", "referents"]
)
def test_a_list_asks_the_same_few_queries_for_many_rows(
    bruno: Any, platform: Any, path: str, django_assert_max_num_queries: Any
) -> None:
    for person in ParticipantFactory.create_batch(20, platform=platform):
        AudienceMembershipFactory(participant=person)
        EntitlementFactory(participant=person)
    ReferentFactory.create_batch(3, organization__platform=platform)
    with django_assert_max_num_queries(4):
        as_(bruno).get(f"/api/v1/{path}/")
