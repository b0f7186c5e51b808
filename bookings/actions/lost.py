"""A loan ends although its vehicle does not come back; and a vehicle that was lost is found."""

import datetime as dt

from accounts.models import User
from bookings import perms
from bookings.actions.changes import settle
from bookings.actions.incidents import opened
from bookings.actions.loan import lock_vehicles, refuse_strangers
from bookings.actions.reports import drop_drafts
from bookings.cases.steps import mark_due
from bookings.changes import deposit
from bookings.changes import outcome as changes
from bookings.models import Assignment, Booking, Incident, UnreturnedLoan
from core import clock
from core.db import action, become, lock, refuse, require, save
from core.journal import record
from fleet import missing, odometer
from fleet.actions import refuse_closed
from fleet.models import OdometerReading, Site, Vehicle
from fleet.perms import can_handle_vehicle
from maintenance import immobilisation
from maintenance.defects import defect_found

Why = UnreturnedLoan.Why
INCIDENTS = {
    Why.STOLEN: Incident.Sort.THEFT,
    Why.IMPOUNDED: Incident.Sort.IMPOUND,
    Why.DESTROYED: Incident.Sort.ACCIDENT,
}


@action
def end_without_return(
    booking: Booking,
    *,
    by: User,
    why: str,
    rent_until: dt.date,
    since: dt.datetime | None = None,
    vehicle: Vehicle | None = None,
) -> Booking:
    """The vehicle that is out does not come back: the loan ends, its rent stops after the day `rent_until`, and the
    vehicle is held until it is found or withdrawn.

    `since` is from when the participant did not have it any more (now, when none is given); `vehicle` says which, when
    two of the loan are out. While another vehicle of the loan is out or promised, the loan goes on with that one. The
    incident is opened when none is. Late days until `rent_until` are charged as at any return. Refuses with `not_out`,
    `which_vehicle`, `wrong_state`, `in_the_future`, `ends_before_start`.
    """
    lock_vehicles(booking)
    booking = lock(booking)
    require(perms.can_change(by, booking))
    now = clock.now()
    since = since or now
    lost = lost_one(booking, vehicle)
    refuse_days(booking, lost, since, rent_until)
    goes_on = booking.assignments.current().exclude(pk=lost.pk).exists()
    if not goes_on:
        become(booking, Booking.State.NOT_RETURNED)
        save(booking, "state")
        settle(booking, changes.ending_without_return(booking, rent_until), by)
        deposit.no_longer_expected(booking.account, "Véhicule jamais rendu")
    drop_drafts(lost)
    lost.ended_at, lost.end_reason = since, Assignment.EndReason.LOST
    save(lost, "ended_at", "end_reason")
    missing.went_missing(lost.hold, Why(why).label)  # type: ignore[arg-type]
    facts = {"why": why, "since": since, "rent_until": rent_until, "noted_by": by}
    save(UnreturnedLoan(platform_id=booking.platform_id, booking=booking, assignment=lost, **facts))
    open_its_incident(booking, lost, why, since, by)
    record(by, "booking.not_returned", booking, vehicle=lost.vehicle_id, why=why, goes_on=goes_on)
    return booking


@action
def recovered(
    vehicle: Vehicle,
    *,
    at: dt.datetime,
    site: Site,
    by: User,
    km: int | None = None,
    rolls: bool = True,
    condition: str = "",
) -> Vehicle:
    """The vehicle is back at a site of ours, and may be lent again once what `condition` tells is repaired.

    What is wrong becomes a repair to decide, which keeps a vehicle that does not roll. Refuses with `not_missing`,
    `in_the_future`, `back_before_out`, `site_closed`, `other_platform`.
    """
    require(can_handle_vehicle(by, vehicle))
    vehicle = lock(vehicle)
    refuse_strangers(vehicle.platform, site)
    refuse_closed(site)
    lost = missing_of(vehicle)
    booking = lock(lost.booking)
    if at > clock.now():
        raise refuse("Cette date est à venir : notez ce qui est déjà arrivé.", "in_the_future")
    if at < lost.since:
        raise refuse("Le véhicule ne peut pas être retrouvé avant d’avoir disparu.", "back_before_out")
    if lost.assignment.hold is not None:
        missing.found(lost.assignment.hold, at, site)
    lost.recovered_at = at
    save(lost, "recovered_at")
    others = UnreturnedLoan.objects.filter(booking=booking, recovered_at__isnull=True)
    if booking.state == Booking.State.NOT_RETURNED and not others.exists():
        become(booking, Booking.State.RETURNED)
        save(booking, "state")
    if km is not None and vehicle.has_odometer:
        odometer.record_reading(vehicle, km, source=OdometerReading.Source.MANUAL, read_at=at, by=by)
    note_condition(vehicle, by, rolls=rolls, condition=condition)
    leave_the_pound(vehicle, at)
    immobilisation.vehicle_recovered(vehicle, at, by=by)
    record(by, "vehicle.recovered", vehicle, site=site.pk, loan=booking.pk, at=at.isoformat())
    return lock(vehicle)


