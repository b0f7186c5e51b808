"""The walk at the kerb through its pages: a hand-over and a return, interrupted, resumed, refused."""

import base64
import datetime as dt
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bookings.actions import hand_over, replace_vehicle, reports
from bookings.models import Booking, ConditionReport
from core import clock
from fleet.models import Damage, OdometerReading
from tests.bookings.conftest import DAY, MONDAY, THIRTY_DAYS_LATER
from tests.bookings.factories import BookingFactory
from tests.bookings.reports import complete_report, picture, signature


@pytest.fixture
def desk(client: Client, bruno: Any) -> Client:
    client.force_login(bruno)
    return client


@pytest.fixture
def out(loan: Any, bruno: Any) -> Booking:
    """Keys given on Monday, with 84,210 km and six eighths."""
    with clock.travel(to=MONDAY):
        return hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))


def drawn() -> str:
    return "data:image/png;base64," + base64.b64encode(signature().read()).decode()


def walk(desk: Client, loan: Booking, word: str, step: str, **typed: Any) -> Any:
    return desk.post(reverse(f"bookings:{word}_step", args=[loan.pk, step]), typed)


def all_but_signatures(desk: Client, loan: Booking, word: str, km: str = "84 210") -> None:
    assignment = loan.assignments.get()
    desk.post(reverse(f"bookings:{word}", args=[loan.pk]))
    if word == "hand_over":
        walk(desk, loan, word, "papiers", identity_seen="on", licence_seen="on")
    typed = {"km": km, "km_state": "accepted", "fuel_eighths": "6", "site": assignment.vehicle.site_id}
    assert walk(desk, loan, word, "compteur", **typed).status_code == 302
    walk(desk, loan, word, "tour", rest="ok", is_clean="yes")
    walk(desk, loan, word, "equipement", rest="ok")
    walk(desk, loan, word, "photos", photos_reason="Il fait nuit")


def test_a_hand_over_from_the_first_step_to_the_keys(desk, loan):
    all_but_signatures(desk, loan, "hand_over")
    read = desk.get(reverse("bookings:hand_over_step", args=[loan.pk, "accord"])).content.decode()
    assert "Ana Dupouy reçoit la voiture Peugeot 208" in read
    assert "90,00" in read
    assert "Avant de signer" not in read
    answer = walk(
        desk,
        loan,
        "hand_over",
        "signatures",
        how="screen",
        signer_name="Ana Dupouy",
        participant_signature=drawn(),
        agent_signature=drawn(),
    )
    assert answer.url == reverse("bookings:hand_over_done", args=[loan.pk])
    loan.refresh_from_db()
    assert loan.state == Booking.State.ACTIVE
    report = ConditionReport.objects.get()
    assert report.pdf
    assert (report.km, report.fuel_eighths, report.is_clean) == (84210, 6, True)
    assert loan.periods.get().contract.media_type == "application/pdf"
    done = desk.get(answer.url)
    assert reverse("bookings:report_pdf", args=[report.pk]) in done.content.decode()


def test_the_walk_is_interrupted_and_another_continues(desk, loan, farid, client):
    desk.post(reverse("bookings:hand_over", args=[loan.pk]))
    walk(desk, loan, "hand_over", "papiers", identity_seen="on", licence_seen="on")
    other = Client()
    other.force_login(farid)
    assert "Continuer" in other.get(reverse("bookings:hand_over", args=[loan.pk])).content.decode()
    answer = other.post(reverse("bookings:hand_over", args=[loan.pk]))
    assert answer.url == reverse("bookings:hand_over_step", args=[loan.pk, "compteur"]), "the first step that lacks"
    assert ConditionReport.objects.count() == 1


def test_a_step_without_a_draft_leads_to_the_start(desk, loan):
    answer = desk.get(reverse("bookings:hand_over_step", args=[loan.pk, "photos"]))
    assert answer.url == reverse("bookings:hand_over", args=[loan.pk])


def test_a_request_has_no_keys_to_give_and_says_so(desk, platform, ana):
    asked = BookingFactory(platform=platform, participant=ana, account=None, state="awaiting_approval")
    for word in ("hand_over", "take_back"):
        answer = desk.get(reverse(f"bookings:{word}", args=[asked.pk]))
        assert answer.status_code == 200
        assert "Commencer" not in answer.content.decode()


def test_what_lacks_is_said_with_a_link_before_signing(desk, loan):
    desk.post(reverse("bookings:hand_over", args=[loan.pk]))
    for step in ("accord", "signatures"):
        read = desk.get(reverse("bookings:hand_over_step", args=[loan.pk, step])).content.decode()
        assert "Notez les kilomètres" in read
        assert reverse("bookings:hand_over_step", args=[loan.pk, "compteur"]) in read


