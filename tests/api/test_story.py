"""The main job through the API alone: a platform lends, repairs and takes back its first vehicle.

Each person has a program of their own, with a token: it may what they may. The pool, the people and the garages
come from spreadsheets; nothing here writes past the API but the clock.
"""

import base64
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core import clock
from core.models import JournalEntry, OutboxMessage
from garages.models import Garage
from participants.models import Participant
from tests.api.client import Program
from tests.bookings.reports import picture, signature

pytestmark = pytest.mark.django_db

SUNDAY = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
MONDAY = "2026-03-02T09:00:00+01:00"
END = "2026-04-01T09:00:00+02:00"  # thirty days of 24 h: summer time has begun
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)

Travel = Callable[[str], None]


def file_of(upload: Any) -> str:
    return base64.b64encode(upload.read()).decode()


def report(km: int, **more: Any) -> dict[str, Any]:
    """A whole condition report, said at once and signed by both."""
    return {
        "identity_seen": True,
        "licence_seen": True,
        "km": km,
        "fuel_eighths": 6,
        "is_clean": True,
        "checklist": "ok",
        "equipment": "ok",
        "photos_reason": "Il fait nuit",
        "signer_name": "Karim Labatut",
        "participant_signature": file_of(signature()),
        "agent_signature": file_of(signature()),
    } | more


@pytest.fixture
def until() -> Iterator[Travel]:
    """Moves the clock forward, to a moment on the wall of Paris."""
    with clock.travel(to=SUNDAY):

        def travel(moment: str) -> None:
            target = dt.datetime.fromisoformat(moment)
            assert target >= clock.now(), "time runs forward"
            clock._travelled += target - clock.now()

        yield travel


@pytest.fixture
def desk(until: Travel, bruno: Any) -> Program:
    return Program(bruno)


@pytest.fixture
def manager(until: Travel, farid: Any) -> Program:
    return Program(farid)


@pytest.fixture
def books(until: Travel, agathe: Any) -> Program:
    return Program(agathe)


@pytest.fixture
def filled(desk: Program, manager: Program, books: Program) -> None:
    """An empty platform filled from its spreadsheets, and one tariff."""
    assert manager.send_sheet("fleet", "pool.csv", create_sites=True, dry_run=True)["new"] == 8
    assert manager.rows("vehicles/") == []
    assert manager.send_sheet("fleet", "pool.csv", create_sites=True)["new"] == 8
    assert manager.send_sheet("fleet", "pool.csv", create_sites=True)["new"] == 0
    assert desk.send_sheet("participants", "participants.csv")["new"] == 7
    assert desk.send_sheet("garages", "garages.csv")["new"] == 4
    bands = [{"from_day": 1, "day_price": "3.00"}]
    tariff = {"name": "Voiture", "kind": "car", "valid_from": "2026-01-01", "deposit": "250.00", "bands": bands}
    first = books.post("tariffs/", 201, key="tariff", late_fee_per_day="3.00", **tariff)
    assert books.post("tariffs/", 201, key="tariff", late_fee_per_day="3.00", **tariff) == first


def person(desk: Program, name: str) -> dict[str, Any]:
    (found,) = desk.post("participants/search/", q=name)
    return found


def car(program: Program, number: str) -> dict[str, Any]:
    (found,) = program.rows("vehicles/", fleet_number=number)
    return found


def booked(desk: Program, number: str = "V01", **dates: Any) -> dict[str, Any]:
    """Karim's loan of this car, thirty days from Monday unless said."""
    said = {"participant": person(desk, "Labatut")["id"], "vehicle": car(desk, number)["id"]}
    return desk.post(
        "bookings/", 201, key=f"book {number} {dates}", **said, **{"starts_at": MONDAY, "ends_at": END} | dates
    )


def handed_over(desk: Program, until: Travel) -> dict[str, Any]:
    loan = booked(desk)
    until("2026-03-02T08:55+01:00")
    return desk.post(f"bookings/{loan['id']}/hand_over/", **report(96100))


def karim() -> Program:
    return Program(Participant.objects.get(last_name__iexact="labatut").user)


def workshop(garage: int) -> Program:
    return Program(Garage.objects.get(pk=garage).user)


# --- the loan is promised, and begins ---------------------------------------------------------------


def test_a_car_is_found_and_promised_once(filled, desk):
    free = desk.rows("vehicles/", kind="car", free_from=MONDAY, free_until=END)
    assert [one["fleet_number"] for one in free] == ["V03", "V02", "V01"]
    loan = booked(desk)
    assert (loan["state"], loan["price"], loan["kind"]) == ("reserved", "90.00", "car")
    assert booked(desk) == loan, "the same key again makes nothing"
    assert len(desk.rows("bookings/")) == 1
    free = desk.rows("vehicles/", kind="car", free_from=MONDAY, free_until=END)
    assert [one["fleet_number"] for one in free] == ["V03", "V02"]
    other = {"participant": person(desk, "Sans")["id"], "starts_at": "2026-03-10T09:00:00+01:00", "ends_at": END}
    sentence = desk.refused("bookings/", "overlap", vehicle=loan["vehicle"], **other)
    assert "Libres" in sentence
    any_car = desk.post("bookings/", 201, kind="car", **other)
    assert any_car["vehicle"] != loan["vehicle"]


