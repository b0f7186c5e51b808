"""A loan gets another vehicle: exchanged before the keys, replaced on the way, corrected afterwards, re-housed."""

import datetime as dt
from collections.abc import Sequence
from functools import partial

from accounts.models import User
from bookings import messages, perms
from bookings.actions.drivers import freeze_driver
from bookings.actions.loan import (
    assign,
    refuse_strangers,
    refuse_unfit,
    take_first_free,
    take_or_name_others,
)
from bookings.actions.notices import look_again
from bookings.actions.passes import keep_passes, take_by_the_rules
from bookings.actions.reports import drop_drafts
from bookings.models import Assignment, Booking
from bookings.offers.choices import Needs, choices
from bookings.rules import approvals
from bookings.rules.house import Pass, Terms
from core import clock
from core.db import action, lock, lock_all, refuse, require, save
from core.journal import note, record
from fleet import holds, odometer
from fleet.models import Hold, OdometerReading, Vehicle

REPLACED, CORRECTED = "Véhicule remplacé :", "Véhicule corrigé :"  # how the notes begin that say why


def needs_of(booking: Booking, rules: Terms | None = None) -> Needs:
    """Whichever vehicle serves it, with the turnaround that the rules of its first day ask for. One query, or none."""
    margins = (rules or approvals.terms_of(booking)).margins
    return Needs(booking.kind, booking.needs_automatic, booking.needs_seats).around(margins)


@action
def replace_vehicle(
    booking: Booking, *, vehicle: Vehicle, by: User, reason: str, passes: Sequence[Pass] = ()
) -> Assignment:
    """Gives the rest of the loan another vehicle.

    Before the keys the promised one is exchanged and free again. On the way a second assignment begins now;
    the first one's vehicle stays out until it is recovered, and the two may overlap until then. Its keys
    are given with a departure report of its own, and turnaround refuses nobody who stands at the roadside: it gives
    way, and that is noted to be reviewed. Refuses as `book` does, and with `wrong_state`.
    """
    lock_all(Vehicle, [vehicle.pk, *booking.assignments.current().values_list("vehicle_id", flat=True)])
    booking = lock(booking)
    require(perms.can_change(by, booking))
    refuse_strangers(booking.platform, vehicle)
    if booking.state not in Booking.OPEN:
        raise refuse("Ce prêt est terminé : il n’a plus besoin d’un véhicule.", "wrong_state")
    now = clock.now()
    start, end = rest_of(booking, now)
    refuse_unfit(vehicle, Needs(vehicle.kind))
    drop_promised(booking, now)
    platform, rules = booking.platform, approvals.terms_of(booking)
    taking = partial(take_or_name_others, platform, vehicle, start, end)
    on_the_way = booking.state == Booking.State.ACTIVE
    needs = needs_of(booking, rules)
    hold, used = take_by_the_rules(taking, needs, rules, passes, by, platform, on_the_way=on_the_way)
    keep_passes(booking, used, by)
    assignment = assign(booking, hold)
    assignment.plate_told_at = now
    save(assignment, "plate_told_at")
    record(by, "booking.vehicle_replaced", booking, vehicle=vehicle.pk)
    note(by, booking, f"{REPLACED} {reason}")
    messages.vehicle_changed(booking, vehicle, now)
    return assignment


@action
def correct_vehicle(booking: Booking, *, vehicle: Vehicle, by: User, reason: str) -> Assignment:
    """The screen says S12, the keys that left were S21: puts the facts on the vehicle that really left.

    Promised loans of that vehicle are displaced; when it is noted as out on another loan, the two loans
    exchange vehicles. The kilometres read at departure move with it, and notices that wait name whoever really had
    each of them. Refuses with `not_out`, `same_vehicle`.
    """
    wrong = out_now(booking)
    lock_all(Vehicle, [vehicle.pk, wrong.vehicle_id])
    booking = lock(booking)
    require(perms.can_change(by, booking))
    refuse_strangers(booking.platform, vehicle)
    wrong = out_now(booking)
    if wrong.vehicle_id == vehicle.pk:
        raise refuse("C’est déjà ce véhicule qui est noté.", "same_vehicle")
    other = Assignment.objects.out().filter(vehicle=vehicle).select_related("hold", "vehicle", "booking").first()
    moved = exchange(wrong, other) if other is not None else [(wrong, end_and_note(wrong, vehicle))]
    record(by, "booking.vehicle_corrected", booking, was=wrong.vehicle_id, vehicle=vehicle.pk)
    note(by, booking, f"{CORRECTED} {reason}")
    move_departure_kilometres(moved, by=by, reason=reason)
    for one in {wrong.vehicle, vehicle}:
        look_again(one, by)
    return moved[0][1]


