"""A garage quotes, works, is done, sends its invoice; and who sees the job."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.actions import remove_member
from accounts.models import User
from core import clock
from core.models import JournalEntry, OutboxMessage
from fleet.models import Damage, OdometerReading
from maintenance import actions
from maintenance.models import RepairJob
from tests.factories import ParticipantFactory, SiteFactory
from tests.maintenance.conftest import DAY, NOON, THURSDAY
from tests.maintenance.factories import RepairPolicyFactory, job_in
from tests.maintenance.shared import LINES, code_of, photo, picture_of

pytestmark = pytest.mark.django_db

State = RepairJob.State


# --- quoting ---------------------------------------------------------------------------------------


def test_a_quote_waits_for_the_fleet_manager(garage, chloe, farid):
    job = actions.quote(job_in(State.ACCEPTED, garage), LINES, by=chloe, note="Disques à surveiller")
    assert (job.state, job.quote_total()) == ("quoted", Decimal("101.85"))
    assert actions.approve_quote(job, by=farid).state == State.APPROVED
    assert OutboxMessage.objects.filter(payload__subject="Devis accepté : Bruit au freinage").exists()


@pytest.mark.parametrize(("ceiling", "state"), [("101.84", "quoted"), ("101.85", "approved"), ("0", "quoted")])
def test_up_to_the_ceiling_a_quote_approves_itself(garage, chloe, ceiling, state):
    RepairPolicyFactory(platform=garage.platform, quote_ceiling=Decimal(ceiling))
    job = actions.quote(job_in(State.ACCEPTED, garage), LINES, by=chloe)
    assert job.state == state
    approved = JournalEntry.objects.filter(verb="job.quote_approved").first()
    assert (approved.actor_id if approved else None) == (
        garage.platform.machine_user_id if state == "approved" else None
    )


def test_a_photo_of_the_garages_own_quote_and_its_total_will_do(garage, chloe):
    job = actions.quote(job_in(State.ACCEPTED, garage), by=chloe, total=Decimal("184.50"), photos=[photo()])
    assert (job.quote_total(), job.files.get().is_quote) == (Decimal("184.50"), True)


def test_a_new_quote_replaces_the_former_one(garage, chloe):
    job = actions.quote(job_in(State.IN_PROGRESS, garage), LINES, by=chloe)
    RepairJob.objects.filter(pk=job.pk).update(state="in_progress")
    job = actions.quote(job, total=Decimal(300), by=chloe)
    assert job.quote_total() == 300


@pytest.mark.parametrize(
    ("lines", "told", "code"),
    [
        ([], {}, "empty_quote"),
        (LINES, {"total": Decimal(10)}, "two_totals"),
        ([LINES[0] | {"quantity": Decimal(0)}], {}, "not_positive"),
        (LINES, {"expected_ready_at": NOON - DAY}, "in_the_past"),
    ],
)
def test_a_quote_that_does_not_add_up_is_refused(garage, chloe, lines, told, code):
    job = job_in(State.ACCEPTED, garage)
    before = picture_of(job)
    with pytest.raises(ValidationError) as refusal:
        actions.quote(job, lines, by=chloe, **told)
    assert code_of(refusal) == code
    assert picture_of(job) == before


def test_a_refused_quote_says_why_and_is_made_again_or_goes_to_another(garage, chloe, farid):
    job = actions.quote(job_in(State.ACCEPTED, garage), LINES, by=chloe)
    with pytest.raises(ValidationError) as refusal:
        actions.refuse_quote(job, by=farid, reason=" ")
    assert code_of(refusal) == "reason_missing"
    job = actions.refuse_quote(job, by=farid, reason="Sans les disques")
    assert (job.state, job.quote_refused_reason) == ("accepted", "Sans les disques")
    job = actions.quote(job, LINES[:1], by=chloe)
    assert job.quote_refused_reason == ""
    job = actions.refuse_quote(job, by=farid, reason="Trop cher", ask_again=False)
    assert (job.state, job.garage) == ("to_decide", None)


# --- working ---------------------------------------------------------------------------------------


def test_the_whole_way_of_a_vehicle_through_a_garage(vehicle, garage, chloe, farid, platform):
    worn = Damage.objects.create(platform=platform, vehicle=vehicle, sort="worn")
    job = job_in(State.OFFERED, garage, vehicle=vehicle)
    job.damages.add(worn)
    actions.accept(job, by=chloe, appointment_at=THURSDAY)
    actions.quote(job, LINES, by=chloe)
    actions.approve_quote(job, by=farid)
    with clock.travel(DAY):
        job = actions.start(job, by=chloe, km=96_200)
        assert (job.hold.out_at, job.odometer_km) == (THURSDAY, 96_200)
        reading = OdometerReading.objects.get()
        assert (reading.km, reading.source, reading.state) == (96_200, "job", "accepted")
        job = actions.wait_for_parts(job, by=chloe, expected_ready_at=NOON + 12 * DAY)
        assert job.hold.ends_at == NOON + 12 * DAY
    with clock.travel(5 * DAY):
        actions.resume(job, by=chloe)
        job = actions.done(job, by=chloe)
        worn.refresh_from_db()
        assert worn.repaired_at == NOON + 5 * DAY
        assert vehicle.holds.get().ends_at == NOON + 12 * DAY  # done is not back
        actions.invoice(job, by=chloe, amount=Decimal("101.85"), number="F-12", file=photo())
    with clock.travel(6 * DAY):
        site = SiteFactory(platform=platform, name="Tarnos")
        job = actions.collect(job, by=farid, site=site, km=96_230)
        vehicle.refresh_from_db()
        assert vehicle.site == site
        assert vehicle.holds.get().back_at == vehicle.holds.get().ends_at == NOON + 6 * DAY
        job = actions.mark_paid(job, by=farid)
    assert (job.state, job.paid_on) == ("collected", dt.date(2026, 3, 10))


def test_a_counter_that_reads_lower_stops_nobody(vehicle, garage, chloe, bruno):
    OdometerReading.objects.create(
        platform=vehicle.platform, vehicle=vehicle, km=96_000, state="accepted", source="manual",
        read_at=NOON - DAY, by=bruno,
    )  # fmt: skip
    actions.start(job_in(State.APPROVED, garage, vehicle=vehicle), by=chloe, km=9_600)
    assert OdometerReading.objects.order_by("pk").last().state == "disputed"


def test_a_vehicle_that_is_done_stays_kept_until_it_is_collected(vehicle, garage, chloe):
    job = job_in(State.OFFERED, garage, vehicle=vehicle)
    actions.accept(job, by=chloe, appointment_at=THURSDAY, expected_ready_at=THURSDAY + DAY)
    RepairJob.objects.filter(pk=job.pk).update(state="in_progress")
    with clock.travel(3 * DAY):  # Saturday: the plan is over, Monday at 18 h is the next working day
        actions.done(job, by=chloe)
    assert vehicle.holds.get().ends_at == dt.datetime(2026, 3, 9, 17, tzinfo=dt.UTC)


def test_a_hold_that_is_about_to_end_is_prolonged_while_the_job_is_open(vehicle, garage, chloe):
    from maintenance.immobilisation import prolong_what_lasts

    job = actions.give(
        job_in(State.TO_DECIDE, garage, vehicle=vehicle), garage, by=_coordinator(vehicle), appointment_at=NOON
    )
    assert prolong_what_lasts() == 0
    with clock.travel(to=job.hold.ends_at):
        assert prolong_what_lasts() == 1
        assert prolong_what_lasts() == 0
    assert vehicle.holds.get().ends_at > job.hold.ends_at


def _coordinator(vehicle):
    from tests.factories import MembershipFactory

    return MembershipFactory(platform=vehicle.platform, role="coordinator").user


def test_another_appointment_moves_the_hold(vehicle, garage, chloe):
    job = job_in(State.OFFERED, garage, vehicle=vehicle)
    actions.accept(job, by=chloe, appointment_at=THURSDAY)
    job = actions.reschedule(job, by=chloe, appointment_at=THURSDAY + 7 * DAY)
    assert job.hold.starts_at == THURSDAY + 7 * DAY
    assert vehicle.holds.count() == 1


# --- closing ---------------------------------------------------------------------------------------


def test_an_invoice_is_corrected_until_it_is_paid(garage, chloe, agathe):
    job = job_in(State.DONE, garage)
    pdf = SimpleUploadedFile("facture.pdf", b"%PDF-1.7 ...", content_type="application/pdf")
    actions.invoice(job, by=chloe, amount=Decimal(100), file=pdf)
    job = actions.invoice(job, by=chloe, amount=Decimal(90), number="F-13")
    assert (job.invoice_amount, job.invoice_file.media_type) == (90, "application/pdf")
    actions.mark_paid(job, by=agathe, on=dt.date(2026, 3, 2))
    for again, code in (
        (lambda: actions.invoice(job, by=chloe, amount=Decimal(80)), "paid"),
        (lambda: actions.mark_paid(job, by=agathe), "paid"),
    ):
        with pytest.raises(ValidationError) as refusal:
            again()
        assert code_of(refusal) == code


def test_an_invoice_is_a_paper_and_what_is_not_there_cannot_be_paid(garage, chloe, agathe, bruno):
    job = job_in(State.DONE, garage)
    with pytest.raises(ValidationError) as refusal:
        actions.invoice(job, by=chloe, amount=Decimal(1), file=SimpleUploadedFile("x.exe", b"MZ..."))
    assert code_of(refusal) == "no_paper"
    with pytest.raises(ValidationError) as refusal:
        actions.mark_paid(job, by=agathe)
    assert code_of(refusal) == "not_invoiced"
    actions.invoice(job, by=chloe, amount=Decimal(1))
    with pytest.raises(ValidationError) as refusal:
        actions.mark_paid(job, by=agathe, on=dt.date(2026, 3, 5))
    assert code_of(refusal) == "in_the_future"
    with pytest.raises(PermissionDenied):
        actions.mark_paid(job, by=bruno)


def test_a_cancelled_job_frees_its_vehicle_and_tells_the_garage(vehicle, garage, chloe, farid):
    job = job_in(State.OFFERED, garage, vehicle=vehicle)
    actions.accept(job, by=chloe, appointment_at=THURSDAY)
    with pytest.raises(ValidationError) as refusal:
        actions.cancel(job, by=farid, reason=" ")
    assert code_of(refusal) == "reason_missing"
    actions.cancel(job, by=farid, reason="Vendu")
    assert not vehicle.holds.exists()
    assert OutboxMessage.objects.filter(payload__subject="Travail annulé : Bruit au freinage").count() == 1


def test_a_job_cancelled_while_the_vehicle_is_at_the_garage_brings_it_back(vehicle, garage, chloe, farid):
    job = job_in(State.APPROVED, garage, vehicle=vehicle)
    actions.start(job, by=chloe)
    with clock.travel(DAY):
        actions.quote(job, LINES, by=chloe)
        actions.cancel(job, by=farid, reason="Ne vaut plus la réparation")
    assert vehicle.holds.get().back_at == THURSDAY


# --- who sees --------------------------------------------------------------------------------------


def test_each_sees_the_jobs_that_concern_them(garage, other_garage, chloe, bruno, eve, nobody):
    mine, asked = job_in(State.IN_PROGRESS, garage), job_in(State.OFFERED, garage)
    ana = ParticipantFactory(platform=garage.platform).user
    theirs = job_in(State.ACCEPTED, other_garage, reported_by=ana)
    declined = job_in(State.OFFERED, garage)
    declined.offers.update(answer="declined", answered_at=NOON)
    assert set(RepairJob.objects.visible_to(bruno)) == {mine, asked, theirs, declined}
    assert set(RepairJob.objects.visible_to(chloe)) == {mine, asked}
    assert not RepairJob.objects.visible_to(eve).exists()
    assert set(RepairJob.objects.visible_to(ana)) == {theirs}
    assert not RepairJob.objects.visible_to(nobody).exists()


def test_who_left_the_team_sees_nothing_of_what_they_reported(vehicle, bruno, driss, platform):
    actions.report_defect(vehicle, title="Freins", by=bruno)
    remove_member(platform.memberships.get(user=bruno), by=driss)
    assert not RepairJob.objects.visible_to(User.objects.get(pk=bruno.pk)).exists()
