"""Repair jobs and garages over the API: the same verbs, and each caller's share of what is told."""

from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import ApiToken
from accounts.secrets import hash_of
from fleet.models import Hold
from maintenance.models import RepairJob
from tests.factories import ParticipantFactory, SiteFactory, VehicleFactory
from tests.maintenance.conftest import THURSDAY
from tests.maintenance.conftest import wednesday_noon as wednesday_noon
from tests.maintenance.factories import JobFactory, job_in

pytestmark = pytest.mark.django_db

State = RepairJob.State
JOBS = "/api/v1/repair_jobs/"


def as_user(user: Any) -> APIClient:
    ApiToken.objects.create(user=user, name="essai", prefix="essai", secret_hash=hash_of(f"token {user.pk}"))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer token {user.pk}")
    return client


@pytest.fixture
def vehicle(platform: Any) -> Any:
    return VehicleFactory(site=SiteFactory(platform=platform))


def test_a_job_goes_its_whole_way(vehicle: Any, garage: Any, chloe: Any, farid: Any) -> None:
    desk, phone = as_user(farid), as_user(chloe)
    told = {"vehicle": vehicle.pk, "title": "Bruit au freinage", "work": "mechanics"}
    made = desk.post(JOBS, told, format="json", headers={"Idempotency-Key": "one"})
    again = desk.post(JOBS, told, format="json", headers={"Idempotency-Key": "one"})
    assert made.status_code == 201
    assert again.json()["id"] == made.json()["id"]
    assert RepairJob.objects.count() == 1
    job = f"{JOBS}{made.json()['id']}/"

    def post(client: APIClient, verb: str, **given: Any) -> Any:
        answer = client.post(f"{job}{verb}/", given, format="json")
        assert answer.status_code == 200, answer.json()
        return answer.json()

    ranked = desk.get(f"{job}ranking/").json()
    assert (ranked[0]["garage"], ranked[0]["excluded_because"]) == (garage.pk, "")
    assert post(desk, "offer", garage=garage.pk)["offers"][0]["answer"] == "pending"
    assert post(phone, "accept", appointment_at=THURSDAY.isoformat())["state"] == "accepted"
    assert Hold.objects.get().purpose == "maintenance"
    line = {"sort": "labour", "label": "Main-d’œuvre", "quantity": "1.5", "unit_price": "39.90"}
    assert post(phone, "quote", lines=[line])["quote_total"] == "59.85"
    assert post(desk, "approve_quote")["state"] == "approved"
    assert post(phone, "start", km=96_200)["odometer_km"] == 96_200
    post(phone, "wait_for_parts")
    post(phone, "resume")
    assert post(desk, "done", on_behalf="par téléphone, M. Duval")["state"] == "done"
    assert post(phone, "invoice", amount="59.85", number="F-1")["invoice_amount"] == "59.85"
    assert post(desk, "collect", km=96_210)["state"] == "collected"
    assert post(desk, "mark_paid")["paid_on"] == "2026-03-04"


def test_a_refusal_has_its_code(garage: Any, farid: Any, chloe: Any) -> None:
    job = job_in(State.OFFERED, garage)
    answer = as_user(farid).post(f"{JOBS}{job.pk}/offer_next/", format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_offered")
    answer = as_user(chloe).post(f"{JOBS}{job.pk}/accept/", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_garage_reads_its_jobs_and_no_identity(platform: Any, vehicle: Any, garage: Any, chloe: Any) -> None:
    ana = ParticipantFactory(platform=platform, first_name="Ana", last_name="Dupouy")
    mine = job_in(State.QUOTED, garage, vehicle=vehicle, reported_by=ana.user)
    job_in(State.TO_DECIDE, garage)
    rows = as_user(chloe).get(JOBS).json()["results"]
    assert [row["id"] for row in rows] == [mine.pk]
    assert {"participant", "reported_by", "offers", "next_loan_at"}.isdisjoint(rows[0])
    assert "quote_total" in rows[0]
    assert "Dupouy" not in str(rows)


def test_a_garage_that_is_only_asked_reads_no_money(garage: Any, chloe: Any) -> None:
    job_in(State.OFFERED, garage)
    row = as_user(chloe).get(JOBS).json()["results"][0]
    assert "quote_total" not in row


def test_a_participant_follows_what_they_reported_without_its_money(platform: Any, garage: Any) -> None:
    ana = ParticipantFactory(platform=platform)
    job = job_in(State.QUOTED, garage, reported_by=ana.user)
    row = as_user(ana.user).get(f"{JOBS}{job.pk}/").json()
    assert row["state"] == "quoted"
    assert {"quote_total", "garage", "offers"}.isdisjoint(row)


def test_staff_read_everything_and_filter(garage: Any, other: Any, farid: Any) -> None:
    job_in(State.DONE, garage)
    job_in(State.CANCELLED, garage)
    client = as_user(farid)
    assert len(client.get(JOBS).json()["results"]) == 2
    assert [row["state"] for row in client.get(JOBS, {"is_open": "true"}).json()["results"]] == ["done"]
    assert client.get(JOBS, {"garage": garage.pk, "state": "done"}).json()["results"][0]["reported_by"]
    assert client.get(f"{JOBS}{other.pk}/").status_code == 404


@pytest.fixture
def other(other_platform: Any) -> Any:
    """A job of Eve's platform."""
    return JobFactory(vehicle=VehicleFactory(site=SiteFactory(platform=other_platform)))


def test_another_platforms_rows_are_unknown(other: Any, garage: Any, farid: Any) -> None:
    client = as_user(farid)
    assert client.post(f"{JOBS}{other.pk}/offer/", {"garage": garage.pk}, format="json").status_code == 404
    answer = client.post(JOBS, {"vehicle": other.vehicle_id, "title": "Bruit"}, format="json")
    assert answer.status_code == 400
    assert "vehicle" in answer.json()["fields"]


def test_a_garage_is_written_over_the_api(platform: Any, farid: Any, bruno: Any) -> None:
    client = as_user(farid)
    told = {"name": "Chez Momo", "phone": "06 12 34 56 78", "repairs": ["car"], "hourly_rate": "39.90", "city": "Dax"}
    made = client.post("/api/v1/garages/", told, format="json")
    assert made.status_code == 201
    row = made.json()
    assert (row["phone"], row["address"], row["rates"][0]["hourly_rate"]) == ("+33612345678", "Dax", "39.90")
    one = f"/api/v1/garages/{row['id']}/"
    assert client.post(f"{one}change/", {"can_tow": True}, format="json").json()["can_tow"] is True
    assert client.post(f"{one}set_rate/", {"hourly_rate": "0"}, format="json").status_code == 409
    assert client.post(f"{one}add_member/", {"name": "Karim"}, format="json").json()["members"][0]["name"] == "Karim"
    assert client.get("/api/v1/garages/", {"repairs": "moped"}).json()["results"] == []
    assert as_user(bruno).post(f"{one}stop_working_with/", format="json").status_code == 403
    assert client.post(f"{one}stop_working_with/", format="json").json()["is_active"] is False


def test_the_total_of_a_quote_is_what_its_lines_come_to(garage: Any, farid: Any) -> None:
    from maintenance import actions

    job = actions.quote(job_in(State.ACCEPTED, garage), total=Decimal("12.34"), by=garage.user)
    assert as_user(farid).get(f"{JOBS}{job.pk}/").json()["quote_total"] == "12.34"
