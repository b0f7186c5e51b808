"""A participant's wish and its answer; the page of a renewal that is signed by a link."""

import base64
import datetime as dt
import re
from html import unescape

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from bookings.actions import ask_for_longer, extend, hand_over, refuse_wish, renew, shorten, sign_contract
from bookings.models import ContractSignature, Period, Wish
from core import clock
from tests.bookings.conftest import DAY, MONDAY, THIRTY_DAYS_LATER
from tests.bookings.reports import complete_report, signature
from tests.bookings.test_changes import LATER, refused, sentence

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday():
    with clock.travel(to=MONDAY):
        yield


@pytest.fixture
def out(loan, bruno):
    return hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))


@pytest.fixture
def wish(out, ana):
    return ask_for_longer(out, until=LATER.date(), reason="Mon contrat dure.", by=ana.user)


@pytest.fixture
def to_sign(out, bruno):
    renew(out, until=LATER, by=bruno, by_telephone=True)
    return Period.objects.to_sign().get()


def text(answer):
    return " ".join(re.sub(r"<[^>]*>", "", unescape(answer.content.decode()).replace("\xa0", " ")).split())


def drawing():
    """As the browser sends it."""
    return "data:image/png;base64," + base64.b64encode(signature().read()).decode()


class TestWishes:
    def test_one_click_leads_to_the_change_filled_in(self, wish, client, bruno):
        client.force_login(bruno)
        shown = text(client.get(reverse("bookings:booking", args=[wish.booking_id])))
        assert "Voudrait garder le véhicule jusqu’au samedi 11 avril 2026" in shown
        answer = client.get(reverse("bookings:booking", args=[wish.booking_id]))
        assert "/renouveler/?until=2026-04-11T09%3A00" in answer.content.decode()
        today = text(client.get(reverse("portal:today")))
        assert "garder jusqu’au samedi 11 avril, Mon contrat dure." in today

    def test_another_wish_takes_its_place(self, wish, out, ana):
        ask_for_longer(out, until=LATER.date() + DAY, by=ana.user)
        assert list(Wish.objects.values_list("state", flat=True)) == ["open", "replaced"]

    def test_a_longer_loan_grants_it(self, wish, out, bruno):
        extend(out, until=LATER, by=bruno)
        wish.refresh_from_db()
        assert (wish.state, wish.granted_until, wish.answered_by) == ("granted", LATER, bruno)

    def test_no_is_told_with_its_reason_and_stands_on_the_participants_page(self, wish, client, ana, bruno):
        refuse_wish(wish, by=bruno, reason="Quelqu’un d’autre en a besoin.")
        assert "Quelqu’un d’autre en a besoin" in sentence(wish.booking)
        client.force_login(ana.user)
        assert "Ce n’est pas possible : Quelqu’un d’autre en a besoin." in text(client.get(reverse("portal:me")))
        refused("wrong_state", refuse_wish, wish, by=bruno, reason="Encore")

    def test_no_says_why(self, wish, bruno):
        refused("reason_missing", refuse_wish, wish, by=bruno, reason=" ")
        assert Wish.objects.get().state == "open"

    def test_a_stranger_answers_nothing(self, wish, eve, ana):
        for somebody in (eve, ana.user):
            with pytest.raises(PermissionDenied):
                refuse_wish(wish, by=somebody, reason="Non")
        assert Wish.objects.get().state == "open"


class TestSigning:
    def test_by_the_link_the_page_is_frozen_with_its_hash(self, to_sign, client, ana):
        client.force_login(ana.user)
        assert "Lire le contrat" in text(client.get(reverse("portal:sign")))
        answer = client.post(reverse("portal:sign"), {"signer_name": "Ana Dupouy", "signature": drawing()})
        assert answer.url == reverse("portal:thanks", args=["signature"])
        to_sign.refresh_from_db()
        assert not to_sign.awaits_signature
        assert len(to_sign.contract.sha256) == 64
        assert to_sign.signature.means == ContractSignature.Means.LINK
        assert "Vous n’avez rien à signer" in text(client.get(reverse("portal:sign")))

    def test_before_the_staff_on_the_screen(self, to_sign, client, bruno):
        client.force_login(bruno)
        assert "Faire signer" in text(client.get(reverse("portal:today")))
        url = reverse("bookings:sign_contract", args=[to_sign.pk])
        assert client.get(url).status_code == 200
        assert client.post(url, {"signer_name": "Ana", "signature": drawing()}).status_code == 302
        assert ContractSignature.objects.get().means == ContractSignature.Means.SCREEN

    def test_it_is_signed_once(self, to_sign, ana):
        sign_contract(to_sign, by=ana.user, signature=signature())
        first = Period.objects.get(pk=to_sign.pk).contract_id
        with pytest.raises(ValidationError) as refusal:
            sign_contract(to_sign, by=ana.user, signature=signature())
        assert refusal.value.code == "signed_already"
        assert Period.objects.get(pk=to_sign.pk).contract_id == first

    def test_what_was_given_up_is_not_signed(self, to_sign, out, ana, bruno):
        shorten(out, until=THIRTY_DAYS_LATER - dt.timedelta(days=2), by=bruno)
        refused("given_up", sign_contract, to_sign, by=ana.user, signature=signature())

    def test_a_stranger_signs_nothing(self, to_sign, eve):
        with pytest.raises(PermissionDenied):
            sign_contract(to_sign, by=eve, signature=signature())
        assert Period.objects.get(pk=to_sign.pk).awaits_signature
