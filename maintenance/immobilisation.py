"""Steps that keep a vehicle for its repair, from the day it is given up until it is back.

A job never takes a vehicle away from the participant who drives it: then it is only dated, and
`vehicle_recovered` takes the hold in the transaction in which the keys come back. Promised loans are
displaced. A hold always has an expected end, which is prolonged; the facts (at the garage since, back since)
stand on the hold too. Their caller has checked who may, and holds the lock of the job.
"""

import datetime as dt
from zoneinfo import ZoneInfo

from accounts.models import User
from core import clock
from core.db import action, lock, one_by_one, save
from core.journal import record
from fleet import holds
from fleet.models import Hold, Vehicle
from garages.models import Work
from maintenance import stays
from maintenance.models import RepairJob
from maintenance.working_days import working_days_after

UNTIL_DECIDED = 3  # working days for which a vehicle is kept while nobody has said when it will be ready
USUAL_STAY = {Work.BODYWORK: 5, Work.MECHANICS: 3, Work.ELECTRICITY: 3}  # working days at the garage; others: 1
CLOSES_AT = dt.time(18)
ENDS_SOON = dt.timedelta(hours=12)
PLANNED = (RepairJob.Sort.SERVICE, RepairJob.Sort.INSPECTION, RepairJob.Sort.TYRES)


def immobilise(job: RepairJob, *, from_at: dt.datetime, until: dt.datetime) -> RepairJob:
    """Takes the vehicle for the job, or moves the hold that it has already.

    When somebody drives the vehicle, or another job or a transfer has it then, nothing is taken: the job is
    only dated.
    """
    if job.vehicle is None or not job.needs_vehicle:
        return job
    vehicle = lock(job.vehicle)
    if job.hold is not None:
        return _move(job, from_at, until)
    if not vehicle.in_service or vehicle.holds.out().exists():
        return job
    for neighbour in _immovable(vehicle, from_at, until):
        if neighbour.starts_at > from_at:
            until = min(until, neighbour.starts_at)
        elif neighbour.back_at is not None:
            from_at = max(from_at, neighbour.plan_ends_at)  # over already; its turnaround gives way to the repair
        else:
            return job
    if from_at >= until:
        return job
    job.hold = holds.take(vehicle, from_at, until, purpose=Hold.Purpose.MAINTENANCE, reason=job.title, displacing=True)
    return save(job, "hold")


def prolong(job: RepairJob, until: dt.datetime) -> RepairJob:
    """Moves the expected end of the hold, if the job has one and the vehicle is not back."""
    if job.hold is None or job.hold.back_at is not None:
        return job
    return _move(job, job.hold.starts_at, until)


def vehicle_recovered(vehicle: Vehicle, at: dt.datetime, by: User) -> list[RepairJob]:
    """The keys are back: the vehicle's open jobs that need it take it, in the caller's transaction.

    A repair keeps it from now on; planned work (service, inspection, tyres) on a vehicle that rolls only from
    its appointment. Never refuses. Returns the jobs that keep the vehicle.
    """
    lock(vehicle)
    stays.keys_came_back(vehicle, at)
    waiting = RepairJob.objects.open().filter(vehicle=vehicle, needs_vehicle=True, hold__isnull=True).order_by("pk")
    waiting = waiting.exclude(state=RepairJob.State.DONE)  # mended while it was lent
    keeping = []
    for job in waiting.select_related("vehicle", "platform").select_for_update(of=("self",), no_key=True):
        start = at
        if job.sort in PLANNED and job.vehicle_rolls:
            if job.appointment_at is None:
                continue
            start = max(at, job.appointment_at)
        job = immobilise(job, from_at=start, until=expected_end(job, start))
        if job.hold is not None:
            record(by, "job.vehicle_kept", job, vehicle=vehicle.pk)
            keeping.append(job)
    return keeping


def arrived(job: RepairJob, at: dt.datetime) -> RepairJob:
    """The vehicle is at the garage. A participant may have driven it there: then the loan says where it is."""
    if job.vehicle is None or not job.needs_vehicle:
        return job
    immobilise(job, from_at=at, until=expected_end(job, at))
    if job.hold is not None and job.hold.out_at is None and not job.vehicle.holds.out().exists():
        job.hold = holds.mark_out(job.hold, at)
    return job


