"""What can happen to platforms, their teams, and the keys that let people and programs in."""

import zoneinfo
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import slugify

from accounts import links, perms, users
from accounts.models import ApiToken, Membership, PersonalLink, Platform, Role, User
from accounts.secrets import hash_of, new_secret
from core import clock, outbox
from core.db import action, lock, refuse, require, save
from core.journal import record
from core.models import JournalEntry

JOINED = """Bonjour {name},

Vous faites maintenant partie de l’équipe « {platform} » dans Remise ({role}).

Connectez-vous avec votre mot de passe habituel ; le nom de la plateforme, en haut, permet de passer de l’une à l’autre.
"""
SETTINGS = (
    "name", "legal_name", "siret", "postal_address", "phone", "assistance_phone", "email", "vat_mention", "time_zone",
    "suspended_b_rides_mopeds",
    "no_show_after_minutes",
)  # fmt: skip


@action
def create_platform(
    name: str, *, coordinator: str, coordinator_name: str = "", slug: str = "", time_zone: str = "Europe/Paris"
) -> Platform:
    """A platform, its machine user and its first coordinator (an e-mail address; perhaps known already).

    No permission to check: only the command line calls it. Upper rooms' share is `portal.platforms.open_platform`.
    """
    require_time_zone(time_zone)
    machine = users.new_user(name=f"Remise ({name})")
    platform = save(
        Platform(
            name=name.strip(),
            slug=slug or slugify(name)[:60],
            time_zone=time_zone,
            email=coordinator,
            machine_user=machine,
        )
    )
    save(Membership(user=colleague(coordinator_name, coordinator), platform=platform, role=Role.COORDINATOR))
    record(machine, "platform.created", platform, slug=platform.slug)
    return platform


@action
def change_platform(platform: Platform, *, by: User, **settings: Any) -> Platform:
    """What papers and messages say of the platform; see SETTINGS."""
    platform = lock(platform)
    require(perms.can_change_platform(by, platform))
    if unknown := set(settings) - set(SETTINGS):
        raise TypeError(f"not settings of a platform: {unknown}")
    if "time_zone" in settings:
        require_time_zone(settings["time_zone"])
    changed = [name for name, value in settings.items() if getattr(platform, name) != value]
    for name in changed:
        setattr(platform, name, settings[name])
    if changed:
        save(platform)
        record(by, "platform.changed", platform, fields=sorted(changed))
    return platform


def require_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise refuse(f"« {name} » n’est pas un fuseau horaire connu.", "unknown_time_zone")


# --- the team ---------------------------------------------------------------------------------


@action
def invite_member(platform: Platform, *, name: str, email: str, role: str, by: User) -> Membership:
    """Somebody joins the team, and a mail tells them how to come in."""
    platform = lock(platform)
    require(perms.can_manage_team(by, platform))
    user = colleague(name, email)
    membership = save(Membership(user=user, platform=platform, role=role))
    record(by, "member.invited", membership, user=user.pk, role=role)
    if user.has_usable_password():
        outbox.mail(
            user.email or "",
            f"Vous avez rejoint {platform.name}",
            JOINED.format(name=user.name, platform=platform.name, role=membership.get_role_display()),
            key=f"joined:{membership.pk}",
            platform_id=platform.pk,
            user_id=user.pk,
            about=membership,
        )
    else:
        users.welcome(user, platform)
    return membership


def colleague(name: str, email: str) -> User:
    """The staff member who has this address, or a new one.

    Refuses the address of a participant or a garage: their links would no longer open.
    """
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        return users.new_user(name=name or email.partition("@")[0], email=email)
    invited_before = JournalEntry.objects.filter(verb="member.invited", facts__user=user.pk)
    if not user.has_usable_password() and not user.memberships.exists() and not invited_before.exists():
        raise refuse(
            "Cette adresse e-mail est celle d’un participant ou d’un garage. Utilisez une adresse professionnelle.",
            "email_taken",
        )
    return user


@action
def change_role(membership: Membership, *, role: str, by: User) -> Membership:
    platform, membership = lock_team(membership)
    require(perms.can_manage_team(by, platform))
    if role != Role.COORDINATOR:
        require_another_coordinator(membership)
    former, membership.role = membership.role, role
    save(membership, "role")
    record(by, "member.role_changed", membership, user=membership.user_id, former=former, role=role)
    return membership


@action
def remove_member(membership: Membership, *, by: User) -> User:
    """They see nothing of the platform any more, nor do programs that speak for them."""
    platform, membership = lock_team(membership)
    require(perms.can_manage_team(by, platform))
    require_another_coordinator(membership)
    user = membership.user
    record(by, "member.removed", membership, user=user.pk, role=membership.role)
    membership.delete()
    if not user.memberships.exists():
        ApiToken.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=clock.now())
    return user


def lock_team(membership: Membership) -> tuple[Platform, Membership]:
    """The platform's row guards its team: of two coordinators who remove each other, one stays."""
    platform = lock(membership.platform)
    try:
        return platform, lock(membership)
    except ValidationError:
        raise refuse("Cette personne ne fait plus partie de l’équipe.", "not_a_member") from None


def require_another_coordinator(membership: Membership) -> None:
    others = Membership.objects.filter(platform_id=membership.platform_id, role=Role.COORDINATOR).exclude(
        pk=membership.pk
    )
    if membership.role == Role.COORDINATOR and not others.exists():
        raise refuse(
            "C’est la seule personne qui coordonne la plateforme. Donnez d’abord ce rôle à quelqu’un d’autre.",
            "last_coordinator",
        )


# --- oneself ----------------------------------------------------------------------------------


@action
def change_own_name(user: User, *, name: str) -> User:
    """What colleagues and papers call this person."""
    user = lock(user)
    if not name.strip():
        raise ValidationError({"name": ValidationError("Écrivez votre nom.", code="required")})
    user.name = name.strip()
    return save(user, "name")


@action
def create_token(user: User, *, name: str, by: User) -> tuple[ApiToken, str]:
    """A bearer token that speaks for this user, and its secret, which is shown now and never again."""
    require(perms.can_make_tokens(user) and by.pk == user.pk)
    secret = new_secret()
    token = save(ApiToken(user=user, name=name.strip(), prefix=secret[:8], secret_hash=hash_of(secret)))
    record(by, "token.created", token, prefix=token.prefix)
    return token, secret


@action
def revoke_token(token: ApiToken, *, by: User) -> ApiToken:
    token = lock(token)
    require(perms.can_revoke_token(by, token))
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        save(token, "revoked_at")
        record(by, "token.revoked", token, prefix=token.prefix)
    return token


@action
def revoke_link(link: PersonalLink, *, by: User) -> PersonalLink:
    """A lost phone, a contract left in a bus: this link or printed code opens nothing any more."""
    link = lock(link)
    require(perms.can_manage_links(by, link.platform_id))
    links.revoke(link)
    record(by, "link.revoked", link, user=link.user_id)
    return link
