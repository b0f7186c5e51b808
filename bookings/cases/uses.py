"""Who drove a vehicle at a given minute: facts, never plans.

Whoever of the team noted a trip drove; else the garage that worked on the vehicle, also when a participant had brought
it there during a loan; else whoever had the keys of a loan; else the garage from which nobody had fetched it yet. When
nothing is known, that is said.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Subquery

from bookings.identity import Identity, identity_of
from bookings.models import Assignment, Fine, Trip, UnreturnedLoan
from fleet.models import Hold, Vehicle
from maintenance.models import GarageStay, RepairJob

Kind = Fine.Use


@dataclass(frozen=True)
class Use:
    """One use of a vehicle, and its driver as far as one is named."""

    kind: str
    name: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None  # None: still so
    assignment: Assignment | None = None
    trip: Trip | None = None
    transfer: Hold | None = None
    job: RepairJob | None = None

    @property
    def key(self) -> str:
        """« assignment-12 »: how a form names this use."""
        row = self.assignment or self.trip or self.transfer or self.job
        return f"{row._meta.model_name}-{row.pk}" if row else ""

    @property
    def label(self) -> str:
        return Kind(self.kind).label

    def identity(self) -> Identity:
        """The driver as the designation wants them: for a loan, as they were frozen when the keys left."""
        if self.assignment is not None:
            frozen = self.assignment.driver_identity
            if frozen:
                return Identity.from_json(frozen)
            return identity_of(self.assignment.booking.participant, self.assignment.vehicle.kind)
        if self.trip is not None or self.transfer is not None:
            first, _, last = self.name.partition(" ")
            return Identity(first_name=first if last else "", last_name=last or first)
        return Identity()


UNKNOWN = Use(Kind.UNKNOWN)


def who_drove(vehicle: Vehicle, at: dt.datetime) -> Use:
    """The use of that minute; `UNKNOWN` when nothing says. Three queries."""
    return next(iter(uses_at(vehicle, at)), UNKNOWN)


def uses_at(vehicle: Vehicle, at: dt.datetime) -> list[Use]:
    """Every use that covers that minute, the most precise first; two of them contradict each other, and are shown."""
    trips, stays = trips_at(vehicle, at), stays_at(vehicle, at)
    held = holds_at(vehicle, at)
    loans = [use for use in held if use.assignment is not None]
    transfers = [use for use in held if use.transfer is not None and not trips]  # a transfer that is done is a trip
    working = [use_of_stay(one) for one in stays if is_at_work(one, at)]
    waiting = [use_of_stay(one) for one in stays if not is_at_work(one, at)]
    return [*trips, *transfers, *working, *loans, *waiting]


def covering(at: dt.datetime) -> Q:
    """Out at that minute: from the moment of leaving, until that of coming back, which is not counted."""
    return Q(out_at__lte=at) & (Q(back_at__isnull=True) | Q(back_at__gt=at))


def trips_at(vehicle: Vehicle, at: dt.datetime) -> list[Use]:
    trips = Trip.objects.filter(vehicle=vehicle, starts_at__lte=at, ends_at__gt=at).select_related("driver")
    return [use_of_trip(trip) for trip in trips]


def holds_at(vehicle: Vehicle, at: dt.datetime) -> list[Use]:
    """A loan, or a transfer that a colleague drove. A vehicle that was stolen, impounded or destroyed is driven by the
    participant of its loan until then, and no longer; one that they kept, until it is found."""
    lost = "assignment__unreturned"
    theirs = Q(**{f"{lost}__isnull": True}) | Q(**{f"{lost}__why": UnreturnedLoan.Why.KEPT})
    theirs |= Q(**{f"{lost}__since__gt": at})
    loan = Q(assignment__vehicle=vehicle) & theirs
    transfer = Q(purpose=Hold.Purpose.TRANSFER, driver__isnull=False)
    booking = "assignment__booking"
    held = Hold.objects.filter(covering(at), loan | transfer, vehicle=vehicle).select_related(
        "driver", "assignment__vehicle", f"{booking}__participant__address", f"{booking}__platform"
    )
    return [
        use_of_transfer(hold) if hold.purpose == Hold.Purpose.TRANSFER else use_of_loan(hold.assignment)
        for hold in held.order_by("pk")
    ]


def stays_at(vehicle: Vehicle, at: dt.datetime) -> list[GarageStay]:
    there = GarageStay.objects.filter(vehicle=vehicle, arrived_at__lte=at)
    there = there.filter(Q(left_at__isnull=True) | Q(left_at__gt=at))
    return list(there.select_related("garage", "job").order_by("-arrived_at", "-pk"))


def is_at_work(stay: GarageStay, at: dt.datetime) -> bool:
    """The work lasts until the garage says that it is done; then whoever comes may fetch the vehicle."""
    return stay.job.done_at is None or at < stay.job.done_at


def use_of_trip(trip: Trip) -> Use:
    return Use(trip.sort, str(trip.driver), trip.starts_at, trip.ends_at, trip=trip)


def use_of_transfer(hold: Hold) -> Use:
    return Use(Kind.TRANSFER, str(hold.driver), hold.out_at, hold.back_at, transfer=hold)


def use_of_loan(one: Assignment) -> Use:
    hold: Any = one.hold
    return Use(Kind.LOAN, str(one.booking.participant), hold.out_at, hold.back_at, assignment=one)


def use_of_stay(stay: GarageStay) -> Use:
    return Use(Kind.GARAGE, str(stay.garage), stay.arrived_at, stay.left_at, job=stay.job)


def use_of_fine(fine: Fine) -> Use:
    """The use that was noted on the fine."""
    if fine.assignment_id and fine.assignment.hold_id:
        return use_of_loan(fine.assignment)
    if fine.assignment_id:
        return Use(Kind.LOAN, str(fine.assignment.booking.participant), assignment=fine.assignment)
    if fine.trip_id:
        return use_of_trip(fine.trip)
    if fine.transfer_id:
        return use_of_transfer(fine.transfer)
    if fine.job_id:
        stays = [one for one in stays_at(fine.vehicle, fine.offence_at) if one.job_id == fine.job_id]
        return use_of_stay(stays[0]) if stays else Use(Kind.GARAGE, str(fine.job.garage or ""), job=fine.job)
    return UNKNOWN


def around(vehicle: Vehicle, at: dt.datetime) -> tuple[Assignment | None, Assignment | None]:
    """The loan whose keys came back last before that minute, and the one that left first after it: whom to ask.
    One query."""
    theirs = Assignment.objects.filter(vehicle=vehicle, hold__vehicle=vehicle)
    last = theirs.filter(hold__back_at__lte=at).order_by("-hold__back_at").values("pk")[:1]
    first = theirs.filter(hold__out_at__gt=at).order_by("hold__out_at").values("pk")[:1]
    both = Assignment.objects.filter(Q(pk=Subquery(last)) | Q(pk=Subquery(first)))
    found = both.select_related("hold", "booking__participant")
    before = after = None
    for one in found:
        if one.hold.out_at > at:
            after = one
        else:
            before = one
    return before, after
