"""A first page of free vehicles is the beginning of the whole list, whatever the pool."""

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.models import LoanRules
from bookings.offers import choices as offers
from bookings.offers.choices import Needs, choices, kinds_with_counts
from bookings.rules.turnaround import margins_by_kind
from fleet.models import Vehicle
from places.distance import distance_km, roughly_km
from tests.api.client import Program
from tests.bookings.conftest import DAY, MONDAY
from tests.factories import AddressFactory, HoldFactory, SiteFactory, VehicleFactory

DAX, NANTES = (43.71, -1.05), (47.22, -1.55)


@pytest.fixture
def pool(platform: Any) -> list[Any]:
    """Five sites ever farther from Dax, the last one nobody knows where; two cars each, one of them automatic."""
    cars = []
    for n in range(5):
        point = {"latitude": DAX[0] + n / 10, "longitude": DAX[1]} if n < 4 else {}
        site = SiteFactory(platform=platform, address=AddressFactory(platform=platform, **point))
        cars += [VehicleFactory(site=site), VehicleFactory(site=site, automatic=True)]
    for n, car in enumerate(cars):
        HoldFactory(vehicle=car, starts_at=MONDAY + (20 - n) * DAY, ends_at=MONDAY + (21 - n) * DAY)
    return cars


@pytest.fixture
def ana_of_dax(ana: Any) -> Any:
    ana.address = AddressFactory(platform=ana.platform, latitude=DAX[0], longitude=DAX[1])
    ana.save()
    return ana


def keys(found: list[Any]) -> list[int]:
    return [choice.vehicle.pk for choice in found]


@pytest.mark.usefixtures("pool")
@pytest.mark.parametrize("near", [2, 32])
@pytest.mark.parametrize("limit", [1, 3, 7, 10, 50])
def test_a_first_page_is_how_the_list_begins(
    monkeypatch: pytest.MonkeyPatch, platform: Any, ana_of_dax: Any, near: int, limit: int
) -> None:
    monkeypatch.setattr(offers, "NEAR", near)
    for person in (None, ana_of_dax):
        every = keys(choices(platform, Needs("car"), MONDAY, MONDAY + DAY, person))
        assert len(every) == 10
        assert keys(choices(platform, Needs("car"), MONDAY, MONDAY + DAY, person, limit=limit)) == every[:limit]


@pytest.mark.usefixtures("pool")
def test_what_they_may_drive_comes_first_though_it_is_farther(platform: Any, ana_of_dax: Any) -> None:
    ana_of_dax.entitlements.update(restriction_codes=["78"])
    found = choices(platform, Needs("car"), MONDAY, MONDAY + DAY, ana_of_dax, limit=5)
    assert all(choice.possible for choice in found)
    assert {choice.vehicle.gearbox for choice in found} == {Vehicle.Gearbox.AUTOMATIC}


@pytest.mark.parametrize("there", [(43.70, -1.05), (44.9, 0.3), NANTES])
def test_a_rough_distance_is_within_half_a_per_cent(there: tuple[float, float]) -> None:
    assert roughly_km(DAX, there) == pytest.approx(distance_km(DAX, there), rel=0.005)


@pytest.mark.parametrize("automatic", [True, False])
@pytest.mark.parametrize("seats", [None, 4, 5, 6])
@pytest.mark.parametrize("kind", ["car", "van"])
def test_one_vehicle_meets_needs_as_the_search_would_find_it(
    pool: list[Any], kind: str, automatic: bool, seats: int | None
) -> None:
    for site in (None, pool[0].site_id):
        needs = Needs(kind, automatic, seats, site)
        found = set(needs.matching(Vehicle.objects.all()))
        assert {car for car in pool if needs.are_met_by(car)} == found


# --- counts by kind ---------------------------------------------------------------------------------


@pytest.fixture
def turnarounds(platform: Any) -> None:
    """Cars need two hours after and one before, scooters half an hour before, bikes nothing."""
    spans = {"car": (60, 120), "moped": (30, None), "e_bike": (None, None)}
    for kind, (before, after) in spans.items():
        rules = {"before_minutes": before, "after_minutes": after}
        LoanRules.objects.create(platform=platform, kind=kind, valid_from=dt.date(2026, 1, 1), **rules)


@pytest.fixture
def mixed(platform: Any, turnarounds: None) -> Any:
    """Of each kind at each of two sites: one free, and some taken until shortly before, or from shortly after."""
    for name in ("Dax", "Soustons"):
        site = SiteFactory(platform=platform, name=name)
        for kind in ("car", "moped", "e_bike"):
            VehicleFactory(site=site, kind=kind, seats=2)
            for minutes in (0, 20, 45, 100, 150):
                gap = dt.timedelta(minutes=minutes)
                taken = VehicleFactory(site=site, kind=kind, seats=5)
                HoldFactory(vehicle=taken, starts_at=MONDAY - DAY, ends_at=MONDAY - gap)
                taken = VehicleFactory(site=site, kind=kind, seats=5, automatic=True)
                HoldFactory(vehicle=taken, starts_at=MONDAY + DAY + gap, ends_at=MONDAY + 2 * DAY)
    return site


@pytest.mark.parametrize("said", [{}, {"seats": 4}, {"automatic": True}, {"at_the_site": True}])
def test_the_counts_by_kind_are_those_of_the_lists(platform: Any, mixed: Any, said: dict[str, Any]) -> None:
    said = dict(said)
    site = mixed.pk if said.pop("at_the_site", False) else None
    margins = margins_by_kind(platform, None, MONDAY)
    counted = kinds_with_counts(platform, MONDAY, MONDAY + DAY, Needs("", site=site, **said), margins)
    assert [one.total for one in counted] == [22, 22, 22]
    for one in counted:
        needs = Needs(one.kind, site=site, **said).around(margins(one.kind))
        listed = choices(platform, needs, MONDAY, MONDAY + DAY)
        assert one.free == len(listed) > 0
        at_sites = Counter(choice.vehicle.site.name for choice in listed)
        assert dict(one.sites) == at_sites
    if not said and site is None:
        assert len({one.free for one in counted}) == 3  # each its own turnaround


@pytest.mark.usefixtures("mixed")
def test_the_page_and_the_api_count_with_the_turnaround(platform: Any, desk: Any, bruno: Any) -> None:
    when = {"starts_at": "2026-03-02T09:00", "ends_at": "2026-03-03T09:00"}
    margins = margins_by_kind(platform, None, MONDAY)
    listed = len(choices(platform, Needs("car").around(margins("car")), MONDAY, MONDAY + DAY))
    with CaptureQueriesContext(connection) as asked:
        said = desk.get("/prets/reserver/", when).content.decode()
    assert sum("bookings_loanrules" in one["sql"] for one in asked) == 1
    assert f"{listed} libres" in said.replace("\u00a0", " ")
    when = {"starts_at": MONDAY.isoformat(), "ends_at": (MONDAY + DAY).isoformat()}
    kinds = Program(bruno).get("availability/", **when)["kinds"]
    assert {"kind": "car", "total": 22, "free": listed} in kinds
