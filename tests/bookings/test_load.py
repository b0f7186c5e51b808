"""How many keys change hands in a half-hour of a site, and a quieter one."""

import datetime as dt

import pytest

from bookings.offers.load import loads
from tests.bookings.conftest import DAY, MONDAY
from tests.bookings.factories import AssignmentFactory

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


def promised(platform, site, start, end=None):
    return AssignmentFactory(
        booking__platform=platform, booking__starts_at=start, booking__ends_at=end or start + 7 * DAY,
        vehicle__site=site, site=site,
    )  # fmt: skip


def test_a_half_hour_counts_departures_and_returns_of_its_site(platform, site):
    promised(platform, site, MONDAY)
    promised(platform, site, MONDAY + 29 * MINUTE)
    promised(platform, site, MONDAY + 30 * MINUTE)  # the next half-hour
    promised(platform, site, MONDAY - 7 * DAY, MONDAY + 10 * MINUTE)
    (load,) = loads(platform, MONDAY + 5 * MINUTE, MONDAY + 60 * DAY, [site, site])
    assert (load.departures, load.returns, load.is_busy) == (2, 1, True)
    assert load.words.replace("\xa0", " ") == "Au départ, 9 h à Dax : 2 départs et 1 retour déjà prévus"
    assert [f"{at:%H:%M}" for at in load.quieter] == ["08:30", "09:30"]


def test_an_end_is_counted_too_and_a_quiet_hour_proposes_nothing(platform, site):
    promised(platform, site, MONDAY + 20 * DAY)
    (load,) = loads(platform, MONDAY, MONDAY + 20 * DAY, [site])
    assert (load.is_start, load.quieter) == (False, ())


def test_the_night_of_the_clock_change_has_its_own_half_hours(platform, site):
    """Nine o'clock on Sunday 29 March is seven in UTC, the day before it was eight."""
    sunday = dt.datetime(2026, 3, 29, 7, tzinfo=dt.UTC)
    promised(platform, site, sunday)
    promised(platform, site, sunday - DAY + dt.timedelta(hours=1))
    assert loads(platform, sunday, sunday + 60 * DAY, [site])[0].total == 1


def test_no_site_no_query(platform, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert loads(platform, MONDAY, MONDAY + DAY, []) == []


def test_booking_says_it_and_proposes_a_quieter_hour(platform, site, car, ana, tariff, bruno, client):
    for _ in range(4):
        promised(platform, site, MONDAY)
    client.force_login(bruno)
    said = {"participant": ana.pk, "kind": "car", "starts_at": "2026-03-02T09:00", "ends_at": "2026-03-20T15:00"}
    html = client.get("/prets/reserver/", said).content.decode().replace("\xa0", " ")
    assert "9 h à Dax : 4 départs déjà prévus" in html
    assert "starts_at=2026-03-02T08%3A30" in html
