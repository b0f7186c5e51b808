"""Each constraint of the pool broken once, and its reads at their edges."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.utils import DatabaseError

from core.db import save
from fleet import inspections, lists
from fleet.models import Equipment, Hold, OdometerReading, Site, Vehicle, VehicleDocument
from tests.factories import HoldFactory, SiteFactory, VehicleFactory
from tests.fleet.factories import DocumentFactory, EquipmentFactory, ReadingFactory

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
Make = Callable[[Vehicle], Any]


def like(vehicle: Vehicle, **fields: Any) -> Vehicle:
    return Vehicle(**{"platform": vehicle.platform, "site": vehicle.site, "kind": "car"} | fields)


def hold(vehicle: Vehicle, **fields: Any) -> Hold:
    dates = {"starts_at": NOON, "ends_at": NOON + DAY}
    return Hold(**{"platform": vehicle.platform, "vehicle": vehicle, "purpose": "loan"} | dates | fields)


def reading(vehicle: Vehicle, **fields: Any) -> OdometerReading:
    facts = {"state": "accepted", "source": "manual", "read_at": NOON, "km": 1}
    return OdometerReading(**{"platform": vehicle.platform, "vehicle": vehicle} | facts | fields)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda v: Site(platform=v.platform, name=v.site.name.upper()), "site_exists"),
        (lambda v: like(v, plate=v.plate), "plate_taken"),
        (lambda v: like(v, frame_number="WTU1"), "frame_number_taken"),
        (lambda v: like(v, fleet_number=v.fleet_number), "fleet_number_taken"),
        (like, "no_number"),
        (lambda v: like(v, plate="AB-999-CD", withdrawn_on=dt.date(2026, 1, 1)), "reason_missing"),
        (lambda v: hold(v, starts_at=NOON + 10 * DAY - dt.timedelta(minutes=1), ends_at=NOON + 11 * DAY), "overlap"),
        (lambda v: hold(v, ends_at=NOON), "ends_before_start"),
        (lambda v: hold(v, back_at=NOON), "not_out"),
        (lambda v: reading(v, km=None), "km_missing"),
        (lambda v: reading(v, state="unreadable"), "km_missing"),
        (lambda v: reading(v, source="correction"), "reason_missing"),
        (lambda v: Equipment(platform=v.platform, sort="helmet"), "nowhere"),
        (
            lambda v: VehicleDocument(
                platform=v.platform,
                vehicle=v,
                sort="insurance",
                issued_on=dt.date(2026, 1, 2),
                valid_until=dt.date(2026, 1, 1),
            ),
            "ends_before_start",
        ),
    ],
)
def test_a_broken_constraint_comes_back_as_its_sentence(make: Make, code: str) -> None:
    vehicle = VehicleFactory(frame_number="WTU1")
    HoldFactory(vehicle=vehicle, starts_at=NOON + 9 * DAY, ends_at=NOON + 10 * DAY)
    with pytest.raises(ValidationError) as refusal, transaction.atomic():
        save(make(vehicle))
    assert refusal.value.code == code
    assert refusal.value.messages[0].endswith(".")


def test_another_platform_may_have_the_same_plate_and_nobodys_row_is_borrowed() -> None:
    vehicle, other = VehicleFactory(), SiteFactory()
    save(like(vehicle, platform=other.platform, site=other, plate=vehicle.plate))
    with pytest.raises(ValidationError) as refusal:
        save(like(vehicle, site=other, plate="AB-999-CD"))
    assert refusal.value.code == "other_platform"


def test_the_ledger_is_only_ever_added_to() -> None:
    line = ReadingFactory()
    for change in (lambda: OdometerReading.objects.update(km=1), line.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_last_papers_count() -> None:
    vehicle = VehicleFactory(first_registered_on=dt.date(2018, 4, 14))

    def read() -> Vehicle:
        return Vehicle.objects.with_papers().get(pk=vehicle.pk)

    assert inspections.due(read()) == dt.date(2022, 4, 14)
    DocumentFactory(vehicle=vehicle, sort="inspection", issued_on=dt.date(2024, 4, 1), valid_until=None)
    DocumentFactory(vehicle=vehicle, sort="inspection", issued_on=None, valid_until=dt.date(2020, 1, 1))
    DocumentFactory(vehicle=vehicle, sort="insurance", valid_until=dt.date(2027, 1, 1))
    DocumentFactory(vehicle=vehicle, sort="insurance", valid_until=dt.date(2026, 1, 1))
    assert (inspections.due(read()), read().insured_until) == (dt.date(2026, 4, 1), dt.date(2027, 1, 1))
    # A major defect: the car must come again within two months, which its paper says.
    DocumentFactory(vehicle=vehicle, sort="inspection", issued_on=dt.date(2026, 3, 1), valid_until=dt.date(2026, 4, 30))
    assert inspections.due(read()) == dt.date(2026, 4, 30)


def test_the_list_says_where_each_vehicle_is_and_finds_it_by_that() -> None:
    site = SiteFactory()
    free, promised, out, late, repair, aside, withdrawn = VehicleFactory.create_batch(7, site=site)
    now = NOON + dt.timedelta(hours=1)
    running = {"starts_at": NOON, "ends_at": NOON + DAY}
    HoldFactory(vehicle=free, starts_at=NOON + 3 * DAY, ends_at=NOON + 4 * DAY)
    HoldFactory(vehicle=promised, **running)
    HoldFactory(vehicle=out, **running, out_at=NOON)
    HoldFactory(vehicle=late, starts_at=NOON - 2 * DAY, ends_at=NOON, out_at=NOON - 2 * DAY)
    HoldFactory(vehicle=repair, **running, purpose="maintenance")
    HoldFactory(vehicle=aside, **running, purpose="reserve")
    Vehicle.objects.filter(pk=withdrawn.pk).update(withdrawn_on=dt.date(2026, 1, 1), withdrawn_reason="Vendu")

    def found(state: str) -> list[tuple[int, str]]:
        rows = lists.matching(lists.pool(Vehicle.objects.all(), now), state=state)
        return [(v.pk, v.where.state) for v in lists.described(lists.in_order(rows, "number"))]

    assert found("free") == [(free.pk, "free")]
    assert found("out") == [(out.pk, "out"), (late.pk, "late")]
    assert found("late") == [(late.pk, "late")]
    assert found("repair") == [(repair.pk, "repair")]
    assert found("aside") == [(aside.pk, "waiting")]
    assert found("withdrawn") == [(withdrawn.pk, "withdrawn")]
    assert len(found("")) == 6
    assert len(found("all")) == 7
    assert (promised.pk, "promised") in found("")


@pytest.mark.parametrize("order", [*lists.ORDERS, "inspection", "nonsense"])
def test_an_order_backwards_is_the_same_list_turned_over(order: str) -> None:
    for n, vehicle in enumerate(VehicleFactory.create_batch(4)):
        ReadingFactory(vehicle=vehicle, km=100 * n)
        HoldFactory(vehicle=vehicle, starts_at=NOON, ends_at=NOON + (n + 1) * DAY)
        DocumentFactory(vehicle=vehicle, valid_until=dt.date(2026, 1, 1 + n))
        DocumentFactory(vehicle=vehicle, sort="inspection", issued_on=dt.date(2026, 1, 1 + n), valid_until=None)
    pool = lists.pool(Vehicle.objects.all(), NOON)
    forwards = [vehicle.pk for vehicle in lists.in_order(pool, order)]
    assert forwards == sorted(forwards)
    if order != "nonsense":
        assert [vehicle.pk for vehicle in lists.in_order(pool, f"-{order}")] == forwards[::-1]


def test_equipment_is_named_by_what_tells_it_apart() -> None:
    assert str(EquipmentFactory(size="M", serial_number="12")) == "Casque M 12"
