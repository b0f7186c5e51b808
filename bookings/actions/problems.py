"""Something is wrong with the vehicle of a loan: it becomes a defect, and the defect a repair job."""

from collections.abc import Sequence
from typing import Any

from django.db import models

from accounts.models import User
from bookings import perms
from bookings.actions.incidents import reported
from bookings.actions.loan import lock_vehicles
from bookings.models import Booking, Incident
from core import clock
from core.db import action, lock, refuse, require
from core.journal import record
from fleet import damages
from fleet.models import Damage
from garages.models import Work
from maintenance.defects import defect_found
from maintenance.models import RepairJob


class Problem(models.TextChoices):
    """What a participant says first; each opens its own few questions."""

    BREAKDOWN = "breakdown", "En panne"
    ACCIDENT = "accident", "Accident"
    DEFECT = "defect", "Un problème sur le véhicule"


INCIDENTS = {Problem.BREAKDOWN: Incident.Sort.BREAKDOWN, Problem.ACCIDENT: Incident.Sort.ACCIDENT}


@action
def report_problem(
    booking: Booking,
    *,
    by: User,
    problem: str,
    description: str,
    vehicle_rolls: bool = True,
    photos: Sequence[Any] = (),
) -> RepairJob:
    """Notes the defect on the vehicle that is out and opens a repair job, to be decided by the staff; a breakdown or an
    accident opens its incident by itself, which the staff completes.

    Refuses with `not_out` when no vehicle of the loan is out, and photos as `core.files` does.
    """
    lock_vehicles(booking)
    booking = lock(booking)
    require(perms.can_report_problem(by, booking))
    out = booking.assignments.out().select_related("vehicle").order_by("-pk").first()
    if out is None:
        raise refuse("Aucun véhicule de ce prêt n’est sorti en ce moment.", "not_out")
    damage = damages.found(
        out.vehicle,
        sort=Damage.Sort.FAULT if problem != Problem.ACCIDENT else Damage.Sort.DENT,
        severity=Damage.Severity.MODERATE if vehicle_rolls else Damage.Severity.UNSAFE,
        note=description[:300],
        photos=photos,
        by=by,
        at=clock.now(),
    )
    job = defect_found(
        booking.platform,
        vehicle=out.vehicle,
        title=f"{Problem(problem).label}\N{NO-BREAK SPACE}: {description}"[:120],
        description=description,
        sort=RepairJob.Sort.ACCIDENT if problem == Problem.ACCIDENT else RepairJob.Sort.REPAIR,
        work=Work.BODYWORK if problem == Problem.ACCIDENT else Work.MECHANICS,
        damages=[damage],
        vehicle_rolls=vehicle_rolls,
        by=by,
    )
    if problem in INCIDENTS:
        reported(booking, out.vehicle, sort=INCIDENTS[Problem(problem)], job=job, description=description, by=by)
    record(by, "booking.problem_reported", booking, job=job.pk, problem=problem, rolls=vehicle_rolls)
    return job
