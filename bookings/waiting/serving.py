"""How the list is served when a vehicle is freed: the first whom it fits, then the next. Woken by tasks.py."""

from accounts.models import Platform
from bookings.actions.waiting import offer, propose, writes_by_itself
from bookings.models import RequestPolicy
from bookings.requests import promises
from bookings.waiting import reads as waiting_reads
from bookings.waiting.order import Place
from core.db import action, one_by_one


def serve(platform: Platform) -> int:
    """Proposes what is free to those who wait, in order; how many proposals were made.

    While a site is closed nothing is proposed there: nobody could be called, and the time to answer would run.
    """
    policy = promises.policy_of(platform.pk)
    places = waiting_reads.places_of(platform, policy, greedy=True)
    fitting = {place.entry.pk: place for place in places if place.vehicle is not None}
    return one_by_one(lambda entry: keep_for(fitting[entry.pk], policy), [place.entry for place in fitting.values()])


@action
def keep_for(place: Place, policy: RequestPolicy) -> bool:
    """One proposal, in a transaction of its own; False while the site is closed."""
    assert place.vehicle is not None
    if promises.is_closed(place.vehicle.site):
        return False
    by = place.entry.platform.machine_user
    proposal = propose(place.entry, vehicle=place.vehicle, by=by, starts_at=place.starts_at)
    if writes_by_itself(proposal, policy, by):
        offer(proposal, by=by)
    return True
