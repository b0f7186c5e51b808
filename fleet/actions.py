"""What can happen to the pool: vehicles, their papers and accessories, sites, what sets a vehicle aside."""

import datetime as dt
from typing import Any

from accounts.models import Platform, User
from core import clock, files
from core.db import action, lock, refuse, require, save
from core.journal import record
from core.phones import dialled
from fleet import damages, holds, odometer, perms, plates
from fleet.models import Damage, Equipment, Hold, OdometerReading, Site, Vehicle, VehicleDocument
from places.addresses import write_address

# What `add_vehicle` and `change_vehicle` write as it is given; plate and photo have rules of their own.
PLAIN = frozenset(
    {
        "kind",
        "energy",
        "fleet_number",
        "frame_number",
        "make",
        "model",
        "colour",
        "gearbox",
        "seats",
        "first_registered_on",
        "origin",
        "must_be_retired_by",
        "remark",
    }
)


# --- vehicles -----------------------------------------------------------------------------------


@action
def add_vehicle(
    platform: Platform,
    *,
    site: Site,
    kind: str,
    by: User,
    plate: str = "",
    km: int | None = None,
    photo: Any = None,
    **plain: Any,
) -> Vehicle:
    """A vehicle joins the pool at a site, with its kilometres when they are known.

    `plain` takes the fields of PLAIN. Refuses with `plate_impossible`, `plate_taken`, `frame_number_taken`,
    `fleet_number_taken`, or `no_number` when nothing tells it apart.
    """
    require(perms.can_manage_pool(by, platform))
    refuse_unknown(plain)
    vehicle = Vehicle(platform=platform, site=site, kind=kind, plate=written_plate(plate), **plain)
    refuse_closed(site)
    refuse_future(vehicle)
    if photo:
        vehicle.photo = files.store_photo(photo, platform_id=platform.pk, by=by)
    save(vehicle)
    if km is not None:
        odometer.record_reading(vehicle, km, source=OdometerReading.Source.CREATION, read_at=vehicle.created_at, by=by)
    record(by, "vehicle.added", vehicle, kind=kind)
    return vehicle


@action
def change_vehicle(vehicle: Vehicle, *, by: User, **changes: Any) -> Vehicle:
    """New values for `plate`, `photo` (an upload) and the fields of PLAIN; what is not given stays."""
    require(perms.can_manage_vehicle(by, vehicle))
    refuse_unknown({name: value for name, value in changes.items() if name not in {"plate", "photo"}})
    vehicle = lock(vehicle)
    if "plate" in changes:
        vehicle.plate = written_plate(changes["plate"])
    if changes.get("photo"):
        vehicle.photo = files.store_photo(changes["photo"], platform_id=vehicle.platform_id, by=by)
    for name in changes.keys() & PLAIN:
        setattr(vehicle, name, changes[name])
    refuse_future(vehicle)
    save(vehicle)
    record(by, "vehicle.changed", vehicle, fields=sorted(changes))
    return vehicle


@action
def move_vehicle(vehicle: Vehicle, *, site: Site, by: User) -> Vehicle:
    """The vehicle stands at another site from now on. Refuses with `vehicle_out`, `already_there`, `site_closed`."""
    require(perms.can_handle_vehicle(by, vehicle))
    vehicle = lock(vehicle)
    refuse_out(vehicle)
    refuse_closed(site)
    if site.pk == vehicle.site_id:
        raise refuse(f"Ce véhicule est déjà à {site.name}.", "already_there")
    vehicle.site = site
    save(vehicle, "site")
    record(by, "vehicle.moved", vehicle, site=site.pk)
    return vehicle


@action
def withdraw(vehicle: Vehicle, *, reason: str, by: User, on: dt.date | None = None) -> Vehicle:
    """The vehicle leaves the pool: sold, destroyed, given back. Promised loans are to be re-housed.

    Refuses with `already_withdrawn`, `vehicle_out`, `in_repair`, or `reason_missing`.
    """
    require(perms.can_manage_vehicle(by, vehicle))
    vehicle = lock(vehicle)
    if not vehicle.in_service:
        raise refuse("Ce véhicule est déjà retiré du parc.", "already_withdrawn")
    if on is not None and on > clock.today():
        raise refuse("Un retrait se note le jour même, ou après.", "in_the_future")
    holds.clear(vehicle, clock.now())
    vehicle.withdrawn_on, vehicle.withdrawn_reason = on or clock.today(), reason.strip()
    save(vehicle, "withdrawn_on", "withdrawn_reason")
    record(by, "vehicle.withdrawn", vehicle)
    return vehicle


@action
def put_back(vehicle: Vehicle, *, by: User) -> Vehicle:
    """A withdrawn vehicle comes back into the pool. Refuses with `not_withdrawn`."""
    require(perms.can_manage_vehicle(by, vehicle))
    vehicle = lock(vehicle)
    if vehicle.in_service:
        raise refuse("Ce véhicule est dans le parc.", "not_withdrawn")
    vehicle.withdrawn_on, vehicle.withdrawn_reason = None, ""
    save(vehicle, "withdrawn_on", "withdrawn_reason")
    record(by, "vehicle.put_back", vehicle)
    return vehicle


