"""Rows for tests, with traits for situations. Sequences and fixed words only: nothing random."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from accounts.models import Membership, Platform, Role, User
from fleet.models import Energy, Hold, Kind, Site, Vehicle
from garages.models import Garage, Work
from participants.models import Participant, Programme
from places.models import Address, Commune


class UserFactory(DjangoModelFactory):
    name = factory.Sequence(lambda n: f"Usager {n}")
    email = factory.Sequence(lambda n: f"usager{n}@example.org")
    password = "!nobody signs in with one"

    class Meta:
        model = User


class MachineUserFactory(UserFactory):
    name = "Remise"
    email = None


class PlatformFactory(DjangoModelFactory):
    name = factory.Sequence(lambda n: f"Plateforme {n}")
    slug = factory.Sequence(lambda n: f"plateforme-{n}")
    phone = "+33558000000"
    assistance_phone = "+33800000000"
    email = "contact@example.org"
    machine_user = factory.SubFactory(MachineUserFactory)

    class Meta:
        model = Platform


class MembershipFactory(DjangoModelFactory):
    user = factory.SubFactory(UserFactory)
    platform = factory.SubFactory(PlatformFactory)
    role = Role.ADVISER

    class Meta:
        model = Membership


class CommuneFactory(DjangoModelFactory):
    insee_code = factory.Sequence(lambda n: f"{40001 + n}")
    name = factory.Sequence(lambda n: f"Commune {n}")
    name_key = factory.LazyAttribute(lambda c: c.name.lower())
    postcodes = "40000"
    department = "40"
    region = "Nouvelle-Aquitaine"
    latitude = 43.65
    longitude = -1.3

    class Meta:
        model = Commune


class AddressFactory(DjangoModelFactory):
    platform = factory.SubFactory(PlatformFactory)
    street = "12 rue de la Gare"
    postcode = "40230"
    city = "Saint-Vincent-de-Tyrosse"

    class Meta:
        model = Address


class SiteFactory(DjangoModelFactory):
    platform = factory.SubFactory(PlatformFactory)
    name = factory.Sequence(lambda n: f"Site {n}")

    class Meta:
        model = Site


class VehicleFactory(DjangoModelFactory):
    site = factory.SubFactory(SiteFactory)
    platform = factory.SelfAttribute("site.platform")
    kind = Kind.CAR
    energy = Energy.PETROL
    gearbox = Vehicle.Gearbox.MANUAL
    seats = 5
    fleet_number = factory.Sequence(lambda n: f"V{n:03d}")
    plate = factory.Sequence(lambda n: f"AA-{n % 999 + 1:03d}-{'ABCDEFGHJKLMNPQRSTVWXYZ'[n // 999 % 23]}A")
    make = "Peugeot"
    model = "208"
    first_registered_on = dt.date(2018, 4, 14)

    class Meta:
        model = Vehicle

    class Params:
        moped = factory.Trait(kind=Kind.MOPED, make="Piaggio", model="Zip 50", seats=1, gearbox="automatic")
        e_bike = factory.Trait(
            kind=Kind.E_BIKE, energy=Energy.ELECTRIC, make="Moustache", model="Lundi 27", seats=1, plate="", gearbox=""
        )
        automatic = factory.Trait(gearbox=Vehicle.Gearbox.AUTOMATIC)
        withdrawn = factory.Trait(withdrawn_on=dt.date(2026, 1, 1), withdrawn_reason="Vendu")


class HoldFactory(DjangoModelFactory):
    vehicle = factory.SubFactory(VehicleFactory)
    platform = factory.SelfAttribute("vehicle.platform")
    purpose = Hold.Purpose.LOAN
    starts_at = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
    ends_at = dt.datetime(2026, 3, 9, 8, tzinfo=dt.UTC)

    class Meta:
        model = Hold


class ProgrammeFactory(DjangoModelFactory):
    platform = factory.SubFactory(PlatformFactory)
    name = factory.Sequence(lambda n: f"Dispositif {n}")

    class Meta:
        model = Programme


class ParticipantFactory(DjangoModelFactory):
    platform = factory.SubFactory(PlatformFactory)
    user = factory.SubFactory(
        UserFactory,
        name=factory.LazyAttribute(lambda u: f"{u.factory_parent.first_name} {u.factory_parent.last_name}"),
        email=None,
    )
    programme = factory.SubFactory(ProgrammeFactory, platform=factory.SelfAttribute("..platform"))
    first_name = "Ana"
    last_name = factory.Sequence(lambda n: f"Dupouy{n}")
    name_key = factory.LazyAttribute(lambda p: f"{p.last_name} {p.first_name}".lower())
    birth_date = dt.date(1990, 3, 18)
    phone = "+33667969008"

    class Meta:
        model = Participant


class GarageFactory(DjangoModelFactory):
    platform = factory.SubFactory(PlatformFactory)
    user = factory.SubFactory(UserFactory, email=None, name="Garage")
    name = factory.Sequence(lambda n: f"Garage {n}")
    phone = "+33558010101"
    email = factory.Sequence(lambda n: f"garage{n}@example.org")
    repairs = [Kind.CAR]
    works = [Work.MECHANICS, Work.SERVICE]

    class Meta:
        model = Garage
