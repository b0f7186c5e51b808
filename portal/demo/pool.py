"""What is lent: sites, vehicles with their papers, accessories and first kilometres."""

import datetime as dt
from typing import NamedTuple

from schedule.models import Calendar

from core.db import save
from fleet.checklists import usual_equipment
from fleet.inspections import next_inspection_due
from fleet.models import Energy, Equipment, Kind, OdometerReading, Site, Vehicle, VehicleDocument
from fleet.opening_actions import openings_of, write_single, write_weekly
from fleet.regions import usual_region
from places.models import Address
from portal.demo.cast import YEAR, World
from portal.demo.names import plate
from portal.demo.shape import SiteSpec

Origin, Gearbox = Vehicle.Origin, Vehicle.Gearbox


class Model(NamedTuple):
    make: str
    model: str
    energy: str
    gearbox: str = Gearbox.MANUAL
    seats: int = 5


MODELS: dict[str, list[Model]] = {
    Kind.CAR: [
        Model("Renault", "Clio", Energy.PETROL),
        Model("Peugeot", "208", Energy.PETROL),
        Model("Dacia", "Sandero", Energy.LPG),
        Model("Citroën", "C3", Energy.DIESEL),
        Model("Toyota", "Yaris", Energy.HYBRID, Gearbox.AUTOMATIC),
        Model("Fiat", "Panda", Energy.PETROL, seats=4),
        Model("Renault", "Zoe", Energy.ELECTRIC, Gearbox.AUTOMATIC),
        Model("Renault", "Twingo", Energy.PETROL, seats=4),
    ],
    Kind.VAN: [Model("Renault", "Kangoo", Energy.DIESEL, seats=2)],
    Kind.MICROCAR: [
        Model("Aixam", "City", Energy.DIESEL, Gearbox.AUTOMATIC, 2),
        Model("Ligier", "JS50", Energy.DIESEL, Gearbox.AUTOMATIC, 2),
    ],
    Kind.MOPED: [
        Model("Peugeot", "Kisbee 50", Energy.PETROL, Gearbox.AUTOMATIC, 1),
        Model("Piaggio", "Zip 50", Energy.PETROL, Gearbox.AUTOMATIC, 1),
        Model("Sym", "Orbit 50", Energy.PETROL, Gearbox.AUTOMATIC, 1),
        Model("Kymco", "Agility 50", Energy.PETROL, Gearbox.AUTOMATIC, 1),
        Model("Niu", "N1S", Energy.ELECTRIC, Gearbox.AUTOMATIC, 1),
    ],
    Kind.E_BIKE: [
        Model("Moustache", "Lundi 27", Energy.ELECTRIC, "", 1),
        Model("O2feel", "Vern Urban", Energy.ELECTRIC, "", 1),
        Model("Arcade", "E-Colors", Energy.ELECTRIC, "", 1),
    ],
}
LETTERS = {Kind.CAR: "V", Kind.VAN: "U", Kind.MICROCAR: "M", Kind.MOPED: "S", Kind.E_BIKE: "B"}
COLOURS = ["blanc", "gris", "bleu", "rouge", "noir", "vert"]
KM_A_DAY = {Kind.CAR: (18, 62), Kind.VAN: (15, 50), Kind.MICROCAR: (10, 30), Kind.MOPED: (7, 26), Kind.E_BIKE: (4, 15)}


def open_sites(world: World) -> None:
    addresses = Address.objects.bulk_create([world.address(one.street, one.place) for one in world.spec.sites])
    for address, one in zip(addresses, world.spec.sites, strict=True):
        address.latitude, address.longitude = one.place.latitude, one.place.longitude
    Address.objects.bulk_update(addresses, ["latitude", "longitude"])
    world.sites = Site.objects.bulk_create(
        [
            Site(
                platform=world.platform,
                name=one.name,
                address=address,
                phone=world.spec.landline[:-2] + f"{number + 10:02d}",
                holiday_region=usual_region(world.platform.time_zone),
                opening_remark=one.remark,
            )
            for number, (one, address) in enumerate(zip(world.spec.sites, addresses, strict=True))
        ]
    )
    for site, spec in zip(world.sites, world.spec.sites, strict=True):
        set_hours(world, site, spec)


def set_hours(world: World, site: Site, spec: SiteSpec) -> None:
    """Its week; at the first site a Saturday of forum, at the second some days of leave."""
    calendar = openings_of(site)
    for days, ranges in spec.week:
        for hour, minute, to_hour, to_minute in ranges:
            write_weekly(calendar, site, list(days), dt.time(hour, minute), dt.time(to_hour, to_minute), None)
    by, ahead = world.staff["fleet_manager"], 7 - world.today.weekday()
    if site is world.sites[0]:
        saturday = world.today + dt.timedelta(days=ahead + 12)
        write_single(calendar, world.at(saturday, 9), world.at(saturday, 12), "forum de l’emploi", by)
    if site is world.sites[1]:
        monday = world.today + dt.timedelta(days=ahead + 21)
        site.closures = Calendar.objects.create(name=f"{site.name} : fermetures", slug=f"site-{site.pk}-closures")
        write_single(site.closures, world.at(monday, 0), world.at(monday + dt.timedelta(days=5), 0), "congés", by)
    save(site)


