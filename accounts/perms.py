"""Who belongs to what. The roles of a user are read once and kept on the user object for its life."""

from typing import Any

from django.db import models

from accounts.models import ApiToken, Membership, Platform, Role, User


def roles(user: Any) -> dict[int, str]:
    """Platform id → role, for a signed-in user's memberships; one query for the life of the object."""
    if not getattr(user, "is_authenticated", False):
        return {}
    if not hasattr(user, "_roles"):
        mine = Membership.objects.filter(user=user).values_list("platform_id", "role", "platform__time_zone")
        user._roles = {platform_id: role for platform_id, role, _ in mine}
        user._zones = {zone for _, _, zone in mine}
    return user._roles


def zone_of(user: Any) -> str:
    """The wall clock by which a program speaks for this user; empty for whoever belongs to no team, or to teams whose
    clocks differ."""
    roles(user)
    zones = getattr(user, "_zones", ())
    return next(iter(zones)) if len(zones) == 1 else ""


def staff_platform_ids(user: Any) -> list[int]:
    """The platforms of whose staff the user is."""
    return list(roles(user))


def is_staff(user: Any, platform_id: int | None) -> bool:
    """Whoever has any role in the platform."""
    return platform_id in roles(user)


def has_role(user: Any, platform_id: int | None, *wanted: str) -> bool:
    """Whoever has one of these roles in the platform, or coordinates it, or is its machine user."""
    role = roles(user).get(platform_id)  # type: ignore[arg-type]
    return role == Role.COORDINATOR or role in wanted or acts_as_machine(user, platform_id)


def acts_as_machine(user: Any, platform_id: int | None) -> bool:
    """The platform's own user, as whom Celery acts."""
    machine = getattr(user, "_machine_of_id", None)
    if machine is None and isinstance(user, User) and user.pk and user.email is None and not roles(user):
        machine = Platform.objects.filter(machine_user=user).values_list("pk", flat=True).first() or 0
        user._machine_of_id = machine  # type: ignore[attr-defined]
    return bool(machine) and machine == platform_id


def can_manage_team(user: Any, platform: models.Model) -> bool:
    """Coordinators."""
    return has_role(user, platform.pk)


def can_change_platform(user: Any, platform: models.Model) -> bool:
    """Coordinators."""
    return has_role(user, platform.pk)


def can_manage_links(user: Any, platform_id: int) -> bool:
    """Any member of the platform's team: whoever hears that a phone is lost closes its links."""
    return is_staff(user, platform_id) or acts_as_machine(user, platform_id)


def can_make_tokens(user: Any) -> bool:
    """Staff, for programs that act for them."""
    return bool(roles(user))


def can_revoke_token(user: Any, token: ApiToken) -> bool:
    """Whoever it speaks for, and the coordinators of a platform to whose team that person belongs."""
    if token.user_id == user.pk:
        return True
    mine = [platform_id for platform_id, role in roles(user).items() if role == Role.COORDINATOR]
    return Membership.objects.filter(user_id=token.user_id, platform_id__in=mine).exists()
