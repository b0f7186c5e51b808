"""Every verb in every state, by every person: it happens, or it is refused and nothing has changed."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from core.models import JournalEntry, Note
from garages.models import Garage
from maintenance import actions
from maintenance.models import RepairJob
from tests.maintenance.conftest import DAY, THURSDAY
from tests.maintenance.factories import job_in
from tests.maintenance.shared import BY_PHONE, LINES, code_of, picture_of

pytestmark = pytest.mark.django_db

State = RepairJob.State


VERBS = {
    "offer": lambda job, by: actions.offer(job, Garage.objects.get(name="Zoom Auto"), by=by),
    "offer_next": lambda job, by: actions.offer_next(job, by=by),
    "withdraw": lambda job, by: actions.withdraw(job, by=by),
    "accept": lambda job, by: actions.accept(job, by=by, appointment_at=THURSDAY, on_behalf=BY_PHONE),
    "decline": lambda job, by: actions.decline(job, by=by, reason="Complet", on_behalf=BY_PHONE),
    "give": lambda job, by: actions.give(job, Garage.objects.get(name="Zoom Auto"), by=by, appointment_at=THURSDAY),
    "give_to_new_garage": lambda job, by: actions.give_to_new_garage(
        job, name="Chez Momo", by=by, appointment_at=THURSDAY
    ),
    "reschedule": lambda job, by: actions.reschedule(job, by=by, appointment_at=THURSDAY + DAY, on_behalf=BY_PHONE),
    "quote": lambda job, by: actions.quote(job, LINES, by=by, on_behalf=BY_PHONE),
    "approve_quote": lambda job, by: actions.approve_quote(job, by=by),
    "refuse_quote": lambda job, by: actions.refuse_quote(job, by=by, reason="Trop cher"),
    "start": lambda job, by: actions.start(job, by=by, on_behalf=BY_PHONE),
    "wait_for_parts": lambda job, by: actions.wait_for_parts(job, by=by, on_behalf=BY_PHONE),
    "resume": lambda job, by: actions.resume(job, by=by, on_behalf=BY_PHONE),
    "done": lambda job, by: actions.done(job, by=by, on_behalf=BY_PHONE),
    "invoice": lambda job, by: actions.invoice(job, by=by, amount=Decimal(100), on_behalf=BY_PHONE),
    "collect": lambda job, by: actions.collect(job, by=by),
    "cancel": lambda job, by: actions.cancel(job, by=by, reason="Vendu"),
}
HAPPENS = {
    "offer": {"to_decide": "offered"},
    "offer_next": {"to_decide": "offered"},
    "withdraw": dict.fromkeys(["offered", "accepted", "quoted", "approved"], "to_decide"),
    "accept": {"offered": "accepted"},
    "decline": {"offered": "offered"},  # by the next garage
    "give": dict.fromkeys(["to_decide", "offered"], "accepted"),
    "give_to_new_garage": dict.fromkeys(["to_decide", "offered"], "accepted"),
    "reschedule": {state: state for state in ["accepted", "quoted", "approved"]},
    "quote": dict.fromkeys(["accepted", "in_progress"], "quoted"),
    "approve_quote": {"quoted": "approved"},
    "refuse_quote": {"quoted": "accepted"},
    "start": {"approved": "in_progress"},
    "wait_for_parts": {"in_progress": "waiting_parts"},
    "resume": {"waiting_parts": "in_progress"},
    "done": dict.fromkeys(["in_progress", "waiting_parts"], "done"),
    "invoice": {"done": "done", "collected": "collected"},
    "collect": {"done": "collected"},
    "cancel": dict.fromkeys(["to_decide", "offered", "accepted", "quoted", "approved"], "cancelled"),
}
OF_THE_GARAGE = {"accept", "decline", "reschedule", "quote", "start", "wait_for_parts", "resume", "done", "invoice"}
OF_FLEET_MANAGERS = {"approve_quote", "refuse_quote", "cancel"}


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_happens_in_its_states_and_is_refused_in_the_others(verb, state, garage, other_garage, driss):
    job = job_in(state, garage)
    before = picture_of(job)
    if state in HAPPENS[verb]:
        VERBS[verb](job, driss)
        job.refresh_from_db()
        assert job.state == HAPPENS[verb][state]
        assert JournalEntry.objects.filter(target_type="maintenance.repairjob", target_id=job.pk).exists()
    else:
        with pytest.raises(ValidationError) as refusal:
            VERBS[verb](job, driss)
        assert code_of(refusal) in {"wrong_state", "offer_closed", "already_offered"}
        assert picture_of(job) == before


@pytest.mark.parametrize("who", ["bruno", "farid", "agathe", "chloe", "eve", "nobody"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_for_those_whom_it_concerns(verb, who, garage, other_garage, request):
    by = request.getfixturevalue(who)
    state = next(iter(HAPPENS[verb]))
    job = job_in(state, garage)
    may = who == "farid" or (who == "bruno" and verb not in OF_FLEET_MANAGERS)
    may = may or (who == "chloe" and verb in OF_THE_GARAGE)
    before = picture_of(job)
    if may:
        VERBS[verb](job, by)
        return
    with pytest.raises(PermissionDenied):
        VERBS[verb](job, by)
    assert picture_of(job) == before


@pytest.mark.parametrize("verb", sorted(OF_THE_GARAGE))
def test_another_garage_does_nothing_to_a_job(verb, garage, other_garage):
    job = job_in(next(iter(HAPPENS[verb])), garage)
    before = picture_of(job)
    with pytest.raises(PermissionDenied):
        VERBS[verb](job, other_garage.user)
    assert picture_of(job) == before


@pytest.mark.parametrize("verb", sorted(OF_THE_GARAGE))
def test_staff_who_speak_for_a_garage_say_who_told_them(verb, garage, other_garage, farid):
    job = job_in(next(iter(HAPPENS[verb])), garage)
    before = picture_of(job)
    with pytest.MonkeyPatch.context() as nobody_said:
        nobody_said.setattr("tests.maintenance.test_verbs.BY_PHONE", "  ")
        with pytest.raises(ValidationError) as refusal:
            VERBS[verb](job, farid)
    assert code_of(refusal) == "on_behalf_missing"
    assert picture_of(job) == before
    VERBS[verb](job, farid)
    assert BY_PHONE in Note.objects.get(target_id=job.pk).text


def test_an_adviser_cannot_take_a_job_from_a_garage_that_has_it(garage, bruno):
    with pytest.raises(PermissionDenied):
        actions.withdraw(job_in(State.ACCEPTED, garage), by=bruno)
