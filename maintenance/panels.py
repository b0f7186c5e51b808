"""What this room shows on the pages of a vehicle and of a garage."""

from typing import Any

from django.http import HttpRequest

from core.panels import panel
from fleet.models import Vehicle
from garages.models import Garage
from maintenance import perms
from maintenance.models import RepairJob

SHOWN = 8


@panel("fleet.vehicle", template="maintenance/panels/vehicle.html", order=40)
def repairs_of_vehicle(request: HttpRequest, vehicle: Vehicle) -> dict[str, Any]:
    jobs = RepairJob.objects.visible_to(request.user).filter(vehicle=vehicle)
    return {
        "jobs": list(jobs.select_related("garage").with_costs()[:SHOWN]),
        "can_report": perms.can_report(request.user, vehicle.platform_id),
    }


@panel("garages.garage", template="maintenance/panels/garage.html", order=40)
def jobs_of_garage(request: HttpRequest, garage: Garage) -> dict[str, Any]:
    jobs = RepairJob.objects.visible_to(request.user).filter(garage=garage)
    return {"jobs": list(jobs.select_related("vehicle").with_costs()[:SHOWN])}
