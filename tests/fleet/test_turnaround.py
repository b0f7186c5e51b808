"""Turnaround lies inside the hold, outside the plan; between two loans the longer one is left, once."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock
from fleet import holds, whereabouts
from fleet.holds import stands_in_the_way
from fleet.models import NO_TIME, Hold, Vehicle
from tests.factories import HoldFactory, VehicleFactory

pytestmark = pytest.mark.django_db

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
NINE = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
LOAN, REPAIR = Hold.Purpose.LOAN, Hold.Purpose.MAINTENANCE


@pytest.fixture(autouse=True)
def sunday():
    with clock.travel(to=NINE - DAY):
        yield


def take(vehicle, start, end, before=NO_TIME, after=NO_TIME, purpose=LOAN, **named):
    return holds.take(vehicle, start, end, purpose=purpose, before=before, after=after, **named)


def free(start, end, before=NO_TIME, after=NO_TIME):
    return Vehicle.objects.all().free(start, end, clock.now(), before, after)


def test_the_hold_is_the_plan_with_its_turnaround():
    hold = take(VehicleFactory(), NINE, NINE + DAY, HOUR, 2 * HOUR)
    assert (hold.starts_at, hold.ends_at) == (NINE - HOUR, NINE + DAY + 2 * HOUR)
    assert (hold.plan_starts_at, hold.plan_ends_at) == (NINE, NINE + DAY)


@pytest.mark.parametrize(
    ("after_first", "before_second", "gap", "fits"),
    [(2, 1, 2, True), (2, 1, 1.5, False), (1, 2, 2, True), (1, 2, 1.5, False), (2, 2, 2, True), (0, 2, 1, False)],
)
def test_between_two_loans_the_longer_turnaround_counts_once(after_first, before_second, gap, fits):
    vehicle = VehicleFactory()
    first = take(vehicle, NINE, NINE + DAY, after=after_first * HOUR)
    start = first.plan_ends_at + gap * HOUR
    wish = (start, start + DAY, before_second * HOUR)
    assert free(*wish).exists() == fits
    if fits:
        second = take(vehicle, *wish)
        assert second.starts_at >= first.ends_at
        assert second.plan_starts_at == start
    else:
        with pytest.raises(ValidationError) as refusal:
            take(vehicle, *wish)
        assert refusal.value.code == "turnaround"
        assert "préparer" in refusal.value.messages[0]
        assert vehicle.holds.count() == 1


def test_it_binds_before_the_next_loan_too():
    vehicle = VehicleFactory()
    coming = take(vehicle, NINE + 3 * DAY, NINE + 4 * DAY, before=2 * HOUR)
    with pytest.raises(ValidationError) as refusal:
        take(vehicle, NINE, NINE + 3 * DAY - HOUR, after=HOUR)
    assert refusal.value.code == "turnaround"
    assert "repart" in refusal.value.messages[0]
    assert take(vehicle, NINE, NINE + 3 * DAY - 2 * HOUR, after=HOUR).ends_at == coming.starts_at


def test_squeezed_the_turnaround_gives_way_and_the_plans_stay():
    vehicle = VehicleFactory()
    first = take(vehicle, NINE, NINE + DAY, after=2 * HOUR)
    second = take(vehicle, NINE + DAY, NINE + 2 * DAY, before=HOUR, squeezing=True)
    first.refresh_from_db()
    assert (first.ends_at, first.after, first.plan_ends_at) == (NINE + DAY, NO_TIME, NINE + DAY)
    assert (second.starts_at, second.before) == (NINE + DAY, NO_TIME)
    with pytest.raises(ValidationError) as refusal:
        take(vehicle, NINE + HOUR, NINE + 2 * HOUR, squeezing=True)
    assert refusal.value.code == "overlap"


def test_a_repair_shortens_a_turnaround_rather_than_displacing_the_loan():
    hold = HoldFactory(starts_at=NINE - HOUR, ends_at=NINE + DAY, before=HOUR)
    take(hold.vehicle, NINE - DAY, NINE, purpose=REPAIR, displacing=True)
    hold.refresh_from_db()
    assert (hold.starts_at, hold.plan_starts_at) == (NINE, NINE)


def test_moving_a_plan_moves_its_turnaround():
    hold = take(VehicleFactory(), NINE, NINE + DAY, HOUR, HOUR)
    hold = holds.change(hold, ends_at=NINE + 2 * DAY)
    assert (hold.plan_ends_at, hold.ends_at) == (NINE + 2 * DAY, NINE + 2 * DAY + HOUR)
    hold = holds.change(hold, after=3 * HOUR)
    assert (hold.plan_ends_at, hold.ends_at) == (NINE + 2 * DAY, NINE + 2 * DAY + 3 * HOUR)


def test_a_loan_is_late_against_its_plan_not_against_its_turnaround():
    hold = HoldFactory(starts_at=NINE, ends_at=NINE + DAY + 2 * HOUR, after=2 * HOUR, out_at=NINE)
    at = NINE + DAY
    assert hold.is_late(at)
    assert Hold.objects.late(at).get() == hold
    assert not Hold.objects.late(at - HOUR).exists()
    found = Vehicle.objects.with_whereabouts(at - HOUR).get()
    assert found.held_until == NINE + DAY


def test_back_early_the_turnaround_begins_at_once():
    hold = HoldFactory(starts_at=NINE, ends_at=NINE + DAY + HOUR, after=HOUR, out_at=NINE)
    hold = holds.mark_back(hold, NINE + 5 * HOUR)
    assert (hold.plan_ends_at, hold.ends_at) == (NINE + 5 * HOUR, NINE + 6 * HOUR)
    at = NINE + 5 * HOUR + dt.timedelta(minutes=1)
    where = whereabouts.of(Vehicle.objects.with_whereabouts(at).get())
    assert (where.label, where.until) == ("En préparation", NINE + 6 * HOUR)


def test_a_turnaround_is_not_negative():
    with pytest.raises(IntegrityError), transaction.atomic():
        HoldFactory(after=-HOUR)


HOURS = st.integers(0, 3).map(lambda n: n * HOUR)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 6), HOURS, HOURS), max_size=6), HOURS, HOURS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_one_query_agrees_with_looking_at_every_hold(plans, before, after):
    with transaction.atomic():
        vehicle = VehicleFactory()
        for start, length, ahead, behind in plans:
            try:
                with transaction.atomic():
                    take(vehicle, NINE + start * HOUR, NINE + (start + length) * HOUR, ahead, behind)
            except ValidationError:
                continue
        taken = list(vehicle.holds.all())
        for n in range(0, 44, 3):
            start, end = NINE + n * HOUR, NINE + (n + 2) * HOUR
            naive = not any(stands_in_the_way(hold, start, end, before, after) for hold in taken)
            assert free(start, end, before, after).filter(pk=vehicle.pk).exists() == naive
            squeezed = Vehicle.objects.filter(pk=vehicle.pk).free(start, end, clock.now(), squeezing=True)
            assert squeezed.exists() == (not any(holds.plans_overlap(hold, start, end) for hold in taken))
        transaction.set_rollback(True)
