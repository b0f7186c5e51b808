"""A loan as the desk books it, for tests far from the board: Ana may drive, a car costs 3 € a day."""

import datetime as dt
from typing import Any

from bookings.actions import book
from bookings.models import Booking
from core import clock
from participants.models import DrivingEntitlement
from pricing.models import Tariff, TariffBand
from tests.factories import ParticipantFactory, VehicleFactory


def promised_loan(platform: Any, *, by: Any) -> Booking:
    """Thirty days, from in an hour."""
    ana = ParticipantFactory(platform=platform, first_name="Ana", last_name="Dupouy")
    DrivingEntitlement.objects.create(platform=platform, participant=ana, category="B", obtained_on=dt.date(2015, 6, 1))
    tariff = Tariff.objects.create(
        platform=platform, name="3 €", kind="car", valid_from=dt.date(2020, 1, 1), late_fee_per_day=3
    )
    TariffBand.objects.create(platform=platform, tariff=tariff, day_price=3)
    start = clock.now() + dt.timedelta(hours=1)
    return book(
        platform,
        participant=ana,
        vehicle=VehicleFactory(site__platform=platform),
        starts_at=start,
        ends_at=start + dt.timedelta(days=30),
        by=by,
    )