@action
def rehouse(
    assignment: Assignment, *, by: User, vehicle: Vehicle | None = None, passes: Sequence[Pass] = ()
) -> Assignment:
    """Gives a displaced assignment an equal vehicle (the kind, the needs, drivable), or the one that is named.

    Turnaround binds as in `book`, so that what does it by itself shortens none. Refuses with `not_displaced`,
    `none_free`, and as `book` does.
    """
    booking = assignment.booking
    require(perms.can_change(by, booking))
    refuse_housed(assignment)
    platform, rules = booking.platform, approvals.terms_of(booking)
    needs = needs_of(booking, rules)
    wished = (assignment.starts_at, assignment.ends_at)
    start, end = max(assignment.starts_at, clock.now()), assignment.ends_at
    if vehicle is not None:
        refuse_strangers(platform, vehicle)
        refuse_unfit(vehicle, needs)
        taking = partial(take_or_name_others, platform, vehicle, start, end)
    else:
        taking = partial(take_first_drivable, booking, start, end)
    hold, used = take_by_the_rules(taking, needs, rules, passes, by, platform)
    booking = lock(booking)  # after the vehicle, as everywhere; somebody may have been quicker
    assignment = lock(assignment)
    refuse_housed(assignment)
    if (assignment.starts_at, assignment.ends_at) != wished:
        raise refuse("Les dates de ce prêt viennent de changer. Rechargez la page.", "busy")
    drop_drafts(assignment)
    keep_passes(booking, used, by)
    was = assignment.vehicle_id
    assignment.vehicle, assignment.hold, assignment.site_id = hold.vehicle, hold, hold.vehicle.site_id
    assignment.plate_told_at = clock.now()
    save(assignment, "vehicle", "hold", "site", "plate_told_at")
    record(by, "booking.rehoused", booking, was=was, vehicle=hold.vehicle_id)
    messages.vehicle_changed(booking, hold.vehicle, clock.now())
    return assignment


# --- steps ------------------------------------------------------------------------------------


def refuse_housed(assignment: Assignment) -> None:
    if assignment.hold_id is not None or assignment.ended_at is not None:
        raise refuse("Ce prêt a déjà un véhicule.", "not_displaced")


def take_first_drivable(booking: Booking, start: dt.datetime, end: dt.datetime, needs: Needs) -> Hold:
    offered = partial(choices, booking.platform, needs, start, end, booking.participant)
    return take_first_free(offered, needs, start, end)


