"""A platform to measure on: opened by the product's own actions, its pool and people filled in by the hundred."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.actions import create_token, invite_member
from accounts.models import Membership, Platform, Role, User
from bench.data import insert, last_id, loading
from core import clock
from fleet.models import Hold, Site, Vehicle
from participants.models import DrivingEntitlement, Participant
from participants.programmes import default_programme
from places.models import Address
from portal.platforms import open_platform
from pricing.tariff_actions import save_tariff
from pricing.tariffs import Band

VEHICLES_A_SITE = 12
DAY = dt.timedelta(days=1)
DAX = (43.71, -1.05)  # the sites lie around it, some kilometres apart


@dataclass
class Pool:
    platform: Platform
    coordinator: User
    vehicles: list[int]
    participants: list[int]

    def token(self, name: str) -> str:
        """A bearer token of a colleague of that name, whom the programs of a bench speak for."""
        member = invite_member(
            self.platform, name=name, email=f"{name}@example.org", role=Role.COORDINATOR, by=self.coordinator
        )
        return create_token(member.user, name="bench", by=member.user)[1]

    def participant(self, n: int) -> Participant:
        return Participant.objects.get(pk=self.participants[n % len(self.participants)])

    def vehicle(self, n: int) -> Vehicle:
        return Vehicle.objects.get(pk=self.vehicles[n % len(self.vehicles)])


def open_pool(name: str, vehicles: int, *, participants: int = 100, slug: str = "banc") -> Pool:
    """A platform with a tariff, so many cars on sites of twelve, and people who may drive them."""
    platform = open_platform(f"Banc {slug}", coordinator=f"{slug}@example.org", slug=slug)
    coordinator = Membership.objects.get(platform=platform).user
    set_tariff(platform, coordinator)
    with loading(name, Address, Site, Vehicle, User, Participant, DrivingEntitlement) as cursor:
        fill_sites(cursor, platform, vehicles)
        fill_people(cursor, platform, participants)
    return Pool(
        platform=platform,
        coordinator=coordinator,
        vehicles=list(Vehicle.objects.filter(platform=platform).order_by("pk").values_list("pk", flat=True)),
        participants=list(Participant.objects.filter(platform=platform).order_by("pk").values_list("pk", flat=True)),
    )


def set_tariff(platform: Platform, by: User) -> None:
    """3 € a day, with a deposit: booking writes every row that it ever writes."""
    save_tariff(
        platform,
        by=by,
        name="Voiture, 3 € par jour",
        kind="car",
        valid_from=clock.today() - 3650 * DAY,
        bands=[Band(1, Decimal(3), Decimal(18), Decimal(60))],
        deposit=Decimal(250),
        late_fee_per_day=Decimal(3),
    )


def fill_sites(cursor: Any, platform: Platform, vehicles: int) -> None:
    """One site a dozen vehicles, on a spiral around Dax; every third car is automatic."""
    sites = -(-vehicles // VEHICLES_A_SITE)
    address, site, vehicle = (last_id(cursor, model) for model in (Address, Site, Vehicle))
    numbers = f"generate_series(1, {sites}) n"
    latitude, longitude = DAX
    insert(
        cursor,
        Address,
        numbers,
        id=f"{address} + n",
        platform_id=f"{platform.pk}",
        city="'Dax'",
        postcode="'40100'",
        latitude=f"{latitude} + 0.02 * sqrt(n) * cos(n)",
        longitude=f"{longitude} + 0.02 * sqrt(n) * sin(n)",
    )
    insert(
        cursor,
        Site,
        numbers,
        id=f"{site} + n",
        platform_id=f"{platform.pk}",
        name="'Agence ' || n",
        address_id=f"{address} + n",
    )
    insert(
        cursor,
        Vehicle,
        f"generate_series(1, {vehicles}) n",
        id=f"{vehicle} + n",
        platform_id=f"{platform.pk}",
        site_id=f"{site} + 1 + (n - 1) % {sites}",
        kind="'car'",
        energy="'petrol'",
        gearbox="CASE WHEN n % 3 = 0 THEN 'automatic' ELSE 'manual' END",
        seats="5",
        fleet_number="'B' || lpad(n::text, 6, '0')",
        make="'Peugeot'",
        model="'208'",
    )


def fill_more_vehicles(name: str, platform: Platform, until: int) -> None:
    """So many more that the platform has `until` vehicles, on a site of their own."""
    there = Vehicle.objects.filter(platform=platform).count()
    if there < until:
        with loading(name, Address, Site, Vehicle) as cursor:
            fill_sites(cursor, platform, until - there)


def fill_more_people(name: str, platform: Platform, count: int) -> None:
    with loading(name, Address, User, Participant, DrivingEntitlement) as cursor:
        fill_people(cursor, platform, count)


def fill_people(cursor: Any, platform: Platform, count: int) -> None:
    """People with a telephone and a B licence that was seen; they live between the sites."""
    programme = default_programme(platform)
    user, person, address = (last_id(cursor, model) for model in (User, Participant, Address))
    numbers = f"generate_series(1, {count}) n"
    insert(cursor, User, numbers, id=f"{user} + n", password="'!'", name="'Ana Labat ' || n")
    insert(
        cursor,
        Address,
        numbers,
        id=f"{address} + n",
        platform_id=f"{platform.pk}",
        city="'Dax'",
        postcode="'40100'",
        latitude=f"{DAX[0]} + 0.013 * sqrt(n % 50) * sin(n)",
        longitude=f"{DAX[1]} + 0.013 * sqrt(n % 50) * cos(n)",
    )
    insert(
        cursor,
        Participant,
        numbers,
        id=f"{person} + n",
        platform_id=f"{platform.pk}",
        user_id=f"{user} + n",
        first_name="'Ana'",
        last_name=f"'Labat ' || {person} + n",
        name_key=f"'labat' || {person} + n || ' ana'",
        birth_date="DATE '1970-01-01' + (n % 9000)::int",
        phone="'+336' || lpad((n % 100000000)::text, 8, '0')",
        address_id=f"{address} + n",
        programme_id=f"{programme.pk}",
    )
    insert(
        cursor,
        DrivingEntitlement,
        numbers,
        platform_id=f"{platform.pk}",
        participant_id=f"{person} + n",
        category="'B'",
        obtained_on="DATE '2010-06-01'",
        method="'original'",
        verified_on="current_date - 30",
    )


STEP = 8  # days from the start of a vehicle's hold to that of the next, at most


def fill_holds(name: str, pool: Pool, holds: int, *, since: int) -> None:
    """So many holds a vehicle, of two to five days with gaps of none to six, the first one `since` days ago."""
    with loading(name, Hold) as cursor:
        cursor.execute("SELECT setseed(0.5)")
        back = "CASE WHEN begins + days * interval '1 day' < now() THEN begins + days * interval '1 day' END"
        source = f"""(
            SELECT vehicle, date_trunc('day', now())
                   + (sum(step) OVER (PARTITION BY vehicle ORDER BY n) - {since}) * interval '1 day' AS begins, days
            FROM (SELECT v.id AS vehicle, n, 2 + floor(random() * 4) AS days, 5 + floor(random() * 4) AS step
                  FROM fleet_vehicle v, generate_series(1, {holds}) n
                  WHERE v.platform_id = {pool.platform.pk}) AS drawn) AS planned"""
        insert(
            cursor,
            Hold,
            source,
            platform_id=f"{pool.platform.pk}",
            vehicle_id="vehicle",
            purpose="'loan'",
            starts_at="begins",
            ends_at="begins + days * interval '1 day'",
            out_at="CASE WHEN begins + days * interval '1 day' < now() THEN begins END",
            back_at=back,
            ready_at=back,
        )


def overlaps() -> int:
    """How many pairs of holds take one vehicle at the same time; asked of the rows, not of the constraint."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM (SELECT ends_at > lead(starts_at) OVER (PARTITION BY vehicle_id ORDER BY starts_at)
               AS hit FROM fleet_hold) pairs WHERE hit"""
        )
        return cursor.fetchone()[0]
