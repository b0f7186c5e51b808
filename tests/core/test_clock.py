import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from core import clock

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
CLOSE = dt.timedelta(seconds=5)


def test_tests_travel_and_come_back() -> None:
    with clock.travel(to=dt.datetime(2026, 3, 3, 22, 30, tzinfo=dt.UTC)):
        assert clock.today(PARIS) == dt.date(2026, 3, 3)
        assert clock.today(REUNION) == dt.date(2026, 3, 4)
    assert abs(clock.now() - timezone.now()) < CLOSE


def test_a_wall_clock_hour_is_an_instant_of_its_zone() -> None:
    assert clock.at(dt.date(2026, 7, 1), dt.time(18), "Europe/Paris") == dt.datetime(2026, 7, 1, 16, tzinfo=dt.UTC)
    assert clock.at(dt.date(2026, 1, 1), dt.time(18), PARIS) == dt.datetime(2026, 1, 1, 17, tzinfo=dt.UTC)


def test_the_hour_that_an_october_night_shows_twice_is_its_first() -> None:
    shown_twice = clock.at(dt.date(2026, 10, 25), dt.time(2, 30), PARIS)
    assert shown_twice.astimezone(dt.UTC) == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)


def test_the_demo_can_be_moved_and_put_right(settings: Any) -> None:
    settings.DEMO = True
    clock.move_demo(dt.timedelta(days=1))
    assert abs(clock.now() - timezone.now() - dt.timedelta(days=1)) < CLOSE
    clock.move_demo(dt.timedelta(hours=12))
    assert abs(clock.now() - timezone.now() - dt.timedelta(hours=36)) < CLOSE
    clock.move_demo(None)
    assert abs(clock.now() - timezone.now()) < CLOSE


def test_nothing_but_the_demo_can_be_moved(settings: Any) -> None:
    settings.DEMO = True
    clock.move_demo(dt.timedelta(days=1))
    settings.DEMO = False
    assert abs(clock.now() - timezone.now()) < CLOSE, "a file left behind by a demo is not read"
    with pytest.raises((CommandError, RuntimeError)):
        call_command("clock", "+1d")
