"""The pages of a change: the price before, with htmx and without; what is stale or in the way is refused."""

import datetime as dt
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bookings.actions import book, hand_over
from bookings.models import Booking, LoanRules, RulePass
from core import clock
from tests.bookings.conftest import DAY, MONDAY, THIRTY_DAYS_LATER
from tests.bookings.reports import complete_report
from tests.factories import ParticipantFactory

pytestmark = pytest.mark.django_db

LATER = "2026-04-11T09:00"


@pytest.fixture
def desk(client: Client, bruno: Any) -> Client:
    client.force_login(bruno)
    return client


def url(verb: str, loan: Booking) -> str:
    return reverse(f"bookings:{verb}", args=[loan.pk])


def text(answer: Any) -> str:
    return unescape(answer.content.decode()).replace("\xa0", " ")


def test_a_page_opens_with_the_usual_wish_and_its_price(desk: Client, loan: Booking) -> None:
    shown = text(desk.get(url("extend", loan)))
    assert "21,00 € à payer en plus" in shown
    assert "30 jours à 3,00 €" in shown
    assert "37 jours à 3,00 €" in shown


def test_the_price_follows_what_is_typed_as_a_fragment_for_htmx(desk: Client, loan: Booking) -> None:
    answer = desk.get(url("extend", loan), {"until": LATER}, headers={"HX-Request": "true"})
    assert "30,00 € à payer en plus" in text(answer)
    assert "<html" not in text(answer)


def test_what_was_seen_is_confirmed_and_the_loan_says_so(desk: Client, loan: Booking) -> None:
    answer = desk.post(url("extend", loan), {"until": LATER, "seen": "30.00"}, follow=True)
    assert answer.redirect_chain == [(url("booking", loan), 302)]
    assert "Le prêt est prolongé, jusqu’au samedi 11 avril à 9 h." in text(answer)


def test_a_stale_price_is_refused_with_the_new_one(desk: Client, loan: Booking) -> None:
    answer = desk.post(url("extend", loan), {"until": LATER, "seen": "27.00"})
    assert answer.status_code == 409
    assert "Le prix n’est plus celui qui était affiché : 30,00 € à payer en plus." in text(answer)
    assert 'name="seen" value="30.00"' in text(answer)
    loan.refresh_from_db()
    assert loan.ends_at == THIRTY_DAYS_LATER


def test_what_is_in_the_way_leads_on(desk: Client, loan: Booking, platform: Any, car: Any, other_car: Any,
                                     bruno: Any) -> None:  # fmt: skip
    bea = ParticipantFactory(platform=platform, first_name="Béa")
    start = THIRTY_DAYS_LATER + 2 * DAY
    other = book(platform, participant=bea, vehicle=car, starts_at=start, ends_at=start + DAY, by=bruno)
    shown = text(desk.get(url("extend", loan), {"until": LATER}))
    assert "Libre jusqu’au vendredi 3 avril à 9 h." in shown
    assert "?until=2026-04-03T09%3A00" in shown
    assert url("replace_vehicle", other) in shown
    assert "Revenir au prêt" in shown
    assert desk.post(url("extend", loan), {"until": LATER}).status_code == 409


def test_a_date_that_is_none_is_said_and_nothing_is_worked_out(desk: Client, loan: Booking) -> None:
    answer = desk.post(url("extend", loan), {"until": "bientôt"})
    assert answer.status_code == 422
    assert "Écrivez la date et l’heure" in text(answer)


def test_a_move_offers_the_vehicles_that_are_free_then(desk: Client, loan: Booking, other_car: Any) -> None:
    wish = {"starts_at": "2026-03-09T09:00", "ends_at": "2026-03-16T09:00"}
    shown = text(desk.get(url("move", loan), wish))
    assert "69,00 € de moins à payer" in shown
    assert f'value="{other_car.pk}"' in shown
    desk.post(url("move", loan), wish | {"vehicle": other_car.pk})
    assert loan.assignments.current().get().vehicle == other_car


def test_another_platforms_vehicle_is_none(desk: Client, loan: Booking) -> None:
    wish = {"starts_at": "2026-03-09T09:00", "ends_at": "2026-03-16T09:00"}
    assert desk.post(url("move", loan), wish | {"vehicle": 999_999}).status_code == 422


def test_a_double_click_renews_once(desk: Client, loan: Booking, bruno: Any) -> None:
    with clock.travel(to=MONDAY):
        hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))
        sent = {"until": LATER, "submission": "un-clic"}
        answers = [desk.post(url("renew", loan), sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert loan.periods.count() == 2


def test_the_verbs_stand_on_the_loans_page_in_their_state(desk: Client, loan: Booking, bruno: Any) -> None:
    shown = text(desk.get(url("booking", loan)))
    assert url("move", loan) in shown
    assert url("renew", loan) not in shown
    with clock.travel(to=MONDAY):
        hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))
        shown = text(desk.get(url("booking", loan)))
    assert url("renew", loan) in shown
    assert url("shorten", loan) in shown
    assert url("move", loan) not in shown


def test_a_change_says_before_and_after(desk: Client, loan: Booking) -> None:
    answer = desk.get(url("shorten", loan), {"until": "2026-03-16T09:00"})
    assert "48,00 € de moins à payer" in text(answer)
    assert Decimal(answer.context["change"].difference) == Decimal("-48.00")


def test_a_house_rule_is_passed_with_a_reason(desk: Client, loan: Booking, platform: Any) -> None:
    LoanRules.objects.create(platform=platform, valid_from=dt.date(2025, 1, 1), max_days=31)
    shown = text(desk.get(url("extend", loan), {"until": LATER}))
    assert "Durée maximale" in shown
    assert 'name="pass_max_length"' in shown
    answer = desk.post(url("extend", loan), {"until": LATER, "seen": "30.00"})
    assert answer.status_code == 409
    assert loan.periods.get().total == Decimal("90.00")
    desk.post(url("extend", loan), {"until": LATER, "seen": "30.00", "pass_max_length": "job"})
    assert loan.periods.get().total == Decimal("120.00")
    assert RulePass.objects.get(booking=loan).reason == "job"
