"""A change of dates over the API: `?preview` says what it costs and what stands in the way, and writes nothing."""

from decimal import Decimal
from typing import Any

import pytest

from bookings.actions import book, hand_over
from bookings.models import Booking
from core import clock
from tests.api.client import Program
from tests.bookings.conftest import DAY, MONDAY, THIRTY_DAYS_LATER
from tests.bookings.reports import complete_report
from tests.factories import ParticipantFactory

pytestmark = pytest.mark.django_db

HOUR = DAY / 24
LATER = (THIRTY_DAYS_LATER + 10 * DAY).isoformat()


@pytest.fixture
def api(bruno: Any) -> Program:
    return Program(bruno)


def test_a_preview_says_the_price_and_writes_nothing(api: Program, loan: Booking) -> None:
    said = api.post(f"bookings/{loan.pk}/extend/?preview=true", 200, until=LATER)
    assert (said["total_before"], said["total_after"], said["difference"]) == ("90.00", "120.00", "30.00")
    assert [line["label"] for line in said["after"]] == ["40 jours à 3,00\xa0€"]
    assert said["possible"] is True
    loan.refresh_from_db()
    assert loan.ends_at == THIRTY_DAYS_LATER


def test_what_stands_in_the_way_is_part_of_the_preview(
    api: Program,
    loan: Booking,
    other_car: Any,
    car: Any,
    site: Any,
    bruno: Any,
) -> None:
    bea = ParticipantFactory(platform=loan.platform)
    start = THIRTY_DAYS_LATER + 2 * DAY
    book(loan.platform, participant=bea, vehicle=car, starts_at=start, ends_at=start + DAY, by=bruno)
    said = api.post(f"bookings/{loan.pk}/extend/?preview=true", 200, until=LATER)
    assert [one["code"] for one in said["refusals"]] == ["overlap"]
    assert said["free_until"].startswith("2026-04-03T09:00")
    assert said["instead"] == [other_car.pk]


def test_what_was_seen_is_what_is_done(api: Program, loan: Booking) -> None:
    api.refused(f"bookings/{loan.pk}/extend/", "price_changed", until=LATER, seen="29.00")
    done = api.post(f"bookings/{loan.pk}/extend/", 200, until=LATER, seen="30.00")
    assert Decimal(done["price"]) == 120


def test_an_exchange_costs_nothing(api: Program, loan: Booking, other_car: Any) -> None:
    said = api.post(
        f"bookings/{loan.pk}/replace_vehicle/?preview=true", 200, vehicle=other_car.pk, reason="Plus proche"
    )
    assert (said["difference"], said["possible"]) == ("0.00", True)
    assert loan.assignments.count() == 1


def test_a_return_says_what_it_changes_before_it_happens(api: Program, loan: Booking, bruno: Any) -> None:
    with clock.travel(to=MONDAY):
        hand_over(loan, by=bruno, report=complete_report(loan.assignments.get(), by=bruno, at=MONDAY))
    with clock.travel(to=MONDAY + 10 * DAY - HOUR):
        said = api.post(f"bookings/{loan.pk}/take_back/?preview=true", 200)
        assert (said["total_before"], said["difference"]) == ("90.00", "-60.00")
    with clock.travel(to=THIRTY_DAYS_LATER + 2 * DAY - HOUR):
        said = api.post(f"bookings/{loan.pk}/take_back/?preview=true", 200)
        assert (said["difference"], [line["amount"] for line in said["on_top"]]) == ("6.00", ["6.00"])
    loan.refresh_from_db()
    assert (loan.state, loan.account.charges.count()) == ("active", 1)


def test_before_the_keys_left_there_is_nothing_to_bring_back(api: Program, loan: Booking) -> None:
    said = api.post(f"bookings/{loan.pk}/take_back/?preview=true", 200)
    assert [one["code"] for one in said["refusals"]] == ["wrong_state"]


def test_giving_up_says_what_it_costs(api: Program, loan: Booking) -> None:
    loan.periods.update(quote=loan.periods.get().quote | {"cancel_fee": "10.00", "cancel_free_days": 3})
    said = api.post(f"bookings/{loan.pk}/cancel/?preview=true", 200, reason="bought")
    assert said["difference"] == "10.00"
    done = api.post(f"bookings/{loan.pk}/cancel/", 200, reason="bought", charge="0.00", waived_because="Geste")
    assert (done["state"], done["given_up_because"]) == ("cancelled", "bought")
