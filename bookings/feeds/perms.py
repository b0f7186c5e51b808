"""Who may make and close calendar feeds."""

from typing import Any

from accounts.models import Platform
from accounts.perms import has_role, is_staff
from bookings.models import CalendarFeed
from participants.models import Participant


def can_make_feed(user: Any, platform: Platform, of: str, participant: Participant | None) -> bool:
    """Staff, of whatever they see; a participant, of their own loans."""
    if of == CalendarFeed.Of.PARTICIPANT:
        return participant is not None and participant.user_id == user.pk and participant.platform_id == platform.pk
    return is_staff(user, platform.pk)


def can_revoke_feed(user: Any, feed: CalendarFeed) -> bool:
    """Whoever made it, coordinators, and the staff where it is a participant's."""
    if feed.owner_id == user.pk or has_role(user, feed.platform_id):
        return True
    return feed.of == CalendarFeed.Of.PARTICIPANT and is_staff(user, feed.platform_id)
