import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from core import clock
from core.models import OutboxMessage
from fleet import holds
from fleet.models import Hold, Vehicle
from tests.factories import HoldFactory, VehicleFactory

pytestmark = pytest.mark.django_db

MARCH_2 = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def take(vehicle, start=MARCH_2, end=MARCH_2 + 7 * DAY, purpose=Hold.Purpose.LOAN, **named):
    return holds.take(vehicle, start, end, purpose=purpose, **named)


def code_of(refusal):
    return refusal.value.code


def test_two_holds_that_touch_do_not_overlap():
    vehicle = VehicleFactory()
    take(vehicle)
    take(vehicle, MARCH_2 + 7 * DAY, MARCH_2 + 8 * DAY)
    take(vehicle, MARCH_2 - DAY, MARCH_2)
    assert vehicle.holds.count() == 3


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 7), (-1, 1), (6, 8), (2, 3), (-1, 9)],
    ids=["same", "over its start", "over its end", "inside", "around"],
)
def test_a_taken_vehicle_is_refused_until_when_it_is_taken(start, end):
    vehicle = VehicleFactory()
    take(vehicle)
    with pytest.raises(ValidationError, match="Ce véhicule est prêté du lundi 2") as refusal:
        take(vehicle, MARCH_2 + start * DAY, MARCH_2 + end * DAY)
    assert code_of(refusal) == "overlap"
    assert vehicle.holds.count() == 1


def test_the_constraint_refuses_whatever_the_purpose_even_when_nobody_looked():
    hold = HoldFactory()
    with pytest.raises(IntegrityError, match="one_hold_at_a_time"), transaction.atomic():
        HoldFactory(vehicle=hold.vehicle, purpose=Hold.Purpose.MAINTENANCE)


def test_two_holds_exchange_their_vehicles_in_one_statement():
    one, other = HoldFactory(), HoldFactory()
    Hold.objects.filter(pk__in=[one.pk, other.pk]).update(
        vehicle_id=one.vehicle_id + other.vehicle_id - F("vehicle_id")
    )
    one.refresh_from_db()
    assert one.vehicle_id == other.vehicle_id


def test_no_empty_period_slips_past_the_constraint():
    with pytest.raises(IntegrityError, match="a_hold_ends_after_it_starts"), transaction.atomic():
        HoldFactory(ends_at=MARCH_2, starts_at=MARCH_2)
    with pytest.raises(ValidationError) as refusal:
        take(VehicleFactory(), MARCH_2, MARCH_2)
    assert code_of(refusal) == "ends_before_start"


def test_a_withdrawn_vehicle_is_refused():
    with pytest.raises(ValidationError, match="retiré du parc : Vendu") as refusal:
        take(VehicleFactory(withdrawn=True))
    assert code_of(refusal) == "withdrawn"


def test_a_vehicle_out_past_its_plan_is_not_free_for_anybody():
    hold = HoldFactory(out_at=MARCH_2)
    with clock.travel(to=hold.ends_at + DAY):
        with pytest.raises(ValidationError) as refusal:
            take(hold.vehicle, hold.ends_at + 30 * DAY, hold.ends_at + 31 * DAY)
        assert code_of(refusal) == "late"


def test_maintenance_displaces_promised_loans_and_tells_of_it_once():
    hold = HoldFactory()
    maintenance = take(hold.vehicle, purpose=Hold.Purpose.MAINTENANCE, displacing=True)
    assert list(hold.vehicle.holds.all()) == [maintenance]
    message = OutboxMessage.objects.get(topic="vehicle.displaced")
    assert message.payload == {"vehicle": hold.vehicle_id, "hold": hold.pk}


def test_maintenance_never_takes_a_vehicle_that_is_out():
    hold = HoldFactory(out_at=MARCH_2)
    with clock.travel(to=MARCH_2 + DAY), pytest.raises(ValidationError) as refusal:
        take(hold.vehicle, purpose=Hold.Purpose.MAINTENANCE, displacing=True)
    assert code_of(refusal) == "vehicle_out"
    assert hold.vehicle.holds.get() == hold


def test_maintenance_does_not_displace_maintenance():
    hold = HoldFactory(purpose=Hold.Purpose.MAINTENANCE)
    with pytest.raises(ValidationError, match="en réparation") as refusal:
        take(hold.vehicle, purpose=Hold.Purpose.MAINTENANCE, displacing=True)
    assert code_of(refusal) == "overlap"


def test_a_vehicle_back_early_is_free_from_that_moment():
    hold = holds.mark_out(HoldFactory(), MARCH_2)
    hold = holds.mark_back(hold, MARCH_2 + DAY)
    assert hold.ends_at == MARCH_2 + DAY
    take(hold.vehicle, MARCH_2 + DAY, MARCH_2 + 2 * DAY)


def test_a_vehicle_back_late_keeps_its_plan():
    hold = holds.mark_out(HoldFactory(), MARCH_2)
    plan = hold.ends_at
    hold = holds.mark_back(hold, plan + DAY)
    assert (hold.ends_at, hold.back_at) == (plan, plan + DAY)


