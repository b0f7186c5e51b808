"""Steps that make users. Whoever calls them has checked who may."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models.functions import Lower

from accounts.models import Platform, User
from core import outbox
from core.db import create_all, save

INVITATION = """Bonjour {name},

Vous faites maintenant partie de l’équipe « {platform} » dans Remise.

Choisissez votre mot de passe ici (ce lien sert une fois, et pendant {days} jours) :
{link}

Ensuite, vous vous connecterez avec cette adresse e-mail et ce mot de passe.
"""


def new_user(*, name: str, email: str | None = None) -> User:
    """A user without a password: a participant, whoever stands behind a garage's link, a colleague to welcome.

    Refuses with `email_taken` when somebody has this address already; see `free_email`.
    """
    user = User(name=name.strip()[:150], email=User.objects.normalize_email(email) or None)
    user.set_unusable_password()
    return save(user)


def email_is_taken(email: str) -> bool:
    return User.objects.filter(email__iexact=email.strip()).exists()


def free_email(email: str) -> str | None:
    """The address, or None when it is empty or another user's already.

    A participant or a garage whose address is not free is still written to there. They sign in by their link, or by
    a code and then the choice of whose page to open (`accounts.mailboxes`).
    """
    email = email.strip()
    return email if email and not email_is_taken(email) else None


def new_users(people: Iterable[tuple[str, str]]) -> list[User]:
    """`new_user` for many (name, e-mail) in one statement; their addresses are known to be free, or empty."""
    users = []
    for name, email in people:
        user = User(name=name.strip()[:150], email=User.objects.normalize_email(email) or None)
        user.set_unusable_password()
        users.append(user)
    return create_all(User, users) if users else []


def taken_emails(emails: Iterable[str]) -> set[str]:
    """Those of these addresses with which somebody signs in already, in lower case."""
    lowered = {email.lower() for email in emails}
    known = User.objects.annotate(lowered=Lower("email")).filter(lowered__in=lowered)
    return set(known.values_list("lowered", flat=True))


def rename(user: User, *, name: str, email: str | None) -> User:
    """Follows what the person's own record says (participant, garage)."""
    user.name, user.email = name.strip()[:150], User.objects.normalize_email(email) or None
    return save(user, "name", "email")


def welcome(user: User, platform: Platform) -> None:
    """Sends the mail by which a new colleague chooses a password. The link is made when the mail leaves."""
    days = settings.PASSWORD_RESET_TIMEOUT // 86400
    outbox.mail(
        user.email or "",
        f"Votre accès à Remise ({platform.name})",
        INVITATION.format(name=user.name, platform=platform.name, days=days, link=outbox.LINK),
        key=f"welcome:{platform.pk}:{user.pk}:{user.password[-12:]}",
        platform_id=platform.pk,
        user_id=user.pk,
        about=user,
        link={"user_id": user.pk, "purpose": "password"},
    )
