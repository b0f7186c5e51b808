"""Somebody of the team drove a vehicle: noted, so that every use names its driver."""

import datetime as dt

from accounts.models import User
from accounts.perms import is_staff
from bookings.actions.loan import refuse_strangers
from bookings.actions.notices import look_again
from bookings.models import Trip
from core import clock
from core.db import action, lock, refuse, require, save
from core.journal import record
from fleet.models import Hold, Site, Vehicle
from fleet.perms import can_handle_vehicle

LONGEST = dt.timedelta(days=31)


@action
def note_trip(
    vehicle: Vehicle,
    *,
    driver: User,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    by: User,
    sort: str = Trip.Sort.STAFF,
    to_site: Site | None = None,
    reason: str = "",
) -> Trip:
    """A fact: the vehicle was driven by this colleague; after a transfer it stands at `to_site`.

    A notice of that time whose driver nobody knew gets its answer. Refuses with `not_of_the_team`, `in_the_future`,
    `too_long`, `trip_overlap`, `ends_before_start`, `site_missing`, `other_platform`.
    """
    require(can_handle_vehicle(by, vehicle))
    vehicle = lock(vehicle)
    if not is_staff(driver, vehicle.platform_id):
        raise refuse("Cette personne ne fait pas partie de l’équipe : choisissez quelqu’un d’autre.", "not_of_the_team")
    refuse_strangers(vehicle.platform, to_site)
    if ends_at > clock.now():
        raise refuse("Un trajet se note quand il est terminé.", "in_the_future")
    if ends_at - starts_at > LONGEST:
        raise refuse("Un trajet dure 31 jours au plus : vérifiez les dates.", "too_long")
    trip = save(
        Trip(
            platform_id=vehicle.platform_id,
            vehicle=vehicle,
            driver=driver,
            sort=sort,
            starts_at=starts_at,
            ends_at=ends_at,
            to_site=to_site,
            reason=reason.strip(),
            noted_by=by,
        )
    )
    if to_site is not None:
        arrive(trip)
    look_again(vehicle, by)
    record(by, "trip.noted", vehicle, trip=trip.pk, sort=sort)
    return trip


@action
def drop_trip(trip: Trip, *, by: User) -> Vehicle:
    """A trip that was noted by mistake is forgotten. Refuses with `trip_named` when a notice names its driver."""
    require(can_handle_vehicle(by, trip.vehicle))
    vehicle = lock(trip.vehicle)
    trip = lock(trip)
    if trip.fines.exists():
        raise refuse("Une amende désigne le conducteur de ce trajet : changez-la d’abord.", "trip_named")
    number = trip.pk
    trip.delete()
    record(by, "trip.dropped", vehicle, trip=number)
    return vehicle


# --- steps ------------------------------------------------------------------------------------


def transfer_driven(hold: Hold) -> None:
    """A drive between two sites is a trip like another: whoever drove is named by a notice, whether it came before or
    comes after. Told twice, noted once."""
    if hold.driver_id is None or hold.out_at is None or hold.back_at is None or hold.out_at >= hold.back_at:
        return
    Trip.objects.get_or_create(
        platform_id=hold.platform_id,
        vehicle=hold.vehicle,
        sort=Trip.Sort.TRANSFER,
        starts_at=hold.out_at,
        ends_at=hold.back_at,
        defaults={"driver_id": hold.driver_id, "noted_by_id": hold.driver_id, "to_site_id": hold.to_site_id},
    )
    look_again(hold.vehicle, hold.platform.machine_user)


def arrive(trip: Trip) -> None:
    """The vehicle stands where it was driven to, unless something moved it since."""
    vehicle = trip.vehicle
    moved = vehicle.holds.filter(out_at__gte=trip.ends_at).exists() or vehicle.holds.out().exists()
    moved = moved or vehicle.trips.filter(starts_at__gte=trip.ends_at).exists()
    if not moved and vehicle.site_id != trip.to_site_id:
        vehicle.site = trip.to_site  # type: ignore[assignment]
        save(vehicle, "site")
