"""Who drove a vehicle at a given minute: facts, never plans.

Whoever of the team noted a trip drove; else the garage that worked on the vehicle, also when a participant had brought
it there during a loan; else whoever had the keys of a loan; else the garage from which nobody had fetched it yet. When
nothing is known, that is said.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Self

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

    def covers(self, minute: dt.datetime) -> bool:
        """From the moment of leaving, until that of coming back, which is not counted. A vehicle that was stolen,
        impounded or destroyed is driven by the participant of its loan until then, and no longer; one that they kept,
        until it is found."""
        lost = getattr(self.assignment, "unreturned", None)
        theirs = lost is None or lost.why == UnreturnedLoan.Why.KEPT or lost.since > minute
        return (
            theirs and self.since is not None and self.since <= minute and (self.until is None or self.until > minute)
        )

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


@dataclass(frozen=True)
class Uses:
    """The uses of a vehicle in a stretch of time, as read once: no question to it makes a query."""

    trips: list[Use]
    loans: list[Use]
    transfers: list[Use]
    stays: list[GarageStay]

    @classmethod
    def of(cls, vehicle: Vehicle, first: dt.datetime, last: dt.datetime) -> Self:
        """Those of any minute from the first to the last. Three queries."""
        trips = Trip.objects.filter(vehicle=vehicle, starts_at__lte=last, ends_at__gt=first).select_related("driver")
        held = holds_between(vehicle, first, last)
        return cls(
            [use_of_trip(trip) for trip in trips],
            [use_of_loan(hold.assignment) for hold in held if hold.purpose != Hold.Purpose.TRANSFER],
            [use_of_transfer(hold) for hold in held if hold.purpose == Hold.Purpose.TRANSFER],
            stays_between(vehicle, first, last),
        )

    def at(self, minute: dt.datetime) -> list[Use]:
        """Every use that covers that minute, the most precise first; two of them contradict each other, and are
        shown."""
        trips, loans = ([use for use in uses if use.covers(minute)] for uses in (self.trips, self.loans))
        transfers = [use for use in self.transfers if use.covers(minute) and not trips]  # one that is done is a trip
        there = [one for one in self.stays if use_of_stay(one).covers(minute)]
        working = [use_of_stay(one) for one in there if is_at_work(one, minute)]
        waiting = [use_of_stay(one) for one in there if not is_at_work(one, minute)]
        return [*trips, *transfers, *working, *loans, *waiting]

    def driver_at(self, minute: dt.datetime) -> Use:
        """The use of that minute; `UNKNOWN` when nothing says."""
        return next(iter(self.at(minute)), UNKNOWN)


def who_drove(vehicle: Vehicle, at: dt.datetime) -> Use:
    """Three queries, as for many minutes: see `Uses`."""
    return Uses.of(vehicle, at, at).driver_at(at)


def uses_at(vehicle: Vehicle, at: dt.datetime) -> list[Use]:
    """Three queries."""
    return Uses.of(vehicle, at, at).at(at)


def holds_between(vehicle: Vehicle, first: dt.datetime, last: dt.datetime) -> list[Any]:
    """What was out at one of these minutes: loans, and transfers that a colleague drove."""
    out = Q(out_at__lte=last) & (Q(back_at__isnull=True) | Q(back_at__gt=first))
    wanted = Q(assignment__vehicle=vehicle) | Q(purpose=Hold.Purpose.TRANSFER, driver__isnull=False)
    booking = "assignment__booking"
    related = ("assignment__vehicle", "assignment__unreturned", f"{booking}__participant__address")
    held = Hold.objects.filter(out, wanted, vehicle=vehicle).select_related("driver", *related, f"{booking}__platform")
    return list(held.order_by("pk"))


def stays_between(vehicle: Vehicle, first: dt.datetime, last: dt.datetime) -> list[GarageStay]:
    there = GarageStay.objects.filter(vehicle=vehicle, arrived_at__lte=last)
    there = there.filter(Q(left_at__isnull=True) | Q(left_at__gt=first))
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
        stays = [
            one for one in stays_between(fine.vehicle, fine.offence_at, fine.offence_at) if one.job_id == fine.job_id
        ]
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