def test_a_key_that_comes_with_another_request_is_refused(filled, desk):
    booked(desk)
    said = {"participant": person(desk, "Sans")["id"], "kind": "car", "starts_at": MONDAY, "ends_at": END}
    assert desk.post("bookings/", 409, key="book V01 {}", **said)["code"] == "key_reused"


def test_the_keys_are_given_with_a_report_and_the_rent_is_charged(filled, desk, until):
    loan = handed_over(desk, until)
    assert loan["state"] == "active"
    assert loan["assignments"][0]["out_at"]
    assert car(desk, "V01")["is_out"]
    assert car(desk, "V01")["km"] == 96100
    (signed,) = desk.rows("condition_reports/", booking=loan["id"])
    assert signed["is_frozen"]
    assert desk.paper(f"condition_reports/{signed['id']}/pdf/").startswith(b"%PDF")
    for reader in (desk, karim()):
        assert reader.paper(f"bookings/{loan['id']}/contract/").startswith(b"%PDF")
    account = desk.get(f"accounts/{loan['account']}/")
    assert (account["charged"], account["due"]) == ("90.00", "0.00")
    desk.refused(f"bookings/{loan['id']}/hand_over/", "wrong_state", **report(96100))


# --- it breaks down -----------------------------------------------------------------------------------


@pytest.fixture
def loan(filled: None, desk: Program, until: Travel) -> dict[str, Any]:
    """Out since Monday."""
    return handed_over(desk, until)


@pytest.fixture
def job(loan: dict[str, Any], desk: Program, until: Travel) -> dict[str, Any]:
    """The brakes make a noise; Karim says so, and drives the second car while the first is back on the yard."""
    until("2026-03-09T10:00+01:00")
    own = karim()
    assert [one["id"] for one in own.rows("bookings/")] == [loan["id"]]
    said = {"problem": "defect", "description": "Bruit aux freins", "photos": [file_of(picture())]}
    own.post(f"bookings/{loan['id']}/report_problem/", key="brakes", **said)
    own.post(f"bookings/{loan['id']}/report_problem/", key="brakes", **said)
    (reported,) = desk.rows("repair_jobs/")
    assert (reported["state"], reported["vehicle"]) == ("to_decide", loan["vehicle"])
    assert {"reported_by", "garage"}.isdisjoint(own.get(f"repair_jobs/{reported['id']}/"))
    return reported


def replaced(desk: Program, loan: dict[str, Any], until: Travel) -> dict[str, Any]:
    second = car(desk, "V02")["id"]
    verb = f"bookings/{loan['id']}"
    told = desk.post(f"{verb}/replace_vehicle/", vehicle=second, reason="Freins")
    assert told["vehicle"] == second
    until("2026-03-09T10:10+01:00")
    desk.post(f"{verb}/hand_over/", vehicle=second, **report(94950))
    until("2026-03-09T10:20+01:00")
    told = desk.post(f"{verb}/take_back/", vehicle=loan["vehicle"], **report(96500))
    assert told["state"] == "active", "one loan, two vehicles"
    return told


def test_another_car_for_the_rest_of_the_loan(loan, job, desk, until):
    told = replaced(desk, loan, until)
    assert [(one["out_at"] is not None, one["back_at"] is not None) for one in told["assignments"]] == [
        (True, True),
        (True, False),
    ]
    assert len(desk.rows("condition_reports/", booking=loan["id"])) == 3
    kept = desk.get(f"repair_jobs/{job['id']}/")
    assert kept["held_from"], "the repair keeps the first car as soon as it is back"
    assert car(desk, "V01")["held_for"] == "maintenance"