def vehicle_back(job: RepairJob, at: dt.datetime, by: User) -> RepairJob:
    """The hold ends; another open job of the vehicle that waited for it takes it in turn."""
    if job.hold is not None and job.hold.back_at is None:
        if job.hold.out_at is not None:
            job.hold = holds.mark_back(job.hold, at)
        else:
            free(job, at)
    if job.vehicle is not None:
        vehicle_recovered(job.vehicle, at, by)
    return job


def free(job: RepairJob, at: dt.datetime) -> None:
    """A hold whose vehicle never left for the garage: forgotten when it had not begun, else it ends now."""
    hold = job.hold
    if hold is None or hold.ends_at <= at:
        return
    if hold.starts_at < at:
        job.hold = holds.change(hold, ends_at=at)
    else:
        job.hold = None
        save(job, "hold")
        holds.release(hold)


def expected_end(job: RepairJob, start: dt.datetime) -> dt.datetime:
    """When the vehicle should be back: what the garage said, else the usual stay for such work, at 18 h."""
    if job.expected_ready_at is not None and job.expected_ready_at > start:
        return job.expected_ready_at
    if job.appointment_at is None:
        return end_of_day(job, start, UNTIL_DECIDED)
    return end_of_day(job, max(start, job.appointment_at), USUAL_STAY.get(Work(job.work), 1))


def end_of_day(job: RepairJob, start: dt.datetime, working_days: int) -> dt.datetime:
    """18 h on the platform's wall clock, so many working days after `start`."""
    zone = ZoneInfo(job.platform.time_zone)
    day = working_days_after(start.astimezone(zone).date(), working_days)
    return clock.at(day, CLOSES_AT, zone)


def _move(job: RepairJob, start: dt.datetime, until: dt.datetime) -> RepairJob:
    """Moves the hold as far as what cannot be displaced lets it; it keeps an instant of its own at least."""
    assert job.hold is not None
    hold = lock(job.hold)
    start = min(start, hold.starts_at) if hold.out_at or hold.starts_at <= clock.now() else start
    vehicle = hold.vehicle
    for other in RepairJob.objects.open().filter(hold__in=vehicle.holds.overlapping(start, until)).exclude(pk=job.pk):
        if other.hold.out_at is None and other.hold.starts_at > hold.starts_at:
            holds.release(other.hold)  # it waits for this one: `vehicle_back` gives it the vehicle in turn
    for neighbour in _immovable(vehicle, start, until):
        if neighbour.pk == hold.pk:
            continue
        if neighbour.starts_at >= hold.ends_at:
            until = min(until, neighbour.starts_at)
        else:
            start = max(start, neighbour.ends_at)
    if start < until:
        job.hold = holds.change(hold, starts_at=start, ends_at=until, displacing=True)
    return job


def _immovable(vehicle: Vehicle, start: dt.datetime, end: dt.datetime) -> list[Hold]:
    """Holds in the way that are not a promised loan."""
    in_the_way = vehicle.holds.overlapping(start, end).order_by("starts_at")
    return [hold for hold in in_the_way if hold.purpose != Hold.Purpose.LOAN or hold.out_at is not None]


def prolong_what_lasts() -> int:
    """An open job whose hold is about to end keeps its vehicle: prolonged by a working day; how many were.

    Each in its own transaction, under the vehicle's lock; a second scheduler finds it done.
    """
    soon = clock.now() + ENDS_SOON
    ending = RepairJob.objects.open().filter(hold__ends_at__lte=soon, hold__back_at__isnull=True)
    return one_by_one(_keep_longer, ending.select_related("vehicle"))


@action
def _keep_longer(job: RepairJob) -> bool:
    lock(job.vehicle)  # type: ignore[type-var]
    job = lock(job)
    now = clock.now()
    if job.hold is None or job.state in RepairJob.CLOSED or job.hold.ends_at > now + ENDS_SOON:
        return False
    before = job.hold.ends_at
    prolong(job, max(expected_end(job, now), end_of_day(job, now, 1)))
    if job.hold.ends_at == before:
        return False
    record(job.platform.machine_user, "job.prolonged", job, until=job.hold.ends_at.isoformat())
    return True
