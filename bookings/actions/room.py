"""One more loan fits when others move among equal vehicles; a loan that must keep its vehicle is pinned to it."""

from collections.abc import Sequence
from typing import Any

from accounts.models import Platform, User
from bookings import perms
from bookings.actions.loan import book, refuse_strangers
from bookings.actions.passes import lock_person
from bookings.actions.reports import drop_drafts
from bookings.models import Assignment, Booking
from bookings.offers.room_making import refuse_settled
from bookings.rules.reads import terms_for
from core import clock
from core.db import action, lock, lock_all, refuse, require, save
from core.journal import record
from fleet import holds
from fleet.models import Hold, Vehicle

Shown = tuple[Assignment, int, Vehicle]  # the loan's part, the vehicle that it had when this was shown, its new one


@action
def make_room(platform: Platform, *, moves: Sequence[Shown], vehicle: Vehicle, by: User, **wish: Any) -> Booking:
    """Moves these promised loans to equal vehicles and books the vehicle that is free then: all of it, or nothing.

    `wish` is what `book` takes. Nobody is told of a move, for nobody was told a plate. Refuses as `book` does, and with
    `room_changed` when a loan has moved, left, or been pinned since, `overlap` when somebody was quicker.
    """
    require(perms.can_book(by, platform))
    refuse_strangers(platform, vehicle, *(to for _, _, to in moves))
    programme = wish.get("programme") or wish["participant"].programme_id
    lock_person(wish["participant"], terms_for(platform, vehicle.kind, programme, wish["starts_at"]))
    lock_all(Vehicle, [vehicle.pk, *(pk for one, was, to in moves for pk in (one.vehicle_id, was, to.pk))])
    lock_all(Booking, [one.booking_id for one, _, _ in moves])
    moving = [(fresh(platform, one, was), to) for one, was, to in moves]
    freed = [step_aside(one) for one, _ in moving]
    for (one, to), hold in zip(moving, freed, strict=True):
        settle_in(one, to, hold, by)
    return book(platform, vehicle=vehicle, by=by, **wish)


@action
def pin(assignment: Assignment, *, by: User) -> Assignment:
    """This loan keeps this vehicle: no search for room moves it. Refuses with `not_promised`."""
    assignment = lock(assignment)
    require(perms.can_change(by, assignment.booking))
    if assignment.ended_at is not None or assignment.hold is None or assignment.hold.out_at is not None:
        raise refuse("Ce véhicule n’est pas, ou plus, promis à ce prêt.", "not_promised")
    assignment.pinned_at = assignment.pinned_at or clock.now()
    save(assignment, "pinned_at")
    record(by, "booking.pinned", assignment.booking, vehicle=assignment.vehicle_id)
    return assignment


@action
def unpin(assignment: Assignment, *, by: User) -> Assignment:
    """An equal vehicle will do again."""
    assignment = lock(assignment)
    require(perms.can_change(by, assignment.booking))
    assignment.pinned_at = None
    save(assignment, "pinned_at")
    record(by, "booking.unpinned", assignment.booking, vehicle=assignment.vehicle_id)
    return assignment


# --- steps ------------------------------------------------------------------------------------


def fresh(platform: Platform, assignment: Assignment, was: int) -> Assignment:
    """As it stands now, under the lock of its vehicle and its loan; refuses what may not move any more."""
    assignment = lock(assignment)
    if assignment.platform_id != platform.pk:
        raise refuse("Cet élément appartient à une autre plateforme.", "other_platform")
    refuse_settled(assignment, was)
    return assignment


def step_aside(assignment: Assignment) -> Hold:
    """Frees the vehicle that was promised; what the hold was is needed again for the next one."""
    hold = assignment.hold
    assert hold is not None
    drop_drafts(assignment)
    assignment.hold = None
    save(assignment, "hold")
    was = Hold(
        purpose=hold.purpose, starts_at=hold.starts_at, ends_at=hold.ends_at, before=hold.before, after=hold.after
    )
    holds.release(hold)
    return was


def settle_in(assignment: Assignment, vehicle: Vehicle, was: Hold, by: User) -> None:
    """The same plan, with the same turnaround, on another vehicle. Refuses with `overlap`, `late`, `withdrawn`."""
    former = assignment.vehicle_id
    assignment.hold = holds.take(
        vehicle, was.plan_starts_at, was.plan_ends_at, purpose=was.purpose, before=was.before, after=was.after
    )
    assignment.vehicle = vehicle
    save(assignment, "vehicle", "hold")
    record(by, "booking.made_room", assignment.booking, was=former, vehicle=vehicle.pk)
