"""The pages of incidents, notices and trips, as the desk walks through them."""

import html
import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from bookings.models import Fine, Incident, Trip, UnreturnedLoan
from core import clock
from tests.bookings.cases import HOUR, WEDNESDAY, hand_over_to, notice, with_all_papers
from tests.bookings.conftest import DAY
from tests.bookings.reports import picture

pytestmark = pytest.mark.django_db
TODAY = WEDNESDAY + 10 * DAY


@pytest.fixture
def out(loan: Any, ana: Any, bruno: Any) -> Any:
    with_all_papers(ana)
    return hand_over_to(loan, bruno)


@pytest.fixture(autouse=True)
def ten_days_later(out: Any) -> Any:
    with clock.travel(to=TODAY):
        yield


@pytest.fixture
def desk(client: Any, bruno: Any) -> Any:
    client.force_login(bruno)
    return client


def text_of(answer: Any) -> str:
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
    return html.unescape(text)


def test_a_notice_walks_from_the_envelope_to_the_designation(desk, out, car, client):
    told = {
        "vehicle": car.pk, "sort": "offence", "number": "6412345678", "sent_on": "2026-03-06",
        "offence_at": "2026-03-04T10:12", "place": "RD 810", "amount": "135", "file": picture(),
    }  # fmt: skip
    answer = desk.post(reverse("bookings:record_fine"), told, follow=True)
    fine = Fine.objects.get()
    said = text_of(answer)
    assert "Ana Dupouy" in said
    assert "3 rue des Pins" in said
    assert "lundi 20 avril 2026" in said  # 45 days after 6 March
    assert f'href="/prets/amendes/{fine.pk}/designer/"' in answer.content.decode()
    answer = desk.post(reverse("bookings:fine_designate", args=[fine.pk]), {"on": "2026-03-14"}, follow=True)
    assert "Conducteur désigné" in text_of(answer)
    sheet = desk.get(reverse("bookings:fine_file", args=[fine.pk, fine.papers.get(sort="designation").file_id]))
    assert b"".join(sheet.streaming_content).startswith(b"%PDF-")


def test_the_accountant_reads_why_a_fine_is_not_paid_and_no_address(client, out, car, bruno, agathe):
    fine = notice(car, bruno)
    client.force_login(agathe)
    answer = client.post(reverse("bookings:fine_pay", args=[fine.pk]), {"on": "2026-03-14", "amount": "135"})
    assert answer.status_code == 409
    assert "désignez d’abord le conducteur" in text_of(answer)
    assert "3 rue des Pins" not in text_of(client.get(reverse("bookings:fine", args=[fine.pk])))


def test_a_minute_that_nobody_explains_says_whom_to_ask(desk, out, car, bruno):
    fine = notice(car, bruno, at=WEDNESDAY - 5 * DAY)
    said = text_of(desk.get(reverse("bookings:fine", args=[fine.pk])))
    assert "On ne sait pas" in said
    assert "Après : Ana Dupouy" in said


def test_parking_is_paid_by_the_accountant_and_passed_on_by_the_adviser(client, out, car, bruno, agathe):
    fine = notice(car, bruno, sort="parking", amount=Decimal(35))
    client.force_login(agathe)
    paid = {"on": "2026-03-14", "amount": "25,00"}
    assert client.post(reverse("bookings:fine_pay", args=[fine.pk]), paid).status_code == 302
    client.force_login(bruno)
    assert "Refacturer à la personne" in text_of(client.get(reverse("bookings:fine", args=[fine.pk])))
    client.post(reverse("bookings:fine_rebill", args=[fine.pk]))
    fine.refresh_from_db()
    assert (fine.state, fine.charge.amount) == ("closed", Decimal("25.00"))


