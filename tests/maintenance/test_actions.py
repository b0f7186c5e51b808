"""Each verb: it happens; in the wrong state; by the wrong person; and then nothing has changed."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.actions import remove_member
from accounts.models import User
from core import clock
from core.db import busy
from core.models import JournalEntry, Note, OutboxMessage
from fleet.models import Damage, OdometerReading
from garages.models import Garage
from maintenance import actions
from maintenance.actions import offering
from maintenance.models import JobOffer, RepairJob, RepairPolicy
from tests.factories import GarageFactory, HoldFactory, ParticipantFactory, SiteFactory, VehicleFactory
from tests.maintenance.conftest import DAY, NOON, THURSDAY
from tests.maintenance.factories import GarageRateFactory, RepairPolicyFactory, job_in

pytestmark = pytest.mark.django_db

State = RepairJob.State
BY_PHONE = "par téléphone, M. Duval"
LINES = [
    {"sort": "labour", "label": "Main-d’œuvre", "quantity": Decimal("1.5"), "unit_price": Decimal("39.90")},
    {"sort": "part", "label": "Plaquettes avant", "quantity": Decimal(1), "unit_price": Decimal("42.00")},
]


def code_of(refusal):
    return refusal.value.code


def photo(name="photo.jpg"):
    content = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(content, "JPEG")
    return SimpleUploadedFile(name, content.getvalue(), content_type="image/jpeg")


def picture_of(job):
    """Everything of a job that a refused verb must leave as it was."""
    row = RepairJob.objects.filter(pk=job.pk).values().get()
    offers = list(JobOffer.objects.filter(job=job).values())
    written = JournalEntry.objects.count(), OutboxMessage.objects.count(), Note.objects.count()
    return row, offers, list(job.quote_lines.values()), list(job.platform.garages.values_list("pk")), written


# --- who may, and when: every verb in every state ------------------------------------------------

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
        nobody_said.setattr("tests.maintenance.test_actions.BY_PHONE", "  ")
        with pytest.raises(ValidationError) as refusal:
            VERBS[verb](job, farid)
    assert code_of(refusal) == "on_behalf_missing"
    assert picture_of(job) == before
    VERBS[verb](job, farid)
    assert BY_PHONE in Note.objects.get(target_id=job.pk).text


def test_an_adviser_cannot_take_a_job_from_a_garage_that_has_it(garage, bruno):
    with pytest.raises(PermissionDenied):
        actions.withdraw(job_in(State.ACCEPTED, garage), by=bruno)


# --- reporting -------------------------------------------------------------------------------------


def test_a_defect_becomes_a_job_to_decide_with_its_photos_and_damages(vehicle, bruno):
    scratch = Damage.objects.create(platform=vehicle.platform, vehicle=vehicle, sort="scratch")
    job = actions.report_defect(
        vehicle,
        title=" Bruit au freinage ",
        by=bruno,
        description="Devant à droite",
        photos=[photo(), photo()],
        damages=[scratch],
    )
    assert (job.state, job.title, job.vehicle, job.hold) == ("to_decide", "Bruit au freinage", vehicle, None)
    assert job.files.count() == 2
    assert list(job.damages.all()) == [scratch]
    assert JournalEntry.objects.get().verb == "job.reported"


def test_a_vehicle_can_be_kept_from_the_moment_of_the_report(vehicle, bruno):
    job = actions.report_defect(vehicle, title="Ne démarre plus", by=bruno, vehicle_rolls=False, block_now=True)
    assert (job.hold.starts_at, job.hold.ends_at) == (NOON, dt.datetime(2026, 3, 9, 17, tzinfo=dt.UTC))


def test_a_vehicle_that_somebody_drives_is_only_written_down(vehicle, bruno):
    HoldFactory(vehicle=vehicle, starts_at=NOON - DAY, ends_at=NOON + DAY, out_at=NOON - DAY)
    job = actions.report_defect(vehicle, title="Bruit", by=bruno, block_now=True)
    assert job.hold is None


def test_a_participants_own_car_is_repaired_without_a_hold(platform, bruno, garage):
    participant = ParticipantFactory(platform=platform)
    job = actions.report_defect(
        platform=platform, title="Embrayage", by=bruno, own_vehicle="Twingo 2009", participant=participant
    )
    assert (job.vehicle, job.needs_vehicle, job.participant) == (None, False, participant)
    job = actions.give(job, garage, by=bruno, appointment_at=THURSDAY)
    assert job.hold is None


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"title": " "}, "title_missing"),
        ({"own_vehicle": "Twingo"}, "two_vehicles"),
        ({"photos": [SimpleUploadedFile("x.jpg", b"not a picture")]}, "no_picture"),
    ],
)
def test_a_report_that_does_not_stand_writes_nothing(vehicle, bruno, told, code):
    with pytest.raises(ValidationError) as refusal:
        actions.report_defect(vehicle, by=bruno, **{"title": "Bruit"} | told)
    assert code_of(refusal) == code
    assert not RepairJob.objects.exists()


def test_a_report_about_no_vehicle_or_anothers_damage_is_refused(platform, vehicle, bruno):
    with pytest.raises(ValidationError) as refusal:
        actions.report_defect(title="Bruit", by=bruno)
    assert code_of(refusal) == "no_vehicle"
    with pytest.raises(ValidationError) as refusal:
        actions.report_defect(title="Bruit", by=bruno, platform=platform)
    assert code_of(refusal) == "no_vehicle"
    elsewhere = Damage.objects.create(platform=platform, vehicle=VehicleFactory(site=vehicle.site), sort="dent")
    with pytest.raises(ValidationError) as refusal:
        actions.report_defect(vehicle, title="Bruit", by=bruno, damages=[elsewhere])
    assert code_of(refusal) == "not_this_vehicle"


@pytest.mark.parametrize("who", ["agathe", "chloe", "eve", "nobody"])
def test_only_advisers_and_fleet_managers_report(vehicle, garage, request, who):
    with pytest.raises(PermissionDenied):
        actions.report_defect(vehicle, title="Bruit", by=request.getfixturevalue(who))
    assert not RepairJob.objects.exists()


def test_a_report_is_corrected_while_the_job_is_open(garage, bruno):
    job = actions.change(job_in(State.TO_DECIDE, garage), by=bruno, title="Pneu crevé", work="tyres")
    assert (job.title, job.work) == ("Pneu crevé", "tyres")
    assert JournalEntry.objects.get().facts == {"fields": ["title", "work"]}
    with pytest.raises(ValidationError) as refusal:
        actions.change(job_in(State.CANCELLED, garage), by=bruno, title="Autre")
    assert code_of(refusal) == "wrong_state"


def test_photos_can_be_added_by_the_garage_too(garage, chloe):
    job = job_in(State.IN_PROGRESS, garage)
    actions.add_photos(job, [photo()], by=chloe)
    assert job.files.get().is_quote is False
    with pytest.raises(ValidationError) as refusal:
        actions.add_photos(job, [], by=chloe)
    assert code_of(refusal) == "no_photo"


def test_the_policy_is_saved_by_the_fleet_manager(platform, farid, bruno):
    told = {"quote_ceiling": Decimal(200), "offer_hours": 24, "offers_by_itself": False}
    actions.save_policy(platform, by=farid, **told)
    actions.save_policy(platform, by=farid, **told | {"offer_hours": 36})
    assert RepairPolicy.objects.get().offer_hours == 36
    with pytest.raises(ValidationError) as refusal:
        actions.save_policy(platform, by=farid, **told | {"offer_hours": 0})
    assert code_of(refusal) == "out_of_range"
    with pytest.raises(PermissionDenied):
        actions.save_policy(platform, by=bruno, **told)


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
