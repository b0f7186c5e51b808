"""While a job says that the vehicle is at the garage, the garage had the keys, with a hold of ours or during a loan."""

import datetime as dt
import importlib

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from bookings.actions import take_back
from bookings.cases import uses
from core import clock, outbox
from core.models import JournalEntry
from maintenance import actions
from maintenance.models import GarageStay
from tests.api.client import Program
from tests.bookings.cases import HOUR, WEDNESDAY, code_of, hand_over_to, notice, with_all_papers
from tests.bookings.conftest import DAY
from tests.bookings.reports import complete_report
from tests.maintenance.factories import job_in

pytestmark = pytest.mark.django_db
PHONE = "par téléphone, M. Duval"
NOON = WEDNESDAY + 3 * HOUR


@pytest.fixture
def out(loan, ana, bruno):
    with_all_papers(ana)
    return hand_over_to(loan, bruno)


@pytest.fixture
def job(out, car, garage):
    """An appointment during the loan: nothing of ours keeps the vehicle."""
    return job_in("approved", garage, vehicle=car)


def at(moment, verb, job, by, **said):
    with clock.travel(to=moment):
        return verb(job, by=by, **said)


def began(job, by, moment=WEDNESDAY):
    return at(moment, actions.start, job, by, on_behalf=PHONE)


def named(car, moment):
    return [(use.kind, use.name) for use in uses.uses_at(car, moment)]


MINUTE = dt.timedelta(minutes=1)
LOAN, GARAGE = ("loan", "Ana Dupouy"), ("garage", "Solid’Auto Morcenx")


def test_during_a_loan_the_garage_drives_while_it_works(job, car, bruno):
    began(job, bruno)
    at(NOON, actions.done, job, bruno, on_behalf=PHONE)
    assert job.hold is None
    assert named(car, WEDNESDAY - HOUR) == [LOAN]
    assert named(car, WEDNESDAY + MINUTE) == [GARAGE, LOAN]  # both are said; who had the keys comes first
    assert named(car, NOON + MINUTE) == [LOAN, GARAGE]  # whoever fetched it first
    at(NOON + DAY, actions.collect, job, bruno)
    assert named(car, NOON + DAY + MINUTE) == [LOAN]


def test_a_test_drive_is_found_on_the_notice_and_the_loan_is_shown_beside(job, car, bruno, client):
    began(job, bruno)
    fine = notice(car, bruno, at=WEDNESDAY + HOUR)
    assert (fine.use, fine.job, fine.assignment) == ("garage", job, None)
    client.force_login(bruno)
    said = client.get(reverse("bookings:fine", args=[fine.pk])).content.decode()
    assert "Solid’Auto Morcenx" in said
    assert "Ana Dupouy" in said


def test_a_vehicle_that_we_keep_is_the_garages_until_it_is_collected(car, garage, bruno):
    job = began(job_in("approved", garage, vehicle=car), bruno)
    assert job.hold.out_at is not None
    at(NOON, actions.done, job, bruno, on_behalf=PHONE)
    assert named(car, NOON + HOUR) == [GARAGE]
    at(NOON + 2 * HOUR, actions.collect, job, bruno)
    assert named(car, NOON + HOUR) == [GARAGE]
    assert named(car, NOON + 2 * HOUR + MINUTE) == []


def test_of_a_vehicle_brought_back_to_us_the_garage_that_was_done_has_no_keys(out, job, car, bruno):
    began(job, bruno)
    at(NOON, actions.done, job, bruno, on_behalf=PHONE)
    back = WEDNESDAY + DAY
    with clock.travel(to=back):
        take_back(out, by=bruno, report=complete_report(out.assignments.get(), by=bruno, direction="in", at=back))
    assert named(car, back + HOUR) == []


def test_keys_given_back_while_the_vehicle_is_at_work_leave_it_to_the_garage(out, job, car, bruno):
    began(job, bruno)
    with clock.travel(to=NOON):
        take_back(out, by=bruno, report=complete_report(out.assignments.get(), by=bruno, direction="in", at=NOON))
    assert named(car, NOON + HOUR) == [GARAGE]


def test_a_job_that_is_given_up_lets_the_vehicle_go(job, car, bruno, farid):
    began(job, bruno)
    at(WEDNESDAY + HOUR, actions.quote, job, bruno, total=900, on_behalf=PHONE)
    assert named(car, WEDNESDAY + 2 * HOUR) == [GARAGE, LOAN]
    at(NOON, actions.cancel, job, farid, reason="Trop cher")
    assert named(car, NOON + MINUTE) == [LOAN]
    assert named(car, NOON - HOUR) == [GARAGE, LOAN]


