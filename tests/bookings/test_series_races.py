"""Several series of the same nights at once, on real connections: exactly one is agreed on, with all its nights."""

import datetime as dt
from typing import Any

import pytest

from bookings.actions import book_series, end_series
from bookings.models import Booking, Series
from bookings.series.recurrence import Pattern
from fleet.models import Hold
from tests.factories import ParticipantFactory
from tests.test_races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
NIGHTS = Pattern((0, 1, 2, 3, 4), dt.time(20), dt.time(6), dt.date(2026, 3, 2), dt.date(2026, 3, 13))


def test_two_series_of_the_same_nights_at_once_leave_one(platform: Any, car: Any, tariff: Any, bruno: Any) -> None:
    """All of its nights or none; whoever comes second is told which are taken."""
    wishes = [
        {"participant": one, "pattern": NIGHTS, "by": bruno}
        for one in ParticipantFactory.create_batch(6, platform=platform)
    ]
    named = [lambda wish=wish: book_series(platform, vehicle=car, **wish) for wish in wishes[:3]]
    of_kind = [lambda wish=wish: book_series(platform, kind="car", **wish) for wish in wishes[3:]]
    answers = at_once(*named, *of_kind)
    assert [answer for answer in answers if isinstance(answer, Series)] == [Series.objects.get()]
    assert set(answers) - {Series.objects.get()} <= {"series_conflict", "busy"}
    assert Hold.objects.filter(vehicle=car).count() == Booking.objects.count() == 10


def test_a_series_is_stopped_once(platform: Any, car: Any, ana: Any, tariff: Any, bruno: Any) -> None:
    series = book_series(platform, participant=ana, vehicle=car, pattern=NIGHTS, by=bruno)
    answers = at_once(*[lambda: end_series(series, reason="Fin", by=bruno)] * 3)
    assert sorted(one if isinstance(one, str) else "stopped" for one in answers) == [
        "stopped",
        "wrong_state",
        "wrong_state",
    ]
    assert not Hold.objects.exists()
