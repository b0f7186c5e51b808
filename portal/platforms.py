"""A platform is opened: its own rows, and what upper rooms must have from the first day."""

from accounts import actions
from accounts.models import Platform
from core.db import action, save
from maintenance.models import RepairPolicy
from participants.programmes import default_programme


@action
def open_platform(
    name: str, *, coordinator: str, coordinator_name: str = "", slug: str = "", time_zone: str = "Europe/Paris"
) -> Platform:
    """Ready to work: platform, machine user, coordinator, a programme, a repair policy. See `create_platform`."""
    platform = actions.create_platform(
        name, coordinator=coordinator, coordinator_name=coordinator_name, slug=slug, time_zone=time_zone
    )
    default_programme(platform)
    save(RepairPolicy(platform=platform))
    return platform
