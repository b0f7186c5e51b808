"""Who may do what with money."""

from typing import Any

from accounts.models import Role
from accounts.perms import has_role


def can_charge(user: Any, row: Any) -> bool:
    """Advisers, accountants: add an amount to an account, reverse one."""
    return has_role(user, row.platform_id, Role.ADVISER, Role.ACCOUNTANT)


def can_waive(user: Any, row: Any) -> bool:
    """Advisers, accountants."""
    return has_role(user, row.platform_id, Role.ADVISER, Role.ACCOUNTANT)


def can_take_payment(user: Any, row: Any) -> bool:
    """Advisers at the desk, accountants; they may also reverse one, which stays for all to see."""
    return has_role(user, row.platform_id, Role.ADVISER, Role.ACCOUNTANT)


def can_hold_deposit(user: Any, row: Any) -> bool:
    """Whoever hands keys over or takes money: advisers, fleet managers, accountants."""
    return has_role(user, row.platform_id, Role.ADVISER, Role.FLEET_MANAGER, Role.ACCOUNTANT)


def can_settle_deposit(user: Any, row: Any) -> bool:
    """Advisers, accountants: keep a deposit, or do without one."""
    return has_role(user, row.platform_id, Role.ADVISER, Role.ACCOUNTANT)


def can_set_tariffs(user: Any, platform: Any) -> bool:
    """Accountants and coordinators."""
    return has_role(user, platform.pk, Role.ACCOUNTANT)


def can_manage_payers(user: Any, platform: Any) -> bool:
    """Accountants and coordinators."""
    return has_role(user, platform.pk, Role.ACCOUNTANT)
