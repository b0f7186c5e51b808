"""Who may do what in the pool. Every member of the staff may read all of it."""

from typing import Any

from django.db import models

from accounts.models import Role
from accounts.perms import has_role


def can_import_vehicles(user: Any, platform: models.Model) -> bool:
    """Advisers and fleet managers: on the first day it is an adviser who fills the pool."""
    return has_role(user, platform.pk, Role.ADVISER, Role.FLEET_MANAGER)
