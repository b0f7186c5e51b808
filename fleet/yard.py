"""What happens in the yard: a vehicle is made ready to leave again, or driven to another site."""

import datetime as dt

from accounts.models import User
from accounts.perms import is_staff
from core import clock, outbox
from core.db import action, lock, refuse, require, save
from core.journal import record
from fleet import holds, perms
from fleet.actions import refuse_closed
from fleet.freed import tell_freed
from fleet.models import Hold, Site, Vehicle
from fleet.readiness import mark_ready

LONGEST = dt.timedelta(days=7)


@action
def plan_transfer(
    vehicle: Vehicle,
    *,
    to_site: Site,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    by: User,
    driver: User | None = None,
) -> Hold:
    """Takes the vehicle for the drive to `to_site`; `driver` is whoever drives it there, `by` when nobody is named.

    Refuses with `already_there`, `site_closed`, `in_the_past`, `too_long`, `other_platform`, `not_of_the_team`, and as
    `holds.take` does.
    """
    require(perms.can_handle_vehicle(by, vehicle))
    if driver is not None and not is_staff(driver, vehicle.platform_id):
        raise refuse("Cette personne ne fait pas partie de l’équipe : choisissez quelqu’un d’autre.", "not_of_the_team")
    if ends_at <= clock.now():
        raise refuse("Cette période est passée : choisissez une fin à venir.", "in_the_past")
    if ends_at - starts_at > LONGEST:
        raise refuse("Un déplacement dure sept jours au plus : vérifiez les dates.", "too_long")
    if to_site.platform_id != vehicle.platform_id:
        raise refuse("Cet élément appartient à une autre plateforme.", "other_platform")
    refuse_closed(to_site)
    vehicle = lock(vehicle)
    if to_site.pk == vehicle.site_id and not vehicle.holds.out().exists():
        raise refuse(f"Ce véhicule est déjà à {to_site.name}.", "already_there")
    hold = holds.take(vehicle, starts_at, ends_at, purpose=Hold.Purpose.TRANSFER, reason=f"Vers {to_site.name}"[:200])
    hold.to_site, hold.driver = to_site, driver or by
    save(hold, "to_site", "driver")
    record(by, "vehicle.transfer_planned", vehicle, hold=hold.pk, site=to_site.pk)
    return hold


@action
def transfer_done(hold: Hold, *, by: User, arrived_at: dt.datetime | None = None) -> Vehicle:
    """The vehicle stands at the other site since `arrived_at`. Refuses with `wrong_hold`, `already_back`, `not_yet`."""
    require(perms.can_change_reserve(by, hold))
    vehicle = lock(hold.vehicle)
    hold = lock(hold)
    if hold.purpose != Hold.Purpose.TRANSFER or hold.to_site is None:
        raise refuse("Ce n’est pas un déplacement.", "wrong_hold")
    if hold.back_at is not None:
        raise refuse("Ce déplacement est déjà terminé.", "already_back")
    now = clock.now()
    arrived_at = arrived_at or now
    if arrived_at > now:
        raise refuse("Ce n’est pas encore arrivé : notez-le quand c’est fait.", "not_yet")
    holds.mark_out(hold, min(hold.starts_at, arrived_at))
    holds.mark_back(hold, arrived_at, site=hold.to_site)
    if hold.starts_at >= arrived_at:  # sooner than planned: nothing of the plan is left to keep the vehicle
        hold = lock(hold)
        hold.starts_at, hold.ends_at = arrived_at - dt.timedelta(minutes=1), arrived_at
        if vehicle.holds.overlapping(hold.starts_at, hold.ends_at).exclude(pk=hold.pk).exists():
            raise refuse("Le véhicule était encore pris à cette heure-là.", "overlap")
        save(hold, "starts_at", "ends_at")
    outbox.send(
        "vehicle.transferred",
        key=f"vehicle.transferred:{hold.pk}",
        platform_id=hold.platform_id,
        payload={"hold": hold.pk},
    )
    record(by, "vehicle.transferred", vehicle, hold=hold.pk, site=hold.to_site_id)
    return lock(vehicle)


@action
def ready(vehicle: Vehicle, *, by: User) -> Vehicle:
    """« Prêt »: the vehicle is clean, charged and may leave again. Refuses with `ready_already`, `vehicle_out`."""
    require(perms.can_handle_vehicle(by, vehicle))
    vehicle = lock(vehicle)
    if vehicle.holds.out().exists():
        raise refuse("Ce véhicule n’est pas là : il est sorti.", "vehicle_out")
    if not mark_ready(vehicle, clock.now()):
        raise refuse("Ce véhicule est déjà prêt.", "ready_already")
    tell_freed(vehicle)
    record(by, "vehicle.ready", vehicle)
    return vehicle