def test_an_incident_walks_from_the_street_to_its_end(desk, out, car):
    page = reverse("bookings:open_incident")
    assert "Que s’est-il passé" in text_of(desk.get(page))
    told = {
        "vehicle": car.pk, "happened_at": "2026-03-13T08:00", "known_on": "2026-03-13", "place": "Dax",
        "other_party": "Camion blanc", "paper": picture(),
    }  # fmt: skip
    answer = desk.post(f"{page}?nature=accident&pret={out.pk}", told, follow=True)
    incident = Incident.objects.get()
    assert incident.booking == out
    assert "vendredi 20 mars 2026" in text_of(answer)
    verb = reverse("bookings:incident_declare", args=[incident.pk])
    assert desk.post(verb, {"on": "2026-03-12"}).status_code == 409  # before it happened
    assert desk.post(verb, {"on": "2026-03-14", "claim_number": "S-1"}).status_code == 302
    desk.post(reverse("bookings:incident_close", args=[incident.pk]), {"outcome": "Réparé"})
    said = text_of(desk.get(reverse("bookings:incident", args=[incident.pk])))
    assert "Réparé" in said
    assert "Clos" in said


def test_the_lists_show_what_waits_and_filter_by_their_address(desk, out, car, other_car, bruno):
    notice(car, bruno)
    withdrawn = notice(other_car, bruno, number="2")
    desk.post(reverse("bookings:fine_withdraw", args=[withdrawn.pk]), {"reason": "Doublon"})
    fines = reverse("bookings:fines")
    assert "V02" not in text_of(desk.get(fines)).split("À faire")[-1]
    assert "V02" in text_of(desk.get(f"{fines}?state=over")).split("À faire")[-1]
    assert "Aucun avis ici" in text_of(desk.get(f"{fines}?sort=toll"))
    assert desk.get(f"{fines}?vehicle=x&page=99999999&state=nonsense").status_code == 200
    assert "Aucun incident ici" in text_of(desk.get(reverse("bookings:incidents")))


def test_a_loan_ends_without_its_vehicle_and_the_vehicle_is_found(desk, out, car, site):
    ended = reverse("bookings:not_returned", args=[out.pk])
    said = {"why": "stolen", "since": "2026-03-13T20:00", "rent_until": "2026-03-13"}
    assert desk.post(ended, said | {"rent_until": "2026-05-01"}).status_code == 409
    assert desk.post(ended, said).status_code == 302
    assert "Jamais rendu" in text_of(desk.get(reverse("bookings:booking", args=[out.pk])))
    assert "Il est retrouvé" in text_of(desk.get(reverse("fleet:vehicle", args=[car.pk])))
    found = {"at": "2026-03-14T08:00", "site": site.pk, "km": "84500", "rolls": "on"}
    assert desk.post(reverse("bookings:recovered", args=[car.pk]), found).status_code == 302
    assert UnreturnedLoan.objects.get().recovered_at is not None
    assert desk.get(reverse("bookings:recovered", args=[car.pk])).status_code == 404


def test_a_trip_is_noted_and_dropped(desk, car, bruno):
    told = {"vehicle": car.pk, "driver": bruno.pk, "sort": "staff", "starts_at": "2026-03-13T08:00",
            "ends_at": "2026-03-13T09:00", "reason": "Casques"}  # fmt: skip
    assert desk.post(reverse("bookings:note_trip"), told | {"ends_at": "2026-03-20T09:00"}).status_code == 409
    assert desk.post(reverse("bookings:note_trip"), told).status_code == 302
    assert "Casques" in text_of(desk.get(reverse("bookings:trips")))
    desk.post(reverse("bookings:drop_trip", args=[Trip.objects.get().pk]))
    assert not Trip.objects.exists()


def test_today_shows_every_deadline_red_before_it_is_missed(desk, out, car, bruno):
    notice(car, bruno)
    notice(car, bruno, sort="toll", number="", sent_on=None, at=TODAY - HOUR * 80)
    said = text_of(desk.get(reverse("portal:today")))
    assert "Désigner le conducteur (amende)" in said
    assert "au plus tard samedi 18 avril" in said
    assert "Payer (péage)" in said
