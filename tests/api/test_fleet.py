"""The pool through the API: what it shows, every verb once, and to whom not."""

import datetime as dt
from typing import Any

import pytest
from rest_framework.test import APIClient

from fleet.models import Damage, Equipment, Hold, OdometerReading, Site, Vehicle, VehicleDocument
from tests.factories import HoldFactory, SiteFactory, VehicleFactory
from tests.fleet.test_steps import a_photo

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def as_(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def site(platform: Any) -> Site:
    return SiteFactory(platform=platform, name="Tarnos")


@pytest.fixture
def car(site: Site) -> Vehicle:
    return VehicleFactory(site=site)


def test_a_vehicle_says_where_it_is_and_until_when(bruno: Any, car: Vehicle) -> None:
    answer = as_(bruno).get(f"/api/v1/vehicles/{car.pk}/").json()
    assert answer["plate"] == car.plate
    assert answer["held_for"] is None
    assert answer["km"] is None
    assert answer["inspection_due_on"] == "2022-04-14"


def test_free_vehicles_of_a_kind(bruno: Any, site: Site, car: Vehicle) -> None:
    moped = VehicleFactory(site=site, moped=True)
    taken = VehicleFactory(site=site)
    HoldFactory(vehicle=taken, starts_at=NOON, ends_at=NOON + 2 * DAY)
    client = as_(bruno)

    def free(start: dt.datetime, end: dt.datetime, kind: str = "car") -> set[int]:
        query = {"kind": kind, "free_from": start.isoformat(), "free_until": end.isoformat()}
        return {row["id"] for row in client.get("/api/v1/vehicles/", query).json()["results"]}

    assert free(NOON, NOON + DAY) == {car.pk}
    assert free(NOON - DAY, NOON) == {car.pk, taken.pk}  # half-open: they touch
    assert free(NOON + 2 * DAY, NOON + 3 * DAY) == {car.pk, taken.pk}
    assert free(NOON, NOON + DAY, "moped") == {moped.pk}


@pytest.mark.parametrize(
    "query",
    [
        {"free_from": "2026-12-01T12:00Z"},
        {"free_from": "2026-12-02T12:00Z", "free_until": "2026-12-01T12:00Z"},
        {"free_from": "hier", "free_until": "2026-12-01T12:00Z"},
        {"kind": "hovercraft"},
    ],
)
def test_a_question_that_makes_no_sense_is_400(bruno: Any, car: Vehicle, query: dict[str, str]) -> None:
    answer = as_(bruno).get("/api/v1/vehicles/", query)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"


def test_a_stranger_finds_nothing_and_nobody_without_a_token(eve: Any, nobody: Any, car: Vehicle) -> None:
    for stranger in (eve, nobody):
        assert as_(stranger).get("/api/v1/vehicles/").json()["results"] == []
        assert as_(stranger).get(f"/api/v1/vehicles/{car.pk}/").status_code == 404
        assert as_(stranger).post(f"/api/v1/vehicles/{car.pk}/put_back/").status_code == 404
    assert APIClient().get("/api/v1/vehicles/").status_code == 401


def test_the_pool_is_made_and_changed(farid: Any, site: Site) -> None:
    client = as_(farid)
    made = client.post(
        "/api/v1/vehicles/",
        {"kind": "car", "site": site.pk, "plate": "as-756-eb", "km": 94948, "first_registered_on": "2015-10-25"},
        format="json",
    )
    assert made.status_code == 201, made.json()
    assert made.json()["plate"] == "AS-756-EB"
    assert made.json()["km"] == 94948
    address = f"/api/v1/vehicles/{made.json()['id']}/"
    changed = client.post(f"{address}change/", {"colour": "bleue", "seats": 5}, format="json")
    assert (changed.status_code, changed.json()["colour"]) == (200, "bleue")
    other = SiteFactory(platform=site.platform)
    assert client.post(f"{address}move/", {"site": other.pk}, format="json").json()["site"] == other.pk
    assert client.post(f"{address}withdraw/", {"reason": "Vendue"}, format="json").json()["withdrawn_on"]
    again = client.post(f"{address}withdraw/", {"reason": "Vendue"}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "already_withdrawn")
    assert client.post(f"{address}put_back/").json()["withdrawn_on"] is None


@pytest.mark.parametrize(
    ("typed", "status", "code"),
    [
        ({"plate": "?"}, 409, "plate_impossible"),
        ({"plate": "AB-123-CD"}, 409, "plate_taken"),
        ({}, 409, "no_number"),
        ({"plate": "AB-124-CD", "first_registered_on": "2099-01-01"}, 409, "in_the_future"),
        ({"plate": "AB-124-CD", "kind": "boat"}, 400, "invalid"),
        ({"plate": "AB-124-CD", "km": -1}, 400, "invalid"),
    ],
)
def test_a_vehicle_that_cannot_be_is_refused(
    farid: Any, site: Site, typed: dict[str, Any], status: int, code: str
) -> None:
    VehicleFactory(site=site, plate="AB-123-CD")
    answer = as_(farid).post("/api/v1/vehicles/", {"kind": "car", "site": site.pk} | typed, format="json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Vehicle.objects.count() == 1


def test_another_platforms_site_is_as_unknown_as_one_that_does_not_exist(farid: Any, other_platform: Any) -> None:
    theirs = SiteFactory(platform=other_platform)
    for pk in (theirs.pk, 999_999):
        answer = as_(farid).post("/api/v1/vehicles/", {"kind": "car", "site": pk, "plate": "AB-123-CD"}, format="json")
        assert answer.status_code == 400
        assert "site" in answer.json()["fields"]


def test_an_adviser_handles_vehicles_but_does_not_manage_the_pool(bruno: Any, car: Vehicle) -> None:
    client, address = as_(bruno), f"/api/v1/vehicles/{car.pk}/"
    assert client.post(f"{address}withdraw/", {"reason": "Vendue"}, format="json").status_code == 403
    assert client.post(f"{address}change/", {"colour": "bleue"}, format="json").status_code == 403
    assert client.post("/api/v1/sites/", {"name": "Dax"}, format="json").status_code == 403
    made = client.post(f"{address}report_damage/", {"sort": "scratch", "x": 0.5, "y": 0.5}, format="json")
    assert (made.status_code, made.json()["zone"]) == (201, "roof")
    assert client.post(f"{address}read_odometer/", {"km": 12}, format="json").json()["state"] == "accepted"


def test_a_damage_with_photos(bruno: Any, farid: Any, car: Vehicle) -> None:
    answer = as_(bruno).post(
        f"/api/v1/vehicles/{car.pk}/report_damage/",
        {"sort": "dent", "zone": "bonnet", "photos": [a_photo(), a_photo("blue")]},
        format="multipart",
    )
    assert answer.status_code == 201, answer.json()
    damage = Damage.objects.get()
    assert damage.photos.count() == 2
    assert [
        row["id"] for row in as_(bruno).get("/api/v1/damages/", {"vehicle": car.pk, "is_open": True}).json()["results"]
    ]
    assert as_(farid).post(f"/api/v1/damages/{damage.pk}/mend/").json()["repaired_at"]
    assert as_(farid).post(f"/api/v1/damages/{damage.pk}/mend/").json()["code"] == "already_mended"


def test_a_disputed_reading_is_settled(farid: Any, car: Vehicle) -> None:
    client, address = as_(farid), f"/api/v1/vehicles/{car.pk}/"
    client.post(f"{address}read_odometer/", {"km": 950_000}, format="json")
    disputed = client.post(f"{address}read_odometer/", {"km": 95_000}, format="json").json()
    assert disputed["state"] == "disputed"
    settle = f"/api/v1/odometer_readings/{disputed['id']}/settle/"
    assert client.post(settle, {"km": 95_000, "reason": "Un zéro de trop"}, format="json").status_code == 201
    assert client.post(settle, {"km": 95_000, "reason": "Un zéro de trop"}, format="json").status_code == 409
    assert client.get(address).json()["km"] == 95_000
    assert client.post(f"{address}new_counter/", {"km": 0}, format="json").status_code == 201
    assert client.get(address).json()["km"] == 0
    assert OdometerReading.objects.count() == 4


def test_papers_sites_and_equipment(farid: Any, car: Vehicle) -> None:
    client, address = as_(farid), f"/api/v1/vehicles/{car.pk}/"
    paper = {"sort": "inspection", "issued_on": "2026-08-17"}
    assert client.post(f"{address}add_document/", paper, format="json").status_code == 201
    assert client.post(f"{address}add_document/", {"sort": "inspection"}, format="json").json()["code"] == "day_missing"
    assert client.get(address).json()["inspection_due_on"] == "2028-08-17"
    assert VehicleDocument.objects.count() == 1
    site = client.post(
        "/api/v1/sites/", {"name": "Dax", "phone": "05 58 41 22 10", "city": "Dax"}, format="json"
    ).json()
    assert (site["phone"], site["address"]) == ("+33558412210", "Dax")
    assert client.post("/api/v1/sites/", {"name": "DAX"}, format="json").json()["code"] == "site_exists"
    assert (
        client.post(f"/api/v1/sites/{site['id']}/change/", {"is_open": False}, format="json").json()["is_open"] is False
    )
    helmet = client.post("/api/v1/equipment/", {"sort": "helmet", "vehicle": car.pk, "size": "M"}, format="json").json()
    assert client.post("/api/v1/equipment/", {"sort": "helmet"}, format="json").json()["code"] == "nowhere"
    assert client.post(f"/api/v1/equipment/{helmet['id']}/lose/").json()["lost_at"]
    assert Equipment.objects.count() == 1


def test_a_vehicle_is_set_aside_and_given_back(bruno: Any, car: Vehicle) -> None:
    client = as_(bruno)
    start, end = NOON + 3000 * DAY, NOON + 3001 * DAY
    dates = {"starts_at": start.isoformat(), "ends_at": end.isoformat()}
    hold = client.post(f"/api/v1/vehicles/{car.pk}/reserve/", dates | {"reason": "Salon"}, format="json").json()
    again = client.post(f"/api/v1/vehicles/{car.pk}/reserve/", dates | {"reason": "Salon"}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "overlap")
    later = {"starts_at": end.isoformat(), "ends_at": (end + DAY).isoformat()}
    assert client.post(f"/api/v1/holds/{hold['id']}/change/", later, format="json").status_code == 200
    loan = HoldFactory(vehicle=car, starts_at=start, ends_at=end)
    assert client.post(f"/api/v1/holds/{loan.pk}/release/").status_code == 403
    assert client.post(f"/api/v1/holds/{hold['id']}/release/").status_code == 204
    assert list(Hold.objects.all()) == [loan]


def test_a_creating_post_sent_twice_happens_once(farid: Any, site: Site) -> None:
    client, body = as_(farid), {"kind": "car", "site": site.pk, "plate": "AB-123-CD"}
    one, two = (
        client.post("/api/v1/vehicles/", body, format="json", headers={"Idempotency-Key": "k1"}) for _ in range(2)
    )
    assert (one.status_code, two.status_code) == (201, 201)
    assert one.json() == two.json()
    assert Vehicle.objects.count() == 1


@pytest.mark.parametrize(
    "path", ["vehicles", "sites", "damages", "odometer_readings", "vehicle_documents", "equipment", "holds"]
)
def test_a_list_asks_the_same_number_of_queries_for_three_rows_and_for_thirty(
    bruno: Any, site: Site, path: str, django_assert_max_num_queries: Any
) -> None:
    for vehicle in VehicleFactory.create_batch(30, site=site):
        HoldFactory(vehicle=vehicle)
    with django_assert_max_num_queries(2):  # the roles, and the rows
        as_(bruno).get(f"/api/v1/{path}/")
