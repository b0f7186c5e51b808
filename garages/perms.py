from typing import Any

from accounts.models import Role
from accounts.perms import has_role
from garages.models import Garage, GarageMember


def can_manage(user: Any, platform_id: int) -> bool:
    """Fleet managers and coordinators of the platform."""
    return has_role(user, platform_id, Role.FLEET_MANAGER)


def can_import(user: Any, platform_id: int) -> bool:
    """Advisers and fleet managers: on the first day it is an adviser who fills the address book."""
    return has_role(user, platform_id, Role.ADVISER, Role.FLEET_MANAGER)


def answers_for(user: Any, garage: Garage | None) -> bool:
    """Whoever stands behind the garage's link, and the members who work there; nobody for a stopped one."""
    if garage is None or not garage.is_active or not getattr(user, "is_authenticated", False):
        return False
    return garage.user_id == user.pk or GarageMember.objects.filter(garage=garage, user=user).exists()
