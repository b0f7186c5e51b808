"""Steps that take, move and free a vehicle. Every one of them locks the vehicle first, then writes under the
constraint `one_hold_at_a_time` (docs/decisions/002). Their caller has checked who may.
"""

import datetime as dt
from collections.abc import Iterable

from core import clock, outbox, words
from core.db import lock, refuse, save
from fleet.models import Hold, Site, Vehicle
from fleet.readiness import mark_ready


def take(
    vehicle: Vehicle,
    start: dt.datetime,
    end: dt.datetime,
    *,
    purpose: str,
    reason: str = "",
    displacing: bool = False,
) -> Hold:
    """Takes the vehicle for the half-open [start, end).

    With `displacing`, promised loans that stand in the way lose their hold and are told of through the
    outbox; a vehicle that is out is never taken away. Refuses with `withdrawn`, `late`, `overlap`,
    `vehicle_out` or `ends_before_start`.
    """
    vehicle = lock(vehicle)
    if not vehicle.in_service:
        raise refuse(f"Ce véhicule est retiré du parc : {vehicle.withdrawn_reason}.", "withdrawn")
    if start >= end:
        raise refuse("La fin doit venir après le début.", "ends_before_start")
    refuse_if_late(vehicle)
    in_the_way = list(vehicle.holds.overlapping(start, end).order_by("starts_at"))
    if displacing:
        in_the_way = _displace(vehicle, in_the_way)
    if in_the_way:
        raise taken(in_the_way)
    return save(
        Hold(
            platform_id=vehicle.platform_id,
            vehicle=vehicle,
            purpose=purpose,
            starts_at=start,
            ends_at=end,
            reason=reason,
        )
    )


def change(
    hold: Hold,
    *,
    starts_at: dt.datetime | None = None,
    ends_at: dt.datetime | None = None,
    displacing: bool = False,
) -> Hold:
    """Moves either end of the plan. The neighbours' holds stand, but promised loans when `displacing`.

    Refuses with `overlap`, or `vehicle_out` when displacing.
    """
    lock(hold.vehicle)
    hold = lock(hold)
    hold.starts_at, hold.ends_at = starts_at or hold.starts_at, ends_at or hold.ends_at
    in_the_way = hold.vehicle.holds.overlapping(hold.starts_at, hold.ends_at).exclude(pk=hold.pk).order_by("starts_at")
    if in_the_way := _displace(hold.vehicle, in_the_way) if displacing else list(in_the_way):
        raise taken(in_the_way)
    return save(hold, "starts_at", "ends_at")


def release(hold: Hold) -> None:
    """Frees a vehicle that has not left; what was only planned is forgotten. Refuses with `vehicle_out`."""
    lock(hold.vehicle)
    hold = lock(hold)
    if hold.out_at is not None:
        raise refuse("Le véhicule est parti : il faut d’abord le reprendre.", "vehicle_out")
    hold.delete()


def mark_out(hold: Hold, at: dt.datetime) -> Hold:
    """The vehicle really left. A fact: never refused but when it is out already (`already_out`)."""
    lock(hold.vehicle)
    hold = lock(hold)
    if hold.out_at is not None:
        raise refuse("Ce véhicule est déjà parti.", "already_out")
    others = hold.vehicle.holds.out().exclude(pk=hold.pk)
    if others.exists():
        raise refuse("Ce véhicule n’est pas encore revenu de son prêt précédent.", "vehicle_out")
    if hold.purpose == Hold.Purpose.LOAN:
        mark_ready(hold.vehicle, at)  # whoever gives the keys has seen it
    hold.out_at = at
    return save(hold, "out_at")


def mark_back(hold: Hold, at: dt.datetime, *, site: Site | None = None) -> Hold:
    """The vehicle really came back, and stands at `site` if that is given.

    Early, it is free again from that moment; late, the plan stays what it was. Refuses `not_out`, `already_back`.
    """
    vehicle = lock(hold.vehicle)
    hold = lock(hold)
    if hold.out_at is None:
        raise refuse("Ce véhicule n’est pas parti.", "not_out")
    if hold.back_at is not None:
        raise refuse("Ce véhicule est déjà revenu.", "already_back")
    hold.back_at = at
    if hold.starts_at < at < hold.ends_at:
        hold.ends_at = at
    if site is not None and site.pk != vehicle.site_id:
        vehicle.site = site
        save(vehicle, "site")
    return save(hold, "back_at", "ends_at")


