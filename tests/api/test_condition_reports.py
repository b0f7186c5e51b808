"""A report over the API: piece by piece, or whole in the body of the hand-over."""

import base64
import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from bookings.models import Booking, ConditionReport
from fleet.models import Damage, OdometerReading
from tests.bookings.loans import promised_loan
from tests.bookings.reports import picture, signature

pytestmark = pytest.mark.django_db
URL = "/api/v1/condition_reports/"


@pytest.fixture
def loan(platform: Any, bruno: Any) -> Booking:
    return promised_loan(platform, by=bruno)


@pytest.fixture
def api(bruno: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(bruno)
    return client


def encoded(upload: Any) -> str:
    return base64.b64encode(upload.read()).decode()


def whole(**more: Any) -> dict[str, Any]:
    return {
        "identity_seen": True,
        "licence_seen": True,
        "km": 84210,
        "fuel_eighths": 6,
        "is_clean": True,
        "checklist": "ok",
        "equipment": "ok",
        "photos_reason": "Il fait nuit",
        "signer_name": "Ana Dupouy",
        "participant_signature": "data:image/png;base64," + encoded(signature()),
        "agent_signature": encoded(signature()),
    } | more


def test_the_whole_story_of_the_keys_in_two_calls(api, loan):
    damage = {"sort": "scratch", "zone": "bonnet", "note": "fine", "photos": [encoded(picture())]}
    answer = api.post(f"/api/v1/bookings/{loan.pk}/hand_over/", whole(damages=[damage]), format="json")
    assert answer.status_code == 200, answer.data
    assert answer.data["state"] == "active"
    report = ConditionReport.objects.get()
    assert report.is_frozen
    assert report.pdf
    assert Damage.objects.get().photos.count() == 1
    back = whole(km=85000, presence="absent", absence_reason="Clés dans la boîte")
    back |= {"photos": [{"position": "inside", "content": encoded(picture())}]}
    answer = api.post(f"/api/v1/bookings/{loan.pk}/take_back/", back, format="json")
    assert answer.status_code == 200, answer.data
    assert answer.data["state"] == "returned"
    assert list(OdometerReading.objects.order_by("pk").values_list("km", flat=True)) == [84210, 85000]


def test_a_refused_report_leaves_nothing(api, loan):
    answer = api.post(
        f"/api/v1/bookings/{loan.pk}/hand_over/", whole(km=None, damages=[{"sort": "dent"}]), format="json"
    )
    assert answer.status_code == 409
    assert answer.data["code"] == "incomplete"
    assert "kilomètres" in answer.data["detail"]
    assert not ConditionReport.objects.exists()
    assert not Damage.objects.exists()
    loan.refresh_from_db()
    assert loan.state == "reserved"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"participant_signature": "@@"}, 400, "invalid"),
        ({"participant_signature": base64.b64encode(b"no picture").decode()}, 409, "no_picture"),
        ({"checklist": {"wings": "ok"}}, 409, "unknown_item"),
        ({"checklist": 3}, 400, "invalid"),
        ({"checklist": {"horn": 3}}, 400, "invalid"),
        ({"equipment": {"1": "yes"}}, 409, "unknown_item"),
        ({"fuel_eighths": 9}, 409, "fuel_out_of_range"),
        ({"km": -1}, 400, "invalid"),
        ({"happened_at": "2100-01-01T00:00:00Z"}, 409, "in_the_future"),
        ({"damages": [{"sort": "scratch", "zone": "wing"}]}, 409, "unknown_zone"),
        ({"vehicle": 999999}, 400, "invalid"),
        ({"presence": "away"}, 400, "invalid"),
    ],
)
def test_bad_input_gets_a_code_and_a_sentence(api, loan, change, status, code):
    answer = api.post(f"/api/v1/bookings/{loan.pk}/hand_over/", whole(**change), format="json")
    assert (answer.status_code, answer.data["code"]) == (status, code)
    assert answer.data["detail"]


