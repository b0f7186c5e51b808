"""Calendar feeds: made for oneself, shown once, closed by whoever made them or watches over them."""

from accounts.models import Platform, User
from accounts.secrets import hash_of, new_secret
from bookings.feeds import perms
from bookings.models import CalendarFeed
from core import clock
from core.db import action, lock, refuse, require, save
from core.journal import record
from fleet.models import Site, Vehicle
from participants.models import Participant

MOST = 20  # open at once for one person: more are forgotten ones

Of = CalendarFeed.Of


@action
def make_feed(
    platform: Platform,
    *,
    of: str,
    by: User,
    vehicle: Vehicle | None = None,
    site: Site | None = None,
    participant: Participant | None = None,
    with_names: bool = False,
    name: str = "",
) -> tuple[CalendarFeed, str]:
    """A feed of this vehicle, this site, one's own loans; and its secret, which is shown now and never again.

    A participant's is of their own loans, and names nobody. Refuses with `target_missing`, `one_thing`,
    `too_many_feeds`.
    """
    require(perms.can_make_feed(by, platform, of, participant))
    target = {Of.VEHICLE: vehicle, Of.SITE: site, Of.PARTICIPANT: participant}.get(Of(of), by)
    if target is None:
        raise refuse("Dites quel véhicule, ou quel site, l’agenda doit suivre.", "target_missing")
    if CalendarFeed.objects.standing().filter(owner=by).count() >= MOST:
        raise refuse(f"Vous avez déjà {MOST} agendas : fermez ceux qui ne servent plus.", "too_many_feeds")
    secret = new_secret()
    feed = save(
        CalendarFeed(
            platform=platform,
            owner=by,
            of=of,
            vehicle=vehicle,
            site=site,
            participant=participant,
            with_names=with_names and of != Of.PARTICIPANT,
            name=" ".join(name.split()),
            prefix=secret[:6],
            secret_hash=hash_of(secret),
        )
    )
    record(by, "feed.made", feed, of=of, with_names=feed.with_names, prefix=feed.prefix)
    return feed, secret


@action
def revoke_feed(feed: CalendarFeed, *, by: User) -> CalendarFeed:
    """Its address opens nothing any more. Done twice it stays done."""
    feed = lock(feed)
    require(perms.can_revoke_feed(by, feed))
    if feed.revoked_at is None:
        feed.revoked_at = clock.now()
        save(feed, "revoked_at")
        record(by, "feed.revoked", feed, prefix=feed.prefix)
    return feed