def was_never_out(hold: Hold) -> None:
    """The keys that left were another vehicle's: the hold and its facts are forgotten. The caller journals it."""
    lock(hold.vehicle)
    lock(hold).delete()


def took(
    vehicle: Vehicle,
    start: dt.datetime,
    end: dt.datetime,
    *,
    out_at: dt.datetime,
    back_at: dt.datetime | None = None,
    site: Site | None = None,
) -> Hold:
    """A fact learned afterwards: the vehicle has been out on loan, and is back if `back_at` says so.

    Promised loans in the way are displaced. What contradicts another fact is refused: `overlap`, `vehicle_out`.
    """
    if back_at is None:
        return mark_out(take(vehicle, start, end, purpose=Hold.Purpose.LOAN, displacing=True), out_at)
    vehicle = lock(vehicle)
    if start < back_at < end:
        end = back_at  # it is back: nothing after that is in the way, and where it is now is another story
    if in_the_way := _displace(vehicle, vehicle.holds.overlapping(start, end).order_by("starts_at")):
        raise taken(in_the_way)
    if site is not None and site.pk != vehicle.site_id and not vehicle.holds.filter(out_at__gte=back_at).exists():
        vehicle.site = site
        save(vehicle, "site")
    plan = {"starts_at": start, "ends_at": end, "out_at": out_at, "back_at": back_at, "ready_at": back_at}
    return save(Hold(platform_id=vehicle.platform_id, vehicle=vehicle, purpose=Hold.Purpose.LOAN, **plan))


def clear(vehicle: Vehicle, now: dt.datetime) -> None:
    """The vehicle leaves the pool: promised loans are displaced, what set it aside is forgotten.

    Refuses with `vehicle_out`, and with `in_repair` while a garage is to have it.
    """
    vehicle = lock(vehicle)
    if vehicle.holds.out().exists():
        raise refuse("Ce véhicule est chez un participant : il faut d’abord le reprendre.", "vehicle_out")
    coming = vehicle.holds.filter(ends_at__gt=now, out_at__isnull=True)
    if coming.filter(purpose=Hold.Purpose.MAINTENANCE).exists():
        raise refuse("Ce véhicule est en réparation : terminez ou annulez d’abord la réparation.", "in_repair")
    _displace(vehicle, coming.filter(purpose=Hold.Purpose.LOAN))
    coming.delete()


def refuse_if_late(vehicle: Vehicle) -> None:
    """A vehicle that is out past its plan is not free, whatever the holds say."""
    if vehicle.holds.late(clock.now()).exists():
        raise refuse("Ce véhicule aurait dû être rendu et ne l’est pas encore.", "late")


def taken(in_the_way: list[Hold]) -> Exception:
    """The refusal that says until when the vehicle is taken, and why."""
    first, last = in_the_way[0], in_the_way[-1]
    if first.awaits_ready and first is last:
        return refuse(
            "Ce véhicule est revenu et n’est pas encore prêt. Quand il l’est, appuyez sur « Prêt » sur sa page.",
            "overlap",
        )
    why = {Hold.Purpose.LOAN: "prêté", Hold.Purpose.MAINTENANCE: "en réparation"}.get(
        Hold.Purpose(first.purpose), "pris"
    )
    return refuse(f"Ce véhicule est {why} {words.span(first.starts_at, last.ends_at)}.", "overlap")


def _displace(vehicle: Vehicle, holds: Iterable[Hold]) -> list[Hold]:
    """Deletes the promised loans' holds and returns the holds that cannot be displaced."""
    staying = []
    displaced = []
    for hold in holds:
        if hold.out_at is not None and hold.back_at is None:
            raise refuse("Ce véhicule est chez un participant : il faut d’abord le reprendre.", "vehicle_out")
        movable = hold.purpose == Hold.Purpose.LOAN and hold.out_at is None
        (displaced if movable else staying).append(hold)
    if staying:
        return staying
    for hold in displaced:
        outbox.send(
            "vehicle.displaced",
            key=f"vehicle.displaced:{hold.pk}",
            platform_id=vehicle.platform_id,
            payload={"vehicle": vehicle.pk, "hold": hold.pk},
        )
    Hold.objects.filter(pk__in=[hold.pk for hold in displaced]).delete()
    return []