def test_twice_and_too_early(api, loan):
    early = api.post(f"/api/v1/bookings/{loan.pk}/take_back/", whole(), format="json")
    assert (early.status_code, early.data["code"]) == (409, "not_out")
    assert api.post(f"/api/v1/bookings/{loan.pk}/hand_over/", whole(), format="json").status_code == 200
    twice = api.post(f"/api/v1/bookings/{loan.pk}/hand_over/", whole(), format="json")
    assert (twice.status_code, twice.data["code"]) == (409, "wrong_state")


def test_a_report_piece_by_piece(api, loan):
    mine = str(uuid.uuid4())
    opened = {"id": mine, "booking": loan.pk, "direction": "out"}
    first = api.post(URL, opened, format="json")
    assert first.status_code == 201, first.data
    assert first.data["id"] == mine
    assert {one["step"] for one in first.data["missing"]} >= {"papers", "counter", "round", "photos", "signatures"}
    assert api.post(URL, opened, format="json").data["id"] == mine
    api.post(f"{URL}{mine}/fill/", {"checklist": {"horn": {"state": "remark", "note": "faible"}}}, format="json")
    api.post(f"{URL}{mine}/fill/", {"checklist": "ok", "km": 84210, "fuel_eighths": 5}, format="json")
    answer = api.post(f"{URL}{mine}/photos/", {"photo": picture(), "position": "inside"}, format="multipart")
    assert answer.status_code == 201
    assert answer.data["checklist"]["horn"]["state"] == "remark", "« ok » does not overwrite"
    photo = answer.data["photos"][0]["id"]
    assert api.post(f"{URL}{mine}/remove_photo/", {"photo": photo}, format="json").data["photos"] == []
    damage = api.post(f"{URL}{mine}/damages/", {"sort": "dent", "zone": "roof"}, format="json").data["damages"][0]
    assert damage["is_new"]
    removed = api.post(f"{URL}{mine}/remove_damage/", {"damage": damage["damage"]}, format="json")
    assert removed.data["damages"] == []
    keys = api.post(f"/api/v1/bookings/{loan.pk}/hand_over/", whole(id=mine, fuel_eighths=4), format="json")
    assert keys.status_code == 200, keys.data
    read = api.get(f"{URL}{mine}/").data
    assert read["is_frozen"]
    assert read["missing"] == []
    assert read["fuel_eighths"] == 4
    pdf = api.get(f"{URL}{mine}/pdf/")
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")
    frozen = api.post(f"{URL}{mine}/fill/", {"km": 1}, format="json")
    assert (frozen.status_code, frozen.data["code"]) == (409, "frozen")
    assert api.post(f"{URL}{mine}/amend/", {"text": "Vu ensemble."}, format="json").status_code == 200


def test_reports_are_listed_for_those_who_may_see_them(api, loan, eve):
    api.post(f"/api/v1/bookings/{loan.pk}/hand_over/", whole(), format="json")
    assert len(api.get(URL, {"booking": loan.pk, "signed": "true"}).data["results"]) == 1
    assert api.get(URL, {"signed": "false"}).data["results"] == []
    api.force_authenticate(eve)
    assert api.get(URL).data["results"] == []
    assert api.get(f"{URL}{ConditionReport.objects.get().pk}/").status_code == 404


@pytest.mark.parametrize("answer", [{"state": ["ok"]}, {"state": {}}, {"state": None}])
def test_an_answer_that_is_no_word_is_refused(api, loan, answer):
    report = api.post(URL, {"booking": loan.pk, "direction": "out"}, format="json").data
    refused = api.post(f"{URL}{report['id']}/fill/", {"checklist": {"horn": answer}}, format="json")
    assert (refused.status_code, refused.data["code"]) == (409, "unknown_item")


def test_a_note_is_kept_without_what_no_database_keeps(api, loan):
    report = api.post(URL, {"booking": loan.pk, "direction": "out"}, format="json").data
    horn = {"horn": {"state": "remark", "note": "faible\x00"}}
    filled = api.post(f"{URL}{report['id']}/fill/", {"checklist": horn}, format="json")
    assert filled.status_code == 200, filled.data
    assert filled.data["checklist"]["horn"]["note"] == "faible"