def written_plate(plate: str) -> str:
    """Refuses with `plate_impossible`."""
    try:
        return plates.normalise(plate)
    except ValueError as error:
        raise refuse(str(error), "plate_impossible") from error


def refuse_future(vehicle: Vehicle) -> None:
    if vehicle.first_registered_on and vehicle.first_registered_on > clock.today():
        raise refuse("La première mise en circulation est à venir : vérifiez la date.", "in_the_future")


def refuse_out(vehicle: Vehicle) -> None:
    if vehicle.holds.out().exists():
        raise refuse("Ce véhicule est sorti : il faut d’abord le reprendre.", "vehicle_out")


def refuse_closed(site: Site) -> None:
    if not site.is_open:
        raise refuse(f"Le site {site.name} est fermé : choisissez-en un autre.", "site_closed")


def refuse_unknown(plain: dict[str, Any]) -> None:
    """A field that no vehicle has is a caller's mistake, not a person's."""
    if unknown := set(plain) - PLAIN:
        raise TypeError(f"a vehicle has no {', '.join(sorted(unknown))}")


# --- sites --------------------------------------------------------------------------------------


@action
def add_site(
    platform: Platform,
    *,
    name: str,
    by: User,
    street: str = "",
    postcode: str = "",
    city: str = "",
    phone: str = "",
) -> Site:
    """A place where vehicles stand (its hours: opening_actions). Refuses with `site_exists`, `phone_impossible`."""
    require(perms.can_manage_pool(by, platform))
    site = save(
        Site(
            platform=platform,
            name=name.strip(),
            address=write_address(platform, street=street, postcode=postcode, city=city),
            phone=dialled(phone),
        )
    )
    record(by, "site.added", site)
    return site


@action
def change_site(site: Site, *, by: User, **changes: Any) -> Site:
    """New values for what `add_site` takes, and `is_open`; what is not given stays.

    Refuses with `has_vehicles` to close a site where vehicles stand.
    """
    require(perms.can_manage_site(by, site))
    site = lock(site)
    address = {name: changes.pop(name) for name in ("street", "postcode", "city") if name in changes}
    if address:
        known = site.address
        parts = {name: address.get(name, getattr(known, name, "")) for name in ("street", "postcode", "city")}
        site.address = write_address(site.platform, address=known, **parts)
    if "phone" in changes:
        changes["phone"] = dialled(changes["phone"])
    if changes.get("is_open") is False and site.vehicles.in_service().exists():
        raise refuse("Des véhicules sont à ce site : déplacez-les d’abord.", "has_vehicles")
    for name in ("name", "phone", "is_open"):
        if name in changes:
            setattr(site, name, changes[name])
    save(site)
    record(by, "site.changed", site)
    return site


# --- papers and accessories -----------------------------------------------------------------------


@action
def add_document(
    vehicle: Vehicle,
    *,
    sort: str,
    by: User,
    number: str = "",
    issued_on: dt.date | None = None,
    valid_until: dt.date | None = None,
    file: Any = None,
) -> VehicleDocument:
    """A paper of the vehicle; `file` is an upload, a photo or a PDF. The one that lasts longest counts."""
    require(perms.can_manage_vehicle(by, vehicle))
    if sort == VehicleDocument.Sort.INSPECTION and issued_on is None:
        raise refuse("Notez le jour du contrôle technique.", "day_missing")
    document = save(
        VehicleDocument(
            platform_id=vehicle.platform_id,
            vehicle=vehicle,
            sort=sort,
            number=number.strip(),
            issued_on=issued_on,
            valid_until=valid_until,
            file=files.store_paper(file, platform_id=vehicle.platform_id, by=by) if file else None,
        )
    )
    record(by, "vehicle.document_added", vehicle, sort=sort)
    return document


@action
def add_equipment(
    platform: Platform,
    *,
    sort: str,
    by: User,
    vehicle: Vehicle | None = None,
    site: Site | None = None,
    serial_number: str = "",
    size: str = "",
    note: str = "",
) -> Equipment:
    """An accessory that goes with a vehicle or lies at a site. Refuses with `nowhere`."""
    require(perms.can_manage_pool(by, platform))
    equipment = save(
        Equipment(
            platform=platform,
            vehicle=vehicle,
            site=site,
            sort=sort,
            serial_number=serial_number.strip(),
            size=size.strip(),
            note=note.strip(),
        )
    )
    record(by, "equipment.added", equipment, sort=sort)
    return equipment


@action
def lose_equipment(equipment: Equipment, *, by: User) -> Equipment:
    """It is lost, or no longer fit for use. Refuses with `already_lost`."""
    require(perms.can_manage_equipment(by, equipment))
    equipment = lock(equipment)
    if equipment.lost_at is not None:
        raise refuse("Cet équipement est déjà noté comme perdu.", "already_lost")
    equipment.lost_at = clock.now()
    save(equipment, "lost_at")
    record(by, "equipment.lost", equipment)
    return equipment


# --- damages and kilometres -------------------------------------------------------------------------


