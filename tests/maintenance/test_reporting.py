"""A defect is reported, corrected, and the policy that decides on repairs is kept."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from core.models import JournalEntry
from fleet.models import Damage
from maintenance import actions
from maintenance.models import RepairJob, RepairPolicy
from tests.factories import HoldFactory, ParticipantFactory, VehicleFactory
from tests.maintenance.conftest import DAY, NOON, THURSDAY
from tests.maintenance.factories import job_in
from tests.maintenance.shared import code_of, photo

pytestmark = pytest.mark.django_db

State = RepairJob.State


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