def test_the_garages_answer_with_their_own_tokens(loan, job, desk, manager, books, until):
    replaced(desk, loan, until)
    url = f"repair_jobs/{job['id']}"
    ranking = desk.get(f"{url}/ranking/")
    able = [one for one in ranking if not one["excluded_because"]]
    assert all(one["reasons"] for one in able)
    first, second = able[0]["garage"], able[1]["garage"]
    assert desk.post(f"{url}/offer/", key="ask", garage=first)["state"] == "offered"
    assert desk.post(f"{url}/offer/", key="ask", garage=first)["state"] == "offered"
    desk.refused(f"{url}/offer/", "already_offered", garage=second)
    no = workshop(first)
    assert "participant" not in no.get(f"{url}/")
    no.post(f"{url}/decline/", reason="Complet")
    yes = workshop(second)
    assert yes.get(f"{url}/")["state"] == "offered", "the next one is asked at once"
    for other in ranking:
        if other["garage"] not in {first, second}:
            workshop(other["garage"]).get(f"{url}/", 404)
    no.post(f"{url}/accept/", 404, appointment_at="2026-03-12T09:00+01:00")
    yes.post(f"{url}/accept/", appointment_at="2026-03-12T09:00+01:00")
    hours = {"sort": "labour", "label": "Main-d’œuvre", "quantity": "1.5", "unit_price": "45.00"}
    parts = {"sort": "part", "label": "Plaquettes", "quantity": "1", "unit_price": "62.50"}
    quoted = yes.post(f"{url}/quote/", lines=[hours, parts])
    assert (quoted["state"], quoted["quote_total"]) == ("quoted", "130.00")
    desk.post(f"{url}/approve_quote/", 403)
    manager.post(f"{url}/approve_quote/")
    until("2026-03-12T09:05+01:00")
    yes.post(f"{url}/start/", km=96510)
    yes.post(f"{url}/wait_for_parts/", expected_ready_at="2026-03-17T17:00+01:00")
    until("2026-03-17T09:00+01:00")
    yes.post(f"{url}/resume/")
    yes.post(f"{url}/done/")
    assert car(desk, "V01")["held_for"] == "maintenance", "kept until somebody has brought it back"
    yes.post(f"{url}/invoice/", number="F-118", amount="130.00")
    collected = desk.post(f"{url}/collect/", km=96520)
    assert collected["state"] == "collected"
    assert car(desk, "V01")["held_for"] is None
    assert books.post(f"{url}/mark_paid/")["paid_on"] == "2026-03-17"


def test_the_garage_telephones_and_the_staff_answer_for_it(loan, job, desk, manager, until):
    url = f"repair_jobs/{job['id']}"
    said = {"on_behalf": "par téléphone, M. Duval"}
    desk.post(f"{url}/offer_next/")
    desk.post(f"{url}/accept/", appointment_at="2026-03-12T09:00+01:00", **said)
    desk.post(f"{url}/quote/", total="200.00", **said)
    manager.post(f"{url}/refuse_quote/", reason="Trop cher")
    desk.post(f"{url}/quote/", total="120.00", **said)
    manager.post(f"{url}/approve_quote/")
    for verb in ("start", "wait_for_parts", "resume", "done"):
        told = desk.post(f"{url}/{verb}/", **said)
    assert told["offers"][0]["on_behalf"] == said["on_behalf"]
    assert desk.post(f"{url}/invoice/", amount="120.00", **said)["invoice_amount"] == "120.00"
    assert desk.post(f"{url}/collect/")["state"] == "collected"


def test_below_the_ceiling_a_quote_approves_itself(loan, job, desk, manager):
    policy = {"quote_ceiling": "150.00", "offer_hours": 24, "offers_by_itself": False}
    assert manager.post("repair_policies/", key="ceiling", **policy)["quote_ceiling"] == "150.00"
    assert [one["offer_hours"] for one in desk.rows("repair_policies/")] == [24]
    desk.post("repair_policies/", 403, **policy)
    url, said = f"repair_jobs/{job['id']}", {"on_behalf": "par téléphone, M. Duval"}
    desk.post(f"{url}/offer_next/")
    desk.post(f"{url}/accept/", appointment_at="2026-03-12T09:00+01:00", **said)
    assert desk.post(f"{url}/quote/", total="150.00", **said)["state"] == "approved"


def test_a_job_is_given_straight_to_a_garage_that_nobody_knew(loan, job, desk):
    given = {"name": "Chez Momo", "phone": "05 58 12 34 56", "appointment_at": "2026-03-12T09:00+01:00"}
    told = desk.post(f"repair_jobs/{job['id']}/give/", key="momo", **given)
    assert desk.post(f"repair_jobs/{job['id']}/give/", key="momo", **given) == told
    assert told["state"] == "accepted"
    assert [one["name"] for one in desk.rows("garages/")].count("Chez Momo") == 1


# --- it comes back ------------------------------------------------------------------------------------