# --- steps ------------------------------------------------------------------------------------


def lost_one(booking: Booking, vehicle: Vehicle | None) -> Assignment:
    """The vehicle of the loan that does not come back, its keys out."""
    out = list(booking.assignments.out().select_related("hold__vehicle", "vehicle").order_by("pk"))
    if vehicle is not None:
        out = [one for one in out if one.vehicle_id == vehicle.pk]
    if not out:
        raise refuse("Aucun véhicule de ce prêt n’est sorti : annulez ou clôturez plutôt ce prêt.", "not_out")
    if len(out) > 1:
        raise refuse("Deux véhicules de ce prêt sont sortis : dites lequel ne revient pas.", "which_vehicle")
    return out[0]


def refuse_days(booking: Booking, lost: Assignment, since: dt.datetime, rent_until: dt.date) -> None:
    zone, out_at = booking.platform.time_zone, lost.hold.out_at  # type: ignore[union-attr]
    assert out_at is not None
    if since > clock.now() or rent_until > clock.local_date(clock.now(), zone):
        raise refuse("Cette date est à venir : notez ce qui est déjà arrivé.", "in_the_future")
    if since < out_at or rent_until < clock.local_date(min(out_at, booking.starts_at), zone):
        raise refuse("Cette date est avant la remise des clés.", "ends_before_start")


def open_its_incident(booking: Booking, lost: Assignment, why: str, since: dt.datetime, by: User) -> None:
    """A theft, an impound or a wreck is followed up; somebody who keeps the vehicle is, by the formal steps."""
    sort = INCIDENTS.get(Why(why))
    known = Incident.objects.filter(booking=booking, vehicle=lost.vehicle, sort=sort or "")
    if sort is not None and not known.exclude(state=Incident.State.CLOSED).exists():
        opened(lost.vehicle, sort=sort, by=by, booking=booking, happened_at=since)


def missing_of(vehicle: Vehicle) -> UnreturnedLoan:
    missing_ones = UnreturnedLoan.objects.filter(assignment__vehicle=vehicle, recovered_at__isnull=True)
    lost = missing_ones.select_related("booking", "assignment__hold__vehicle").order_by("pk").last()
    if lost is None:
        raise refuse("Ce véhicule n’est pas noté comme jamais rendu.", "not_missing")
    return lost


def note_condition(vehicle: Vehicle, by: User, *, rolls: bool, condition: str) -> None:
    condition = condition.strip()
    if rolls and not condition:
        return
    title = f"Retrouvé : {condition or 'ne roule pas'}"[:120]
    defect_found(
        vehicle.platform, vehicle=vehicle, title=title, description=condition, vehicle_rolls=rolls, by=by,
        block_now=not rolls,
    )  # fmt: skip


def leave_the_pound(vehicle: Vehicle, at: dt.datetime) -> None:
    """Found, it is at the pound no longer."""
    day = clock.local_date(at, vehicle.platform.time_zone)
    impounded = Incident.objects.filter(vehicle=vehicle, sort=Incident.Sort.IMPOUND, fetched_on__isnull=True)
    for incident in impounded.exclude(state=Incident.State.CLOSED):
        incident.fetched_on = day
        mark_due(incident)
        save(incident)
