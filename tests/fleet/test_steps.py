"""What upper rooms call: the ledger of kilometres, damages."""

import datetime as dt
import io
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from fleet import damages
from fleet.models import Damage, OdometerReading, Vehicle
from fleet.odometer import record_reading
from tests.factories import VehicleFactory

Source, State = OdometerReading.Source, OdometerReading.State
pytestmark = pytest.mark.django_db


def at(day: int) -> dt.datetime:
    return dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC)


def read(vehicle: Vehicle, km: int | None, day: int, source: str = Source.LOAN_IN, **more: Any) -> OdometerReading:
    return record_reading(vehicle, km, source=source, read_at=at(day), by=None, **more)  # type: ignore[arg-type]


def current_km(vehicle: Vehicle) -> int | None:
    return Vehicle.objects.with_km().get(pk=vehicle.pk).current_km


def a_photo(colour: str = "red") -> SimpleUploadedFile:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(picture, "JPEG")
    return SimpleUploadedFile("photo.jpg", picture.getvalue(), "image/jpeg")


def test_the_kilometres_of_a_vehicle_are_those_of_its_last_accepted_reading() -> None:
    vehicle = VehicleFactory()
    assert current_km(vehicle) is None
    read(vehicle, 100, 1)
    read(vehicle, 100, 2)
    assert read(vehicle, 150, 3).state == State.ACCEPTED
    read(vehicle, None, 4, state=State.UNREADABLE)
    assert current_km(vehicle) == 150


def test_a_lower_reading_is_kept_as_disputed() -> None:
    vehicle = VehicleFactory()
    read(vehicle, 100, 1)
    assert read(vehicle, 99, 2).state == State.DISPUTED
    assert current_km(vehicle) == 100


def test_a_reading_written_down_late_must_fit_between_its_neighbours() -> None:
    vehicle = VehicleFactory()
    read(vehicle, 100, 1)
    read(vehicle, 200, 10)
    assert read(vehicle, 150, 5).state == State.ACCEPTED
    assert read(vehicle, 201, 6).state == State.DISPUTED
    assert read(vehicle, 149, 6).state == State.DISPUTED
    assert current_km(vehicle) == 200


def test_after_a_new_counter_it_counts_from_there() -> None:
    vehicle = VehicleFactory()
    read(vehicle, 90_000, 1)
    assert read(vehicle, 0, 2, source=Source.NEW_COUNTER).state == State.ACCEPTED
    assert read(vehicle, 40, 3).state == State.ACCEPTED
    assert read(vehicle, 30, 4).state == State.DISPUTED
    assert read(vehicle, 90_100, 1).state == State.ACCEPTED  # before the change, by the old counter
    assert current_km(vehicle) == 40


def test_a_correction_is_believed_and_says_why() -> None:
    vehicle = VehicleFactory()
    read(vehicle, 950_000, 1)
    with pytest.raises(ValidationError) as refusal:
        read(vehicle, 95_000, 2, source=Source.CORRECTION)
    assert refusal.value.code == "reason_missing"


def test_a_damage_tapped_on_the_drawing_finds_its_part() -> None:
    vehicle = VehicleFactory()
    damage = damages.found(
        vehicle, sort=Damage.Sort.SCRATCH, by=None, x=0.5, y=0.5, photos=[a_photo(), a_photo("blue")]
    )
    assert damage.zone == "roof"
    assert damage.photos.count() == 2
    assert damage.found_at is not None


@pytest.mark.parametrize(
    ("point", "code"),
    [
        ({"zone": "handlebar"}, "unknown_zone"),
        ({"x": 1.2, "y": 0.5}, "off_silhouette"),
        ({"x": 0.2}, "off_silhouette"),
        ({"photos": [SimpleUploadedFile("x.jpg", b"no picture")]}, "no_picture"),
    ],
)
def test_a_damage_that_cannot_be_placed_is_refused(point: dict[str, Any], code: str) -> None:
    vehicle = VehicleFactory()
    with pytest.raises(ValidationError) as refusal:
        damages.found(vehicle, sort=Damage.Sort.SCRATCH, by=None, **point)
    assert refusal.value.code == code


def test_what_is_repaired_keeps_the_day_of_its_first_repair() -> None:
    vehicle = VehicleFactory()
    damage = damages.found(vehicle, sort=Damage.Sort.DENT, by=None, zone="bonnet")
    damages.repaired([damage], at(5))
    damages.repaired([damage], at(9))
    damage.refresh_from_db()
    assert damage.repaired_at == at(5)