def test_a_refused_end_keeps_what_was_drawn(desk, loan):
    all_but_signatures(desk, loan, "hand_over")
    answer = walk(desk, loan, "hand_over", "signatures", how="screen", participant_signature=drawn())
    assert answer.status_code == 409
    assert "Il manque votre signature" in answer.content.decode()
    assert ConditionReport.objects.get().participant_signature
    answer = walk(
        desk, loan, "hand_over", "signatures", how="screen", signer_name="Ana Dupouy", agent_signature=drawn()
    )
    assert answer.status_code == 302


def test_signed_on_paper_without_a_script(desk, loan):
    all_but_signatures(desk, loan, "hand_over")
    assert b"%PDF" in desk.get(reverse("bookings:report_pdf", args=[ConditionReport.objects.get().pk])).content
    assert b"%PDF" in desk.get(reverse("bookings:contract_draft", args=[loan.pk])).content
    answer = walk(desk, loan, "hand_over", "signatures", how="paper", paper_scan=picture())
    assert answer.status_code == 302
    assert ConditionReport.objects.get().paper_scan


def test_the_button_pressed_twice_happens_once(desk, loan):
    all_but_signatures(desk, loan, "hand_over")
    typed = {"how": "paper", "submission": "one-key"}
    first = walk(desk, loan, "hand_over", "signatures", paper_scan=picture(), **typed)
    second = walk(desk, loan, "hand_over", "signatures", paper_scan=picture(), **typed)
    assert first.url == second.url == reverse("bookings:hand_over_done", args=[loan.pk])
    stale = walk(desk, loan, "hand_over", "signatures", how="paper")
    assert stale.url == reverse("bookings:hand_over_done", args=[loan.pk])


def test_a_lower_counter_gets_a_calm_word(desk, out):
    with clock.travel(to=THIRTY_DAYS_LATER):
        desk.post(reverse("bookings:take_back", args=[out.pk]))
        site = out.assignments.get().vehicle.site_id
        answer = walk(desk, out, "take_back", "compteur", km="80 000", km_state="accepted", fuel_eighths="6", site=site)
        assert answer.status_code == 302
        assert "moins que le dernier relevé" in desk.get(answer.url).content.decode()


def test_a_return_with_nobody_there_one_day_late(desk, out):
    with clock.travel(to=THIRTY_DAYS_LATER + DAY - dt.timedelta(hours=1)):
        desk.post(reverse("bookings:take_back", args=[out.pk]), {"presence": "absent"})
        all_but_signatures(desk, out, "take_back", km="85 210")
        damage = {"d-zone": "bonnet", "d-sort": "scratch", "d-severity": "1", "d-note": "fine"}
        answer = desk.post(reverse("bookings:take_back_add_damage", args=[out.pk]), damage | {"d-photo": picture()})
        assert answer.status_code == 302
        desk.post(reverse("bookings:take_back_add_photo", args=[out.pk]), {"position": "inside", "photo": picture()})
        read = re.sub(
            r"\s", " ", desk.get(reverse("bookings:take_back_step", args=[out.pk, "accord"])).content.decode()
        )
        assert "1 000 km" in read.replace("\u202f", " ")
        assert "Un nouveau dégât" in read
        assert "1 jour de retard" in read
        assert "93,00" in read
        answer = walk(desk, out, "take_back", "signatures", how="absent", absence_reason="Clés dans la boîte")
    assert answer.url == reverse("bookings:take_back_done", args=[out.pk])
    out.refresh_from_db()
    assert out.state == Booking.State.RETURNED
    assert Damage.objects.get().zone == "bonnet"
    assert OdometerReading.objects.filter(source="loan_in").get().km == 85210


def test_a_damage_slipped_in_is_taken_out(desk, loan):
    desk.post(reverse("bookings:hand_over", args=[loan.pk]))
    desk.post(
        reverse("bookings:hand_over_add_damage", args=[loan.pk]),
        {"d-zone": "bonnet", "d-sort": "dent", "d-severity": 2},
    )
    damage = Damage.objects.get()
    desk.post(reverse("bookings:hand_over_remove_damage", args=[loan.pk, damage.pk]))
    assert not Damage.objects.exists()


def test_a_photo_that_is_none_gets_a_sentence_and_nothing_is_lost(desk, loan):
    desk.post(reverse("bookings:hand_over", args=[loan.pk]))
    answer = desk.post(
        reverse("bookings:hand_over_add_photo", args=[loan.pk]),
        {"position": "inside", "photo": SimpleUploadedFile("a.jpg", b"no picture")},
    )
    assert answer.status_code == 409
    assert "n’est pas une photo" in answer.content.decode()


