import datetime as dt
from typing import Any

import pytest

from tests.factories import GarageFactory, SiteFactory, VehicleFactory

NOON = dt.datetime(2026, 3, 4, 11, tzinfo=dt.UTC)  # Wednesday 4 March 2026, noon in Paris
DAY = dt.timedelta(days=1)
THURSDAY = NOON + DAY


@pytest.fixture(autouse=True)
def wednesday_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still; `clock.travel` still moves it."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)


@pytest.fixture
def vehicle(platform: Any) -> Any:
    return VehicleFactory(site=SiteFactory(platform=platform, name="Dax"), plate="HK-780-YX", fleet_number="V01")


@pytest.fixture
def other_garage(platform: Any) -> Any:
    return GarageFactory(platform=platform, name="Zoom Auto", email="zoom@example.org")
