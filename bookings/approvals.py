"""Which loans need somebody's yes before they are promised, and whose: what the loan rules of the platform say."""

import datetime as dt

from accounts.models import Platform, Role, User
from accounts.perms import acts_as_machine, roles
from bookings.models import Booking
from bookings.rule_reads import terms_for
from core import clock
from core.db import refuse
from participants.models import Programme


def approvers(platform: Platform, kind: str, programme: Programme, on: dt.date) -> frozenset[str]:
    """The roles of which one must say yes; none when every member of the desk may promise. One query."""
    rules = terms_for(platform, kind, programme, on)
    return frozenset({Role.COORDINATOR, *rules.approved_by}) if rules.approval_needed else frozenset()


def in_words(wanted: frozenset[str]) -> str:
    """« Coordinateur·rice ou Responsable du parc »; empty when nobody in particular must say yes."""
    return " ou ".join(str(Role(role).label) for role in sorted(wanted))


def may_promise(user: User, platform: Platform, kind: str, programme: Programme, on: dt.date) -> bool:
    """Nobody's yes is needed, or this person's is one of those that count."""
    wanted = approvers(platform, kind, programme, on)
    return not wanted or (roles(user).get(platform.pk) in wanted and not acts_as_machine(user, platform.pk))


def refuse_without_approval(by: User, booking: Booking) -> None:
    """Refuses `approval_needed` whoever may not say yes to this request."""
    day = clock.local_date(booking.starts_at, booking.platform.time_zone)
    if not may_promise(by, booking.platform, booking.kind, booking.programme, day):
        raise refuse("Ce prêt doit être approuvé.", "approval_needed")
