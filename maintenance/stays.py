"""When a vehicle was at a garage: facts, with a hold of ours or during a loan. Steps: their caller has checked who may,
and holds the locks of the vehicle and of the job."""

import datetime as dt

from django.db import models

from core.db import save
from fleet.models import Vehicle
from maintenance.models import GarageStay, RepairJob


def arrived(job: RepairJob, at: dt.datetime) -> None:
    """The garage has the keys from now on; it has them already when a new quote stopped its work."""
    if job.vehicle_id is None or job.garage_id is None:
        return
    if job.stays.filter(garage=job.garage_id, left_at__isnull=True).exists():
        return
    left(GarageStay.objects.filter(vehicle=job.vehicle_id), at)  # from there it was brought here
    save(
        GarageStay(
            platform_id=job.platform_id, vehicle_id=job.vehicle_id, job=job, garage_id=job.garage_id, arrived_at=at
        )
    )


def left(stays: models.QuerySet[GarageStay], at: dt.datetime) -> None:
    """Those that lasted are over; one that began later than that had not begun."""
    for stay in stays.filter(left_at__isnull=True):
        stay.left_at = max(at, stay.arrived_at)
        save(stay, "left_at")


def keys_came_back(vehicle: Vehicle, at: dt.datetime) -> None:
    """A participant brought the vehicle back: they had fetched it themselves from the garage that had done its work."""
    left(GarageStay.objects.filter(vehicle=vehicle, job__state=RepairJob.State.DONE), at)
