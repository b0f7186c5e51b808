"""Weeknights are a routine: the first start and the last end are said, and every night that is late."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings import tasks
from bookings.actions import book_series, drop_occurrence, hand_over
from bookings.actions.reminders import default_reminders
from bookings.series.recurrence import Pattern
from core import clock
from core.models import OutboxMessage
from tests.bookings.reports import complete_report

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def wall(day, hour):
    return clock.at(dt.date(2026, 3, day), dt.time(hour), "Europe/Paris")


def series_of(platform, ana, car, by, days, until):
    """At eight in the evening until six, from Monday the 2nd of March; promised a week before."""
    default_reminders(platform)
    pattern = Pattern(days, dt.time(20), dt.time(6), dt.date(2026, 3, 2), dt.date(2026, 3, until))
    with clock.travel(to=wall(1, 9) - dt.timedelta(days=7)):
        return book_series(platform, participant=ana, pattern=pattern, vehicle=car, by=by)


@pytest.fixture
def nights(platform, ana, car, tariff, bruno):
    return series_of(platform, ana, car, bruno, (0, 1, 2, 3, 4), 13)


def sweep(at):
    with clock.travel(to=at):
        return tasks.send_reminders()


def told():
    return [one.payload["text"] for one in OutboxMessage.objects.filter(key__contains=":reminder:").order_by("pk")]


def give_the_keys(night, by):
    at = night.starts_at
    with clock.travel(to=at):
        hand_over(night, by=by, report=complete_report(night.assignments.get(), by=by, at=at))


def test_they_are_told_to_come_once_not_every_night(nights):
    assert [sweep(wall(day, 10)) for day in range(1, 13)] == [1] + [0] * 11
    assert "Vous venez chercher la voiture le lundi 2\u00a0mars à 20\u00a0h" in told()[0]


def test_a_night_that_is_late_is_told_like_any_loan(nights, bruno):
    first = nights.bookings.order_by("starts_at").first()
    give_the_keys(first, bruno)
    assert sweep(first.ends_at + 3 * HOUR) == 1
    assert "Nous attendons la voiture" in told()[0]


def test_what_is_left_after_the_last_dates_were_dropped_is_the_last(nights, bruno):
    """Kept for some days, with a night soon after: its end is told when nothing follows any more."""
    first, *others = nights.bookings.order_by("starts_at")
    give_the_keys(first, bruno)
    type(first).objects.filter(pk=first.pk).update(ends_at=wall(6, 18))
    nights.bookings.filter(starts_at__gt=wall(3, 0), starts_at__lt=wall(9, 0)).update(state="expired")
    others = [one for one in others if one.starts_at > wall(9, 0)]
    assert sweep(wall(6, 10)) == 0
    for other in others:
        drop_occurrence(other, by=bruno, reason="Plus de nuits")
    assert sweep(wall(6, 10)) == 1


def test_from_week_to_week_each_date_is_announced(platform, ana, car, tariff, bruno):
    series_of(platform, ana, car, bruno, (0,), 23)
    assert [sweep(wall(day, 10)) for day in (1, 8, 15)] == [1, 1, 1]


def test_the_sweep_asks_as_little_for_ten_nights_as_for_one(nights, platform):
    def queries():
        with clock.travel(to=wall(3, 10)), CaptureQueriesContext(connection) as asked:
            tasks.send_reminders()
        return len(asked)

    ten = queries()
    nights.bookings.filter(starts_at__gt=wall(5, 0)).update(state="expired")
    assert queries() == ten
