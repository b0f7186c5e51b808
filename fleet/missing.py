"""A vehicle that left on loan and does not come back: stolen, impounded, destroyed, kept.

The hold of its loan stays out, for that is a fact, and is no loan's any more. It always has an end in the near future,
which a sweep moves on: loans months away keep their vehicle until that day comes near. Steps; their caller has checked
who may, and journals.
"""

import datetime as dt

from core import clock
from core.db import action, lock, one_by_one, save
from fleet import holds
from fleet.models import Hold, Site

KEPT_AHEAD = dt.timedelta(days=7)  # loans that begin sooner are displaced and re-housed
ENDS_SOON = dt.timedelta(days=5)


def went_missing(hold: Hold, reason: str) -> Hold:
    """Nobody expects the vehicle back by its plan; promised loans of the next days are displaced. Never refused."""
    lock(hold.vehicle)
    hold = lock(hold)
    hold.purpose, hold.reason, hold.after = Hold.Purpose.MISSING, reason[:200], dt.timedelta()
    save(hold, "purpose", "reason", "after")
    return keep_ahead(hold)


def found(hold: Hold, at: dt.datetime, site: Site) -> Hold:
    """It stands at this site again. Refuses as `holds.mark_back` does."""
    return holds.mark_back(hold, at, site=site)


def keep_ahead(hold: Hold) -> Hold:
    """Moves the end of the hold on, as far as what cannot be displaced leaves room."""
    until = clock.now() + KEPT_AHEAD
    later = hold.vehicle.holds.exclude(pk=hold.pk).filter(starts_at__gte=hold.ends_at, starts_at__lt=until)
    staying = later.exclude(purpose=Hold.Purpose.LOAN, out_at__isnull=True)
    if (first := staying.order_by("starts_at").first()) is not None:
        until = first.starts_at
    return holds.change(hold, ends_at=until, displacing=True) if until > hold.ends_at else hold


def keep_what_is_missing() -> int:
    """The sweep: how many vehicles were kept on, each in its own transaction; a second scheduler finds it done."""
    missing = Hold.objects.out().filter(purpose=Hold.Purpose.MISSING, ends_at__lte=clock.now() + ENDS_SOON)
    return one_by_one(_keep_on, missing.filter(vehicle__withdrawn_on__isnull=True).select_related("vehicle"))


@action
def _keep_on(hold: Hold) -> bool:
    lock(hold.vehicle)
    hold = lock(hold)
    if hold.back_at is not None or hold.ends_at > clock.now() + ENDS_SOON:
        return False
    before = hold.ends_at
    return keep_ahead(hold).ends_at > before
