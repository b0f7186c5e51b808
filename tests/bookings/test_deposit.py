"""A deposit that was never given is to be received while something of its account is lent or promised, no longer."""

import datetime as dt
import importlib

import pytest
from django.apps import apps
from django.urls import reverse

from bookings.actions import book_series, cancel, drop_occurrence, end_without_return, hand_over, take_back
from bookings.series.recurrence import Pattern
from core import clock
from pricing.actions import receive_deposit
from pricing.models import Deposit
from tests.api.client import Program
from tests.bookings.cases import WEDNESDAY, hand_over_to
from tests.bookings.conftest import DAY
from tests.bookings.reports import complete_report

pytestmark = pytest.mark.django_db
NIGHTS = Pattern((0, 1), dt.time(20), dt.time(6), dt.date(2026, 3, 2), dt.date(2026, 3, 3))


@pytest.fixture
def out(loan, bruno):
    return hand_over_to(loan, bruno)


def bring_back(loan, by, at=WEDNESDAY):
    with clock.travel(to=at):
        report = complete_report(loan.assignments.get(), by=by, direction="in", km=84300, at=at)
        return take_back(loan, by=by, report=report)


def deposit_of(loan):
    return loan.account.deposits.get()


def test_while_the_vehicle_is_out_it_is_to_be_received(out):
    assert deposit_of(out).state == Deposit.State.EXPECTED


def test_once_the_vehicle_is_back_nothing_is_to_be_received(out, bruno):
    bring_back(out, bruno)
    found = deposit_of(out)
    assert (found.state, found.reason) == (Deposit.State.LAPSED, "Véhicule rendu")
    assert found.settled_at.date() == WEDNESDAY.date()


def test_a_deposit_that_was_received_is_given_back_and_does_not_lapse(out, bruno):
    receive_deposit(deposit_of(out), by=bruno, means="cash")
    bring_back(out, bruno)
    assert deposit_of(out).state == Deposit.State.HELD


def test_of_a_vehicle_that_never_comes_back_no_deposit_is_expected(out, bruno):
    with clock.travel(to=WEDNESDAY + DAY):
        end_without_return(out, by=bruno, why="stolen", since=WEDNESDAY, rent_until=WEDNESDAY.date())
    assert (deposit_of(out).state, deposit_of(out).reason) == (Deposit.State.LAPSED, "Véhicule jamais rendu")


def test_the_pages_and_the_api_say_so_and_ask_for_nothing(out, bruno, desk):
    bring_back(out, bruno)
    asks = f'href="{reverse("pricing:receive_deposit", args=[deposit_of(out).pk])}"'
    on_loan = desk.get(reverse("bookings:booking", args=[out.pk])).content.decode()
    assert "Plus à recevoir : véhicule rendu" in on_loan.replace("\u00a0", " ")
    assert asks not in on_loan
    on_account = desk.get(reverse("pricing:account", args=[out.account_id])).content.decode()
    assert "Plus à recevoir" in on_account
    assert "Dispenser" not in on_account
    program = Program(bruno)
    assert program.rows("deposits/", account=out.account_id)[0]["state"] == "lapsed"
    assert program.rows("deposits/", state="expected") == []


def test_one_that_had_been_given_and_not_noted_is_noted_and_given_back(out, bruno, desk):
    bring_back(out, bruno)
    on_account = desk.get(reverse("pricing:account", args=[out.account_id])).content.decode()
    address = reverse("pricing:receive_deposit", args=[deposit_of(out).pk])
    assert f'href="{address}"' in on_account
    desk.post(address, {"amount": "250", "means": "cash"})
    assert (deposit_of(out).state, deposit_of(out).reason) == (Deposit.State.HELD, "")


def test_of_a_recurring_loan_it_is_expected_until_its_last_date(platform, ana, car, tariff, bruno):
    series = book_series(platform, participant=ana, pattern=NIGHTS, vehicle=car, by=bruno)
    first, last = series.bookings.order_by("starts_at")
    with clock.travel(to=first.starts_at):
        report = complete_report(first.assignments.get(), by=bruno, at=first.starts_at)
        hand_over(first, by=bruno, report=report)
    bring_back(first, bruno, at=first.ends_at)
    assert series.account.deposits.get().state == Deposit.State.EXPECTED
    drop_occurrence(last, by=bruno)
    assert series.account.deposits.get().state == Deposit.State.LAPSED


def test_what_was_expected_of_loans_that_are_over_lapses_with_the_update(loan, out, platform, ana, other_car, bruno):
    lapse = importlib.import_module("bookings.migrations.0020_nothing_is_expected_of_a_loan_that_is_over").lapse
    bring_back(out, bruno)
    Deposit.objects.update(state="expected", settled_at=None, reason="")
    lapse(apps, None)
    assert deposit_of(out).state == Deposit.State.LAPSED


def test_a_cancelled_loan_says_why_nothing_is_to_be_received(loan, bruno):
    cancel(loan, by=bruno, reason="no_job")
    assert str(deposit_of(loan).reason) == "Prêt annulé"
