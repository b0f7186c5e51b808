"""Who may do what with incidents, fines and trips."""

from typing import Any

from accounts.models import Platform, Role
from accounts.perms import has_role, is_staff


def can_see(user: Any, platform: Platform) -> bool:
    """The whole staff."""
    return is_staff(user, platform.pk)


def can_handle(user: Any, row: Any) -> bool:
    """Advisers and fleet managers: open, complete, declare, designate, contest, close; `row` is of a platform."""
    return has_role(user, row.platform_id, Role.ADVISER, Role.FLEET_MANAGER)


def can_pay(user: Any, row: Any) -> bool:
    """Accountants (and coordinators): money that leaves the platform."""
    return has_role(user, row.platform_id, Role.ACCOUNTANT)


def can_rebill(user: Any, row: Any) -> bool:
    """Advisers and accountants, as for any other amount on an account."""
    return has_role(user, row.platform_id, Role.ADVISER, Role.ACCOUNTANT)


def can_close_fine(user: Any, row: Any) -> bool:
    """Whoever handles it, and whoever paid it."""
    return can_handle(user, row) or can_pay(user, row)


def can_set_policy(user: Any, platform: Platform) -> bool:
    """Coordinators."""
    return has_role(user, platform.pk)
