"""Keys change hands while the site is open, or somebody says why not."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from bookings.actions import book, extend, move
from bookings.models import Booking, RulePass
from bookings.rules.house import Pass
from core import clock
from fleet.opening_actions import close_site, set_opening_hours

pytestmark = pytest.mark.django_db
WEEK = {number: [(dt.time(9), dt.time(12)), (dt.time(14), dt.time(17))] for number in range(5)}


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return clock.at(dt.date(2026, 3, day), dt.time(hour, minute), "Europe/Paris")


@pytest.fixture
def wish(platform: Any, site: Any, ana: Any, car: Any, tariff: Any, bruno: Any, driss: Any) -> dict[str, Any]:
    set_opening_hours(site, week=WEEK, holiday_region="FR", by=driss)
    car.refresh_from_db()
    return {"participant": ana, "vehicle": car, "by": bruno}


def refusal_of(verb: Any, *args: Any, **kwargs: Any) -> str:
    before = Booking.objects.count()
    with pytest.raises(ValidationError) as refusal:
        verb(*args, **kwargs)
    assert refusal.value.code == "rule_broken"
    assert Booking.objects.count() == before
    return " ".join(refusal.value.messages).replace("\u00a0", " ")


def test_within_the_hours_nothing_is_asked(platform: Any, wish: Any) -> None:
    assert book(platform, **wish, starts_at=at(2, 9), ends_at=at(6, 17)).pk


@pytest.mark.parametrize("by_kind", [False, True])
def test_a_closed_site_refuses_with_the_nearest_hours(platform: Any, wish: Any, by_kind: bool) -> None:
    if by_kind:
        wish = wish | {"vehicle": None, "kind": "car"}
    said = refusal_of(book, platform, **wish, starts_at=at(2, 9), ends_at=at(7, 18))
    assert said == (
        "Dax est fermé samedi 7 mars à 18 h (retour). Ouvert : vendredi 6 mars à 17 h, ou lundi 9 mars à 9 h."
    )
    both = refusal_of(book, platform, **wish, starts_at=at(3, 13), ends_at=at(7, 18))
    assert both.startswith(
        "Dax est fermé mardi 3 mars à 13 h (départ). Ouvert : mardi 3 mars à midi, ou mardi 3 mars à 14 h."
    )


@pytest.mark.parametrize("by_kind", [False, True])
def test_it_is_passed_with_a_reason(platform: Any, wish: Any, by_kind: bool) -> None:
    if by_kind:
        wish = wish | {"vehicle": None, "kind": "car"}
    loan = book(platform, **wish, starts_at=at(2, 9), ends_at=at(7, 18), passes=[Pass("closed", "job")])
    assert RulePass.objects.get(booking=loan).rule == "closed"


def test_a_closure_counts(platform: Any, wish: Any, site: Any, driss: Any) -> None:
    close_site(site, first_on=dt.date(2026, 3, 5), last_on=dt.date(2026, 3, 6), words="congés", by=driss)
    wish["vehicle"].refresh_from_db()
    said = refusal_of(book, platform, **wish, starts_at=at(2, 9), ends_at=at(6, 10))
    assert "Ouvert : mercredi 4 mars à 17 h, ou lundi 9 mars à 9 h." in said


def test_of_a_change_only_what_changes_is_asked(platform: Any, wish: Any, bruno: Any) -> None:
    loan = book(platform, **wish, starts_at=at(2, 9), ends_at=at(7, 18), passes=[Pass("closed", "job")])
    assert "dimanche 8 mars à 18 h (retour)" in refusal_of(extend, loan, until=at(8, 18), by=bruno)
    extend(loan, until=at(9, 10), by=bruno)
    said = refusal_of(move, loan, starts_at=at(8, 9), ends_at=at(9, 10), by=bruno)
    assert "(départ)" in said
    assert "(retour)" not in said


def test_the_page_says_it_proposes_the_nearest_hours_and_lets_it_be_passed(
    client: Client, platform: Any, wish: Any, ana: Any, bruno: Any
) -> None:
    client.force_login(bruno)
    typed = {"participant": ana.pk, "kind": "car", "starts_at": "2026-03-02T09:00", "ends_at": "2026-03-07T18:00"}
    url = reverse("bookings:book")
    page = client.get(url, typed).content.decode().replace("\u00a0", " ")
    assert "Dax est fermé samedi 7 mars à 18 h (retour)" in page
    assert "ends_at=2026-03-06T17%3A00" in page
    assert "ends_at=2026-03-09T09%3A00" in page
    sent = typed | {"vehicle": wish["vehicle"].pk}
    assert client.post(url, sent).status_code == 409
    assert not Booking.objects.exists()
    assert client.post(url, sent | {"pass_closed": "job"}).status_code == 302
    assert RulePass.objects.get().rule == "closed"
