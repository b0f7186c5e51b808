"""The hours for which a garage had the keys, put right afterwards: a notice names whoever had them at that minute."""

import datetime as dt

from accounts.models import User
from core import clock, outbox
from core.db import action, refuse, require, save
from core.journal import record
from maintenance import perms
from maintenance.models import RepairJob
from maintenance.steps import lock_job


@action
def correct_stay(
    job: RepairJob, *, stay: int, arrived_at: dt.datetime, by: User, left_at: dt.datetime | None = None
) -> RepairJob:
    """The garage had the vehicle from `arrived_at` until `left_at`; None: it still has it.

    Nothing else changes: neither what was planned, nor the account. Notices that name nobody are looked up again.
    Refuses with `unknown_stay`, `in_the_future`, `back_before_out`, `left_missing`.
    """
    job = lock_job(job)
    require(perms.can_collect(by, job))
    found = job.stays.filter(pk=stay).first()
    if found is None:
        raise refuse("Ce passage au garage n’est pas de ce travail.", "unknown_stay")
    if arrived_at > clock.now() or (left_at is not None and left_at > clock.now()):
        raise refuse("Cette heure est à venir : notez ce qui est déjà arrivé.", "in_the_future")
    if left_at is not None and left_at <= arrived_at:
        raise refuse("Le véhicule ne peut pas repartir avant d’être arrivé.", "back_before_out")
    if left_at is None and found.left_at is not None:
        raise refuse("Le véhicule est reparti de ce garage : dites quand.", "left_missing")
    found.arrived_at, found.left_at = arrived_at, left_at
    save(found, "arrived_at", "left_at")
    entry = record(
        by, "job.stay_corrected", job, stay=found.pk, arrived=arrived_at.isoformat(),
        left=left_at.isoformat() if left_at else None,
    )  # fmt: skip
    outbox.send(
        "vehicle.at_garage",
        key=f"vehicle.at_garage:{entry.pk}",
        platform_id=job.platform_id,
        payload={"vehicle": found.vehicle_id},
    )
    return job
