"""What could be had instead: the nearest dates by one query, other kinds and sites; on the page and over the API."""

import datetime as dt
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import LoanRules
from bookings.offers.alternatives import nearest_dates
from bookings.offers.choices import Needs, free_vehicles
from core import clock
from fleet.models import Hold
from tests.api.client import Program
from tests.bookings.conftest import DAY, MONDAY, SUNDAY, THIRTY_DAYS_LATER
from tests.factories import HoldFactory, SiteFactory, VehicleFactory

pytestmark = pytest.mark.django_db
CAR = Needs("car")
HOUR = dt.timedelta(hours=1)


def test_the_nearest_dates_before_and_after(platform, loan):
    """The car is out from Monday for thirty days; a day is wished on its third."""
    start = MONDAY + 3 * DAY
    earlier, later = nearest_dates(platform, CAR, start, start + 12 * HOUR)
    assert earlier.ends_at <= MONDAY
    assert earlier.starts_at >= SUNDAY
    assert (later.starts_at, later.ends_at) == (THIRTY_DAYS_LATER, THIRTY_DAYS_LATER + 12 * HOUR)


def test_at_the_hour_that_was_wished_when_that_fits(platform, car):
    HoldFactory(vehicle=car, starts_at=SUNDAY - DAY, ends_at=MONDAY + 8 * HOUR)  # until 17 h
    _, later = nearest_dates(platform, CAR, MONDAY, MONDAY + DAY)
    assert later.starts_at == MONDAY + DAY
    HoldFactory(vehicle=car, starts_at=MONDAY + 33 * HOUR, ends_at=MONDAY + 90 * DAY)
    _, later = nearest_dates(platform, CAR, MONDAY, MONDAY + DAY)
    assert later.starts_at == MONDAY + 8 * HOUR


def test_a_vehicle_that_is_late_or_withdrawn_is_no_alternative(platform, car):
    HoldFactory(vehicle=car, starts_at=SUNDAY - 3 * DAY, ends_at=SUNDAY - DAY, out_at=SUNDAY - 3 * DAY)
    VehicleFactory(site=car.site, withdrawn=True)
    assert nearest_dates(platform, CAR, MONDAY, MONDAY + DAY) == (None, None)


def test_what_is_found_is_free_and_nothing_nearer_is(platform, site):
    """Against the naive answer: every hour tried, one after the other."""
    dice = random.Random(7)
    cars = VehicleFactory.create_batch(3, site=site)
    for car in cars:
        at = SUNDAY
        for _ in range(6):
            at += dice.randint(0, 30) * HOUR
            end = at + dice.randint(5, 40) * HOUR
            HoldFactory(vehicle=car, starts_at=at, ends_at=end)
            at = end
    for _ in range(12):
        start, length = SUNDAY + dice.randint(1, 150) * HOUR, dice.randint(3, 30) * HOUR
        earlier, later = nearest_dates(platform, CAR, start, start + length)

        def is_free(at, length=length):
            return free_vehicles(platform, at, at + length).exists()

        if is_free(start):
            assert later.starts_at == start
            continue
        for span in (earlier, later):
            assert span is None or is_free(span.starts_at)
        naive = next(at for at in (start + n * HOUR for n in range(400)) if is_free(at))
        assert later.starts_at - naive < DAY
        before = next((at for at in (start - n * HOUR for n in range(1, 200)) if at >= SUNDAY and is_free(at)), None)
        assert (earlier is None) == (before is None)
        if earlier:
            assert dt.timedelta() <= before - earlier.starts_at < DAY


@pytest.mark.parametrize("number", [3, 30])
def test_one_query_whatever_the_pool(platform, site, number):
    for car in VehicleFactory.create_batch(number, site=site):
        HoldFactory(vehicle=car, starts_at=MONDAY, ends_at=MONDAY + DAY)
    with CaptureQueriesContext(connection) as asked:
        nearest_dates(platform, CAR, MONDAY, MONDAY + DAY)
    assert len(asked) == 1


def test_a_refusal_says_when_it_could_be_had(platform, loan, ana, bruno):
    said = Program(bruno).refused(
        "bookings/", "none_free", participant=ana.pk, kind="car", starts_at=(MONDAY + DAY).isoformat(),
        ends_at=(MONDAY + 2 * DAY).isoformat(),
    )  # fmt: skip
    assert "Au plus près, pour aussi longtemps" in said


