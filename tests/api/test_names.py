"""The names that other programs rely on. They do not change within v1."""

from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from api.throttling import TOKEN_A_MINUTE, TokenThrottle
from fleet.models import Kind
from tests.api.client import Program

KINDS = {"car", "van", "microcar", "moped", "motorcycle_125", "e_bike", "bike"}
LISTS = ("vehicles", "bookings", "participants", "garages", "repair_jobs", "accounts", "payments")
OF_A_BOOKING = ("cancel", "hand_over", "take_back", "replace_vehicle", "correct_vehicle")


def test_kinds_have_fixed_names() -> None:
    assert set(Kind.values) == KINDS


@pytest.mark.parametrize("name", LISTS)
def test_each_room_has_its_list(name: str, driss: Any) -> None:
    assert Program(driss).rows(f"{name}/") == []


@pytest.mark.parametrize("verb", OF_A_BOOKING)
def test_each_verb_of_a_booking_has_its_address(verb: str) -> None:
    assert "post" in resolve(f"/api/v1/bookings/1/{verb}/").func.actions


def test_a_paper_loan_is_posted_to_record() -> None:
    assert "post" in resolve("/api/v1/bookings/record/").func.actions


def test_no_state_is_patched() -> None:
    for name in (*LISTS, "charges", "deposits", "tariffs", "sites"):
        known = resolve(f"/api/v1/{name}/1/").func.actions
        assert set(known) <= {"get", "head"}, name


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_who_watches_the_server_needs_no_log_in(client: Client, db: None, address: str) -> None:
    assert client.get(address).status_code == 200


def test_free_vehicles_are_asked_for_by_kind_and_dates(driss: Any) -> None:
    program = Program(driss)
    dates = {"free_from": "2030-01-07T09:00:00+01:00", "free_until": "2030-01-14T09:00:00+01:00"}
    assert program.rows("vehicles/", kind="car", **dates) == []
    for wrong in ({"kind": "horse"}, {"free_from": dates["free_from"]}, dates | {"free_until": dates["free_from"]}):
        assert program.get("vehicles/", 400, **wrong)["code"] == "invalid"


def test_six_thousand_requests_in_a_minute_are_let_through(driss: Any, rf: Any) -> None:
    request, throttle = rf.get("/api/v1/vehicles/"), TokenThrottle()
    request.user = driss
    assert TOKEN_A_MINUTE >= 6_000
    assert all(throttle.allow_request(request, None) for _ in range(6_000))
