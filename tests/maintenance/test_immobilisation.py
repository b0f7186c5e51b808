import datetime as dt

import pytest

from core import clock
from core.models import JournalEntry, OutboxMessage
from fleet import holds
from fleet.models import Hold
from maintenance import immobilisation
from maintenance.models import RepairJob
from tests.factories import GarageFactory, HoldFactory, UserFactory, VehicleFactory
from tests.maintenance.conftest import DAY, NOON
from tests.maintenance.factories import JobFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def vehicle():
    return VehicleFactory()


def keep(job, start=NOON, end=NOON + 3 * DAY):
    return immobilisation.immobilise(job, from_at=start, until=end)


def test_a_job_takes_the_vehicle_that_it_needs(vehicle):
    job = keep(JobFactory(vehicle=vehicle))
    hold = vehicle.holds.get()
    assert (hold.purpose, hold.starts_at, hold.ends_at) == ("maintenance", NOON, NOON + 3 * DAY)
    assert hold.reason == "Bruit au freinage"
    assert RepairJob.objects.get(pk=job.pk).hold == hold


def test_an_appointment_during_a_loan_takes_nothing(vehicle):
    assert keep(JobFactory(vehicle=vehicle, needs_vehicle=False)).hold is None
    assert not vehicle.holds.exists()


def test_a_promised_loan_in_the_way_is_displaced_and_told_of(vehicle):
    HoldFactory(vehicle=vehicle, starts_at=NOON + DAY, ends_at=NOON + 8 * DAY)
    keep(JobFactory(vehicle=vehicle))
    assert vehicle.holds.get().purpose == Hold.Purpose.MAINTENANCE
    assert OutboxMessage.objects.get(topic="vehicle.displaced").payload["vehicle"] == vehicle.pk


def test_a_vehicle_that_somebody_drives_is_never_taken_away(vehicle):
    loan = HoldFactory(vehicle=vehicle, starts_at=NOON - DAY, ends_at=NOON + DAY, out_at=NOON - DAY)
    assert keep(JobFactory(vehicle=vehicle)).hold is None
    assert vehicle.holds.get() == loan


def test_a_withdrawn_vehicle_can_be_repaired_without_a_hold(vehicle):
    vehicle.withdrawn_on, vehicle.withdrawn_reason = NOON.date(), "À vendre"
    vehicle.save()
    assert keep(JobFactory(vehicle=vehicle)).hold is None


def test_the_hold_stops_where_a_transfer_begins(vehicle):
    HoldFactory(vehicle=vehicle, purpose="transfer", starts_at=NOON + DAY, ends_at=NOON + 2 * DAY)
    assert keep(JobFactory(vehicle=vehicle)).hold.ends_at == NOON + DAY


def test_two_jobs_do_not_both_hold_the_vehicle(vehicle):
    keep(JobFactory(vehicle=vehicle))
    assert keep(JobFactory(vehicle=vehicle, title="Rayure")).hold is None
    assert vehicle.holds.count() == 1


def test_a_hold_is_prolonged_over_promised_loans(vehicle):
    job = keep(JobFactory(vehicle=vehicle))
    HoldFactory(vehicle=vehicle, starts_at=NOON + 4 * DAY, ends_at=NOON + 8 * DAY)
    immobilisation.prolong(job, NOON + 5 * DAY)
    assert vehicle.holds.get().ends_at == NOON + 5 * DAY
    assert OutboxMessage.objects.filter(topic="vehicle.displaced").count() == 1


def test_a_hold_is_prolonged_as_far_as_a_transfer_lets_it(vehicle):
    job = keep(JobFactory(vehicle=vehicle))
    HoldFactory(vehicle=vehicle, purpose="transfer", starts_at=NOON + 4 * DAY, ends_at=NOON + 5 * DAY)
    assert immobilisation.prolong(job, NOON + 9 * DAY).hold.ends_at == NOON + 4 * DAY


def test_a_hold_that_is_prolonged_takes_the_vehicle_from_the_job_that_was_next(vehicle):
    first = keep(JobFactory(vehicle=vehicle))
    second = keep(JobFactory(vehicle=vehicle, title="Pneus"), NOON + 4 * DAY, NOON + 6 * DAY)
    immobilisation.prolong(first, NOON + 5 * DAY)
    second.refresh_from_db()
    assert second.hold is None
    assert vehicle.holds.get().ends_at == NOON + 5 * DAY


def test_a_repair_takes_the_vehicle_as_soon_as_its_keys_are_back(vehicle):
    by = UserFactory()
    loan = HoldFactory(vehicle=vehicle, starts_at=NOON - DAY, ends_at=NOON + 9 * DAY, out_at=NOON - DAY)
    job = JobFactory(vehicle=vehicle, appointment_at=NOON + DAY)
    holds.mark_back(loan, NOON)
    assert immobilisation.vehicle_recovered(vehicle, NOON, by) == [job]
    job.refresh_from_db()
    assert job.hold.starts_at == NOON
    # Thursday's appointment, and three working days for mechanics: Tuesday at 18 h in Paris.
    assert job.hold.ends_at == dt.datetime(2026, 3, 10, 17, tzinfo=dt.UTC)
    assert JournalEntry.objects.get(verb="job.vehicle_kept").actor_id == by.pk