def test_hours_that_were_noted_too_late_are_put_right_and_answer_the_notice(job, car, bruno):
    """The garage tapped « Commencer » in the evening, after the loan had been corrected away."""
    car.holds.update(out_at=None)
    fine = notice(car, bruno, at=WEDNESDAY + HOUR)
    assert fine.use == ""
    began(job, bruno, moment=WEDNESDAY + 9 * HOUR)
    at(WEDNESDAY + 10 * HOUR, actions.correct_stay, job, bruno, stay=job.stays.get().pk, arrived_at=WEDNESDAY)
    with clock.travel(to=WEDNESDAY + 11 * HOUR):
        outbox.sweep()
    fine.refresh_from_db()
    assert (fine.use, fine.job) == ("garage", job)
    assert uses.use_of_fine(fine).name == "Solid’Auto Morcenx"


def test_hours_of_a_stay_are_facts(job, car, bruno, eve, farid):
    began(job, bruno)
    stay = job.stays.get()
    before = (stay.arrived_at, stay.left_at, JournalEntry.objects.count())

    def refused(**said):
        told = {"stay": stay.pk, "arrived_at": WEDNESDAY, "by": bruno} | said
        with clock.travel(to=NOON):
            return code_of(actions.correct_stay, job, **told)

    assert refused(arrived_at=NOON + HOUR) == "in_the_future"
    assert refused(left_at=NOON + HOUR) == "in_the_future"
    assert refused(left_at=WEDNESDAY) == "back_before_out"
    assert refused(stay=stay.pk + 1) == "unknown_stay"
    with pytest.raises(PermissionDenied):
        actions.correct_stay(job, stay=stay.pk, arrived_at=WEDNESDAY, by=eve)
    stay.refresh_from_db()
    assert (stay.arrived_at, stay.left_at, JournalEntry.objects.count()) == before
    at(NOON, actions.done, job, bruno, on_behalf=PHONE)
    at(NOON, actions.collect, job, bruno)
    assert refused() == "left_missing"


def test_the_page_and_the_api_put_the_same_hours_right(job, car, bruno, client):
    began(job, bruno)
    stay = job.stays.get()
    client.force_login(bruno)
    address = reverse("maintenance:correct_stay", args=[job.pk, stay.pk])
    with clock.travel(to=NOON):
        assert f'href="{address}"' in client.get(reverse("maintenance:job", args=[job.pk])).content.decode()
        client.post(address, {"arrived_at": "2026-03-04T08:00", "left_at": "2026-03-04T10:00"})
    stay.refresh_from_db()
    assert (stay.arrived_at, stay.left_at) == (WEDNESDAY - HOUR, WEDNESDAY + HOUR)
    with clock.travel(to=NOON):
        told = {"stay": stay.pk, "arrived_at": "2026-03-04T08:30:00+01:00", "left_at": "2026-03-04T10:30:00+01:00"}
        answer = Program(bruno).post(f"repair_jobs/{job.pk}/correct_stay/", **told)
    assert [one["id"] for one in answer["stays"]] == [stay.pk]
    stay.refresh_from_db()
    assert stay.left_at - stay.arrived_at == dt.timedelta(hours=2)


def test_another_garage_ends_the_stay_at_the_first(job, car, bruno, farid):
    began(job, bruno)
    job.stays.update(garage=GarageStay.objects.get().garage)
    job.refresh_from_db()
    other = job_in("approved", job.garage, vehicle=car)
    began(other, bruno, moment=NOON)
    stays = GarageStay.objects.order_by("pk")
    assert [(one.job, one.left_at is None) for one in stays] == [
        (job, False),
        (other, True),
    ]


def test_what_was_at_a_garage_before_the_update_is_remembered(job, car, bruno):
    remember = importlib.import_module("maintenance.migrations.0003_what_was_at_a_garage_was_there").remember
    began(job, bruno)
    at(NOON, actions.done, job, bruno, on_behalf=PHONE)
    at(NOON, actions.collect, job, bruno)
    before = list(GarageStay.objects.values_list("vehicle", "job", "garage"))
    GarageStay.objects.all().delete()
    remember(apps, None)
    assert list(GarageStay.objects.values_list("vehicle", "job", "garage")) == before
    assert named(car, WEDNESDAY + HOUR) == [GARAGE, LOAN]
    assert named(car, NOON + MINUTE) == [LOAN]