def rest_of(booking: Booking, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """For when another vehicle is wanted. A late loan gets one for a day, and stays late all the same."""
    end = booking.ends_at if booking.ends_at > now else now + dt.timedelta(days=1)
    return max(now, booking.starts_at), end


def drop_promised(booking: Booking, now: dt.datetime) -> None:
    """Ends the assignments whose keys were not given, and frees their vehicles."""
    for assignment in booking.assignments.current().select_related("hold__vehicle"):
        hold = assignment.hold
        if hold is not None and hold.out_at is not None:
            continue
        assignment.hold, assignment.ended_at = None, now
        assignment.end_reason = Assignment.EndReason.REHOUSED
        save(assignment)
        if hold is not None:
            holds.release(hold)


def out_now(booking: Booking) -> Assignment:
    """The loan's vehicle that is out; the latest when a first one was not recovered yet. Refuses `not_out`."""
    out = booking.assignments.out().select_related("hold", "vehicle", "booking").order_by("-pk").first()
    if out is None:
        raise refuse("Aucune clé de ce prêt n’est sortie : changez plutôt de véhicule.", "not_out")
    return out


def end_and_note(wrong: Assignment, vehicle: Vehicle) -> Assignment:
    """Ends the assignment that was noted by mistake and notes the vehicle that really left, since then."""
    mistaken = wrong.hold
    assert mistaken is not None
    assert mistaken.out_at is not None
    wrong.hold, wrong.ended_at, wrong.end_reason = None, clock.now(), Assignment.EndReason.CORRECTED
    save(wrong)
    holds.was_never_out(mistaken)
    plan = (mistaken.plan_starts_at, mistaken.plan_ends_at)
    hold = holds.took(vehicle, *plan, out_at=mistaken.out_at, after=mistaken.after)
    return freeze_driver(assign(wrong.booking, hold), as_on=wrong)


def exchange(one: Assignment, other: Assignment) -> list[tuple[Assignment, Assignment]]:
    """Two loans whose keys were crossed: each gets the vehicle that it really has. Pairs of wrong and right."""
    lock_all(Booking, [one.booking_id, other.booking_id])
    facts = [(a.booking, a.hold, a.vehicle) for a in (one, other)]
    for assignment in (one, other):
        assignment.hold, assignment.ended_at = None, clock.now()
        assignment.end_reason = Assignment.EndReason.CORRECTED
        save(assignment)
    for _, hold, _ in facts:
        assert hold is not None
        holds.was_never_out(hold)
    crossed = []
    for (booking, hold, _), (_, _, vehicle) in zip(facts, reversed(facts), strict=True):
        assert hold is not None
        assert hold.out_at is not None
        plan = (hold.plan_starts_at, hold.plan_ends_at)
        crossed.append(assign(booking, holds.took(vehicle, *plan, out_at=hold.out_at, after=hold.after)))
    for was, right in zip((one, other), crossed, strict=True):
        freeze_driver(right, as_on=was)
    return [(one, crossed[0]), (other, crossed[1])]


def move_departure_kilometres(moved: list[tuple[Assignment, Assignment]], *, by: User, reason: str) -> None:
    """The kilometres read at departure follow the keys; a vehicle that did not leave goes back to those of before."""
    read = [(right.vehicle, departure_reading(wrong)) for wrong, right in moved]
    mistaken = {wrong.vehicle_id: departure_reading(wrong) for wrong, _ in moved}

    def correct(wrong: OdometerReading, km: int | None, at: dt.datetime) -> None:
        source, why = OdometerReading.Source.CORRECTION, f"Clés d’un autre véhicule : {reason}"[:200]
        odometer.record_reading(wrong.vehicle, km, source=source, read_at=at, by=by, reason=why, settles=wrong)

    for vehicle, reading in read:
        if reading is None:
            continue
        if instead := mistaken.pop(vehicle.pk, None):
            correct(instead, reading.km, max(reading.read_at, instead.read_at))
        else:
            source = OdometerReading.Source.LOAN_OUT
            odometer.record_reading(vehicle, reading.km, source=source, read_at=reading.read_at, by=by)
    for reading in filter(None, mistaken.values()):
        before = accepted_before(reading)
        if before is not None and reading.state == OdometerReading.State.ACCEPTED:
            correct(reading, before.km, reading.read_at)


def departure_reading(assignment: Assignment) -> OdometerReading | None:
    """What the signed departure report read on the counter, if it could be read."""
    signed = assignment.reports.filter(direction="out", reading__km__isnull=False)
    report = signed.select_related("reading__vehicle").first()
    return report.reading if report else None


def accepted_before(reading: OdometerReading) -> OdometerReading | None:
    """The kilometres that the vehicle had, as far as one knew."""
    ledger = reading.vehicle.odometer_readings.filter(state=OdometerReading.State.ACCEPTED, pk__lt=reading.pk)
    return ledger.filter(read_at__lte=reading.read_at).order_by("-read_at", "-pk").first()
