"""« Passer outre »: the same boxes on every page that promises a vehicle, and none leaves a refusal without its box."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from bookings import actions
from bookings.actions import book
from bookings.models import Booking, LoanRules, Proposal, RulePass
from core import clock
from fleet import holds
from fleet.models import Hold
from fleet.opening_actions import set_opening_hours
from tests.api.client import Program
from tests.bookings.conftest import MONDAY
from tests.bookings.test_change_pages import text
from tests.factories import ParticipantFactory, VehicleFactory

pytestmark = pytest.mark.django_db
SINCE = dt.date(2026, 1, 1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def rules(platform: Any) -> Any:
    return lambda **said: LoanRules.objects.create(platform=platform, valid_from=SINCE, **said)


def at(day: int, hour: int) -> dt.datetime:
    return clock.at(dt.date(2026, 3, day), dt.time(hour), "Europe/Paris")


@pytest.fixture
def asked(platform: Any, ana: Any, car: Any, tariff: Any, bruno: Any) -> Booking:
    """From Monday at nine until Sunday at six."""
    return actions.request_loan(
        platform, participant=ana, kind="car", starts_at=MONDAY, ends_at=at(8, 18), by=bruno, purpose="cdi"
    )


def test_a_request_for_an_hour_at_which_the_site_is_closed_gets_its_box(
    desk: Client, asked: Booking, site: Any, driss: Any
) -> None:
    set_opening_hours(site, week={day: [(dt.time(9), dt.time(17))] for day in range(5)}, by=driss)
    page = reverse("bookings:approve", args=[asked.pk])
    shown = text(desk.get(page))
    assert "Dax est fermé dimanche 8 mars à 18 h (retour)." in shown
    assert 'name="pass_closed"' in shown
    assert desk.post(page).status_code == 409
    assert not RulePass.objects.exists()
    assert desk.post(page, {"pass_closed": "job"}).status_code == 302
    assert RulePass.objects.get().rule == "closed"


def test_a_request_is_served_by_a_vehicle_that_only_its_turnaround_keeps(
    desk: Client, asked: Booking, platform: Any, car: Any, bruno: Any, rules: Any
) -> None:
    rules(after_minutes=120)
    zoe = ParticipantFactory(platform=platform, first_name="Zoé")
    book(platform, participant=zoe, vehicle=car, starts_at=MONDAY - 5 * HOUR, ends_at=MONDAY - HOUR, by=bruno)
    page = reverse("bookings:approve", args=[asked.pk])
    assert "trop peu de temps pour le préparer" in text(desk.get(page))
    refused = desk.post(page, {"vehicle": car.pk})
    assert refused.status_code == 409
    assert text(refused).count('name="pass_turnaround"') == 1
    assert desk.post(page, {"vehicle": car.pk, "pass_turnaround": "job"}).status_code == 302
    asked.refresh_from_db()
    assert asked.state == "reserved"


def displaced(loan: Booking, car: Any) -> None:
    holds.take(car, loan.starts_at, loan.ends_at, purpose=Hold.Purpose.MAINTENANCE, displacing=True)


def test_a_displaced_loan_gets_a_vehicle_that_only_its_turnaround_keeps(
    desk: Client, loan: Booking, platform: Any, car: Any, other_car: Any, bruno: Any, rules: Any
) -> None:
    rules(after_minutes=120)
    zoe = ParticipantFactory(platform=platform, first_name="Zoé")
    book(platform, participant=zoe, vehicle=other_car, starts_at=MONDAY - 5 * HOUR, ends_at=MONDAY - HOUR, by=bruno)
    displaced(loan, car)
    page = reverse("bookings:alternatives", args=[loan.pk])
    shown = text(desk.get(page))
    assert "Aucun véhicule égal n’est libre" in shown
    assert f'id="vehicle-{other_car.pk}"' in shown
    refused = desk.post(page, {"vehicle": other_car.pk})
    assert refused.status_code == 409
    assert text(refused).count('name="pass_turnaround"') == 1
    assert not loan.assignments.get().hold
    assert desk.post(page, {"vehicle": other_car.pk, "pass_turnaround": "continuity"}).status_code == 302
    assert loan.assignments.get().hold.vehicle == other_car
    assert RulePass.objects.get().reason == "continuity"


def test_another_kind_is_offered_to_a_displaced_loan_with_the_time_to_make_it_ready(
    desk: Client, loan: Booking, platform: Any, site: Any, car: Any, rules: Any
) -> None:
    rules(before_minutes=120, kind="car")
    bike = VehicleFactory(e_bike=True, site=site, fleet_number="E01")
    holds.take(bike, MONDAY - 5 * HOUR, MONDAY - HOUR, purpose=Hold.Purpose.RESERVE)
    displaced(loan, car)
    page = reverse("bookings:alternatives", args=[loan.pk])
    assert "E01" not in text(desk.get(page))


@pytest.fixture
def entry(platform: Any, ana: Any, car: Any, tariff: Any, bruno: Any) -> Any:
    return actions.join_waiting_list(platform, participant=ana, kind="car", earliest_at=MONDAY, days=7, by=bruno)


def test_who_waits_is_proposed_a_vehicle_with_a_pass_at_the_dates_that_the_page_shows(
    desk: Client, entry: Any, platform: Any, car: Any, bruno: Any, rules: Any
) -> None:
    rules(documents=["identity"])
    zoe = ParticipantFactory(platform=platform, first_name="Zoé")
    LoanRules.objects.update(valid_from=dt.date(2026, 3, 4))
    book(platform, participant=zoe, vehicle=car, starts_at=MONDAY, ends_at=at(5, 9), by=bruno)
    page = reverse("bookings:propose", args=[entry.pk])
    shown = text(desk.get(page))
    assert "jeudi 5 mars à 9 h" in shown
    assert 'name="pass_documents"' in shown
    assert desk.post(page, {"vehicle": car.pk}).status_code == 409
    assert not Proposal.objects.exists()
    assert desk.post(page, {"vehicle": car.pk, "pass_documents": "paper_coming"}).status_code == 302
    kept = Proposal.objects.get().booking
    assert (kept.starts_at, kept.ends_at) == (at(5, 9), at(12, 9))


def test_where_the_pool_has_no_such_vehicle_nothing_is_proposed(desk: Client, entry: Any, car: Any) -> None:
    page = reverse("bookings:propose", args=[entry.pk])
    assert page in text(desk.get(reverse("bookings:waiting")))
    type(car).objects.filter(pk=car.pk).update(kind="van")
    assert page not in text(desk.get(reverse("bookings:waiting")))
    assert "Rien ne peut servir" in text(desk.get(page))


def test_whoever_may_not_pass_gets_no_box_for_other_dates(desk: Client, loan: Booking, rules: Any) -> None:
    rules(max_days=5, passed_by=[])
    page = reverse("bookings:extend", args=[loan.pk])
    shown = text(desk.get(page))
    assert "Seules certaines personnes" in shown
    assert "pass_max_length" not in shown
    assert "Prolonger</button>" not in shown


def test_the_reason_that_was_chosen_stays_chosen_when_something_else_is_refused(
    desk: Client, loan: Booking, rules: Any
) -> None:
    rules(max_days=5)
    answer = desk.post(
        reverse("bookings:extend", args=[loan.pk]),
        {"until": "2026-04-11T09:00", "seen": "1.00", "pass_max_length": "job"},
    )
    assert answer.status_code == 409
    assert '<option value="job" selected>' in text(answer)


def test_room_is_made_with_a_pass(
    desk: Client, platform: Any, ana: Any, car: Any, tariff: Any, bruno: Any, rules: Any
) -> None:
    rules(max_days=5)
    wish = {"participant": ana.pk, "kind": "car", "starts_at": "2026-03-02T09:00", "ends_at": "2026-03-12T09:00"}
    page = reverse("bookings:make_room")
    assert 'name="pass_max_length"' in text(desk.get(page, wish))
    assert desk.post(page, wish | {"vehicle": car.pk}).status_code == 409
    assert not Booking.objects.exists()
    assert desk.post(page, wish | {"vehicle": car.pk, "pass_max_length": "job"}).status_code == 302
    asked = {"participant": ana.pk, "kind": "car", "vehicle": car.pk, "moves": []}
    dates = {"starts_at": at(20, 9).isoformat(), "ends_at": at(29, 9).isoformat()}
    program = Program(bruno)
    program.refused("bookings/make_room/", "rule_broken", **asked, **dates)
    program.post("bookings/make_room/", 201, **asked, **dates, passes=[{"rule": "max_length", "reason": "job"}])


def test_a_recurring_loan_passes_the_turnaround_between_it_and_others_once_for_all(
    platform: Any, ana: Any, car: Any, tariff: Any, bruno: Any, desk: Client, rules: Any
) -> None:
    rules(after_minutes=120)
    zoe = ParticipantFactory(platform=platform, first_name="Zoé")
    book(platform, participant=zoe, vehicle=car, starts_at=at(3, 9), ends_at=at(3, 19), by=bruno)
    typed = {
        "participant": ana.pk, "weekdays": ["0", "1", "2"], "starts": "20:00", "ends": "06:00", "kind": "car",
        "first_on": "2026-03-02", "last_on": "2026-03-04", "vehicle": car.pk,
    }  # fmt: skip
    page = reverse("bookings:new_series")
    shown = text(desk.get(page, typed))
    assert "Trop peu de temps pour préparer" in shown
    assert 'name="pass_turnaround"' in shown
    assert desk.post(page, typed).status_code == 409
    assert not Booking.objects.filter(series__isnull=False).exists()
    assert desk.post(page, typed | {"pass_turnaround": "job"}).status_code == 302
    nights = Booking.objects.filter(series__isnull=False)
    assert nights.count() == 3
    assert RulePass.objects.get().rule == "turnaround"
    assert {one.site for night in nights for one in night.assignments.all()} == {car.site}


def test_a_missing_paper_is_noted_on_the_way_and_leads_back(
    desk: Client, platform: Any, ana: Any, car: Any, tariff: Any, rules: Any
) -> None:
    rules(documents=["identity"])
    wish = {"participant": ana.pk, "kind": "car", "starts_at": "2026-03-02T09:00", "ends_at": "2026-03-12T09:00"}
    answer = desk.get(reverse("bookings:book"), wish)
    paper = reverse("participants:note_document", args=[ana.pk])
    back = answer.wsgi_request.get_full_path()
    link = f"{paper}?{urlencode({'retour': back}, safe='/')}"
    assert f'href="{link}"' in text(answer)
    promised = desk.post(link, {"sort": "identity", "promised_for": "2026-03-02"})
    assert promised.headers["Location"] == back
    shown = text(desk.get(back))
    assert "Promis, pas encore vu : pièce d’identité (pour le lundi 2 mars)." in shown
    assert "pass_documents" not in shown
    elsewhere = desk.post(f"{paper}?retour=https://example.org/", {"sort": "identity", "promised_for": "2026-03-02"})
    assert elsewhere.headers["Location"] == reverse("participants:participant", args=[ana.pk])
