"""The step that writes what was found wrong as a repair job. Its caller has checked who may."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from accounts.models import Platform, User
from core import clock
from core.db import create_all, lock, refuse, save
from core.files import store_photo
from core.journal import record
from core.models import StoredFile
from fleet.models import Damage, DamagePhoto, Vehicle
from maintenance import immobilisation
from maintenance.models import JobFile, RepairJob
from participants.models import Participant


def defect_found(
    platform: Platform,
    *,
    title: str,
    by: User,
    vehicle: Vehicle | None = None,
    own_vehicle: str = "",
    participant: Participant | None = None,
    description: str = "",
    sort: str = RepairJob.Sort.REPAIR,
    work: str = "mechanics",
    photos: Iterable[Any] = (),
    damages: Iterable[Damage] = (),
    vehicle_rolls: bool = True,
    needs_vehicle: bool = True,
    needed_by: dt.datetime | None = None,
    block_now: bool = False,
) -> RepairJob:
    """A job to decide, about a vehicle of the pool or a participant's own.

    With `block_now` the vehicle is kept from this moment, unless somebody drives it: then from its return.
    `photos` are uploads, or files that are stored already; those of its damages are the job's too, so that the garage
    sees them. Refuses with `no_vehicle`, `two_vehicles`,
    `not_this_vehicle` (damages), `title_missing`.
    """
    if vehicle is not None and own_vehicle:
        raise refuse("Ce travail concerne un véhicule du parc ou celui du participant, pas les deux.", "two_vehicles")
    if not title.strip():
        raise refuse("Dites en quelques mots ce qui ne va pas.", "title_missing")
    damages = list(damages)
    if any(vehicle is None or damage.vehicle_id != vehicle.pk for damage in damages):
        raise refuse("Ce dégât n’est pas sur ce véhicule.", "not_this_vehicle")
    if vehicle is not None:
        vehicle = lock(vehicle)
    job = save(
        RepairJob(
            platform=platform,
            vehicle=vehicle,
            own_vehicle=own_vehicle.strip(),
            participant=participant if vehicle is None else None,
            title=title.strip(),
            description=description.strip(),
            sort=sort,
            work=work,
            vehicle_rolls=vehicle_rolls,
            needs_vehicle=needs_vehicle and vehicle is not None,
            needed_by=needed_by,
            reported_by=by,
        )
    )
    job.damages.set(damages)
    seen = DamagePhoto.objects.filter(damage__in=damages).select_related("file").order_by("pk") if damages else ()
    add_photos(job, [*(one.file for one in seen), *photos], by=by)
    record(by, "job.reported", job, vehicle=vehicle.pk if vehicle else None, work=work, sort=sort)
    if block_now and job.needs_vehicle:
        now = clock.now()
        immobilisation.immobilise(job, from_at=now, until=immobilisation.expected_end(job, now))
    return job


def add_photos(job: RepairJob, photos: Iterable[Any], *, by: User, is_quote: bool = False) -> None:
    files = [
        photo if isinstance(photo, StoredFile) else store_photo(photo, platform_id=job.platform_id, by=by)
        for photo in photos
    ]
    if files:
        rows = [JobFile(platform_id=job.platform_id, job=job, file=file, is_quote=is_quote) for file in files]
        create_all(JobFile, rows)
