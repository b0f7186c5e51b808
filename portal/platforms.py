"""A platform is opened: its own rows, and what upper rooms must have from the first day."""

from accounts import actions
from accounts.models import Platform
from bookings.actions.clauses import default_clauses
from bookings.actions.reminders import default_reminders
from core.db import action, save
from maintenance.models import RepairPolicy
from participants.programmes import default_programme


@action
def open_platform(
    name: str, *, coordinator: str, coordinator_name: str = "", slug: str = "", time_zone: str = "Europe/Paris"
) -> Platform:
    """Ready to work: platform, machine user, coordinator, a programme, a repair policy, usual reminders and clauses.

    See `create_platform`.
    """
    platform = actions.create_platform(
        name, coordinator=coordinator, coordinator_name=coordinator_name, slug=slug, time_zone=time_zone
    )
    default_programme(platform)
    save(RepairPolicy(platform=platform))
    default_reminders(platform)
    default_clauses(platform)
    return platform
