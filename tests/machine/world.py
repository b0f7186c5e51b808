"""The small world of the machine: three cars at two sites, three people, one of whom is too young to drive."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from fleet.models import Kind
from participants.models import DrivingEntitlement
from pricing.models import Tariff, TariffBand
from tests.factories import ParticipantFactory, SiteFactory, VehicleFactory
from tests.machine.model import DAY_PRICE, LATE_FEE, NO_SHOW_FEE

START = dt.datetime(2026, 3, 26, 8, tzinfo=dt.UTC)  # three days before summer time begins


@dataclass(frozen=True)
class World:
    platform: Any
    desk: Any  # coordinates: may do everything that people may
    sites: list[Any]
    cars: list[Any]
    people: list[Any]

    @property
    def minor(self) -> Any:
        return self.people[-1]


def a_small_world(platform: Any, desk: Any) -> World:
    sites = [SiteFactory(platform=platform, name=name) for name in ("Dax", "Mont-de-Marsan")]
    cars = [VehicleFactory(site=site) for site in (sites[0], sites[0], sites[1])]
    people = [ParticipantFactory(platform=platform, first_name=name) for name in ("Ana", "Zoé", "Noé")]
    people[-1].birth_date = dt.date(2013, 5, 4)
    people[-1].save()
    for person in people[:-1]:
        DrivingEntitlement.objects.create(
            platform=platform, participant=person, category="B", obtained_on=dt.date(2015, 6, 1)
        )
    tariff = Tariff.objects.create(
        platform=platform,
        name="Voiture",
        kind=Kind.CAR,
        valid_from=dt.date(2025, 1, 1),
        late_fee_per_day=LATE_FEE,
        no_show_fee=NO_SHOW_FEE,
        deposit=250,
    )
    TariffBand.objects.create(platform=platform, tariff=tariff, from_day=1, day_price=DAY_PRICE)
    return World(platform, desk, sites, cars, people)
