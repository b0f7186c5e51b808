"""Keys are given, keys come back. What is written on the condition report becomes fact here."""

import datetime as dt

from accounts.models import User
from bookings import messages, perms
from bookings.actions.drivers import freeze_driver
from bookings.actions.loan import lock_vehicles
from bookings.actions.passes import rule_broken
from bookings.actions.reports import freeze
from bookings.changes.settle import settle_return
from bookings.charges import charge_rent
from bookings.models import Assignment, Booking, ConditionReport
from bookings.papers import contracts
from bookings.requests import promises
from bookings.rules import reads as rule_reads
from bookings.rules.house import Rule
from core.db import action, become, lock, refuse, require, save
from core.journal import record
from fleet import holds, readiness
from fleet.models import NO_TIME, Hold
from maintenance import immobilisation

UNCLEAN = dt.timedelta(minutes=30)  # for a vehicle that came back dirty, where no turnaround is planned


@action
def hand_over(booking: Booking, *, by: User, report: ConditionReport) -> Booking:
    """Gives the keys of the vehicle that the departure report describes; the report is frozen.

    With the loan's first vehicle the loan becomes active and its rent is charged, due at its end; with a
    replacement it goes on. An early hand-over moves the hold. Refuses with `displaced`, `not_entitled`,
    `inspection_overdue`, `not_insured`, `unsafe` (the law), `rule_broken` (papers, aptitude test), `already_out`,
    `wrong_state`, `overlap`, `frozen`, `incomplete`, `wrong_report`, `wrong_vehicle`.
    """
    lock_vehicles(booking)
    booking = lock(booking)
    require(perms.can_change(by, booking))
    at = report.happened_at
    assignment, hold = promised_assignment(booking, report)
    refuse_unlawful(booking, assignment, at)
    if booking.is_provisional:
        promises.make_firm(booking)  # who has come for the keys has confirmed it
    if booking.state != Booking.State.ACTIVE:  # else a replacement joins a loan that goes on
        become(booking, Booking.State.ACTIVE)
        save(booking, "state")
        charge_rent(booking, by)
    if at < hold.plan_starts_at:
        readiness.mark_ready(assignment.vehicle, at)  # whoever gives the keys has seen it
        holds.change(hold, starts_at=at, before=NO_TIME)
        assignment.starts_at = at
        save(assignment, "starts_at")
    holds.mark_out(hold, at)
    freeze_driver(assignment)
    freeze(report, by=by)
    contracts.issue(booking, by=by)
    record(by, "booking.handed_over", booking, vehicle=assignment.vehicle_id, at=at.isoformat())
    messages.handed_over(booking)
    return booking


@action
def take_back(booking: Booking, *, by: User, report: ConditionReport) -> Booking:
    """Takes back the vehicle that the return report describes; the report is frozen.

    When nothing of the loan is out or promised any more the loan is over: started late days and excess
    kilometres are charged. A first vehicle recovered after its replacement ends only its own assignment.
    A repair that waits for the vehicle takes it at once; else it is kept until somebody says that it is ready.
    Refuses with `not_out`, `already_back`, `back_before_out`, `frozen`, `incomplete`, `wrong_report`.
    """
    lock_vehicles(booking)
    booking = lock(booking)
    require(perms.can_change(by, booking))
    at = report.happened_at
    assignment, hold = out_assignment(booking, report)
    holds.mark_back(hold, at, site=report.site)
    freeze(report, by=by)
    last = not booking.assignments.current().exclude(pk=assignment.pk).exists()
    assignment.ended_at = at
    assignment.end_reason = Assignment.EndReason.RETURNED if last else Assignment.EndReason.REPLACED
    save(assignment, "ended_at", "end_reason")
    if last:
        become(booking, Booking.State.RETURNED)
        save(booking, "state")
        settle_return(booking, by)
        messages.returned(booking)
    immobilisation.vehicle_recovered(assignment.vehicle, at, by=by)
    readiness.await_ready(hold, hold.after or (UNCLEAN if report.is_clean is False else NO_TIME))
    record(by, "booking.taken_back", booking, vehicle=assignment.vehicle_id, at=at.isoformat(), last=last)
    return booking


# --- steps ------------------------------------------------------------------------------------


def promised_assignment(booking: Booking, report: ConditionReport) -> tuple[Assignment, Hold]:
    assignment = booking.assignments.select_related("hold", "vehicle").filter(pk=report.assignment_id).first()
    if assignment is None or report.direction != ConditionReport.Direction.OUT:
        raise refuse("Cet état des lieux n’est pas celui de ce départ.", "wrong_report")
    if assignment.ended_at is not None:
        raise refuse("Ce véhicule n’est plus celui de ce prêt.", "wrong_vehicle")
    if assignment.hold is None:
        raise refuse(
            "Ce véhicule n’est plus disponible pour ce prêt. Choisissez-en un autre avant la remise des clés.",
            "displaced",
        )
    return assignment, assignment.hold


def out_assignment(booking: Booking, report: ConditionReport) -> tuple[Assignment, Hold]:
    assignment = booking.assignments.select_related("hold", "vehicle").filter(pk=report.assignment_id).first()
    if assignment is None or report.direction != ConditionReport.Direction.IN:
        raise refuse("Cet état des lieux n’est pas celui de ce retour.", "wrong_report")
    if assignment.hold is None or assignment.hold.out_at is None:
        raise refuse("Ce véhicule n’est pas parti : il ne peut pas être rendu.", "not_out")
    if report.happened_at < assignment.hold.out_at:
        raise refuse("Le retour ne peut pas être avant le départ.", "back_before_out")
    return assignment, assignment.hold


LAW_CODES = {
    Rule.UNSAFE: "unsafe",
    Rule.LICENCE: "not_entitled",
    Rule.INSPECTION: "inspection_overdue",
    Rule.INSURANCE: "not_insured",
}


def refuse_unlawful(booking: Booking, assignment: Assignment, at: dt.datetime) -> None:
    """The law is passed by nobody; papers and aptitude test were seen, promised for a later day, or passed."""
    found = rule_reads.before_keys(booking, assignment.vehicle, at)
    forbidden = [breach for breach in found if breach.binds and not breach.can_be_passed]
    if forbidden:
        refusal = rule_broken(forbidden)
        refusal.code = LAW_CODES[Rule(forbidden[0].rule)]
        raise refusal
    if left := [breach for breach in found if breach.binds]:
        raise rule_broken(left)
