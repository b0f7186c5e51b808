"""Small steps that the verbs of a repair job share."""

import datetime as dt
from zoneinfo import ZoneInfo

from accounts.models import User
from core import clock
from core.db import lock, lock_all, refuse, require
from core.journal import note
from fleet.models import Vehicle
from garages.models import Garage
from garages.perms import answers_for
from maintenance import immobilisation, perms
from maintenance.models import RepairJob, RepairPolicy

FARTHEST = dt.timedelta(days=366)


def lock_job(job: RepairJob) -> RepairJob:
    """The job, fresh and ours, and its vehicle before it: the order in which everybody locks."""
    vehicles = lock_all(Vehicle, [job.vehicle_id]) if job.vehicle_id else []
    job = lock(job)
    for vehicle in vehicles:
        job.vehicle = vehicle
    return job


def speak_for(garage: Garage | None, job: RepairJob, by: User, on_behalf: str, said: str) -> str:
    """Who answers: the garage itself, or staff who heard it say so and note from whom (`on_behalf_missing`)."""
    if answers_for(by, garage):
        return ""
    require(perms.can_place(by, job))
    on_behalf = on_behalf.strip()[:120]
    if not on_behalf:
        raise refuse(
            "Dites qui a répondu pour le garage, et comment. Exemple : « par téléphone, M. Duval ».",
            "on_behalf_missing",
        )
    note(by, job, f"{said} ({on_behalf})")
    return on_behalf


def expect_ready(job: RepairJob, ready_at: dt.datetime | None) -> None:
    """The garage says when it will be ready: the hold follows. None says nothing. Refuses with `in_the_past`."""
    if ready_at is None:
        return
    require_near_future(job, ready_at)
    if ready_at <= clock.now():
        raise refuse("Cette heure est déjà passée : dites quand le véhicule sera prêt.", "in_the_past")
    job.expected_ready_at = ready_at
    immobilisation.prolong(job, ready_at)


def require_near_future(job: RepairJob, at: dt.datetime) -> None:
    """From today on, and within a year: who types another date has mistyped. Earlier today is a record, and stands."""
    zone = ZoneInfo(job.platform.time_zone)
    if at.astimezone(zone).date() < clock.today(zone):
        raise refuse("Cette date est passée. Choisissez une date à venir.", "in_the_past")
    if at > clock.now() + FARTHEST:
        raise refuse("Cette date est dans plus d’un an. Vérifiez l’année.", "too_far")


def policy_of(platform_id: int) -> RepairPolicy:
    """The platform's own, or what applies when it has said nothing."""
    return RepairPolicy.objects.filter(platform_id=platform_id).first() or RepairPolicy(platform_id=platform_id)
