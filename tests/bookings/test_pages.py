"""« Réserver », the list, a loan's page and the verbs, as the staff meet them."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bookings import actions
from bookings.models import Booking, LoanRules
from core import clock
from fleet.models import Hold
from participants.models import Participant
from tests.bookings.conftest import DAY, MONDAY
from tests.factories import HoldFactory, ProgrammeFactory

pytestmark = pytest.mark.django_db


def wish(ana: Any, **changed: Any) -> dict[str, Any]:
    return {
        "participant": ana.pk,
        "kind": "car",
        "starts_at": "2026-03-02T09:00",
        "ends_at": "2026-04-01T09:00",
    } | changed


def text(answer: Any) -> str:
    return answer.content.decode().replace("\xa0", " ").replace("\u202f", " ")


def test_the_page_shows_what_is_free_and_the_price_before_anything_is_promised(
    desk: Client, ana: Any, car: Any, other_car: Any, tariff: Any
) -> None:
    page = text(desk.get(reverse("bookings:book"), wish(ana)))
    assert "90,00 €" in page
    assert "V01" in page
    assert "V02" in page
    assert not Booking.objects.exists()


def test_one_click_books_the_vehicle_that_was_chosen(desk: Client, ana: Any, car: Any, tariff: Any) -> None:
    answer = desk.post(reverse("bookings:book"), wish(ana, vehicle=car.pk))
    loan = Booking.objects.get()
    assert answer.url == reverse("bookings:booking", args=[loan.pk])
    assert car.holds.get().starts_at == MONDAY


def test_a_double_click_books_once(desk: Client, ana: Any, tariff: Any, car: Any, other_car: Any) -> None:
    sent = wish(ana, submission="11111111-1111-4111-8111-111111111111")
    first, second = (desk.post(reverse("bookings:book"), sent) for _ in range(2))
    assert first.url == second.url
    assert Booking.objects.count() == 1


def test_a_taken_car_is_refused_in_a_sentence_with_what_is_free_and_what_was_typed_stays(
    desk: Client, loan: Any, ana: Any, car: Any, other_car: Any
) -> None:
    answer = desk.post(reverse("bookings:book"), wish(ana, vehicle=car.pk, destination="Dax, ESAT"))
    assert answer.status_code == 409
    assert "Ce véhicule est prêté" in text(answer)
    assert "Libres à ces dates : V02" in text(answer)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"ends_at": "2026-03-01T09:00"}, "La fin doit venir après le début"),
        ({"starts_at": "2026-02-01T09:00"}, "c’est passé"),
        ({"ends_at": "2036-03-01T09:00"}, "un an au plus"),
        ({"starts_at": "2026-03-29T02:30"}, "Cette heure n’existe pas"),
        ({"starts_at": "demain"}, "Écrivez la date et l’heure"),
        ({"participant": "999999"}, "Choisissez une personne"),
        ({"vehicle": "999999"}, "Choisissez un véhicule de la liste"),
    ],
)
def test_bad_input_gets_a_sentence(
    desk: Client, ana: Any, car: Any, tariff: Any, changed: dict[str, Any], sentence: str
) -> None:
    answer = desk.post(reverse("bookings:book"), wish(ana, **changed))
    assert answer.status_code in {409, 422}
    assert sentence in text(answer)
    assert not Booking.objects.exists()


def test_the_wish_in_the_address_survives_nonsense(desk: Client, ana: Any, car: Any, tariff: Any) -> None:
    for nonsense in (
        {"kind": "rocket"},
        {"participant": "x"},
        {"starts_at": ""},
        {"vehicle": "-1"},
        {"needs_seats": "0"},
    ):
        assert desk.get(reverse("bookings:book"), wish(ana, **nonsense)).status_code == 200


def test_a_person_is_found_by_post_and_chosen_by_number(desk: Client, ana: Any) -> None:
    Participant.objects.update(name_key="dupouy ana")
    page = desk.post(reverse("bookings:find_participant"), {"q": "dupouy", "kept": "kind=car"})
    assert f"?kind=car&amp;participant={ana.pk}" in text(page)
    assert "dupouy" not in page.wsgi_request.get_full_path()


def test_somebody_new_is_added_in_place(desk: Client, platform: Any) -> None:
    ProgrammeFactory(platform=platform, is_default=True)
    answer = desk.post(
        reverse("bookings:new_participant"),
        {"first_name": "Béa", "last_name": "Lartigue", "phone": "06 12 34 56 78", "kept": "kind=car"},
    )
    person = Participant.objects.get(first_name="Béa")
    assert answer.url == f"{reverse('bookings:book')}?kind=car&participant={person.pk}"


@pytest.mark.parametrize("state", ["", "reserved", "active", "late", "displaced", "returned", "cancelled"])
def test_the_list_filters_in_its_address(desk: Client, loan: Any, state: str) -> None:
    page = text(desk.get(reverse("bookings:bookings"), {"state": state}))
    assert ("Ana Dupouy" in page) == (state in {"", "reserved"})


def test_a_blocked_loan_stands_under_displaced(desk: Client, loan: Any, car: Any) -> None:
    Hold.objects.all().delete()
    assert "Ana Dupouy" in text(desk.get(reverse("bookings:bookings"), {"state": "displaced"}))


def test_a_loan_is_cancelled_from_its_page_with_a_reason(desk: Client, loan: Any) -> None:
    url = reverse("bookings:cancel", args=[loan.pk])
    assert desk.get(url).status_code == 200
    assert desk.post(url, {"reason": ""}).status_code == 422
    assert desk.post(url, {"reason": "other_way"}).status_code == 302
    loan.refresh_from_db()
    assert loan.state == Booking.State.CANCELLED
    assert desk.post(url, {"reason": "other_way"}).status_code == 409


def test_a_stale_tab_gets_a_sentence_and_the_page(desk: Client, loan: Any) -> None:
    answer = desk.post(
        reverse("bookings:rehouse", args=[loan.pk]),
        headers={"Referer": f"http://testserver{reverse('bookings:bookings')}"},
        follow=True,
    )
    assert answer.status_code == 200
    assert "Ce prêt a déjà un véhicule" in text(answer)


class TestBoard:
    def board(self, desk: Client, **asked: Any) -> str:
        return text(desk.get(reverse("bookings:board"), asked))

    def test_a_hold_is_a_bar_from_its_first_half_day(self, desk: Client, loan: Any) -> None:
        page = self.board(desk, vue="mois", le="2026-03-01")
        assert '<li class="c3 s60 bar loan goes-on" data-loan=' in page
        assert "Ana Dupouy" in page

    def test_a_late_loan_is_drawn_until_now(self, desk: Client, loan: Any, car: Any) -> None:
        Hold.objects.update(out_at=MONDAY)
        with clock.travel(to=loan.ends_at + 3 * DAY):
            page = self.board(desk, vue="semaine", le="2026-04-03")
        assert "bar late began" in page

    def test_a_repair_keeps_its_colour_while_the_vehicle_is_at_the_garage(self, desk: Client, car: Any) -> None:
        start, end = MONDAY, MONDAY + DAY
        HoldFactory(vehicle=car, purpose="maintenance", starts_at=start, ends_at=end, out_at=start, reason="Freins")
        with clock.travel(to=start):
            page = self.board(desk, vue="semaine", le="2026-03-02")
        assert "bar maintenance" in page
        assert "bar out" not in page.split("<tbody>", 1)[1]

    def test_the_strip_counts_what_is_free_each_day(self, desk: Client, loan: Any, other_car: Any) -> None:
        page = self.board(desk, vue="semaine", le="2026-03-02")
        assert page.count('free">1</li>') == 7

    @pytest.mark.parametrize("vue", ["semaine", "mois", "trimestre", "siècle", ""])
    def test_every_view_is_a_page_of_two_queries(
        self, desk: Client, loan: Any, vue: str, django_assert_max_num_queries: Any
    ) -> None:
        with django_assert_max_num_queries(3 + 3):  # and session, user, membership
            assert "Planning" in self.board(desk, vue=vue)


@pytest.mark.parametrize(("wanted", "where"), [("asks", "request_loan"), ("waits", "join_waiting_list")])
def test_who_asks_or_waits_is_chosen_on_the_same_page(desk: Client, ana: Any, wanted: str, where: str) -> None:
    """Without a person the page asks for one alone; the choice leads back to it, with the rest of the wish."""
    address = reverse(f"bookings:{where}")
    first = desk.get(address, {"kind": "car"})
    assert f'name="next" value="{wanted}"' in text(first)
    assert 'name="purpose"' not in text(first)
    Participant.objects.update(name_key="dupouy ana")
    found = desk.post(reverse("bookings:find_participant"), {"q": "dupouy", "kept": "kind=car", "next": wanted})
    chosen = f"{address}?kind=car&amp;participant={ana.pk}"
    assert chosen in text(found)
    assert 'name="purpose"' in text(desk.get(chosen.replace("&amp;", "&")))


def test_a_vehicle_that_is_only_just_back_is_given_with_a_pass(
    desk: Client, loan: Any, platform: Any, ana: Any, other_car: Any, bruno: Any
) -> None:
    rules = {"platform": platform, "valid_from": MONDAY.date() - 30 * DAY, "after_minutes": 24 * 60}
    LoanRules.objects.create(**rules)
    hours = dt.timedelta(hours=2)
    earlier = {"starts_at": MONDAY - 6 * hours, "ends_at": MONDAY - hours}
    actions.book(platform, participant=ana, vehicle=other_car, by=bruno, **earlier)
    address = reverse("bookings:replace_vehicle", args=[loan.pk])
    typed = {"vehicle": other_car.pk, "reason": "Plus proche"}
    page = desk.get(address).content.decode()
    assert 'name="pass_turnaround"' in page
    assert desk.post(address, typed).status_code == 409
    assert desk.post(address, typed | {"pass_turnaround": "job"}).status_code == 302
    assert loan.rule_passes.get().reason == "job"
