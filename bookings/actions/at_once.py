"""The whole walk at the kerb in one call, for programs: the report is written, signed, and the keys change hands."""

import uuid
from collections.abc import Mapping
from typing import Any

from accounts.models import User
from bookings import perms
from bookings.actions import reports
from bookings.actions.kerb import hand_over, take_back
from bookings.actions.loan import lock_vehicles
from bookings.models import Assignment, Booking, ConditionReport
from bookings.reports import reads as report_reads
from core import clock
from core.db import action, lock, refuse, require
from fleet import checklists
from fleet.models import Vehicle

Direction = ConditionReport.Direction
ALL_THERE = "ok"  # instead of a checklist: all that is not said is in order


@action
def with_report(
    booking: Booking,
    *,
    direction: str,
    by: User,
    said: Mapping[str, Any],
    id: uuid.UUID | None = None,
    vehicle: Vehicle | None = None,
    damages: list[dict[str, Any]] | None = None,
    photos: list[dict[str, Any]] | None = None,
) -> Booking:
    """Hands over or takes back with a report that is said at once; refused, nothing of it stays.

    A draft that was begun before (`id`, or the only one there is) is completed. Refuses as the verb itself and as
    `write_report` do, and with `displaced`, `wrong_state` or `not_out` when no vehicle waits for it.
    """
    require(perms.can_change(by, booking))
    lock_vehicles(booking)  # before the report that is written first, as the verb itself does
    lock(booking)
    assignment = vehicle_for(booking, direction, vehicle)
    report = reports.open_report(assignment, direction=direction, by=by, id=id)
    for damage in damages or []:
        reports.add_damage(report, by=by, **damage)
    for photo in photos or []:
        reports.add_photo(report, photo["content"], photo.get("position", ""), by=by)
    report = fill(report, by=by, said={"happened_at": clock.now()} | dict(said))  # not when its draft was begun
    verb = hand_over if direction == Direction.OUT else take_back
    return verb(booking, by=by, report=report)


@action
def fill(report: ConditionReport, *, by: User, said: Mapping[str, Any]) -> ConditionReport:
    """Writes what is said; « ok » as checklist or equipment means that all that is not noted yet is in order."""
    fields = dict(said)
    vehicle = report.assignment.vehicle
    if fields.get("checklist") == ALL_THERE:
        items = checklists.items_of(vehicle.kind, vehicle.energy)
        fields["checklist"] = {item.code: "ok" for item in items if item.code not in report.checklist}
    if fields.get("equipment") == ALL_THERE:
        things = report_reads.equipment_of(vehicle)
        fields["equipment"] = {str(thing.pk): True for thing in things if str(thing.pk) not in report.equipment}
    return reports.write_report(report, by=by, **fields)


def vehicle_for(booking: Booking, direction: str, vehicle: Vehicle | None) -> Assignment:
    """Which of the loan's vehicles leaves or comes back: the one that is named, or the last one."""
    found = (
        report_reads.waiting_for_keys(booking) if direction == Direction.OUT else report_reads.to_bring_back(booking)
    )
    if vehicle is not None:
        found = found.filter(vehicle=vehicle)
    if (assignment := found.last()) is not None:
        return assignment
    if direction == Direction.IN:
        raise refuse("Aucun véhicule de ce prêt n’est sorti.", "not_out")
    if booking.assignments.displaced().exists():
        raise refuse("Le véhicule promis n’est plus disponible : choisissez-en un autre.", "displaced")
    raise refuse("Aucun véhicule de ce prêt n’attend d’être remis.", "wrong_state")
