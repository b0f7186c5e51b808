from typing import Any

from accounts.models import Role
from accounts.perms import has_role


def can_import(user: Any, platform_id: int) -> bool:
    """Advisers and fleet managers: on the first day it is an adviser who fills the address book."""
    return has_role(user, platform_id, Role.ADVISER, Role.FLEET_MANAGER)
