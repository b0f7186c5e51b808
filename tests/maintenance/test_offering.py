"""A job is offered to one garage after the other, given straight, or meets with silence."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from core import clock
from core.db import busy
from core.models import JournalEntry, OutboxMessage
from garages.models import Garage
from maintenance import actions
from maintenance.actions import offering
from maintenance.models import JobOffer, RepairJob
from tests.factories import GarageFactory, HoldFactory
from tests.maintenance.conftest import DAY, NOON, THURSDAY
from tests.maintenance.factories import GarageRateFactory, RepairPolicyFactory, job_in
from tests.maintenance.shared import BY_PHONE, LINES, code_of, picture_of

pytestmark = pytest.mark.django_db

State = RepairJob.State


# --- offering --------------------------------------------------------------------------------------


def test_an_offer_leaves_by_mail_and_sms_with_the_garages_link_and_its_reasons(garage, bruno):
    GarageRateFactory(garage=garage)
    job = job_in(State.TO_DECIDE, garage)
    offer = actions.offer(job, garage, by=bruno)
    assert offer.expires_at == NOON + 2 * DAY
    assert "39,90\xa0€ de l’heure." in offer.reasons
    mail, sms = OutboxMessage.objects.order_by("topic")
    assert mail.payload["link"]["path"] == f"/garage/travaux/{job.pk}/"
    assert "avant vendredi 6\xa0mars à midi" in mail.payload["text"]
    assert "⟦lien⟧" in sms.payload["text"]
    assert (sms.target_type, sms.target_id) == ("maintenance.repairjob", str(job.pk))


def test_an_offer_goes_to_no_other_platform_and_to_no_garage_that_one_left(garage, bruno):
    job = job_in(State.TO_DECIDE, garage)
    for wrong, code in (
        (GarageFactory(), "other_platform"),
        (GarageFactory(platform=garage.platform, is_active=False), "stopped"),
    ):
        with pytest.raises(ValidationError) as refusal:
            actions.offer(job, wrong, by=bruno)
        assert code_of(refusal) == code
    assert not JobOffer.objects.exists()


def test_the_best_garage_is_asked_next_and_never_one_that_said_no(garage, other_garage, bruno, chloe):
    GarageRateFactory(garage=garage)
    job = job_in(State.TO_DECIDE, garage)
    assert actions.offer_next(job, by=bruno).garage == garage
    actions.decline(job, by=chloe, reason="Complet jusqu’à lundi")
    answers = dict(job.offers.values_list("garage__name", "answer"))
    assert answers == {"Solid’Auto Morcenx": "declined", "Zoom Auto": "pending"}
    asked_by = JournalEntry.objects.filter(verb="job.offered").order_by("-pk").first()
    assert asked_by.actor_id == job.platform.machine_user_id
    actions.decline(job, by=other_garage.user)
    job.refresh_from_db()
    assert job.state == State.TO_DECIDE
    with pytest.raises(ValidationError) as refusal:
        actions.offer_next(job, by=bruno)
    assert code_of(refusal) == "no_garage_left"


def test_where_the_platform_wants_it_a_person_asks_the_next_garage(garage, other_garage, chloe):
    RepairPolicyFactory(platform=garage.platform, offers_by_itself=False)
    job = job_in(State.OFFERED, garage)
    actions.decline(job, by=chloe)
    job.refresh_from_db()
    assert job.state == State.TO_DECIDE


def test_the_machine_asks_no_garage_that_it_cannot_write_to(garage, other_garage, chloe):
    Garage.objects.filter(pk=other_garage.pk).update(email="", phone="+33558000000")
    job = job_in(State.OFFERED, garage)
    actions.decline(job, by=chloe)
    job.refresh_from_db()
    assert job.state == State.TO_DECIDE


def test_acceptance_dates_the_job_and_keeps_the_vehicle_from_the_appointment(vehicle, garage, chloe):
    job = job_in(State.OFFERED, garage, vehicle=vehicle)
    job = actions.accept(job, by=chloe, appointment_at=THURSDAY)
    assert (job.garage, job.appointment_at) == (garage, THURSDAY)
    assert (job.hold.starts_at, job.hold.ends_at) == (THURSDAY, dt.datetime(2026, 3, 10, 17, tzinfo=dt.UTC))
    assert job.offers.get().answer == "accepted"


def test_acceptance_while_the_vehicle_is_out_only_dates_the_job(vehicle, garage, chloe):
    loan = HoldFactory(vehicle=vehicle, starts_at=NOON - DAY, ends_at=NOON + 9 * DAY, out_at=NOON - DAY)
    job = job_in(State.OFFERED, garage, vehicle=vehicle)
    job = actions.accept(job, by=chloe, appointment_at=THURSDAY)
    assert job.hold is None
    assert list(RepairJob.objects.waiting_for_vehicle()) == [job]
    assert vehicle.holds.get() == loan


def test_acceptance_displaces_promised_loans(vehicle, garage, chloe):
    HoldFactory(vehicle=vehicle, starts_at=THURSDAY, ends_at=NOON + 9 * DAY)
    actions.accept(job_in(State.OFFERED, garage, vehicle=vehicle), by=chloe, appointment_at=THURSDAY)
    assert vehicle.holds.get().purpose == "maintenance"
    assert OutboxMessage.objects.get(topic="vehicle.displaced").payload["vehicle"] == vehicle.pk


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"appointment_at": NOON - DAY}, "in_the_past"),
        ({"appointment_at": NOON + 400 * DAY}, "too_far"),
        ({"appointment_at": THURSDAY, "expected_ready_at": THURSDAY}, "ends_before_start"),
    ],
)
def test_an_appointment_is_soon_and_before_the_vehicle_is_ready(garage, chloe, told, code):
    job = job_in(State.OFFERED, garage)
    before = picture_of(job)
    with pytest.raises(ValidationError) as refusal:
        actions.accept(job, by=chloe, **told)
    assert code_of(refusal) == code
    assert picture_of(job) == before


def test_an_expired_offer_is_closed_to_the_garage_but_staff_may_still_note_its_late_answer(garage, chloe, bruno):
    job = job_in(State.OFFERED, garage)
    with clock.travel(3 * DAY):
        with pytest.raises(ValidationError) as refusal:
            actions.accept(job, by=chloe, appointment_at=NOON + 4 * DAY)
        assert code_of(refusal) == "offer_closed"
        job = actions.accept(job, by=bruno, appointment_at=NOON + 4 * DAY, on_behalf=BY_PHONE)
    assert job.offers.get().on_behalf == BY_PHONE


def test_a_job_given_straight_relieves_whoever_was_asked(garage, other_garage, bruno):
    job = job_in(State.OFFERED, garage)
    job = actions.give(job, other_garage, by=bruno, appointment_at=THURSDAY)
    assert job.garage == other_garage
    assert list(job.offers.values_list("garage__name", "answer")) == [
        ("Solid’Auto Morcenx", "withdrawn"),
        ("Zoom Auto", "accepted"),
    ]
    subjects = set(OutboxMessage.objects.filter(topic="mail").values_list("payload__subject", flat=True))
    assert subjects == {"Travail annulé : Bruit au freinage", "Travail confirmé : Bruit au freinage"}


def test_a_job_is_given_to_a_garage_that_was_only_typed_in(garage, bruno):
    job = job_in(State.TO_DECIDE, garage)
    job = actions.give_to_new_garage(
        job, name="Chez Momo", phone="06 12 34 56 78", city="Dax", by=bruno, appointment_at=THURSDAY
    )
    assert (job.garage.name, job.garage.phone, job.garage.address.city) == ("Chez Momo", "+33612345678", "Dax")


def test_the_next_garage_sees_nothing_of_what_the_former_one_quoted(vehicle, garage, chloe, farid):
    job = job_in(State.OFFERED, garage, vehicle=vehicle)
    actions.accept(job, by=chloe, appointment_at=THURSDAY)
    actions.quote(job, LINES, by=chloe, note="Disques à voir")
    job = actions.withdraw(job, by=farid)
    job.refresh_from_db()
    assert (job.garage, job.appointment_at, job.quote_note, job.hold) == (None, None, "", None)
    assert not job.quote_lines.exists()
    assert not RepairJob.objects.visible_to(chloe).exists()


# --- silence ---------------------------------------------------------------------------------------


def test_silence_asks_the_next_garage_once_however_many_schedulers_come_by(garage, other_garage):
    job = job_in(State.OFFERED, garage)
    with clock.travel(2 * DAY):
        assert actions.expire_silent_offers() == 1
        assert actions.expire_silent_offers() == 0
    assert list(job.offers.values_list("garage__name", "answer")) == [
        ("Solid’Auto Morcenx", "expired"),
        ("Zoom Auto", "pending"),
    ]


def test_one_offer_that_cannot_be_closed_now_keeps_no_other_waiting(garage, vehicle, monkeypatch):
    stuck, other = job_in(State.OFFERED, garage), job_in(State.OFFERED, garage)
    lock_job = offering.lock_job

    def somebody_is_at_it(job):
        if job.pk == stuck.pk:
            raise busy()
        return lock_job(job)

    monkeypatch.setattr(offering, "lock_job", somebody_is_at_it)
    with clock.travel(2 * DAY):
        assert actions.expire_silent_offers() == 1
    assert other.offers.get().answer == "expired"


def test_an_offer_with_time_left_is_left_alone(garage):
    job = job_in(State.OFFERED, garage)
    with clock.travel(DAY):
        assert actions.expire_silent_offers() == 0
    assert job.offers.get().answer == "pending"


def test_a_stale_sweep_does_not_close_an_offer_that_was_answered(garage, chloe):
    from maintenance.actions.offering import expire

    job = job_in(State.OFFERED, garage)
    stale = job.offers.get()
    actions.accept(job, by=chloe, appointment_at=THURSDAY)
    with clock.travel(3 * DAY):
        assert not expire(stale)
    assert job.offers.get().answer == "accepted"
