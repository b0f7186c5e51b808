"""The verbs of the pool: what happens, when they may not, to whom not; and then nothing has changed."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from core import clock
from core.models import JournalEntry, OutboxMessage, StoredFile
from fleet import actions
from fleet.models import Damage, Equipment, Hold, OdometerReading, Site, Vehicle, VehicleDocument
from tests.factories import HoldFactory, SiteFactory, VehicleFactory
from tests.fleet.factories import DamageFactory, EquipmentFactory, ReadingFactory
from tests.fleet.test_steps import a_photo

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def site(platform: Any) -> Site:
    return SiteFactory(platform=platform, name="Tarnos")


@pytest.fixture
def car(site: Site) -> Vehicle:
    return VehicleFactory(site=site)


def code_of(verb: Callable[..., Any], *args: Any, **kwargs: Any) -> str | None:
    with pytest.raises(ValidationError) as refusal:
        verb(*args, **kwargs)
    return refusal.value.code


def journal() -> list[str]:
    return list(JournalEntry.objects.order_by("id").values_list("verb", flat=True))


def test_a_vehicle_joins_with_its_photo_and_kilometres(farid: Any, site: Site) -> None:
    vehicle = actions.add_vehicle(
        site.platform, site=site, kind="car", by=farid, plate="as756eb", km=94948, photo=a_photo(), seats=5
    )
    assert vehicle.plate == "AS-756-EB"
    assert vehicle.photo is not None
    assert Vehicle.objects.with_km().get().current_km == 94948
    assert journal() == ["vehicle.added"]


def test_a_refused_vehicle_leaves_nothing_behind(farid: Any, site: Site, car: Vehicle) -> None:
    given = {"site": site, "kind": "car", "by": farid, "plate": car.plate, "km": 1}
    assert code_of(actions.add_vehicle, site.platform, **given) == "plate_taken"
    closed = SiteFactory(platform=site.platform, is_open=False)
    assert code_of(actions.add_vehicle, site.platform, **given | {"site": closed}) == "site_closed"
    assert code_of(actions.add_vehicle, site.platform, **given | {"plate": "?"}) == "plate_impossible"
    with pytest.raises(TypeError):
        actions.add_vehicle(site.platform, **given | {"withdrawn_on": dt.date(2026, 1, 1)})
    assert Vehicle.objects.get() == car
    assert not OdometerReading.objects.exists()
    assert journal() == []


def test_a_vehicle_is_changed_by_what_is_given(farid: Any, car: Vehicle) -> None:
    actions.change_vehicle(car, by=farid, colour="bleue", plate="", first_registered_on=None)
    car.refresh_from_db()
    assert (car.colour, car.plate, car.make) == ("bleue", "", "Peugeot")
    tomorrow = clock.today() + DAY
    assert code_of(actions.change_vehicle, car, by=farid, first_registered_on=tomorrow) == "in_the_future"


def test_a_vehicle_moves_but_not_while_it_is_out(bruno: Any, car: Vehicle, other_platform: Any) -> None:
    dax = SiteFactory(platform=car.platform, name="Dax")
    actions.move_vehicle(car, site=dax, by=bruno)
    assert code_of(actions.move_vehicle, car, site=dax, by=bruno) == "already_there"
    assert code_of(actions.move_vehicle, car, site=SiteFactory(platform=other_platform), by=bruno) == "other_platform"
    HoldFactory(vehicle=car, out_at=clock.now())
    assert code_of(actions.move_vehicle, car, site=SiteFactory(platform=car.platform), by=bruno) == "vehicle_out"
    car.refresh_from_db()
    assert car.site == dax


def test_a_withdrawn_vehicle_frees_what_was_promised_and_tells_of_it(farid: Any, car: Vehicle) -> None:
    now = clock.now()
    past = HoldFactory(vehicle=car, starts_at=now - 9 * DAY, ends_at=now - 8 * DAY)
    HoldFactory(vehicle=car, starts_at=now + DAY, ends_at=now + 2 * DAY)
    HoldFactory(vehicle=car, starts_at=now + 3 * DAY, ends_at=now + 4 * DAY, purpose=Hold.Purpose.RESERVE)
    actions.withdraw(car, reason="Vendu", by=farid)
    assert list(Hold.objects.all()) == [past]
    assert list(OutboxMessage.objects.values_list("topic", flat=True)) == ["vehicle.displaced"]
    assert code_of(actions.withdraw, car, reason="Vendu", by=farid) == "already_withdrawn"
    assert actions.put_back(car, by=farid).in_service
    assert code_of(actions.put_back, car, by=farid) == "not_withdrawn"
    assert journal() == ["vehicle.withdrawn", "vehicle.put_back"]


@pytest.mark.parametrize(
    ("held", "given", "code"),
    [
        ({"out_at": clock.now()}, {}, "vehicle_out"),
        ({"purpose": "maintenance"}, {}, "in_repair"),
        (None, {"reason": " "}, "reason_missing"),
        (None, {"on": dt.date(2999, 1, 1)}, "in_the_future"),
    ],
)
def test_what_cannot_leave_the_pool_stays(
    farid: Any, car: Vehicle, held: dict[str, Any] | None, given: dict[str, Any], code: str
) -> None:
    now = clock.now()
    if held is not None:
        HoldFactory(vehicle=car, starts_at=now - DAY, ends_at=now + DAY, **held)
    promised = HoldFactory(vehicle=car, starts_at=now + 5 * DAY, ends_at=now + 6 * DAY)
    assert code_of(actions.withdraw, car, **{"reason": "Vendu", "by": farid} | given) == code
    car.refresh_from_db()
    assert car.in_service
    assert Hold.objects.filter(pk=promised.pk).exists()
    assert not OutboxMessage.objects.exists()


def test_a_site_with_vehicles_is_not_closed(farid: Any, car: Vehicle) -> None:
    site = actions.change_site(car.site, by=farid, phone="0558412210", city="Tarnos")
    assert (site.phone, str(site.address)) == ("+33558412210", "Tarnos")
    assert code_of(actions.change_site, site, by=farid, is_open=False) == "has_vehicles"
    assert code_of(actions.change_site, site, by=farid, phone="12") == "phone_impossible"
    actions.withdraw(car, reason="Vendu", by=farid)
    assert not actions.change_site(site, by=farid, is_open=False).is_open


def test_a_paper_is_a_pdf_or_a_photo_of_it(farid: Any, car: Vehicle) -> None:
    pdf = SimpleUploadedFile("assurance.pdf", b"%PDF-1.7 and more", "application/pdf")
    kept = actions.add_document(car, sort="insurance", by=farid, file=pdf)
    assert kept.file is not None
    assert kept.file.media_type == "application/pdf"
    kept = actions.add_document(car, sort="registration", by=farid, file=a_photo())
    assert kept.file.media_type == "image/jpeg"
    program = SimpleUploadedFile("virus.exe", b"MZ...", "application/pdf")
    assert code_of(actions.add_document, car, sort="insurance", by=farid, file=program) == "no_paper"
    assert (VehicleDocument.objects.count(), StoredFile.objects.count()) == (2, 2)


def test_equipment_is_lost_once(farid: Any, car: Vehicle) -> None:
    helmet = actions.add_equipment(car.platform, sort="helmet", vehicle=car, by=farid, size="M")
    actions.lose_equipment(helmet, by=farid)
    assert code_of(actions.lose_equipment, helmet, by=farid) == "already_lost"
    assert code_of(actions.add_equipment, car.platform, sort="helmet", by=farid) == "nowhere"


def test_a_damage_is_noted_and_mended_once(bruno: Any, farid: Any, car: Vehicle) -> None:
    damage = actions.report_damage(car, sort="scratch", by=bruno, zone="roof", photos=[a_photo()])
    assert (damage.found_by, damage.photos.count()) == (bruno, 1)
    actions.mend_damage(damage, by=farid)
    assert code_of(actions.mend_damage, damage, by=farid) == "already_mended"


def test_kilometres_are_read_disputed_and_settled(bruno: Any, farid: Any, car: Vehicle) -> None:
    actions.read_odometer(car, km=950_000, by=bruno)
    disputed = actions.read_odometer(car, km=95_000, by=bruno)
    assert disputed.state == OdometerReading.State.DISPUTED
    actions.settle_reading(disputed, km=95_000, reason="Un zéro de trop", by=farid)
    assert Vehicle.objects.with_km().get().current_km == 95_000
    assert code_of(actions.settle_reading, disputed, km=1, reason="x", by=farid) == "not_disputed"
    assert actions.read_odometer(car, km=95_010, by=bruno).state == OdometerReading.State.ACCEPTED
    assert code_of(actions.read_odometer, car, km=1, by=bruno, read_at=clock.now() + DAY) == "in_the_future"
    actions.new_counter(car, km=3, by=farid, reason="Compteur mort")
    assert Vehicle.objects.with_km().get().current_km == 3
    bike = VehicleFactory(site=car.site, kind="bike")
    assert code_of(actions.read_odometer, bike, km=1, by=bruno) == "no_odometer"
    assert code_of(actions.new_counter, bike, km=1, by=farid) == "no_odometer"


def test_a_settlement_says_why(farid: Any, car: Vehicle) -> None:
    disputed = ReadingFactory(vehicle=car, disputed=True)
    assert code_of(actions.settle_reading, disputed, km=100, reason=" ", by=farid) == "reason_missing"
    assert OdometerReading.objects.count() == 1


def test_a_vehicle_is_set_aside_moved_and_released(bruno: Any, car: Vehicle) -> None:
    now = clock.now()
    given = {"starts_at": now + DAY, "ends_at": now + 2 * DAY, "reason": "Salon", "by": bruno}
    hold = actions.reserve(car, **given)
    assert code_of(actions.reserve, car, **given) == "overlap"
    assert code_of(actions.reserve, car, **given | {"reason": ""}) == "reason_missing"
    past = {"starts_at": now - 2 * DAY, "ends_at": now - DAY}
    assert code_of(actions.reserve, car, **given | past) == "in_the_past"
    reversed_ = {"starts_at": now + 4 * DAY, "ends_at": now + 3 * DAY}
    assert code_of(actions.reserve, car, **given | reversed_) == "ends_before_start"
    actions.change_reserve(hold, starts_at=now + 5 * DAY, ends_at=now + 6 * DAY, by=bruno)
    actions.release_hold(hold, by=bruno)
    assert not Hold.objects.exists()
    assert journal() == ["vehicle.reserved", "vehicle.reserve_changed", "vehicle.released"]


def test_a_loan_is_not_released_by_a_verb_of_the_pool(driss: Any, car: Vehicle) -> None:
    loan = HoldFactory(vehicle=car)
    with pytest.raises(PermissionDenied):
        actions.release_hold(loan, by=driss)
    assert Hold.objects.exists()


MANAGES: list[Callable[[Vehicle, Any], Any]] = [
    lambda v, by: actions.add_vehicle(v.platform, site=v.site, kind="car", by=by, plate="AB-999-CD"),
    lambda v, by: actions.change_vehicle(v, by=by, colour="bleue"),
    lambda v, by: actions.withdraw(v, reason="Vendu", by=by),
    lambda v, by: actions.put_back(v, by=by),
    lambda v, by: actions.add_site(v.platform, name="Dax", by=by),
    lambda v, by: actions.change_site(v.site, by=by, name="Dax"),
    lambda v, by: actions.add_document(v, sort="insurance", by=by),
    lambda v, by: actions.add_equipment(v.platform, sort="helmet", vehicle=v, by=by),
    lambda v, by: actions.lose_equipment(EquipmentFactory(vehicle=v), by=by),
    lambda v, by: actions.mend_damage(DamageFactory(vehicle=v), by=by),
    lambda v, by: actions.settle_reading(ReadingFactory(vehicle=v, disputed=True), km=1, reason="x", by=by),
    lambda v, by: actions.new_counter(v, km=1, by=by),
]
HANDLES: list[Callable[[Vehicle, Any], Any]] = [
    lambda v, by: actions.move_vehicle(v, site=SiteFactory(platform=v.platform), by=by),
    lambda v, by: actions.report_damage(v, sort="scratch", by=by),
    lambda v, by: actions.read_odometer(v, km=1, by=by),
    lambda v, by: actions.reserve(v, starts_at=clock.now(), ends_at=clock.now() + DAY, reason="x", by=by),
    lambda v, by: actions.release_hold(HoldFactory(vehicle=v, purpose="reserve"), by=by),
]


@pytest.mark.parametrize("verb", MANAGES)
@pytest.mark.parametrize("who", ["bruno", "agathe", "eve", "nobody"])
def test_only_fleet_managers_manage(verb: Any, who: str, car: Vehicle, request: pytest.FixtureRequest) -> None:
    with pytest.raises(PermissionDenied):
        verb(car, request.getfixturevalue(who))
    assert_untouched(car)


@pytest.mark.parametrize("verb", HANDLES)
@pytest.mark.parametrize("who", ["agathe", "eve", "nobody"])
def test_only_who_stands_beside_it_handles(verb: Any, who: str, car: Vehicle, request: pytest.FixtureRequest) -> None:
    with pytest.raises(PermissionDenied):
        verb(car, request.getfixturevalue(who))
    assert_untouched(car)


def assert_untouched(car: Vehicle) -> None:
    now_known = Vehicle.objects.get()
    assert (now_known.colour, now_known.site, now_known.withdrawn_on) == (car.colour, car.site, None)
    assert not Damage.objects.filter(repaired_at__isnull=False).exists()
    assert not Equipment.objects.filter(lost_at__isnull=False).exists()
    assert not VehicleDocument.objects.exists()
    assert not OdometerReading.objects.exclude(state="disputed").exists()
    assert journal() == []
