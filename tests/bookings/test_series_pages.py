"""Recurring loans on the page and over the API: dates first, one click for all, a stale page, two clicks."""

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Booking, Series
from core import clock
from fleet.models import Hold
from fleet.opening_actions import set_opening_hours
from tests.api.client import Program
from tests.bookings.conftest import DAY, MONDAY
from tests.factories import HoldFactory

pytestmark = pytest.mark.django_db
NEW = "/prets/reguliers/nouveau/"


@pytest.fixture
def typed(ana: Any, car: Any, tariff: Any) -> dict[str, Any]:
    days = {"weekdays": ["0", "1", "2", "3", "4"], "first_on": "2026-03-02", "last_on": "2026-03-13"}
    return days | {"participant": str(ana.pk), "kind": "car", "starts": "20:00", "ends": "06:00"}


@pytest.fixture
def desk(client: Client, bruno: Any) -> Client:
    client.force_login(bruno)
    return client


def at(day: int, hour: int) -> dt.datetime:
    return clock.at(dt.date(2026, 3, day), dt.time(hour), "Europe/Paris")


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def test_the_dates_are_shown_before_anything_is_promised(desk: Client, typed: Any, car: Any) -> None:
    HoldFactory(vehicle=car, starts_at=at(4, 22), ends_at=at(5, 2))
    page = text(desk.get(NEW, typed))
    assert "la nuit, du lundi au vendredi, de 20 h à 6 h" in page
    assert "1 date sur 10 n’est pas possible" in page
    assert "Réserver sans ces dates" in page
    assert "27,00 €" in page
    assert 'name="seen" value="27.00"' in page  # as the verb reads it back
    assert not Series.objects.exists()
    assert "Choisissez au moins un jour" not in text(desk.get(NEW))


def test_booked_with_one_click_and_only_once_with_two(desk: Client, typed: Any) -> None:
    sent = typed | {"seen": "30.00", "submission": "one-and-the-same"}
    first, second = desk.post(NEW, sent), desk.post(NEW, sent)
    series = Series.objects.get()
    assert first["Location"] == second["Location"] == reverse("bookings:series", args=[series.pk])
    page = text(desk.get(first["Location"]))
    assert "10 à venir sur 10" in page
    assert "30,00 €" in page
    assert "une date d’un prêt régulier" in text(
        desk.get(reverse("bookings:booking", args=[series.bookings.earliest("pk").pk]))
    )


def test_a_stale_page_is_refused_with_the_dates_as_they_are_now(desk: Client, typed: Any, car: Any) -> None:
    HoldFactory(vehicle=car, starts_at=at(4, 22), ends_at=at(5, 2))
    answer = desk.post(NEW, typed | {"seen": "30.00"})
    assert answer.status_code == 409
    assert "Cette date n’est pas possible : mercredi 4 mars" in text(answer)
    assert not Series.objects.exists()
    assert desk.post(NEW, typed | {"seen": "1.00", "without": ["2026-03-04"]}).status_code == 409
    assert desk.post(NEW, typed | {"seen": "27.00", "without": ["2026-03-04"]}).status_code == 302


def test_a_closed_site_is_passed_with_a_reason(desk: Client, typed: Any, site: Any, driss: Any) -> None:
    set_opening_hours(site, week={number: [(dt.time(9), dt.time(21))] for number in range(5)}, by=driss)
    page = text(desk.get(NEW, typed))
    assert "Horaires du site" in page
    assert "Aucune date n’est possible" in page
    assert desk.post(NEW, typed | {"pass_closed": "no_other_way", "seen": "30.00"}).status_code == 302


def test_a_date_is_dropped_and_the_rest_stopped(desk: Client, typed: Any) -> None:
    desk.post(NEW, typed | {"seen": "30.00"})
    series = Series.objects.get()
    one = series.bookings.earliest("starts_at")
    assert desk.post(reverse("bookings:drop_occurrence", args=[one.pk])).status_code == 302
    assert desk.post(reverse("bookings:drop_occurrence", args=[one.pk])).status_code == 409
    url = reverse("bookings:end_series", args=[series.pk])
    assert desk.post(url, {"on": "2026-02-01", "reason": "x"}).status_code == 409
    assert desk.post(url, {"on": "2026-03-09", "reason": "Fin de mission"}).status_code == 302
    assert series.bookings.filter(state=Booking.State.RESERVED).count() == 4
    assert "Arrêté" in text(desk.get(reverse("bookings:all_series")))


def test_what_is_nonsense_is_said(desk: Client, typed: Any) -> None:
    for wrong in ({"starts": "x"}, {"first_on": "2026-04-01"}, {"weekdays": ["9"]}, {"participant": "0"}):
        assert desk.get(NEW, typed | wrong).status_code == 200
        assert desk.post(NEW, typed | wrong).status_code in {409, 422}
    assert desk.get(NEW, typed | {"without": ["demain"]}).status_code == 200
    assert not Series.objects.exists()


def test_the_api_previews_books_and_ends(bruno: Any, typed: Any, car: Any) -> None:
    desk = Program(bruno)
    wish = typed | {"weekdays": [0, 1, 2, 3, 4]}
    HoldFactory(vehicle=car, starts_at=at(4, 22), ends_at=at(5, 2))
    plan = desk.post("series/preview/", **wish)
    assert (len(plan["occurrences"]), plan["total"], plan["deposit"]) == (10, "27.00", "250.00")
    assert [one["on"] for one in plan["occurrences"] if one["conflicts"]] == ["2026-03-04"]
    desk.refused("series/", "series_conflict", **wish)
    assert not Series.objects.exists()
    made = desk.post("series/", 201, **wish, without_conflicts=True)
    assert len(made["bookings"]) == 9
    assert made["pattern"]["weekdays"] == [0, 1, 2, 3, 4]
    desk.refused(f"series/{made['id']}/end/", "in_the_past", reason="x", on="2026-02-01")
    assert desk.post(f"series/{made['id']}/end/", reason="Fin")["ended_on"] == "2026-03-01"
    assert Hold.objects.count() == 1


def test_the_participant_sees_the_next_night_and_the_pattern(
    client: Client, desk: Client, typed: Any, ana: Any
) -> None:
    desk.post(NEW, typed | {"seen": "30.00"})
    hers = Client()
    hers.force_login(ana.user)
    page = text(hers.get("/moi/"))
    assert page.count("Nous vous prêtons la voiture") == 1
    assert (
        "C’est un prêt régulier : la nuit, du lundi au vendredi, de 20 h à 6 h, jusqu’au vendredi 13 mars 2026." in page
    )


def test_a_pattern_that_finds_no_vehicle_says_what_can_be_done_instead(desk: Any, typed: Any, car: Any) -> None:
    said = desk.get(NEW, typed).content.decode()
    assert "liste d’attente" not in said
    HoldFactory(vehicle=car, starts_at=MONDAY, ends_at=MONDAY + 20 * DAY)
    said = desk.get(NEW, typed).content.decode()
    assert f'href="{reverse("bookings:requests")}"' in said
    (address,) = re.findall(r'href="([^"]*/attente/ajouter/[^"]*)"', said)
    form = desk.get(html.unescape(address)).context["form"]
    first = {name: str(form.initial[name]) for name in ("earliest_at", "days", "kind", "participant")}
    wished = {"earliest_at": "2026-03-02T20:00", "days": "12", "kind": "car", "participant": typed["participant"]}
    assert first == wished
