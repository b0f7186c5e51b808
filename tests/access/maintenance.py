from typing import Any

from core.files import store
from maintenance.garage_verbs import VERBS
from maintenance.models import JobFile, RepairJob
from tests.access import FORBIDDEN, OK, ROLES, row
from tests.access.world import World, garage, vehicle
from tests.maintenance.factories import job_in

State = RepairJob.State


def offered(world: World) -> RepairJob:
    """Chloé's garage is asked."""
    return job_in(State.OFFERED, world.get(garage), vehicle=world.get(vehicle))


def accepted(world: World) -> RepairJob:
    """Chloé's garage has it."""
    return job_in(State.ACCEPTED, world.get(garage), vehicle=world.get(vehicle))


def photo(world: World) -> Any:
    """Of the accepted job's defect."""
    job = world.get(accepted)
    file = store(b"...", kind="photo", name="photo.jpg", media_type="image/jpeg", platform_id=job.platform_id)
    JobFile.objects.create(platform_id=job.platform_id, job=job, file=file)
    return file


OF_GARAGES = dict.fromkeys((*ROLES, "stranger"), FORBIDDEN) | {"garage": OK}

ROWS = [
    row("GET", "maintenance:garage", **OF_GARAGES),
    row("GET", "maintenance:garage_job", {"pk": offered}, **OF_GARAGES),
    row("GET", "maintenance:garage_photo", {"pk": accepted, "file": photo}, **OF_GARAGES),
    *(
        row(
            method,
            f"maintenance:garage_{name}",
            {"pk": offered if name in ("accept", "decline") else accepted},
            **OF_GARAGES,
        )
        for name in VERBS
        for method in ("GET", "POST")
    ),
]
