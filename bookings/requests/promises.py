"""Steps of a promise « sous réserve »: firm, or let go. Their caller has locked the loan and checked who may."""

import datetime as dt

from bookings.models import Booking, Proposal, RequestPolicy, WaitingEntry
from core import clock
from core.db import become, lock, save
from fleet.models import Site
from fleet.opening import is_open, next_open


def make_firm(booking: Booking) -> None:
    """Nothing frees it by itself any more; whoever waited for it waits no longer."""
    booking.promised_until = None
    save(booking, "promised_until")
    proposal = Proposal.objects.filter(booking=booking).select_related("entry").first()
    if proposal is not None:
        entry = lock(proposal.entry)
        if entry.state == WaitingEntry.State.WAITING:
            become(entry, WaitingEntry.State.SERVED)
            entry.left_at = clock.now()
            save(entry, "state", "left_at")


def policy_of(platform_id: int) -> RequestPolicy:
    """As the platform set it, or the usual one."""
    return RequestPolicy.objects.filter(platform=platform_id).first() or RequestPolicy(platform_id=platform_id)


def in_opening_hours(site: Site, moment: dt.datetime) -> dt.datetime:
    """The moment itself, or the next one at which somebody is there. A site that never opens again changes nothing."""
    return next_open(site, moment) or moment


def is_closed(site: Site) -> bool:
    """Nobody is there now."""
    return not is_open(site, clock.now())
