"""A recurring loan that somebody must approve is asked for, waits, and becomes its dates: the request is the first."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from bookings.actions import (
    approve,
    approve_series,
    change_request,
    refuse_request,
    request_loan,
    request_series,
    wait_for_vehicle,
)
from bookings.models import Booking, LoanRequest, LoanRules, Series
from core.models import JournalEntry
from fleet.models import Hold
from tests.api.client import Program
from tests.bookings.test_series import NIGHTS, at, refused
from tests.bookings.test_series_pages import NEW, text
from tests.factories import HoldFactory
from tests.test_races import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def to_approve(platform: Any) -> LoanRules:
    return LoanRules.objects.create(
        platform=platform, valid_from=dt.date(2026, 1, 1), approval_needed=True, approved_by=["fleet_manager"]
    )


@pytest.fixture
def asked(platform: Any, ana: Any, car: Any, tariff: Any, bruno: Any) -> Booking:
    return request_series(platform, participant=ana, pattern=NIGHTS, kind="car", purpose="temporary", by=bruno)


def test_a_request_takes_nothing_and_keeps_its_pattern(asked: Booking) -> None:
    assert (asked.state, asked.account) == ("awaiting_approval", None)
    assert (asked.starts_at, asked.ends_at) == (at(2, 20), at(14, 6))
    assert LoanRequest.objects.get().pattern == {
        "weekdays": [0, 1, 2, 3, 4], "starts": "20:00", "ends": "06:00", "first_on": "2026-03-02",
        "last_on": "2026-03-13",
    }  # fmt: skip
    assert not Hold.objects.exists()


def test_approved_it_is_the_first_of_its_dates(asked: Booking, to_approve: LoanRules, farid: Any, bruno: Any) -> None:
    refused("approval_needed", approve_series, asked, by=bruno)
    series = approve_series(asked, by=farid)
    asked.refresh_from_db()
    assert (asked.state, asked.series, asked.account) == ("reserved", series, series.account)
    assert (asked.starts_at, asked.ends_at, asked.purpose) == (at(2, 20), at(3, 6), "temporary")
    assert series.bookings.count() == Hold.objects.count() == 10
    assert asked.assignments.count() == asked.periods.count() == 1
    kept = LoanRequest.objects.get()
    assert kept.decided_by == farid
    assert JournalEntry.objects.filter(verb="booking.approved").exists()
    refused("not_a_request", approve_series, asked, by=farid)


def test_all_dates_or_none_and_another_pattern_where_the_approver_chooses(asked: Booking, car: Any, farid: Any) -> None:
    HoldFactory(vehicle=car, starts_at=at(4, 22), ends_at=at(5, 2))
    refused("series_conflict", approve_series, asked, by=farid)
    asked.refresh_from_db()
    assert asked.state == "awaiting_approval"
    assert approve_series(asked, by=farid, without_conflicts=True).bookings.count() == 9


def test_what_is_done_with_one_loan_is_not_done_with_all_dates(
    asked: Booking, platform: Any, ana: Any, farid: Any, bruno: Any
) -> None:
    dates = {"starts_at": at(3, 9), "ends_at": at(5, 9), "kind": "car"}
    refused("recurring_request", approve, asked, by=farid)
    refused("recurring_request", change_request, asked, by=farid, **dates)
    refused("recurring_request", wait_for_vehicle, asked, by=farid)
    other = request_loan(platform, participant=ana, by=bruno, **dates | {"kind": "e_bike"})
    refused("not_recurring", approve_series, other, by=farid)
    assert refuse_request(asked, by=farid, reason="full").state == "refused"


def test_impossible_patterns_and_strangers_are_refused(
    asked: Booking, platform: Any, ana: Any, bruno: Any, eve: Any
) -> None:
    wish = {"participant": ana, "pattern": NIGHTS, "by": bruno}
    refused("request_open", request_series, platform, **wish, kind="car")
    never = NIGHTS.__class__((), NIGHTS.starts, NIGHTS.ends, NIGHTS.first_on, NIGHTS.last_on)
    refused("no_weekday", request_series, platform, **wish | {"pattern": never}, kind="e_bike")
    for verb, args in ((request_series, {**wish, "by": eve, "kind": "e_bike"}), (approve_series, {"by": eve})):
        with pytest.raises(PermissionDenied):
            verb(platform if verb is request_series else asked, **args)
    assert LoanRequest.objects.count() == 1


def test_on_the_pages(
    desk: Client, client: Client, ana: Any, car: Any, tariff: Any, to_approve: LoanRules, farid: Any
) -> None:
    days = {"weekdays": ["0", "1", "2", "3", "4"], "first_on": "2026-03-02", "last_on": "2026-03-13"}
    typed = days | {"participant": str(ana.pk), "kind": "car", "starts": "20:00", "ends": "06:00"}
    shown = text(desk.get(NEW, typed))
    assert "Ce prêt doit être approuvé" in shown
    assert "Réserver toutes ces dates" not in shown
    ask = reverse("bookings:request_series")
    assert f'action="{ask}"' in shown
    sent = typed | {"submission": "one-and-the-same"}
    first, second = desk.post(ask, sent), desk.post(ask, sent)
    loan = Booking.objects.get()
    page = reverse("bookings:booking", args=[loan.pk])
    assert first["Location"] == second["Location"] == page
    assert desk.post(ask, typed).status_code == 409  # this person waits for an answer already
    shown = text(desk.get(page))
    assert "la nuit, du lundi au vendredi, de 20 h à 6 h" in shown
    assert reverse("bookings:change_request", args=[loan.pk]) not in shown
    answer = f"{NEW}?demande={loan.pk}"
    assert answer not in shown  # Bruno's yes does not count
    assert "prêt régulier" in text(desk.get(reverse("bookings:requests")))

    client.force_login(farid)
    assert answer in text(client.get(page))
    shown = text(client.get(answer))
    assert "Approuver toutes ces dates" in shown
    assert "30,00 €" in shown
    approved = client.post(NEW, typed | {"demande": loan.pk, "seen": "30.00"})
    assert approved["Location"] == reverse("bookings:series", args=[Series.objects.get().pk])
    assert client.get(f"{NEW}?demande=999999").status_code == 404


def test_over_the_api(ana: Any, car: Any, tariff: Any, to_approve: LoanRules, farid: Any, bruno: Any) -> None:
    days = {"weekdays": [0, 1, 2, 3, 4], "first_on": "2026-03-02", "last_on": "2026-03-13"}
    wish = days | {"participant": ana.pk, "kind": "car", "starts": "20:00", "ends": "06:00"}
    asked = Program(bruno).post("bookings/request_series/", 201, **wish)
    assert asked["request"]["pattern"]["starts"] == "20:00"
    Program(bruno).refused(f"bookings/{asked['id']}/approve_series/", "approval_needed")
    made = Program(farid).post(f"bookings/{asked['id']}/approve_series/", 201)
    assert made["bookings"][0] == asked["id"]
    assert len(made["bookings"]) == 10


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_approvals_of_one_request_leave_one_series(
    platform: Any, ana: Any, car: Any, other_car: Any, tariff: Any, farid: Any, driss: Any
) -> None:
    asked = request_series(platform, participant=ana, pattern=NIGHTS, kind="car", by=farid)
    answers = at_once(*[lambda by=by: approve_series(asked, by=by) for by in (farid, driss, farid)])
    assert [one for one in answers if isinstance(one, Series)] == [Series.objects.get()]
    assert Booking.objects.count() == Hold.objects.count() == 10
