"""From a defect to a job, and the settings by which jobs are decided."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from accounts.models import Platform, User
from core.db import action, lock, refuse, require, save
from core.journal import record
from fleet.models import Vehicle
from maintenance import defects, perms
from maintenance.models import RepairJob, RepairPolicy
from maintenance.steps import lock_job, policy_of

CHANGEABLE = ("title", "description", "sort", "work", "vehicle_rolls", "needed_by")


@action
def report_defect(
    vehicle: Vehicle | None = None, *, title: str, by: User, platform: Platform | None = None, **told: Any
) -> RepairJob:
    """A defect becomes a job to decide; see `defects.defect_found` for what may be told.

    For a participant's own vehicle: `platform`, `own_vehicle` and `participant` instead of `vehicle`.
    """
    platform = vehicle.platform if vehicle is not None else platform
    if platform is None:
        raise refuse("Dites de quel véhicule il s’agit.", "no_vehicle")
    require(perms.can_report(by, platform.pk))
    return defects.defect_found(platform, vehicle=vehicle, title=title, by=by, **told)


@action
def change(job: RepairJob, *, by: User, **told: Any) -> RepairJob:
    """Corrects what was reported, while the job is open."""
    job = lock_job(job)
    require(perms.can_report(by, job.platform_id))
    if unknown := set(told) - set(CHANGEABLE):
        raise TypeError(f"not to be changed: {unknown}")
    if job.state in RepairJob.CLOSED:
        raise refuse("Ce travail est terminé : on ne peut plus le corriger.", "wrong_state")
    changed = [field for field, value in told.items() if getattr(job, field) != value]
    for field in changed:
        setattr(job, field, told[field])
    if changed:
        save(job)
        record(by, "job.changed", job, fields=sorted(changed))
    return job


@action
def add_photos(job: RepairJob, photos: Iterable[Any], *, by: User) -> RepairJob:
    """More photos of the defect, for the garage to see, or from it."""
    job = lock_job(job)
    require(perms.can_answer(by, job))
    photos = list(photos)
    if not photos:
        raise refuse("Choisissez au moins une photo.", "no_photo")
    defects.add_photos(job, photos, by=by)
    record(by, "job.photos_added", job, number=len(photos))
    return job


@action
def save_policy(
    platform: Platform, *, quote_ceiling: Decimal, offer_hours: int, offers_by_itself: bool, by: User
) -> RepairPolicy:
    """What a quote may cost unasked, how long a garage has to answer, and whether the next one is asked by itself."""
    platform = lock(platform)
    require(perms.can_change_policy(by, platform.pk))
    if not 1 <= offer_hours <= 720:
        raise refuse("Laissez au garage entre 1 heure et 30 jours pour répondre.", "out_of_range")
    policy = policy_of(platform.pk)
    policy.platform = platform
    policy.quote_ceiling, policy.offer_hours, policy.offers_by_itself = quote_ceiling, offer_hours, offers_by_itself
    save(policy)
    record(
        by,
        "repair_policy.saved",
        platform,
        quote_ceiling=str(quote_ceiling),
        offer_hours=offer_hours,
        offers_by_itself=offers_by_itself,
    )
    return policy
