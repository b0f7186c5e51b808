"""One platform on Sunday 1 March 2026: two cars at 3 € a day, and Ana, who may drive them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from bookings.actions import book
from core import clock
from fleet.models import Kind
from participants.models import DrivingEntitlement
from pricing.models import Tariff, TariffBand
from tests.factories import ParticipantFactory, SiteFactory, VehicleFactory

SUNDAY = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
MONDAY = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)  # nine o'clock in Paris
THIRTY_DAYS_LATER = dt.datetime(2026, 4, 1, 7, tzinfo=dt.UTC)  # nine o'clock too: summer time has begun
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def sunday() -> Iterator[None]:
    with clock.travel(to=SUNDAY):
        yield


@pytest.fixture
def site(platform: Any) -> Any:
    return SiteFactory(platform=platform, name="Dax")


@pytest.fixture
def car(site: Any) -> Any:
    return VehicleFactory(site=site, fleet_number="V01")


@pytest.fixture
def other_car(site: Any) -> Any:
    return VehicleFactory(site=site, fleet_number="V02")


def car_tariff(platform: Any) -> Tariff:
    """3 € a day, 3 € a late day, 250 € deposit."""
    tariff = Tariff.objects.create(
        platform=platform,
        name="Voiture, 3 € par jour",
        kind=Kind.CAR,
        valid_from=dt.date(2025, 1, 1),
        late_fee_per_day=3,
        deposit=250,
    )
    TariffBand.objects.create(platform=platform, tariff=tariff, from_day=1, day_price=3)
    return tariff


@pytest.fixture
def tariff(platform: Any) -> Any:
    return car_tariff(platform)


@pytest.fixture
def ana(platform: Any) -> Any:
    """The participant; B since 2015, seen."""
    ana = ParticipantFactory(platform=platform, first_name="Ana", last_name="Dupouy")
    DrivingEntitlement.objects.create(platform=platform, participant=ana, category="B", obtained_on=dt.date(2015, 6, 1))
    return ana


@pytest.fixture
def loan(platform: Any, ana: Any, car: Any, tariff: Any, bruno: Any) -> Any:
    """Thirty days from Monday, promised."""
    return book(platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=THIRTY_DAYS_LATER, by=bruno)


@pytest.fixture
def desk(client: Client, bruno: Any) -> Client:
    client.force_login(bruno, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