def fill_pool(world: World) -> None:
    rows = [vehicle(world, kind, number) for kind, count in world.spec.pool.items() for number in range(1, count + 1)]
    retired = vehicle(world, Kind.MOPED, 90)
    retired.withdrawn_on, retired.withdrawn_reason = world.today - dt.timedelta(days=120), "Volé, jamais retrouvé"
    created = Vehicle.objects.bulk_create([*rows, retired])
    world.vehicles = created[:-1]
    give_papers(world)
    give_accessories(world)
    OdometerReading.objects.bulk_create([first_reading(world, one) for one in created])


def vehicle(world: World, kind: str, number: int) -> Vehicle:
    rng = world.rng
    known = MODELS[kind]
    model = known[(number - 1) % len(known)]
    # The first site keeps about half of the pool.
    site = world.sites[0] if rng.random() < 0.45 else rng.choice(world.sites)
    registered = world.today - dt.timedelta(days=rng.randint(420, 4200))
    one = Vehicle(
        platform=world.platform,
        site=site,
        kind=kind,
        energy=model.energy,
        fleet_number=f"{LETTERS[kind]}{number:02d}",
        make=model.make,
        model=model.model,
        colour=rng.choice(COLOURS),
        gearbox=model.gearbox,
        seats=model.seats,
        first_registered_on=registered,
        origin=rng.choice([Origin.PURCHASE, Origin.PURCHASE, Origin.DONATION, Origin.DECOMMISSIONED]),
        created_at=world.now - YEAR - dt.timedelta(days=10),
    )
    if kind == Kind.E_BIKE:
        one.frame_number = f"FR{rng.randint(10**7, 10**8 - 1)}"
    else:
        one.plate = plate(rng)
    if kind == Kind.CAR and number == 3:
        one.origin = Origin.SCRAP_BONUS
        one.must_be_retired_by = world.today + dt.timedelta(days=400)
    return one


def give_papers(world: World) -> None:
    """Insurance, and the inspections that were due; here and there one that expires soon, or has."""
    rng, papers = world.rng, []
    for number, one in enumerate(world.vehicles):
        if one.kind == Kind.E_BIKE:
            continue
        until = world.today + dt.timedelta(days=rng.randint(30, 360) if number % 9 else 12)
        papers.append(
            VehicleDocument(
                platform=world.platform,
                vehicle=one,
                sort=VehicleDocument.Sort.INSURANCE,
                number=f"FL-{rng.randint(10**6, 10**7 - 1)}",
                issued_on=until - YEAR,
                valid_until=until,
                recorded_at=world.at(max(until - YEAR, world.today - YEAR), 10),
            )
        )
        due = next_inspection_due(one.kind, one.first_registered_on, None, on=world.today)
        if due is None or due > world.today + dt.timedelta(days=150) or number % 11 == 5:
            continue  # the eleventh is the one that was forgotten
        every = 2 if one.kind in (Kind.CAR, Kind.VAN) else 3
        seen = world.today - dt.timedelta(days=rng.randint(20, every * 365 - 40))
        if number % 7 == 2:
            seen = world.today - dt.timedelta(days=every * 365 - 21)  # due in three weeks
        seen = max(seen, one.first_registered_on or seen)
        papers.append(
            VehicleDocument(
                platform=world.platform,
                vehicle=one,
                sort=VehicleDocument.Sort.INSPECTION,
                number=f"CT{rng.randint(10**5, 10**6 - 1)}",
                issued_on=seen,
                valid_until=seen + dt.timedelta(days=every * 365),
                recorded_at=world.at(seen, 16),
            )
        )
    VehicleDocument.objects.bulk_create(papers)


def give_accessories(world: World) -> None:
    rng = world.rng
    Equipment.objects.bulk_create(
        [
            Equipment(
                platform=world.platform,
                vehicle=one,
                sort=sort,
                serial_number=f"{str(sort)[:2].upper()}{rng.randint(1000, 9999)}",
                size=rng.choice(["S", "M", "L"]) if sort in (Equipment.Sort.HELMET, Equipment.Sort.GLOVES) else "",
            )
            for one in world.vehicles
            for sort in usual_equipment(one.kind)
        ]
        + [Equipment(platform=world.platform, site=site, sort=Equipment.Sort.CHILD_SEAT) for site in world.sites]
    )


def first_reading(world: World, one: Vehicle) -> OdometerReading:
    age = (world.today - (one.first_registered_on or world.today)).days
    low, high = KM_A_DAY[Kind(one.kind)]
    one.km = round(age * (low + high) / 2 * world.rng.uniform(0.4, 0.9))  # type: ignore[attr-defined]
    return OdometerReading(
        platform=world.platform,
        vehicle=one,
        km=one.km,  # type: ignore[attr-defined]
        state=OdometerReading.State.ACCEPTED,
        source=OdometerReading.Source.CREATION,
        read_at=world.now - YEAR - dt.timedelta(days=10),
        recorded_at=world.now - YEAR - dt.timedelta(days=10),
        by=world.staff["fleet_manager"],
    )
