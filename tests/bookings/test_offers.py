"""A first page of free vehicles is the beginning of the whole list, whatever the pool."""

from typing import Any

import pytest

from bookings.offers import choices as offers
from bookings.offers.choices import Needs, choices
from fleet.models import Vehicle
from places.distance import distance_km, roughly_km
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
