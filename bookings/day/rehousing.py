"""What can be done for a loan whose vehicle was taken away. Reads only.

Nothing disappears: as long as nobody has decided, the loan stands in this list, and its participant is told nothing.
"""

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import QuerySet

from bookings.models import Assignment, Booking
from bookings.offers.choices import Choice, Needs, choices
from bookings.rules import approvals
from bookings.rules.house import Terms
from core import clock, words
from fleet.models import Hold, Kind, Vehicle
from participants.entitlements import Driver, ToDrive, can_drive

LOOK_AHEAD = dt.timedelta(days=60)  # for a gap as long as the loan
SHOWN = 6


@dataclass(frozen=True)
class Later:
    """An equal vehicle that is free for as long, but from then on."""

    vehicle: Vehicle
    starts_at: dt.datetime

    @property
    def words(self) -> str:
        return f"libre à partir {words.from_day(self.starts_at)}"


@dataclass
class Alternatives:
    """Vehicles for the dates that were promised, others for other dates."""

    equal: list[Choice]
    other_kinds: list[Choice] = field(default_factory=list)
    later: list[Later] = field(default_factory=list)

    @property
    def vehicles(self) -> list[Vehicle]:
        return [choice.vehicle for choice in (*self.equal, *self.other_kinds)]


def waiting(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """The displaced ones of loans that go on, the first to leave on top."""
    displaced = assignments.filter(hold__isnull=True, ended_at__isnull=True, booking__state__in=Booking.OPEN)
    return displaced.select_related("booking__participant__address", "booking__platform", "vehicle__site").order_by(
        "starts_at", "pk"
    )


def alternatives(one: Assignment, needs: Needs | None = None) -> Alternatives:
    """What leaves time to make it ready. Five queries, whatever the pool; one more without the needs."""
    booking = one.booking
    start, end = when(one)
    needs = needs or needs_of(booking, approvals.terms_of(booking))
    equal = [choice for choice in choices(booking.platform, needs, start, end, booking.participant) if choice.possible]
    shown = Alternatives(equal[:SHOWN])
    if not equal:
        shown.other_kinds = other_kinds(booking, needs, start, end)
        shown.later = later(booking, needs, start, end - start)
    return shown


def needs_of(booking: Booking, rules: Terms) -> Needs:
    return Needs(booking.kind, booking.needs_automatic, booking.needs_seats).around(rules.margins)


def when(one: Assignment) -> tuple[dt.datetime, dt.datetime]:
    """For when a vehicle is wanted; where the dates are over, for as long from now on."""
    now = clock.now()
    start, end = max(one.starts_at, now), one.ends_at
    return start, end if end > now else now + (one.ends_at - one.starts_at)


def other_kinds(booking: Booking, needs: Needs, start: dt.datetime, end: dt.datetime) -> list[Choice]:
    """One free vehicle of each other kind that this person may drive, as far as is known."""
    pool = Vehicle.objects.filter(platform=booking.platform)
    free = pool.free(start, end, clock.now(), needs.before, needs.after).exclude(kind=booking.kind)
    driver = Driver.of(booking.participant)
    day = clock.local_date(start, booking.platform.time_zone)
    found: dict[str, Choice] = {}
    for vehicle in free.select_related("site").order_by("kind", "pk"):
        if vehicle.kind in found:
            continue
        verdict = can_drive(driver, ToDrive.of(vehicle), day)
        if verdict.allowed:
            found[vehicle.kind] = Choice(vehicle, warnings=verdict.warnings)
    return [found[kind] for kind in Kind.values if kind in found]


def later(booking: Booking, needs: Needs, start: dt.datetime, length: dt.timedelta) -> list[Later]:
    """Equal vehicles by the first moment from which they are free for as long, within two months."""
    pool = list(needs.matching(Vehicle.objects.filter(platform=booking.platform).in_service()).select_related("site"))
    first, whole = start - needs.before, needs.before + length + needs.after
    horizon = start + LOOK_AHEAD + whole
    taken: dict[int, list[Hold]] = {}
    for hold in Hold.objects.filter(vehicle__in=pool).overlapping(first, horizon).order_by("starts_at"):
        taken.setdefault(hold.vehicle_id, []).append(hold)
    found = []
    for vehicle in pool:
        at = first_gap([(h.starts_at, h.ends_at) for h in taken.get(vehicle.pk, [])], first, whole) + needs.before
        if at <= start + LOOK_AHEAD and not any(h.is_late(clock.now()) for h in taken.get(vehicle.pk, [])):
            found.append(Later(vehicle, at))
    return sorted(found, key=lambda one: (one.starts_at, one.vehicle.pk))[:SHOWN]


def first_gap(taken: list[tuple[dt.datetime, dt.datetime]], start: dt.datetime, length: dt.timedelta) -> dt.datetime:
    """The first moment at or after `start` from which nothing takes the vehicle for `length`. Sorted, none overlap."""
    at = start
    for begins, ends in taken:
        if begins >= at + length:
            break
        at = max(at, ends)
    return at
