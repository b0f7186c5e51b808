"""Several at once on one job, over real connections: one wins, the others are told, nothing is done twice."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from core.models import JournalEntry, OutboxMessage
from fleet.models import Hold
from maintenance import actions, immobilisation
from maintenance.models import JobOffer, RepairJob
from tests.factories import HoldFactory, UserFactory
from tests.maintenance.conftest import DAY, NOON, THURSDAY
from tests.maintenance.factories import job_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

State = RepairJob.State
AT_ONCE = 6


def at_once(*calls):
    """Runs these on as many connections, let go together; a refusal counts as its code, a result as "done"."""
    gate = threading.Barrier(len(calls))

    def run(call):
        gate.wait()
        try:
            call()
            return "done"
        except ValidationError as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return Counter(pool.map(run, calls))


def fresh(job):
    return RepairJob.objects.select_related("platform", "vehicle").get(pk=job.pk)


def test_of_many_who_accept_at_once_one_does(vehicle, garage, chloe, farid):
    job = job_in(State.OFFERED, garage, vehicle=vehicle)
    by_staff = {"by": farid, "on_behalf": "par téléphone, M. Duval"}
    calls = [lambda: actions.accept(fresh(job), by=chloe, appointment_at=THURSDAY)] * 3
    calls += [lambda: actions.accept(fresh(job), appointment_at=THURSDAY, **by_staff)] * 3
    assert at_once(*calls) == {"done": 1, "offer_closed": AT_ONCE - 1}
    assert Hold.objects.count() == 1
    assert JournalEntry.objects.filter(verb="job.accepted").count() == 1


def test_two_garages_are_never_asked_for_one_job(garage, other_garage, farid):
    job = job_in(State.TO_DECIDE, garage)
    calls = [lambda: actions.offer(fresh(job), garage, by=farid)] * 3
    calls += [lambda: actions.offer(fresh(job), other_garage, by=farid)] * 3
    assert at_once(*calls) == {"done": 1, "already_offered": AT_ONCE - 1}
    assert JobOffer.objects.filter(answer="pending").count() == 1


def test_two_staff_who_give_a_job_at_once_give_it_once(garage, other_garage, farid, bruno):
    job = job_in(State.TO_DECIDE, garage)
    calls = [lambda: actions.give(fresh(job), garage, by=farid, appointment_at=THURSDAY)]
    calls += [lambda: actions.give(fresh(job), other_garage, by=bruno, appointment_at=THURSDAY)]
    assert at_once(*calls) == {"done": 1, "wrong_state": 1}


def test_accepting_and_withdrawing_at_once_leave_one_truth(garage, chloe, farid):
    for _ in range(3):
        job = job_in(State.OFFERED, garage)
        at_once(
            lambda job=job: actions.accept(fresh(job), by=chloe, appointment_at=THURSDAY),
            lambda job=job: actions.withdraw(fresh(job), by=farid),
        )
        job = fresh(job)
        answer = job.offers.get().answer
        assert (job.state, answer) in {("to_decide", "withdrawn"), ("to_decide", "accepted")}
        assert job.garage is None


def test_three_schedulers_ask_the_next_garage_once(garage, other_garage):
    job = job_in(State.OFFERED, garage)
    job.offers.update(expires_at=NOON - DAY)
    assert at_once(*[actions.expire_silent_offers] * 3) == {"done": 3}
    assert Counter(job.offers.values_list("answer", flat=True)) == {"expired": 1, "pending": 1}
    assert JournalEntry.objects.filter(verb="job.offer_expired").count() == 1
    assert OutboxMessage.objects.filter(topic="mail").count() == 1


def test_three_schedulers_prolong_a_hold_once(vehicle, garage, farid):
    job = actions.give(job_in(State.TO_DECIDE, garage, vehicle=vehicle), garage, by=farid, appointment_at=NOON)
    Hold.objects.filter(pk=job.hold.pk).update(starts_at=NOON - DAY, ends_at=NOON)
    at_once(*[immobilisation.prolong_what_lasts] * 3)
    assert JournalEntry.objects.filter(verb="job.prolonged").count() == 1


def test_a_recovered_vehicle_is_kept_by_one_of_its_jobs(vehicle, garage):
    job_in(State.TO_DECIDE, garage, vehicle=vehicle)
    job_in(State.ACCEPTED, garage, vehicle=vehicle, title="Rayure")
    by = UserFactory()
    from django.db import transaction

    def recover():
        with transaction.atomic():
            immobilisation.vehicle_recovered(vehicle, NOON, by)

    assert at_once(recover, recover, recover) == {"done": 3}
    assert Hold.objects.get().purpose == "maintenance"


def test_an_acceptance_and_a_hand_over_at_once_never_share_the_vehicle(vehicle, garage, chloe):
    from django.db import transaction

    from fleet import holds

    for _ in range(3):
        Hold.objects.all().delete()
        loan = HoldFactory(vehicle=vehicle, starts_at=NOON, ends_at=NOON + 9 * DAY)
        job = job_in(State.OFFERED, garage, vehicle=vehicle)

        def hand_over(loan=loan):
            with transaction.atomic():
                holds.mark_out(loan, NOON)  # refused with `gone` when the garage was quicker

        at_once(hand_over, lambda job=job: actions.accept(fresh(job), by=chloe, appointment_at=THURSDAY))
        purposes = list(Hold.objects.values_list("purpose", flat=True))
        assert purposes in (["loan"], ["maintenance"])
        assert fresh(job).state == State.ACCEPTED
        RepairJob.objects.update(hold=None)