@action
def report_damage(vehicle: Vehicle, *, sort: str, by: User, **facts: Any) -> Damage:
    """Somebody of the staff saw it; `facts` as for `damages.found`."""
    require(perms.can_handle_vehicle(by, vehicle))
    damage = damages.found(lock(vehicle), sort=sort, by=by, **facts)
    record(by, "vehicle.damage_found", vehicle, damage=damage.pk, severity=damage.severity)
    return damage


@action
def mend_damage(damage: Damage, *, by: User) -> Damage:
    """The damage is no more. Refuses with `already_mended`."""
    require(perms.can_mend(by, damage))
    damage = lock(damage)
    if damage.repaired_at is not None:
        raise refuse("Ce dégât est déjà réparé.", "already_mended")
    damage.repaired_at = clock.now()
    save(damage, "repaired_at")
    record(by, "vehicle.damage_mended", damage.vehicle, damage=damage.pk)
    return damage


@action
def read_odometer(vehicle: Vehicle, *, km: int, by: User, read_at: dt.datetime | None = None) -> OdometerReading:
    """Somebody read the counter; a value that does not fit is kept as disputed. Refuses with `no_odometer`."""
    require(perms.can_handle_vehicle(by, vehicle))
    vehicle = lock(vehicle)
    refuse_counterless(vehicle)
    reading = odometer.record_reading(
        vehicle, km, source=OdometerReading.Source.MANUAL, read_at=not_ahead(read_at), by=by
    )
    record(by, "vehicle.odometer_read", vehicle, km=km, state=reading.state)
    return reading


@action
def settle_reading(reading: OdometerReading, *, km: int, reason: str, by: User) -> OdometerReading:
    """Says what the counter really showed when a disputed reading was made. Refuses with `not_disputed`."""
    require(perms.can_settle(by, reading))
    vehicle = lock(reading.vehicle)
    if reading.state != OdometerReading.State.DISPUTED or reading.settled_by.exists():
        raise refuse("Ce relevé n’est pas à vérifier.", "not_disputed")
    correction = odometer.record_reading(
        vehicle,
        km,
        source=OdometerReading.Source.CORRECTION,
        read_at=reading.read_at,
        by=by,
        reason=reason.strip(),
        settles=reading,
    )
    record(by, "vehicle.reading_settled", vehicle, reading=reading.pk, km=km)
    return correction


@action
def new_counter(
    vehicle: Vehicle, *, km: int, by: User, reason: str = "", read_at: dt.datetime | None = None
) -> OdometerReading:
    """The counter was replaced: kilometres go on from what the new one shows. Refuses with `no_odometer`."""
    require(perms.can_manage_vehicle(by, vehicle))
    vehicle = lock(vehicle)
    refuse_counterless(vehicle)
    reading = odometer.record_reading(
        vehicle,
        km,
        source=OdometerReading.Source.NEW_COUNTER,
        read_at=not_ahead(read_at),
        by=by,
        reason=reason.strip(),
    )
    record(by, "vehicle.counter_replaced", vehicle, km=km)
    return reading


def refuse_counterless(vehicle: Vehicle) -> None:
    if not vehicle.has_odometer:
        raise refuse("Un vélo n’a pas de compteur.", "no_odometer")


def not_ahead(read_at: dt.datetime | None) -> dt.datetime:
    """Now when nothing is given. Refuses with `in_the_future`."""
    now = clock.now()
    if read_at is not None and read_at > now:
        raise refuse("Ce relevé serait dans le futur : vérifiez le jour et l’heure.", "in_the_future")
    return read_at or now


# --- setting a vehicle aside --------------------------------------------------------------------------


@action
def reserve(vehicle: Vehicle, *, starts_at: dt.datetime, ends_at: dt.datetime, reason: str, by: User) -> Hold:
    """Keeps the vehicle from being lent. Refuses with `in_the_past`, and as `holds.take` does."""
    require(perms.can_handle_vehicle(by, vehicle))
    if ends_at <= clock.now():
        raise refuse("Cette période est passée : choisissez une fin à venir.", "in_the_past")
    if not reason.strip():
        raise refuse("Dites pourquoi ce véhicule est mis de côté.", "reason_missing")
    hold = holds.take(vehicle, starts_at, ends_at, purpose=Hold.Purpose.RESERVE, reason=reason.strip())
    record(by, "vehicle.reserved", vehicle, hold=hold.pk)
    return hold


@action
def change_reserve(hold: Hold, *, starts_at: dt.datetime, ends_at: dt.datetime, by: User) -> Hold:
    """Other dates for a vehicle that is set aside. Refuses with `overlap`."""
    require(perms.can_change_reserve(by, hold))
    hold = holds.change(hold, starts_at=starts_at, ends_at=ends_at)
    record(by, "vehicle.reserve_changed", hold.vehicle, hold=hold.pk)
    return hold


@action
def release_hold(hold: Hold, *, by: User) -> Vehicle:
    """A vehicle that was set aside may be lent again."""
    require(perms.can_change_reserve(by, hold))
    vehicle = hold.vehicle
    holds.release(hold)
    record(by, "vehicle.released", vehicle)
    return vehicle