def test_a_day_late_paid_in_cash_and_the_cheque_given_back(loan, desk, until):
    (deposit,) = desk.rows("deposits/", account=loan["account"])
    cheque = {"means": "cheque", "cheque_number": "1234567", "amount": "250.00"}
    assert desk.post(f"deposits/{deposit['id']}/receive/", key="cheque", **cheque)["state"] == "held"
    assert desk.post(f"deposits/{deposit['id']}/receive/", key="cheque", **cheque)["state"] == "held"
    until("2026-04-02T08:30+02:00")
    assert car(desk, "V01")["is_late"]
    scratch = {"sort": "scratch", "zone": "bonnet", "photos": [file_of(picture())]}
    told = desk.post(f"bookings/{loan['id']}/take_back/", key="back", damages=[scratch], **report(97000))
    assert told["state"] == "returned"
    assert len(desk.rows("damages/", vehicle=loan["vehicle"])) == 1
    assert car(desk, "V01")["km"] == 97000
    account = desk.get(f"accounts/{loan['account']}/")
    assert (account["charged"], account["due"]) == ("93.00", "93.00")
    assert "3.00" in {one["amount"] for one in desk.rows("charges/", account=account["id"])}
    cash = {"account": account["id"], "amount": "93.00", "means": "cash"}
    payment = desk.post("payments/", 201, key="cash", **cash)
    assert desk.post("payments/", 201, key="cash", **cash) == payment
    assert payment["receipt_number"] == "R2026-0001"
    assert desk.paper(f"receipts/{payment['receipt']}/pdf/").startswith(b"%PDF")
    assert desk.get(f"accounts/{account['id']}/")["balance"] == "0.00"
    assert desk.post(f"deposits/{deposit['id']}/give_back/")["state"] == "returned"
    own = karim()
    assert own.get(f"accounts/{account['id']}/")["balance"] == "0.00"
    assert own.rows("payments/")[0]["receipt_number"] == "R2026-0001"


def test_the_keys_lie_in_the_box_and_nobody_is_there(loan, desk, until):
    until("2026-04-01T08:30+02:00")
    alone = {
        "presence": "absent",
        "absence_reason": "Clés dans la boîte",
        "witness_name": "Mme Roy, accueil",
        "photos": [{"position": "inside", "content": file_of(picture())}],
    }
    said = report(97000, **alone)
    for of_karim in ("participant_signature", "signer_name"):
        said.pop(of_karim)
    told = desk.post(f"bookings/{loan['id']}/take_back/", **said)
    assert told["state"] == "returned"
    assert desk.get(f"accounts/{loan['account']}/")["charged"] == "90.00"


# --- what the screen did not know ---------------------------------------------------------------------


def test_a_loan_of_the_days_before_remise_is_recorded(filled, desk):
    said = {
        "participant": person(desk, "Labatut")["id"],
        "vehicle": car(desk, "V01")["id"],
        "starts_at": "2026-02-02T09:00:00+01:00",
        "ends_at": "2026-02-12T09:00:00+01:00",
        "back_at": "2026-02-12T08:30:00+01:00",
        "km_out": 95600,
        "km_back": 96000,
    }
    told = desk.post("bookings/record/", 201, key="paper", **said)
    assert desk.post("bookings/record/", 201, key="paper", **said) == told
    assert told["state"] == "returned"
    assert desk.get(f"accounts/{told['account']}/")["due"] == "30.00"
    read = desk.rows("odometer_readings/", vehicle=told["vehicle"])
    assert [(one["km"], one["state"]) for one in read if one["source"].startswith("loan")] == [
        (96000, "accepted"),
        (95600, "accepted"),
    ]
    assert car(desk, "V01")["km"] == 96089, "what the spreadsheet said is newer"


def test_the_keys_that_left_were_another_cars(loan, desk):
    right = car(desk, "V02")["id"]
    told = desk.post(f"bookings/{loan['id']}/correct_vehicle/", key="oops", vehicle=right, reason="Clés inversées")
    assert told["vehicle"] == right
    assert (
        desk.post(f"bookings/{loan['id']}/correct_vehicle/", key="oops", vehicle=right, reason="Clés inversées") == told
    )
    assert not car(desk, "V01")["is_out"]
    assert car(desk, "V02")["is_out"]


def test_everything_is_journalled_and_written_to_those_whom_it_concerns(loan, job):
    verbs = set(JournalEntry.objects.values_list("verb", flat=True))
    assert {"vehicles.imported", "booking.booked", "booking.handed_over", "booking.problem_reported"} <= verbs
    assert OutboxMessage.objects.filter(user_id=Participant.objects.get(last_name__iexact="labatut").user_id).exists()


def test_another_platforms_token_sees_and_does_nothing_here(loan, eve):
    stranger = Program(eve)
    for path in ("bookings", "vehicles", "participants", "garages", "repair_jobs", "accounts", "payments"):
        assert stranger.rows(f"{path}/") == []
    stranger.get(f"bookings/{loan['id']}/", 404)
    stranger.post(f"bookings/{loan['id']}/cancel/", 404, reason="Rien")
    said = {"participant": loan["participant"], "vehicle": loan["vehicle"], "starts_at": END, "ends_at": "2026-05-01"}
    assert set(stranger.post("bookings/", 400, **said)["fields"]) >= {"participant", "vehicle"}