def address(**more):
    wish = {"starts_at": "2026-03-03T09:00", "ends_at": "2026-03-05T09:00", "kind": "car"} | more
    return reverse("bookings:book"), wish


def test_the_page_offers_other_dates_kinds_sites_and_the_list(client, platform, loan, ana, site, bruno):
    client.force_login(bruno)
    mont = SiteFactory(platform=platform, name="Mont-de-Marsan")
    VehicleFactory(site=mont)
    VehicleFactory(site=site, e_bike=True)
    url, wish = address(participant=ana.pk, site=site.pk)
    page = client.get(url, wish).content.decode()
    for said in ("Plus tard", "Mont-de-Marsan", "Vélo électrique", "Mettre sur la liste d’attente"):
        assert said in page
    assert reverse("bookings:join_waiting_list") in page


def test_one_click_puts_the_person_on_the_list_with_their_wish(client, platform, loan, ana, bruno):
    client.force_login(bruno)
    _, wish = address(participant=ana.pk)
    join = reverse("bookings:join_waiting_list")
    form = client.get(join, wish).context["form"]
    assert (form["days"].value(), form["kind"].value()) == (2, "car")
    said = {"participant": ana.pk, "kind": "car", "earliest_at": "2026-03-03T09:00", "days": 2}
    assert client.post(join, said).status_code == 302
    assert client.post(join, said).status_code == 409


def test_the_api_says_the_same(platform, loan, ana, site, bruno):
    mont = SiteFactory(platform=platform, name="Mont")
    there = VehicleFactory(site=mont)
    api = Program(bruno)
    wish = {"starts_at": (MONDAY + DAY).isoformat(), "ends_at": (MONDAY + 3 * DAY).isoformat()}
    kinds = api.get("availability/", **wish)["kinds"]
    assert kinds == [{"kind": "car", "total": 2, "free": 1}]
    found = api.get("availability/", **wish, kind="car", participant=ana.pk)
    assert [one["vehicle"] for one in found["vehicles"]] == [there.pk]
    assert (found["sites"], found["alternatives"]) == ([{"site": mont.pk, "free": 1}], None)
    instead = api.get("availability/", **wish, kind="car", site=site.pk)["alternatives"]
    assert dt.datetime.fromisoformat(instead["later"]["starts_at"]) == THIRTY_DAYS_LATER
    assert instead["sites"] == [{"site": mont.pk, "free": 1}]
    assert "ends_at" in str(api.get("availability/", 400, starts_at=wish["ends_at"], ends_at=wish["starts_at"]))


def test_a_foreign_site_or_person_is_as_unknown(other_platform, bruno, loan):
    wish = {"starts_at": MONDAY.isoformat(), "ends_at": (MONDAY + DAY).isoformat(), "kind": "car"}
    theirs = SiteFactory(platform=other_platform)
    assert "site" in Program(bruno).get("availability/", 400, **wish, site=theirs.pk)["fields"]


def test_holds_of_the_past_do_not_matter(platform, car):
    HoldFactory(vehicle=car, starts_at=SUNDAY - 9 * DAY, ends_at=SUNDAY - 8 * DAY, purpose=Hold.Purpose.RESERVE)
    _, later = nearest_dates(platform, CAR, MONDAY, MONDAY + DAY)
    assert later.starts_at == MONDAY
    assert clock.now() < MONDAY


def test_the_api_leaves_the_turnaround_and_says_why_a_vehicle_is_not_free(platform, loan, car, other_car, bruno):
    LoanRules.objects.create(platform=platform, valid_from=dt.date(2026, 1, 1), after_minutes=120)
    api = Program(bruno)
    wish = {"starts_at": (MONDAY - 5 * HOUR).isoformat(), "ends_at": (MONDAY - HOUR).isoformat(), "kind": "car"}
    found = api.get("availability/", **wish)
    assert [one["vehicle"] for one in found["vehicles"]] == [other_car.pk]
    said = {"vehicle": car.pk, "why": "trop peu de temps pour le préparer", "can_be_passed": True}
    assert found["taken"] == [said]
    later = {"starts_at": MONDAY.isoformat(), "ends_at": (MONDAY + DAY).isoformat(), "kind": "car"}
    (taken,) = api.get("availability/", **later)["taken"]
    assert (taken["vehicle"], taken["can_be_passed"]) == (car.pk, False)
    assert taken["why"].startswith("prêté jusqu’au")
