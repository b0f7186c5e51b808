"""A loan that already runs, or is over: paper contract, dead tablet, the first day with Remise."""

import datetime as dt

from django.db.models import Q

from accounts.models import Platform, User
from bookings import dates, perms
from bookings.actions.drivers import freeze_driver
from bookings.actions.loan import agree, assign, refuse_strangers
from bookings.actions.notices import look_again
from bookings.changes.settle import settle_return
from bookings.charges import charge_rent
from bookings.models import Assignment, Booking
from bookings.offers.choices import Needs
from bookings.rules import turnaround
from core import clock, words
from core.db import action, become, lock, lock_all, refuse, require, save
from core.journal import record
from fleet import holds, odometer
from fleet.models import OdometerReading, Site, Vehicle
from participants.models import Participant, Programme


@action
def record_loan(
    platform: Platform,
    *,
    participant: Participant,
    vehicle: Vehicle,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    by: User,
    out_at: dt.datetime | None = None,
    back_at: dt.datetime | None = None,
    km_out: int | None = None,
    km_back: int | None = None,
    site_back: Site | None = None,
    programme: Programme | None = None,
    purpose: str = "",
    destination: str = "",
) -> Booking:
    """Writes down a loan whose keys have left already (`out_at`, else `starts_at`), and are back if `back_at` says so.

    Facts are facts: neither the licence nor the past is refused, promised loans in the way are displaced,
    and each line keeps when it happened and when it was recorded. What contradicts another fact, or has
    not happened yet, is refused: `overlap`, `vehicle_out`, `not_yet`, `back_before_out`, `no_tariff`.
    """
    require(perms.can_record(by, platform))
    out_at = out_at or starts_at
    refuse_unreal(starts_at, ends_at, out_at, back_at, clock.now())
    refuse_strangers(platform, participant, vehicle, programme)
    (vehicle,) = lock_all(Vehicle, [vehicle.pk])
    refuse_contradiction(vehicle, out_at, back_at)
    booking = agree(
        platform,
        participant=participant,
        starts_at=starts_at,
        ends_at=ends_at,
        by=by,
        needs=Needs(vehicle.kind),
        programme=programme or participant.programme,
        purpose=purpose,
        destination=destination,
    )
    planned = (min(out_at, starts_at), max(ends_at, out_at + dt.timedelta(minutes=1)))
    _, after = turnaround.margins(platform, booking.kind, booking.programme_id, starts_at)
    hold = holds.took(vehicle, *planned, out_at=out_at, back_at=back_at, site=site_back, after=after)
    assignment = assign(booking, hold)
    freeze_driver(assignment)
    become(booking, Booking.State.ACTIVE)
    save(booking, "state")
    charge_rent(booking, by)
    read = [(km_out, OdometerReading.Source.LOAN_OUT, out_at), (km_back, OdometerReading.Source.LOAN_IN, back_at)]
    for km, source, at in read:
        if km is not None and at is not None:
            odometer.record_reading(vehicle, km, source=source, read_at=at, by=by)
    if back_at is not None:
        end(booking, assignment, back_at, by)
    look_again(vehicle, by)
    record(by, "booking.recorded", booking, vehicle=vehicle.pk, out_at=out_at.isoformat())
    return lock(booking)


def refuse_unreal(
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    out_at: dt.datetime,
    back_at: dt.datetime | None,
    now: dt.datetime,
) -> None:
    dates.refuse_backwards(starts_at, ends_at)
    if out_at > now or (back_at is not None and back_at > now):
        raise refuse("Ce n’est pas encore arrivé : réservez plutôt ce prêt.", "not_yet")
    if back_at is not None and back_at <= out_at:
        raise refuse("Le retour ne peut pas être avant le départ.", "back_before_out")


def refuse_contradiction(vehicle: Vehicle, out_at: dt.datetime, back_at: dt.datetime | None) -> None:
    """Whatever was planned, the vehicle was with nobody else in that time: what is known to have left and come back."""
    known = vehicle.holds.filter(Q(back_at__isnull=True) | Q(back_at__gt=out_at), out_at__isnull=False)
    other = (known if back_at is None else known.filter(out_at__lt=back_at)).order_by("out_at").first()
    if other is None:
        return
    since = f"Ce véhicule est parti {words.moment(other.out_at)}"
    if other.is_out:
        raise refuse(f"{since} et n’est pas encore revenu : il n’a pas pu être prêté ensuite.", "vehicle_out")
    raise refuse(f"{since} et n’est revenu que {words.moment(other.back_at)} : corrigez l’une des dates.", "overlap")


def end(booking: Booking, assignment: Assignment, back_at: dt.datetime, by: User) -> None:
    assignment.ended_at, assignment.end_reason = back_at, Assignment.EndReason.RETURNED
    save(assignment, "ended_at", "end_reason")
    become(booking, Booking.State.RETURNED)
    save(booking, "state")
    settle_return(booking, by)