def test_planned_work_on_a_vehicle_that_rolls_takes_it_only_for_its_appointment(vehicle):
    job = JobFactory(vehicle=vehicle, sort="service", work="service", appointment_at=NOON + 7 * DAY)
    JobFactory(vehicle=VehicleFactory(), sort="service", work="service")
    immobilisation.vehicle_recovered(vehicle, NOON, UserFactory())
    job.refresh_from_db()
    assert job.hold.starts_at == NOON + 7 * DAY


def test_planned_work_without_an_appointment_lets_the_vehicle_go(vehicle):
    JobFactory(vehicle=vehicle, sort="service", work="service")
    assert immobilisation.vehicle_recovered(vehicle, NOON, UserFactory()) == []


def test_closed_jobs_and_appointments_let_a_recovered_vehicle_go(vehicle):
    JobFactory(vehicle=vehicle, state="cancelled")
    JobFactory(vehicle=vehicle, needs_vehicle=False)
    JobFactory(vehicle=vehicle, state="done", garage=GarageFactory(platform=vehicle.platform))
    immobilisation.vehicle_recovered(vehicle, NOON, UserFactory())
    assert not vehicle.holds.exists()


def test_a_late_vehicle_that_comes_back_is_taken_over_the_loans_promised_meanwhile(vehicle):
    late = HoldFactory(vehicle=vehicle, starts_at=NOON - 9 * DAY, ends_at=NOON - DAY, out_at=NOON - 9 * DAY)
    HoldFactory(vehicle=vehicle, starts_at=NOON - DAY, ends_at=NOON + 5 * DAY)
    JobFactory(vehicle=vehicle)
    holds.mark_back(late, NOON)
    immobilisation.vehicle_recovered(vehicle, NOON, UserFactory())
    assert vehicle.holds.get(purpose="maintenance").starts_at == NOON
    assert vehicle.holds.count() == 2


def test_a_vehicle_at_the_garage_is_out_until_it_is_back(vehicle):
    job = keep(JobFactory(vehicle=vehicle, appointment_at=NOON + DAY), NOON + DAY, NOON + 3 * DAY)
    with clock.travel(DAY):
        immobilisation.arrived(job, NOON + DAY)
    assert vehicle.holds.get().out_at == NOON + DAY
    immobilisation.vehicle_back(job, NOON + 2 * DAY, UserFactory())
    hold = vehicle.holds.get()
    assert (hold.back_at, hold.ends_at) == (NOON + 2 * DAY, NOON + 2 * DAY)


def test_a_vehicle_that_arrives_before_its_appointment_is_held_from_then(vehicle):
    job = keep(JobFactory(vehicle=vehicle, appointment_at=NOON + DAY), NOON + DAY, NOON + 3 * DAY)
    immobilisation.arrived(job, NOON)
    assert (job.hold.starts_at, job.hold.out_at) == (NOON, NOON)


def test_a_vehicle_that_its_participant_drives_to_the_garage_stays_on_the_loan(vehicle):
    HoldFactory(vehicle=vehicle, starts_at=NOON - DAY, ends_at=NOON + DAY, out_at=NOON - DAY)
    job = immobilisation.arrived(JobFactory(vehicle=vehicle), NOON)
    assert job.hold is None


def test_a_vehicle_that_comes_back_goes_to_the_job_that_waited_for_it(vehicle):
    first = keep(JobFactory(vehicle=vehicle))
    second = JobFactory(vehicle=vehicle, title="Rayure", work="bodywork")
    immobilisation.arrived(first, NOON)
    first.state, first.garage = "collected", None
    RepairJob.objects.filter(pk=first.pk).update(state="cancelled")
    immobilisation.vehicle_back(first, NOON + DAY, UserFactory())
    second.refresh_from_db()
    assert second.hold.starts_at == NOON + DAY


def test_a_hold_that_had_not_begun_is_forgotten_and_one_that_had_ends_now(vehicle):
    coming = keep(JobFactory(vehicle=vehicle), NOON + DAY, NOON + 2 * DAY)
    immobilisation.free(coming, NOON)
    assert coming.hold is None
    assert not vehicle.holds.exists()
    begun = keep(JobFactory(vehicle=vehicle), NOON - DAY, NOON + 2 * DAY)
    immobilisation.free(begun, NOON)
    assert vehicle.holds.get().ends_at == NOON


def test_without_a_word_from_the_garage_the_vehicle_is_expected_after_the_usual_stay(vehicle):
    job = JobFactory(vehicle=vehicle)
    assert immobilisation.expected_end(job, NOON) == dt.datetime(2026, 3, 9, 17, tzinfo=dt.UTC)
    job.appointment_at, job.work = NOON, "tyres"
    assert immobilisation.expected_end(job, NOON) == dt.datetime(2026, 3, 5, 17, tzinfo=dt.UTC)
    job.expected_ready_at = NOON + 9 * DAY
    assert immobilisation.expected_end(job, NOON) == NOON + 9 * DAY


def test_jobs_that_wait_for_a_vehicle_are_told_from_those_that_have_it(vehicle):
    waiting = JobFactory(vehicle=vehicle, appointment_at=NOON + DAY)
    keep(JobFactory(vehicle=VehicleFactory(), appointment_at=NOON + DAY))
    JobFactory(vehicle=VehicleFactory())
    assert list(RepairJob.objects.waiting_for_vehicle()) == [waiting]
