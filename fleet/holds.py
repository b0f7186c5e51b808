"""Steps that take, move and free a vehicle. Every one of them locks the vehicle first, then writes under the
constraint `one_hold_at_a_time` (docs/decisions/002). Their caller has checked who may.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import pairwise

from django.db.models import Q

from core import clock, outbox, words
from core.db import create_all, lock, lock_all, refuse, save
from fleet.freed import tell_freed
from fleet.models import NO_TIME, Hold, Site, Vehicle
from fleet.readiness import mark_ready

A_MOMENT = dt.timedelta(minutes=1)


def take(
    vehicle: Vehicle,
    start: dt.datetime,
    end: dt.datetime,
    *,
    purpose: str,
    reason: str = "",
    displacing: bool = False,
    before: dt.timedelta = NO_TIME,
    after: dt.timedelta = NO_TIME,
    squeezing: bool = False,
) -> Hold:
    """Takes the vehicle for the half-open [start, end), with the turnaround that this plan needs `before` and `after`.

    With `displacing`, promised loans that stand in the way lose their hold and are told of through the
    outbox; a vehicle that is out is never taken away. With `squeezing` the turnaround, ours and the neighbours',
    gives way. Refuses with `withdrawn`, `late`, `overlap`, `turnaround` (only the turnaround is in the way),
    `vehicle_out` or `ends_before_start`.
    """
    vehicle = lock(vehicle, "site")
    if not vehicle.in_service:
        raise refuse(f"Ce véhicule est retiré du parc : {vehicle.withdrawn_reason}.", "withdrawn")
    if start >= end:
        raise refuse("La fin doit venir après le début.", "ends_before_start")
    neighbours = refuse_if_late(vehicle, start - before, end + after)
    hold = Hold(platform_id=vehicle.platform_id, vehicle=vehicle, purpose=purpose, reason=reason)
    _lay(hold, neighbours, start, end, before, after, displacing=displacing, squeezing=squeezing)
    return save(hold)


def take_all(
    wanted: Sequence[tuple[Vehicle, dt.datetime, dt.datetime]],
    *,
    purpose: str,
    before: dt.timedelta = NO_TIME,
    after: dt.timedelta = NO_TIME,
    squeezing: bool = False,
) -> list[Hold]:
    """Takes vehicles for many plans at once, in order, in a fixed number of statements; the plans of one vehicle are in
    order of time and belong together, so that no turnaround is asked between them. Refuses as `take` does.
    """
    vehicles = {one.pk: one for one in lock_all(Vehicle, [vehicle.pk for vehicle, _, _ in wanted])}
    if gone := next((one for one in vehicles.values() if not one.in_service), None):
        raise refuse(f"Un véhicule est retiré du parc : {gone.withdrawn_reason}.", "withdrawn")
    if Hold.objects.late(clock.now()).filter(vehicle__in=vehicles).exists():
        raise refuse("Un véhicule aurait dû être rendu et ne l’est pas encore.", "late")
    first, last = min(start for _, start, _ in wanted) - before, max(end for _, _, end in wanted) + after
    near: dict[int, list[Hold]] = {pk: [] for pk in vehicles}
    for hold in Hold.objects.filter(vehicle__in=vehicles).overlapping(first, last).order_by("starts_at"):
        near[hold.vehicle_id].append(hold)
    holds: list[Hold] = []
    for vehicle, start, end in wanted:
        hold = Hold(platform_id=vehicle.platform_id, vehicle=vehicles[vehicle.pk], purpose=purpose)
        _lay(hold, near[vehicle.pk], start, end, before, after, squeezing=squeezing)
        holds.append(hold)
    for pk in vehicles:
        for one, following in pairwise([hold for hold in holds if hold.vehicle_id == pk]):
            _join(one, following)
    return create_all(Hold, holds)


def change(
    hold: Hold,
    *,
    starts_at: dt.datetime | None = None,
    ends_at: dt.datetime | None = None,
    displacing: bool = False,
    before: dt.timedelta | None = None,
    after: dt.timedelta | None = None,
    squeezing: bool = False,
) -> Hold:
    """Moves either end of the plan; its turnaround goes with it, or becomes what is given.

    The neighbours' holds stand, but promised loans when `displacing`. Refuses as `take` does.
    """
    lock(hold.vehicle)
    hold = lock(hold)
    start, end = starts_at or hold.plan_starts_at, ends_at or hold.plan_ends_at
    before, after = hold.before if before is None else before, hold.after if after is None else after
    planned = (hold.starts_at, hold.ends_at)
    _fit(hold, start, end, before, after, displacing=displacing, squeezing=squeezing)
    if hold.starts_at > planned[0] or hold.ends_at < planned[1]:
        tell_freed(hold.vehicle)
    return save(hold, "starts_at", "ends_at", "before", "after")


def release(hold: Hold) -> None:
    """Frees a vehicle that has not left; what was only planned is forgotten. Refuses with `vehicle_out`."""
    lock(hold.vehicle)
    hold = lock(hold)
    if hold.out_at is not None:
        raise refuse("Le véhicule est parti : il faut d’abord le reprendre.", "vehicle_out")
    tell_freed(hold.vehicle)
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

    Early, its turnaround begins at that moment; late, the plan stays what it was. Refuses `not_out`, `already_back`.
    """
    vehicle = lock(hold.vehicle)
    hold = lock(hold)
    if hold.out_at is None:
        raise refuse("Ce véhicule n’est pas parti.", "not_out")
    if hold.back_at is not None:
        raise refuse("Ce véhicule est déjà revenu.", "already_back")
    hold.back_at = at
    if hold.starts_at <= at < hold.plan_ends_at:
        # Given by mistake and back at once, it frees the vehicle too; but a hold is never empty.
        ends_at = min(max(at, hold.starts_at + A_MOMENT), hold.plan_ends_at)
        hold.before = min(hold.before, ends_at - hold.starts_at)
        hold.ends_at = ends_at + hold.after
        tell_freed(vehicle)
    if site is not None and site.pk != vehicle.site_id:
        vehicle.site = site
        save(vehicle, "site")
    return save(hold, "back_at", "ends_at", "before")


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
    after: dt.timedelta = NO_TIME,
) -> Hold:
    """A fact learned afterwards: the vehicle has been out on loan, and is back if `back_at` says so.

    Promised loans in the way are displaced. What contradicts another fact is refused: `overlap`, `vehicle_out`.
    """
    if back_at is None:
        return mark_out(take(vehicle, start, end, purpose=Hold.Purpose.LOAN, displacing=True, after=after), out_at)
    vehicle = lock(vehicle)
    if start < back_at < end:
        end = back_at  # it is back: nothing after that is in the way, and where it is now is another story
    in_the_way = list(vehicle.holds.overlapping(start, end).order_by("starts_at"))
    if plans := _displace(vehicle, [one for one in in_the_way if plans_overlap(one, start, end)]):
        raise taken(plans)
    for one in in_the_way:
        _give_way(one, start, end)
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
    if vehicle.holds.out().exclude(purpose=Hold.Purpose.MISSING).exists():
        raise refuse("Ce véhicule est chez un participant : il faut d’abord le reprendre.", "vehicle_out")
    coming = vehicle.holds.filter(ends_at__gt=now, out_at__isnull=True)
    if coming.filter(purpose=Hold.Purpose.MAINTENANCE).exists():
        raise refuse("Ce véhicule est en réparation : terminez ou annulez d’abord la réparation.", "in_repair")
    _displace(vehicle, coming.filter(purpose=Hold.Purpose.LOAN))
    coming.delete()


