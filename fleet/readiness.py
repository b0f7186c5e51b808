"""After a return the vehicle is cleaned, charged and looked over: it is kept until somebody taps « Prêt ».

The hold of the loan that came back lasts that long. It always has an end in the near future, which a sweep moves on
while nobody has tapped: a forgotten tap takes the vehicle from nobody next week, displaces nothing, and after
`GIVE_UP` takes it from nobody at all. Whoever gives the keys to the next person says by that that it was ready.
Steps; their caller has checked who may.
"""

import datetime as dt

from core import clock
from core.db import action, lock, one_by_one, save
from fleet.freed import tell_freed
from fleet.models import NO_TIME, Hold, Vehicle

KEPT_ON = dt.timedelta(hours=1)  # by which the sweep moves the end
ENDS_SOON = dt.timedelta(minutes=15)
GIVE_UP = dt.timedelta(days=3)


def await_ready(hold: Hold, length: dt.timedelta) -> Hold:
    """A vehicle that has just come back is kept for that long, as far as what is planned next leaves room; for no time
    at all, it is ready at once."""
    vehicle = lock(hold.vehicle)
    hold = lock(hold)
    assert hold.back_at is not None
    if not length:
        hold.ready_at = hold.back_at
        return save(hold, "ready_at")
    hold.ready_at = None
    return keep_until(hold, vehicle, hold.back_at + length)


def keep_until(hold: Hold, vehicle: Vehicle, until: dt.datetime) -> Hold:
    """Moves the end of the hold on, never into what is planned next."""
    planned = vehicle.holds.filter(starts_at__gte=hold.ends_at).exclude(pk=hold.pk).order_by("starts_at")
    if (next_at := planned.values_list("starts_at", flat=True).first()) is not None:
        until = min(until, next_at)
    until = max(hold.ends_at, until)
    hold.after += until - hold.ends_at  # turnaround: the plan ended when it did
    hold.ends_at = until
    return save(hold, "ends_at", "after", "ready_at")


def mark_ready(vehicle: Vehicle, at: dt.datetime) -> list[Hold]:
    """The vehicle may leave again since `at`; the holds that waited for it end then. None when nothing waited."""
    vehicle = lock(vehicle)
    waiting = list(vehicle.holds.not_ready())
    for hold in waiting:
        hold.ready_at = max(at, hold.back_at)  # type: ignore[type-var]
        if hold.starts_at < hold.ready_at < hold.ends_at:  # type: ignore[operator]
            hold.after = max(hold.after - (hold.ends_at - hold.ready_at), NO_TIME)  # type: ignore[operator]
            hold.ends_at = hold.ready_at  # type: ignore[assignment]
            tell_freed(vehicle)
        save(hold, "ready_at", "ends_at", "after")
    return waiting


def keep_what_is_not_ready() -> int:
    """The sweep: vehicles that are back, not ready, and whose hold is about to end; how many were kept on.

    Each in its own transaction, under the vehicle's lock; a second scheduler finds it done.
    """
    now = clock.now()
    ending = Hold.objects.not_ready().filter(ends_at__lte=now + ENDS_SOON, back_at__gt=now - GIVE_UP)
    return one_by_one(_keep_on, ending.filter(vehicle__withdrawn_on__isnull=True).select_related("vehicle"))


@action
def _keep_on(hold: Hold) -> bool:
    vehicle = lock(hold.vehicle)
    hold = lock(hold)
    now = clock.now()
    if hold.ready_at is not None or hold.ends_at > now + ENDS_SOON or vehicle.holds.out().exists():
        return False
    if vehicle.holds.overlapping(hold.ends_at, now).exclude(pk=hold.pk).exists():
        return False  # something else has had it since
    before = hold.ends_at
    return keep_until(hold, vehicle, now + KEPT_ON).ends_at > before
