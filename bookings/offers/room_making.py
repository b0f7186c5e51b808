"""When no single vehicle is free for a whole wish: which promised loans could move so that one is. Reads only.

What may move: a loan that is promised and whose keys leave in more than a day, that nobody has pinned to its vehicle,
and whose participant was not told a plate. Where to: an equal vehicle, of the same kind at the same site, that meets
what was asked for. The search itself is in `bookings/offers/fit/`. Three queries.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Platform
from bookings.models import Assignment, Booking
from bookings.offers.choices import Needs
from bookings.offers.fit import Plan, Room, find_room
from core import clock
from core.db import refuse
from fleet.availability import late
from fleet.models import Hold, Vehicle
from participants.entitlements import Driver, ToDrive, can_drive
from participants.models import Participant

SETTLED = dt.timedelta(days=1)  # who comes that soon has a vehicle that is being made ready
AROUND = dt.timedelta(days=120)  # how far before and after the wish a loan may stand that moves for it
THE_NEW_ONE = 0


@dataclass(frozen=True)
class Shift:
    """One promised loan that changes vehicle."""

    assignment: Assignment
    was: Vehicle
    becomes: Vehicle


@dataclass(frozen=True)
class MadeRoom:
    """What was found: which vehicle the new loan gets, and who moves for it. `vehicle` None: there is no room."""

    vehicle: Vehicle | None
    shifts: list[Shift] = field(default_factory=list)
    at_least: int = 0
    is_exact: bool = True


def room_for(
    platform: Platform, needs: Needs, start: dt.datetime, end: dt.datetime, participant: Participant
) -> MadeRoom:
    """The smallest set of moves that frees a vehicle which meets the needs and which the participant may drive.

    Loans change vehicle at their own site: where one site is wished for, no other is looked at.
    """
    pool = Vehicle.objects.filter(platform=platform, kind=needs.kind).in_service().exclude(late(clock.now()))
    if needs.site:
        pool = pool.filter(site=needs.site)
    vehicles = {vehicle.pk: vehicle for vehicle in pool.select_related("site").order_by("pk")}
    day = clock.local_date(start, platform.time_zone)
    driver = Driver.of(participant)
    fitting = frozenset(
        vehicle.pk
        for vehicle in vehicles.values()
        if needs.are_met_by(vehicle) and can_drive(driver, ToDrive.of(vehicle), day).allowed
    )
    new = Plan(THE_NEW_ONE, start, end, None, fitting, needs.before, needs.after)
    window = (start - AROUND, end + AROUND)
    holds = list(
        Hold.objects.filter(vehicle__in=vehicles)
        .overlapping(*window)
        .select_related("assignment__booking__participant")
        .order_by("starts_at", "pk")
    )
    equals = Equals(vehicles)
    plans = [plan_of(hold, window, equals) for hold in holds]
    return told(find_room(new, plans), vehicles, holds)


class Equals:
    """Which vehicles are as good as another for a loan; asked once for each sort of loan."""

    def __init__(self, vehicles: dict[int, Vehicle]) -> None:
        self.vehicles = vehicles
        self.known: dict[Any, frozenset[int]] = {}

    def of(self, vehicle_id: int, booking: Booking) -> frozenset[int]:
        here = self.vehicles[vehicle_id]
        sort = (here.site_id, here.gearbox, booking.needs_automatic, booking.needs_seats)
        if sort not in self.known:
            needs = Needs(here.kind, booking.needs_automatic, booking.needs_seats, here.site_id)
            self.known[sort] = frozenset(
                there.pk
                for there in self.vehicles.values()
                if there.gearbox in {here.gearbox, Vehicle.Gearbox.AUTOMATIC} and needs.are_met_by(there)
            )
        return self.known[sort]


def plan_of(hold: Hold, window: tuple[dt.datetime, dt.datetime], equals: Equals) -> Plan:
    start, end = hold.plan_starts_at, hold.plan_ends_at
    assignment = getattr(hold, "assignment", None)
    inside = window[0] <= hold.starts_at and hold.ends_at <= window[1]
    fits = frozenset[int]()
    if assignment is not None and inside and may_move(assignment, hold):
        fits = equals.of(hold.vehicle_id, assignment.booking)
    return Plan(hold.pk, start, end, hold.vehicle_id, fits, hold.before, hold.after)


def may_move(assignment: Assignment, hold: Hold | None) -> bool:
    """Promised, not out, not about to leave, not pinned, and no plate was told."""
    return (
        hold is not None
        and hold.out_at is None
        and assignment.ended_at is None
        and assignment.pinned_at is None
        and assignment.plate_told_at is None
        and assignment.booking.state == Booking.State.RESERVED
        and assignment.starts_at > clock.now() + SETTLED
    )


def told(room: Room, vehicles: dict[int, Vehicle], holds: list[Hold]) -> MadeRoom:
    by_id = {hold.pk: hold for hold in holds}
    shifts = [
        Shift(by_id[pk].assignment, vehicles[by_id[pk].vehicle_id], vehicles[where])  # type: ignore[attr-defined]
        for pk, where in room.moves.items()
    ]
    shifts.sort(key=lambda shift: (shift.assignment.starts_at, shift.assignment.pk))
    vehicle = vehicles[room.vehicle] if room.vehicle is not None else None
    return MadeRoom(vehicle, shifts, room.at_least, room.is_exact)


def refuse_settled(assignment: Assignment, was: int) -> None:
    """What was shown still holds: refuses with `room_changed` a loan that may not move now."""
    if assignment.vehicle_id != was or not may_move(assignment, assignment.hold):
        raise refuse(
            "Un de ces prêts a changé depuis : il ne peut plus être déplacé. Cherchez à nouveau de la place.",
            "room_changed",
        )
