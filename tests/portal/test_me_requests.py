"""A participant asks for a vehicle, answers a proposal, gives up: on their own page, with one tap each."""

import datetime as dt

import pytest
from django.urls import reverse

from bookings import actions, tasks
from bookings.models import Booking, Proposal, RequestPolicy, WaitingEntry
from core import clock
from tests.bookings.conftest import MONDAY, SUNDAY, car_tariff
from tests.factories import ParticipantFactory, VehicleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sunday():
    with clock.travel(to=SUNDAY):
        yield


@pytest.fixture
def ana(platform, client):
    car_tariff(platform)
    VehicleFactory(site__platform=platform)
    ana = ParticipantFactory(platform=platform)
    client.force_login(ana.user)
    return ana


@pytest.fixture
def asks(platform):
    RequestPolicy.objects.create(platform=platform, participants_may_ask=True, offers_by_itself=True)


ADDRESS = "?type=car&starts_on=2026-03-05&days=14"


def test_three_short_steps(client, ana, asks):
    ask = reverse("portal:ask")
    assert ask in client.get(reverse("portal:me")).content.decode()
    assert "Une voiture" in client.get(ask).content.decode()
    assert "Quand" in client.get(f"{ask}?type=car").content.decode()
    last = client.get(f"{ask}{ADDRESS}")
    assert "Pourquoi" in last.content.decode()
    answer = client.post(f"{ask}{ADDRESS}", {"purpose": "cdd", "why": "Je commence le 5"})
    assert answer.headers["Location"] == reverse("portal:thanks", args=["demande"])
    loan = Booking.objects.get()
    assert (loan.state, loan.kind, loan.request.asked_by) == (Booking.State.AWAITING_APPROVAL, "car", ana.user)
    assert loan.ends_at - loan.starts_at == dt.timedelta(days=14)
    again = client.post(f"{ask}{ADDRESS}", {"purpose": "cdd"})
    assert again.status_code == 409
    page = client.get(reverse("portal:me")).content.decode()
    assert "Vous avez demandé une voiture" in page
    assert client.post(reverse("portal:withdraw", args=[loan.pk])).status_code == 302
    assert Booking.objects.get().state == Booking.State.CANCELLED


def test_where_the_platform_does_not_want_it_there_is_no_such_step(client, ana):
    assert reverse("portal:ask") not in client.get(reverse("portal:me")).content.decode()
    assert client.get(reverse("portal:ask")).status_code == 403
    assert client.post(reverse("portal:ask") + ADDRESS, {"purpose": "cdd"}).status_code == 403
    assert not Booking.objects.exists()


def proposed(platform, ana, bruno):
    entry = actions.join_waiting_list(platform, participant=ana, kind="car", earliest_at=MONDAY, days=7, by=bruno)
    tasks.serve_waiting_lists()
    return entry, Proposal.objects.get()


def test_yes_is_one_tap(client, platform, ana, asks, bruno):
    _, kept = proposed(platform, ana, bruno)
    page = client.get(reverse("portal:me")).content.decode()
    assert "Nous avons une voiture pour vous" in page
    assert client.post(reverse("portal:accept", args=[kept.pk])).status_code == 302
    assert Booking.objects.get().promised_until is None
    assert WaitingEntry.objects.get().state == WaitingEntry.State.SERVED


def test_no_is_one_tap_and_they_go_on_waiting(client, platform, ana, asks, bruno):
    _, kept = proposed(platform, ana, bruno)
    assert client.post(reverse("portal:decline", args=[kept.pk])).status_code == 302
    assert Booking.objects.get().state == Booking.State.CANCELLED
    assert "Vous attendez une voiture" in client.get(reverse("portal:me")).content.decode()


def test_too_late_is_said_in_a_sentence(client, platform, ana, asks, bruno):
    _, kept = proposed(platform, ana, bruno)
    with clock.travel(to=MONDAY + dt.timedelta(days=3)):
        tasks.expire_promises()
        answer = client.post(reverse("portal:accept", args=[kept.pk]))
    assert answer.status_code == 409
    assert "Trop tard" in answer.content.decode()


def test_nobody_answers_for_somebody_else(client, platform, other_platform, ana, asks, bruno):
    entry, kept = proposed(platform, ana, bruno)
    for stranger in (ParticipantFactory(platform=platform), ParticipantFactory(platform=other_platform)):
        client.force_login(stranger.user)
        assert client.post(reverse("portal:accept", args=[kept.pk])).status_code == 404
        assert client.post(reverse("portal:decline", args=[kept.pk])).status_code == 404
        assert client.post(reverse("portal:leave", args=[entry.pk])).status_code == 404
        assert client.post(reverse("portal:withdraw", args=[kept.booking_id])).status_code == 404
    assert Booking.objects.get().is_provisional


def test_what_the_adviser_has_not_said_yet_is_not_on_the_page(client, platform, ana, bruno):
    _, kept = proposed(platform, ana, bruno)
    assert kept.told_at is None
    page = client.get(reverse("portal:me")).content.decode()
    assert "Nous avons" not in page
    assert "Vous attendez une voiture" in page
    assert client.post(reverse("portal:accept", args=[kept.pk])).status_code == 404


def test_nor_in_their_agenda_nor_on_any_paper(client, platform, ana, bruno):
    """What is kept for somebody stays unsaid until they are told: the waiting list may still serve another first."""
    _, kept = proposed(platform, ana, bruno)
    agenda = client.post(reverse("portal:agenda")).context["address"].removeprefix("http://localhost:8000")
    pages = ("bookings:summary", "portal:vehicle_photo")
    addresses = [reverse(name, args=[kept.booking_id]) for name in pages]
    assert b"VEVENT" not in client.get(agenda).content
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    assert client.post(reverse("portal:withdraw", args=[kept.booking_id])).status_code == 404
    Proposal.objects.update(told_at=MONDAY)
    assert b"VEVENT" in client.get(agenda).content
    assert client.get(addresses[0]).status_code == 200


def test_leaving_the_list_is_one_tap(client, platform, ana, asks, bruno):
    entry, _ = proposed(platform, ana, bruno)
    assert client.post(reverse("portal:leave", args=[entry.pk])).status_code == 302
    assert WaitingEntry.objects.get().state == WaitingEntry.State.LEFT
