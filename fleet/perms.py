"""Who may do what with the pool."""

from typing import Any

from accounts.models import Platform, Role
from accounts.perms import has_role
from fleet.models import Damage, Equipment, Hold, OdometerReading, Site, Vehicle


def can_manage_pool(user: Any, platform: Platform) -> bool:
    """Fleet managers (and coordinators): what joins the pool, sites, equipment."""
    return has_role(user, platform.pk, Role.FLEET_MANAGER)


def can_import_vehicles(user: Any, platform: Platform) -> bool:
    """Advisers and fleet managers: on the first day it is an adviser who fills the pool."""
    return has_role(user, platform.pk, Role.ADVISER, Role.FLEET_MANAGER)


def can_manage_vehicle(user: Any, vehicle: Vehicle) -> bool:
    """Fleet managers: its description, papers, equipment, withdrawal."""
    return has_role(user, vehicle.platform_id, Role.FLEET_MANAGER)


def can_manage_site(user: Any, site: Site) -> bool:
    """Fleet managers."""
    return has_role(user, site.platform_id, Role.FLEET_MANAGER)


def can_manage_equipment(user: Any, equipment: Equipment) -> bool:
    """Fleet managers."""
    return has_role(user, equipment.platform_id, Role.FLEET_MANAGER)


def can_handle_vehicle(user: Any, vehicle: Vehicle) -> bool:
    """Whoever stands beside it: advisers and fleet managers move it, note damages and kilometres, set it aside."""
    return has_role(user, vehicle.platform_id, Role.ADVISER, Role.FLEET_MANAGER)


def can_mend(user: Any, damage: Damage) -> bool:
    """Fleet managers say that a damage is no more."""
    return has_role(user, damage.platform_id, Role.FLEET_MANAGER)


def can_settle(user: Any, reading: OdometerReading) -> bool:
    """Fleet managers settle what the counter said."""
    return has_role(user, reading.platform_id, Role.FLEET_MANAGER)


def can_change_reserve(user: Any, hold: Hold) -> bool:
    """Whoever may set a vehicle aside; loans and repairs have verbs of their own."""
    return hold.purpose in {Hold.Purpose.RESERVE, Hold.Purpose.TRANSFER} and has_role(
        user, hold.platform_id, Role.ADVISER, Role.FLEET_MANAGER
    )