def test_back_keeps_what_was_typed(desk, loan):
    desk.post(reverse("bookings:hand_over", args=[loan.pk]))
    answer = walk(desk, loan, "hand_over", "compteur", km="84300", km_state="accepted", go="back")
    assert answer.url == reverse("bookings:hand_over_step", args=[loan.pk, "papiers"])
    assert ConditionReport.objects.get().km == 84300


@pytest.mark.parametrize("step", ["papiers", "compteur", "tour", "equipement", "photos", "accord", "signatures"])
def test_a_step_asks_at_most_eight_things_of_the_database(desk, loan, step, django_assert_max_num_queries):
    desk.post(reverse("bookings:hand_over", args=[loan.pk]))
    desk.post(reverse("bookings:hand_over_add_photo", args=[loan.pk]), {"position": "inside", "photo": picture()})
    with django_assert_max_num_queries(3 + 8):  # session, user, memberships; then the page
        assert desk.get(reverse("bookings:hand_over_step", args=[loan.pk, step])).status_code == 200


@pytest.mark.parametrize("step", ["compteur", "accord", "signatures"])
def test_a_return_step_asks_at_most_eight_things_too(desk, out, step, django_assert_max_num_queries):
    with clock.travel(to=THIRTY_DAYS_LATER):
        desk.post(reverse("bookings:take_back", args=[out.pk]))
        with django_assert_max_num_queries(3 + 8):
            assert desk.get(reverse("bookings:take_back_step", args=[out.pk, step])).status_code == 200


def test_a_report_s_page_costs_the_same_with_more_photos_and_damages(desk, loan, bruno, django_assert_max_num_queries):
    desk.post(reverse("bookings:hand_over", args=[loan.pk]))
    report = ConditionReport.objects.get()
    for number in range(4):
        reports.add_photo(report, picture(), "", by=bruno)
        reports.add_damage(report, by=bruno, sort="scratch", zone="bonnet", note=str(number), photos=[picture()])
    with django_assert_max_num_queries(3 + 8):
        assert desk.get(reverse("bookings:report", args=[report.pk])).status_code == 200


def test_of_two_vehicles_that_are_out_one_is_chosen(desk, out, other_car, bruno):
    with clock.travel(to=MONDAY + DAY):
        replacement = replace_vehicle(out, vehicle=other_car, by=bruno, reason="Bruit de freins")
        hand_over(out, by=bruno, report=complete_report(replacement, by=bruno, at=clock.now(), km=50_000))
        first = out.assignments.exclude(pk=replacement.pk).get().vehicle
        start = reverse("bookings:take_back", args=[out.pk])
        assert "Quel véhicule" in desk.get(start).content.decode()
        answer = desk.post(start, {"vehicle": first.pk})
        assert answer.url.endswith(f"?vehicule={first.pk}")
        desk.post(start, {"vehicle": other_car.pk})
        assert ConditionReport.objects.filter(direction="in").count() == 2
        typed = {"km": "84 300", "km_state": "accepted", "fuel_eighths": "3", "site": first.site_id}
        desk.post(answer.url, typed)
    report = ConditionReport.objects.get(direction="in", km=84300)
    assert report.assignment.vehicle == first, "the address says which"


def test_the_report_shows_departure_and_return_face_to_face(desk, out, bruno):
    with clock.travel(to=THIRTY_DAYS_LATER):
        back = complete_report(out.assignments.get(), by=bruno, direction="in", at=THIRTY_DAYS_LATER, km=85000)
    answer = desk.get(reverse("bookings:report", args=[back.pk]))
    read = answer.content.decode()
    assert "État des lieux de départ" in read
    assert "État des lieux de retour" in read
    assert "790" in read
    departure = ConditionReport.objects.get(direction="out")
    desk.post(reverse("bookings:amend_report", args=[departure.pk]), {"text": "La rayure était déjà là."})
    assert "La rayure était déjà là." in desk.get(reverse("bookings:report", args=[departure.pk])).content.decode()


def test_the_participant_reads_their_own_report_and_contract(client, out):
    client.force_login(out.participant.user)
    report = ConditionReport.objects.get()
    assert client.get(reverse("bookings:report", args=[report.pk])).status_code == 200
    for address in (
        reverse("bookings:report_pdf", args=[report.pk]),
        reverse("bookings:contract", args=[out.periods.get().pk]),
    ):
        answer = client.get(address)
        assert b"".join(answer.streaming_content).startswith(b"%PDF")