@pytest.mark.parametrize(
    ("fact", "code"),
    [({}, "not_out"), ({"out_at": MARCH_2, "back_at": MARCH_2 + DAY}, "already_back")],
)
def test_a_vehicle_comes_back_once_and_only_after_it_left(fact, code):
    hold = HoldFactory(**fact)
    with pytest.raises(ValidationError) as refusal:
        holds.mark_back(hold, MARCH_2 + 2 * DAY)
    assert code_of(refusal) == code


def test_a_vehicle_does_not_leave_twice():
    hold = holds.mark_out(HoldFactory(), MARCH_2)
    with pytest.raises(ValidationError) as refusal:
        holds.mark_out(hold, MARCH_2)
    assert code_of(refusal) == "already_out"
    later = HoldFactory(vehicle=hold.vehicle, starts_at=hold.ends_at, ends_at=hold.ends_at + DAY)
    with pytest.raises(ValidationError) as refusal:
        holds.mark_out(later, later.starts_at)
    assert code_of(refusal) == "vehicle_out"


def test_a_hold_whose_vehicle_left_is_not_released():
    hold = HoldFactory(out_at=MARCH_2)
    with pytest.raises(ValidationError) as refusal:
        holds.release(hold)
    assert code_of(refusal) == "vehicle_out"


def test_a_hold_moves_between_its_neighbours_only():
    hold = HoldFactory()
    HoldFactory(vehicle=hold.vehicle, starts_at=hold.ends_at + DAY, ends_at=hold.ends_at + 2 * DAY)
    assert holds.change(hold, ends_at=hold.ends_at + DAY).ends_at == MARCH_2 + 8 * DAY
    with pytest.raises(ValidationError) as refusal:
        holds.change(hold, ends_at=hold.ends_at + 2 * DAY)
    assert code_of(refusal) == "overlap"


class TestFree:
    """What `Vehicle.objects.free` finds, at the edges."""

    def free(self, start, end, now=MARCH_2 - 30 * DAY):
        return list(Vehicle.objects.free(MARCH_2 + start * DAY, MARCH_2 + end * DAY, now))

    def test_a_period_that_touches_a_hold_is_free(self):
        hold = HoldFactory()
        assert self.free(-2, 0) == self.free(7, 9) == [hold.vehicle]

    @pytest.mark.parametrize(("start", "end"), [(0, 7), (-1, 1), (6, 8), (2, 3), (-1, 9)])
    def test_a_period_that_shares_an_instant_with_a_hold_is_not(self, start, end):
        HoldFactory()
        assert self.free(start, end) == []

    def test_the_gap_between_two_holds_says_from_when_and_until_when(self):
        hold = HoldFactory()
        HoldFactory(vehicle=hold.vehicle, starts_at=MARCH_2 + 10 * DAY, ends_at=MARCH_2 + 11 * DAY)
        (vehicle,) = self.free(8, 9)
        assert (vehicle.free_from, vehicle.free_until) == (MARCH_2 + 7 * DAY, MARCH_2 + 10 * DAY)

    def test_a_vehicle_never_held_is_free_for_ever(self):
        vehicle = VehicleFactory()
        assert self.free(0, 1) == [vehicle]
        assert self.free(0, 1)[0].free_from is self.free(0, 1)[0].free_until is None

    def test_withdrawn_and_late_vehicles_are_not_free(self):
        VehicleFactory(withdrawn=True)
        hold = HoldFactory(out_at=MARCH_2)
        assert self.free(20, 21, now=hold.ends_at - DAY) == [hold.vehicle]
        assert self.free(20, 21, now=hold.ends_at) == []

    def test_both_nights_of_the_clock_change_are_counted_in_instants(self):
        spring = dt.datetime(2026, 3, 29, 0, 30, tzinfo=dt.UTC)  # 01:30, then 03:30 an hour later
        hold = HoldFactory(starts_at=spring, ends_at=spring + dt.timedelta(hours=1))
        assert list(Vehicle.objects.free(hold.ends_at, hold.ends_at + DAY, spring)) == [hold.vehicle]
        assert list(Vehicle.objects.free(spring, hold.ends_at, spring)) == []


def test_keys_that_are_back_the_moment_they_left_free_the_vehicle_too():
    hold = holds.mark_out(HoldFactory(), MARCH_2)
    hold = holds.mark_back(hold, MARCH_2)
    assert hold.ends_at == MARCH_2 + dt.timedelta(minutes=1)


def test_whereabouts_tell_what_takes_a_vehicle_now():
    out = HoldFactory(out_at=MARCH_2)
    late = HoldFactory(out_at=MARCH_2 - 9 * DAY, starts_at=MARCH_2 - 9 * DAY, ends_at=MARCH_2 - DAY)
    home = VehicleFactory()
    found = {v.pk: v for v in Vehicle.objects.with_whereabouts(MARCH_2 + DAY)}
    assert (found[out.vehicle_id].held_by, found[out.vehicle_id].held_out) == (out.pk, True)
    assert (found[out.vehicle_id].is_late, found[late.vehicle_id].is_late) == (False, True)
    assert (found[home.pk].held_by, found[home.pk].held_out) == (None, False)