def refuse_if_late(vehicle: Vehicle, start: dt.datetime, end: dt.datetime) -> list[Hold]:
    """A vehicle that is out past its plan is not free, whatever the holds say. Else the holds that touch this time,
    in the one query that both need."""
    touching, out = Q(starts_at__lt=end, ends_at__gt=start), Q(out_at__isnull=False, back_at__isnull=True)
    near = sorted(Hold.objects.filter(touching | out, vehicle=vehicle), key=lambda hold: hold.starts_at)
    if any(hold.is_late(clock.now()) for hold in near):
        raise refuse("Ce véhicule aurait dû être rendu et ne l’est pas encore.", "late")
    return [hold for hold in near if hold.starts_at < end and hold.ends_at > start]


def taken(in_the_way: list[Hold]) -> Exception:
    """The refusal that says until when the vehicle is taken, and why."""
    first, last = in_the_way[0], in_the_way[-1]
    if first.purpose == Hold.Purpose.MISSING:
        return refuse("Ce véhicule n’a jamais été rendu, et n’est pas retrouvé.", "overlap")
    why = {Hold.Purpose.LOAN: "prêté", Hold.Purpose.MAINTENANCE: "en réparation"}.get(
        Hold.Purpose(first.purpose), "pris"
    )
    return refuse(f"Ce véhicule est {why} {words.span(first.plan_starts_at, last.plan_ends_at)}.", "overlap")


