"""What is noted of a vehicle, for tests."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from core.models import StoredFile
from fleet.models import Damage, DamagePhoto, Equipment, OdometerReading, VehicleDocument
from tests.factories import VehicleFactory

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


class OfVehicle(DjangoModelFactory):
    vehicle = factory.SubFactory(VehicleFactory)
    platform = factory.SelfAttribute("vehicle.platform")

    class Meta:
        abstract = True


class DamageFactory(OfVehicle):
    sort = Damage.Sort.SCRATCH
    zone = "roof"
    found_at = NOON

    class Meta:
        model = Damage


class ReadingFactory(OfVehicle):
    km = 100
    state = OdometerReading.State.ACCEPTED
    source = OdometerReading.Source.MANUAL
    read_at = NOON

    class Meta:
        model = OdometerReading

    class Params:
        disputed = factory.Trait(state=OdometerReading.State.DISPUTED, km=50)


class DocumentFactory(OfVehicle):
    sort = VehicleDocument.Sort.INSURANCE
    valid_until = dt.date(2026, 12, 31)

    class Meta:
        model = VehicleDocument


class EquipmentFactory(OfVehicle):
    sort = Equipment.Sort.HELMET
    size = "M"

    class Meta:
        model = Equipment


class StoredPhotoFactory(DjangoModelFactory):
    """A row without its file: enough where nobody reads it."""

    kind = StoredFile.Kind.PHOTO
    file = "2026/03/photo.jpg"
    name = "photo.jpg"
    media_type = "image/jpeg"
    size = 1
    sha256 = "0" * 64

    class Meta:
        model = StoredFile


class DamagePhotoFactory(DjangoModelFactory):
    damage = factory.SubFactory(DamageFactory)
    platform = factory.SelfAttribute("damage.platform")
    file = factory.SubFactory(StoredPhotoFactory, platform_id=factory.SelfAttribute("..platform.pk"))

    class Meta:
        model = DamagePhoto
