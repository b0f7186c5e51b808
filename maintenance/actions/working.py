"""The vehicle at the garage."""

import datetime as dt

from accounts.models import User
from core import clock
from core.db import action, become, refuse, save
from core.journal import record
from fleet import damages
from fleet.models import OdometerReading
from fleet.odometer import record_reading
from maintenance import immobilisation, stays
from maintenance.models import RepairJob
from maintenance.steps import expect_ready, lock_job, require_near_future, speak_for

State = RepairJob.State
BEFORE_WORK = (State.ACCEPTED, State.QUOTED, State.APPROVED)


@action
def reschedule(job: RepairJob, *, by: User, appointment_at: dt.datetime, on_behalf: str = "") -> RepairJob:
    """Another appointment, agreed before the work begins."""
    job = lock_job(job)
    speak_for(job.garage, job, by, on_behalf, "Rendez-vous déplacé")
    if job.state not in BEFORE_WORK or (job.hold is not None and job.hold.out_at is not None):
        raise refuse("On ne déplace un rendez-vous qu’avant que le véhicule soit au garage.", "wrong_state")
    require_near_future(job, appointment_at)
    before, job.appointment_at = job.appointment_at, appointment_at
    if job.expected_ready_at is not None and job.expected_ready_at <= appointment_at:
        job.expected_ready_at = None
    save(job)
    kept_already = job.hold is not None and job.hold.starts_at <= clock.now()
    start = job.hold.starts_at if kept_already else appointment_at  # type: ignore[union-attr]
    immobilisation.immobilise(job, from_at=start, until=immobilisation.expected_end(job, appointment_at))
    record(
        by,
        "job.rescheduled",
        job,
        before=before.isoformat() if before else None,
        appointment=appointment_at.isoformat(),
    )
    return job


@action
def start(
    job: RepairJob,
    *,
    by: User,
    km: int | None = None,
    expected_ready_at: dt.datetime | None = None,
    on_behalf: str = "",
) -> RepairJob:
    """The vehicle is at the garage and the work begins. The kilometres enter the ledger, whatever they are."""
    job = lock_job(job)
    speak_for(job.garage, job, by, on_behalf, "Commencé")
    if job.state != State.APPROVED:
        raise refuse("Le travail commence quand le devis est accepté.", "wrong_state")
    become(job, State.IN_PROGRESS)
    expect_ready(job, expected_ready_at)
    if km is not None:
        job.odometer_km = km
    save(job)
    read_counter(job, km, by)
    immobilisation.arrived(job, clock.now())
    stays.arrived(job, clock.now())
    record(by, "job.started", job, km=km)
    return job


@action
def wait_for_parts(
    job: RepairJob, *, by: User, expected_ready_at: dt.datetime | None = None, on_behalf: str = ""
) -> RepairJob:
    """A part is missing; the hold follows the new date."""
    job = lock_job(job)
    speak_for(job.garage, job, by, on_behalf, "Pièces en attente")
    become(job, State.WAITING_PARTS)
    expect_ready(job, expected_ready_at)
    save(job)
    record(by, "job.waiting_for_parts", job, ready=expected_ready_at.isoformat() if expected_ready_at else None)
    return job


@action
def resume(job: RepairJob, *, by: User, expected_ready_at: dt.datetime | None = None, on_behalf: str = "") -> RepairJob:
    """The part has come."""
    job = lock_job(job)
    speak_for(job.garage, job, by, on_behalf, "Repris")
    if job.state != State.WAITING_PARTS:
        raise refuse("Ce travail n’attend pas de pièces.", "wrong_state")
    become(job, State.IN_PROGRESS)
    expect_ready(job, expected_ready_at)
    save(job)
    stays.arrived(job, clock.now())  # a participant may have had it meanwhile
    record(by, "job.resumed", job)
    return job


@action
def done(job: RepairJob, *, by: User, on_behalf: str = "") -> RepairJob:
    """Ready to be collected. The damages are mended; the vehicle stays kept until somebody has brought it back."""
    job = lock_job(job)
    speak_for(job.garage, job, by, on_behalf, "Terminé")
    become(job, State.DONE)
    job.done_at = clock.now()
    save(job)
    damages.repaired(job.damages.all(), job.done_at)
    to_collect = immobilisation.end_of_day(job, job.done_at, 1)
    if job.hold is not None and job.hold.ends_at < to_collect:
        immobilisation.prolong(job, to_collect)
    record(by, "job.done", job)
    return job


def read_counter(job: RepairJob, km: int | None, by: User) -> None:
    if km is not None and job.vehicle is not None:
        record_reading(job.vehicle, km, source=OdometerReading.Source.JOB, read_at=clock.now(), by=by)