def _fit(
    hold: Hold,
    start: dt.datetime,
    end: dt.datetime,
    before: dt.timedelta,
    after: dt.timedelta,
    *,
    displacing: bool,
    squeezing: bool,
) -> None:
    """Lays the plan and its turnaround between the neighbours, which are read in one query.

    What a neighbour's turnaround covers already is not taken twice: the hold then begins where that one ends.
    """
    near = hold.vehicle.holds.overlapping(start - before, end + after).exclude(pk=hold.pk).order_by("starts_at")
    neighbours = list(near)
    _lay(hold, neighbours, start, end, before, after, displacing=displacing, squeezing=squeezing)


def _lay(
    hold: Hold,
    neighbours: list[Hold],
    start: dt.datetime,
    end: dt.datetime,
    before: dt.timedelta,
    after: dt.timedelta,
    *,
    displacing: bool = False,
    squeezing: bool = False,
) -> None:
    """`_fit` between neighbours that are known."""
    in_the_way = [other for other in neighbours if stands_in_the_way(other, start, end, before, after)]
    plans = [other for other in in_the_way if plans_overlap(other, start, end)]
    too_near = [other for other in in_the_way if other not in plans]
    if displacing:
        neighbours = [other for other in neighbours if other not in plans]
        plans = _displace(hold.vehicle, plans)
    if plans:
        raise taken(plans)
    if too_near and not (displacing or squeezing):
        raise too_close(too_near[0], start, before, after)
    for other in too_near:
        _give_way(other, start, end)
    hold.starts_at = max([start - before, *(one.ends_at for one in neighbours if one.ends_at <= start)])
    hold.ends_at = min([end + after, *(one.starts_at for one in neighbours if one.starts_at >= end)])
    hold.before, hold.after = start - hold.starts_at, hold.ends_at - end


def _join(one: Hold, following: Hold) -> None:
    """Two plans that belong together: their turnaround is what is left between them."""
    start = following.plan_starts_at
    if one.ends_at > start:
        one.after -= one.ends_at - start
        one.ends_at = start
    if following.starts_at < one.ends_at:
        following.before -= one.ends_at - following.starts_at
        following.starts_at = one.ends_at


def plans_overlap(other: Hold, start: dt.datetime, end: dt.datetime) -> bool:
    return other.plan_starts_at < end and other.plan_ends_at > start


def stands_in_the_way(
    other: Hold, start: dt.datetime, end: dt.datetime, before: dt.timedelta, after: dt.timedelta
) -> bool:
    """Between two plans the longer turnaround is left, once: the later one's `before` or the earlier one's `after`."""
    wanted_from = min(other.starts_at, other.plan_starts_at - after)
    freed_at = max(other.ends_at, other.plan_ends_at + before)
    return wanted_from < end and freed_at > start


def too_close(other: Hold, start: dt.datetime, before: dt.timedelta, after: dt.timedelta) -> Exception:
    """The plan itself would fit; the time to make the vehicle ready would not."""
    if other.awaits_ready:
        return refuse(
            "Ce véhicule est revenu et n’est pas encore prêt. Quand il l’est, appuyez sur « Prêt » sur sa page.",
            "turnaround",
        )
    if other.plan_ends_at <= start:
        ready = max(other.ends_at, other.plan_ends_at + before)
        return refuse(
            f"Ce véhicule revient {words.moment(other.plan_ends_at)} : le temps de le préparer, il est prêt "
            f"{words.moment(ready)}.",
            "turnaround",
        )
    until = min(other.starts_at, other.plan_starts_at - after)
    return refuse(
        f"Ce véhicule repart {words.moment(other.plan_starts_at)} : pour avoir le temps de le préparer, il doit être "
        f"rendu au plus tard {words.moment(until)}.",
        "turnaround",
    )


def _give_way(hold: Hold, start: dt.datetime, end: dt.datetime) -> None:
    """Its turnaround, not its plan, reaches into [start, end): it is cut to what is left."""
    if hold.plan_ends_at <= start < hold.ends_at:
        hold.after -= hold.ends_at - start
        hold.ends_at = start
    elif hold.starts_at < end <= hold.plan_starts_at:
        hold.before -= end - hold.starts_at
        hold.starts_at = end
    else:
        return
    save(hold, "starts_at", "ends_at", "before", "after")


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
