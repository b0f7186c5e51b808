"""Who may do what with the people whom the platform accompanies."""

from typing import Any

from accounts.models import Platform, Role
from accounts.perms import has_role
from participants.models import DrivingEntitlement, Participant


def can_register(user: Any, platform: Platform) -> bool:
    """Advisers (and coordinators)."""
    return has_role(user, platform.pk, Role.ADVISER)


def can_change(user: Any, participant: Participant) -> bool:
    """Advisers."""
    return has_role(user, participant.platform_id, Role.ADVISER)


def can_record_entitlement(user: Any, participant: Participant) -> bool:
    """Whoever gives keys: advisers and fleet managers."""
    return has_role(user, participant.platform_id, Role.ADVISER, Role.FLEET_MANAGER)


def can_verify_entitlement(user: Any, entitlement: DrivingEntitlement) -> bool:
    """Whoever gives keys: advisers and fleet managers."""
    return has_role(user, entitlement.platform_id, Role.ADVISER, Role.FLEET_MANAGER)


def can_note_papers(user: Any, participant: Participant) -> bool:
    """Whoever gives keys: advisers and fleet managers note papers and aptitude tests, and open the copies."""
    return has_role(user, participant.platform_id, Role.ADVISER, Role.FLEET_MANAGER)


def can_settle_programmes(user: Any, platform: Platform) -> bool:
    """Coordinators: programmes are what tariffs and funders refer to."""
    return has_role(user, platform.pk)


def can_add_prescriber(user: Any, platform: Platform) -> bool:
    """Advisers: a prescription from an unknown structure must not wait."""
    return has_role(user, platform.pk, Role.ADVISER)
