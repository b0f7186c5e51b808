"""What this room shows on the pages of a vehicle, a participant and a garage."""

from typing import Any

from django.http import HttpRequest

from core.panels import panel
from fleet.models import Vehicle
from garages.models import Garage
from maintenance import perms
from maintenance.models import RepairJob
from participants.models import Participant

SHOWN = 8


@panel("fleet.vehicle", template="maintenance/panels/vehicle.html", order=40)
def repairs_of_vehicle(request: HttpRequest, vehicle: Vehicle) -> dict[str, Any]:
    jobs = RepairJob.objects.visible_to(request.user).filter(vehicle=vehicle)
    return {
        "jobs": list(jobs.select_related("garage").with_costs()[:SHOWN]),
        "can_report": perms.can_report(request.user, vehicle.platform_id),
    }


@panel("participants.participant", template="maintenance/panels/participant.html", order=45)
def own_vehicle_of_participant(request: HttpRequest, participant: Participant) -> dict[str, Any]:
    jobs = RepairJob.objects.visible_to(request.user).filter(participant=participant)
    return {
        "jobs": list(jobs.select_related("garage").with_costs()[:SHOWN]),
        "can_report": perms.can_report(request.user, participant.platform_id),
    }


@panel("garages.garage", template="maintenance/panels/garage.html", order=40)
def jobs_of_garage(request: HttpRequest, garage: Garage) -> dict[str, Any]:
    jobs = RepairJob.objects.visible_to(request.user).filter(garage=garage)
    return {"jobs": list(jobs.select_related("vehicle").with_costs()[:SHOWN])}
