"""Two loans for one person at once, on real connections: each counts the other. And the control, without the lock."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from bookings.actions import approve, book, book_series, extend, loan, make_room, request_loan
from bookings.models import Booking, LoanRules
from bookings.series.recurrence import Pattern
from core import clock
from tests.bookings.conftest import DAY, MONDAY
from tests.test_races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def one_loan_at_a_time(platform: Any) -> LoanRules:
    return LoanRules.objects.create(platform=platform, valid_from=MONDAY.date() - 30 * DAY, one_at_a_time=True)


@pytest.fixture
def wish(platform: Any, ana: Any, tariff: Any, bruno: Any) -> Callable[..., Booking]:
    dates = {"starts_at": MONDAY, "ends_at": MONDAY + 2 * DAY}
    return lambda vehicle: book(platform, participant=ana, vehicle=vehicle, by=bruno, **dates)


def refused(answers: list[Any]) -> list[str]:
    return [one for one in answers if isinstance(one, str)]


def test_one_person_gets_one_loan_at_a_time(
    one_loan_at_a_time: LoanRules, wish: Callable[..., Booking], car: Any, other_car: Any
) -> None:
    for _ in range(5):
        assert refused(at_once(lambda: wish(car), lambda: wish(other_car))) == ["rule_broken"]
        Booking.objects.update(state="cancelled", cancelled_at=MONDAY, cancel_reason="Non")
        car.holds.all().delete()
        other_car.holds.all().delete()


def test_without_the_lock_both_are_promised(
    one_loan_at_a_time: LoanRules,
    wish: Callable[..., Booking],
    car: Any,
    other_car: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: both have looked before either writes."""
    looked, look = threading.Barrier(2), loan.breaches_of

    def look_together(*args: Any, **kwargs: Any) -> Any:
        found = look(*args, **kwargs)
        looked.wait(timeout=30)
        return found

    monkeypatch.setattr(loan, "lock_person", lambda participant, rules: None)
    monkeypatch.setattr(loan, "breaches_of", look_together)
    assert refused(at_once(lambda: wish(car), lambda: wish(other_car))) == []
    assert Booking.objects.filter(state="reserved").count() == 2


def test_days_are_counted_across_an_extension_and_a_new_loan(
    platform: Any, wish: Callable[..., Booking], car: Any, other_car: Any, ana: Any, bruno: Any
) -> None:
    LoanRules.objects.create(platform=platform, valid_from=MONDAY.date() - 30 * DAY, quota_days=4, quota_months=12)
    first = wish(car)
    later = {"starts_at": MONDAY + 10 * DAY, "ends_at": MONDAY + 12 * DAY}
    answers = at_once(
        lambda: extend(first, until=MONDAY + 4 * DAY, by=bruno),
        lambda: book(platform, participant=ana, vehicle=other_car, by=bruno, **later),
    )
    assert refused(answers) == ["rule_broken"]


def test_every_way_to_a_loan_waits_for_the_same_person(
    one_loan_at_a_time: LoanRules, platform: Any, wish: Callable[..., Booking], car: Any, other_car: Any, ana: Any,
    bruno: Any, tariff: Any,
) -> None:  # fmt: skip
    dates = {"starts_at": MONDAY, "ends_at": MONDAY + 2 * DAY}
    asked = request_loan(platform, participant=ana, kind="car", by=bruno, **dates)
    local = clock.local_date(MONDAY, platform.time_zone)
    pattern = Pattern((0,), MONDAY.time().replace(hour=8, tzinfo=None), MONDAY.time().replace(hour=18, tzinfo=None),
                      local, local)  # fmt: skip
    answers = at_once(
        lambda: wish(car),
        lambda: approve(asked, by=bruno, vehicle=other_car),
        lambda: book_series(platform, participant=ana, pattern=pattern, kind="car", by=bruno),
        lambda: make_room(platform, moves=[], vehicle=other_car, participant=ana, by=bruno, **dates),
    )
    assert len(refused(answers)) == 3
    assert set(refused(answers)) <= {"rule_broken", "series_conflict", "busy"}
    assert Booking.objects.filter(state="reserved").count() == 1
