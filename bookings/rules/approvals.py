"""Which loans need somebody's yes before they are promised, and whose: what the loan rules of the platform say."""

from accounts.models import Platform, Role, User
from accounts.perms import acts_as_machine, roles
from bookings.models import Booking
from bookings.rules.house import Terms
from bookings.rules.reads import terms_for
from core.db import refuse


def approvers(rules: Terms) -> frozenset[str]:
    """The roles of which one must say yes; none when every member of the desk may promise."""
    return frozenset({*rules.approved_by, Role.COORDINATOR}) if rules.approval_needed else frozenset()


def in_words(wanted: frozenset[str]) -> str:
    """« Coordinateur·rice ou Responsable du parc »; empty when nobody in particular must say yes."""
    return " ou ".join(sorted(str(Role(role).label) for role in wanted))


def may_promise(user: User, platform: Platform, rules: Terms) -> bool:
    """Nobody's yes is needed, or this person's is one of those that count. Never the machine's."""
    wanted = approvers(rules)
    if not wanted:
        return True
    return roles(user).get(platform.pk) in wanted and not acts_as_machine(user, platform.pk)


def refuse_unapproved(by: User, platform: Platform, rules: Terms) -> None:
    """Refuses `approval_needed` where this person's yes does not count."""
    if not may_promise(by, platform, rules):
        raise refuse(
            f"Ce prêt doit être approuvé ({in_words(approvers(rules))}). Enregistrez une demande : elle attend "
            "cette réponse.",
            "approval_needed",
        )


def refuse_without_approval(by: User, booking: Booking) -> None:
    """The same, of a loan that is known."""
    refuse_unapproved(by, booking.platform, terms_of(booking))


def terms_of(booking: Booking) -> Terms:
    """One query."""
    return terms_for(booking.platform, booking.kind, booking.programme_id, booking.starts_at)
