"""Who drove a vehicle at a given minute: facts, never plans.

Whoever of the team noted a trip drove; else whoever had the keys of a loan; else the garage that had the vehicle.
When nothing is known, that is said.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Subquery

from bookings.identity import Identity, identity_of
from bookings.models import Assignment, Fine, Trip, UnreturnedLoan
from fleet.models import Hold, Vehicle
from maintenance.models import RepairJob

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
    others, trips = other_holds_at(vehicle, at), trips_at(vehicle, at)
    transfers = [use for use in others if use.transfer is not None and not trips]  # a transfer that is done is a trip
    garages = [use for use in others if use.transfer is None]
    return [*trips, *transfers, *loans_at(vehicle, at), *garages]


def covering(at: dt.datetime, prefix: str = "") -> Q:
    """Out at that minute: from the moment of leaving, until that of coming back, which is not counted."""
    back_later = Q(**{f"{prefix}back_at__isnull": True}) | Q(**{f"{prefix}back_at__gt": at})
    return Q(**{f"{prefix}out_at__lte": at}) & back_later


def trips_at(vehicle: Vehicle, at: dt.datetime) -> list[Use]:
    trips = Trip.objects.filter(vehicle=vehicle, starts_at__lte=at, ends_at__gt=at).select_related("driver")
    return [use_of_trip(trip) for trip in trips]


def loans_at(vehicle: Vehicle, at: dt.datetime) -> list[Use]:
    """A loan's vehicle that was stolen, impounded or destroyed is driven by its participant until then, and no longer;
    one that they kept, until it is found."""
    theirs = Q(unreturned__isnull=True) | Q(unreturned__why=UnreturnedLoan.Why.KEPT) | Q(unreturned__since__gt=at)
    out = Assignment.objects.filter(covering(at, "hold__"), theirs, vehicle=vehicle, hold__vehicle=vehicle)
    return [
        use_of_loan(one)
        for one in out.select_related("hold", "vehicle", "booking__participant__address", "booking__platform")
    ]


def other_holds_at(vehicle: Vehicle, at: dt.datetime) -> list[Use]:
    """A transfer that a colleague drove, a garage that had the vehicle."""
    others = [Hold.Purpose.TRANSFER, Hold.Purpose.MAINTENANCE]
    held = Hold.objects.filter(covering(at), vehicle=vehicle, purpose__in=others)
    found = []
    for hold in held.select_related("driver", "repair_job__garage").order_by("-purpose", "pk"):
        if hold.purpose == Hold.Purpose.TRANSFER and hold.driver is not None:
            found.append(use_of_transfer(hold))
        elif (job := getattr(hold, "repair_job", None)) is not None:
            found.append(use_of_job(job, hold))
    return found


def use_of_trip(trip: Trip) -> Use:
    return Use(trip.sort, str(trip.driver), trip.starts_at, trip.ends_at, trip=trip)


def use_of_transfer(hold: Hold) -> Use:
    return Use(Kind.TRANSFER, str(hold.driver), hold.out_at, hold.back_at, transfer=hold)


def use_of_loan(one: Assignment) -> Use:
    hold: Any = one.hold
    return Use(Kind.LOAN, str(one.booking.participant), hold.out_at, hold.back_at, assignment=one)


def use_of_job(job: RepairJob, hold: Hold) -> Use:
    return Use(Kind.GARAGE, str(job.garage or ""), hold.out_at, hold.back_at, job=job)


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
    if fine.job_id and fine.job.hold is not None:
        return use_of_job(fine.job, fine.job.hold)
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
