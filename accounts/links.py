"""Personal links: how a participant or a garage comes in without a password.

The secret of a link exists in the message that carries it and nowhere else: the outbox keeps a placeholder, the
database a hash. A printed QR code has no secret but a signature over its row's public id; it is revoked like a link.
Opening is a page with one button (mail scanners follow GETs); only its POST signs in.
"""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db.models import F
from django.urls import reverse

from accounts.models import Membership, PersonalLink, Platform, User
from accounts.secrets import hash_of, new_secret
from core import clock, outbox
from core.db import refuse, save
from core.models import OutboxMessage

Purpose = PersonalLink.Purpose
VALID_FOR = dt.timedelta(days=60)  # a loan and its renewals
SESSION_LASTS = dt.timedelta(days=30)  # once opened, on that phone
_signer = Signer(salt="accounts.qr", sep=".")


def mint(user: User, *, platform: Platform, purpose: str, path: str = "", valid_for: dt.timedelta = VALID_FOR) -> str:
    """A new link that signs this user in and leads to `path`; its address is returned once and never again.

    Staff come in by password: a link for a member of a platform's team is refused with `staff_link`.
    """
    refuse_staff(user)
    secret = new_secret()
    save(
        PersonalLink(
            platform=platform,
            user=user,
            purpose=purpose,
            path=own_path(path),
            secret_hash=hash_of(secret),
            expires_at=clock.now() + valid_for,
        )
    )
    return absolute(reverse("accounts:open_link", args=[secret]))


def qr_url(user: User, platform: Platform, path: str = "") -> tuple[PersonalLink, str]:
    """The address for a printed QR code: the same one for as long as it is not revoked."""
    refuse_staff(user)
    wanted = {"user": user, "platform": platform, "purpose": Purpose.QR, "path": own_path(path)}
    link = PersonalLink.objects.filter(**wanted, revoked_at__isnull=True).first() or save(PersonalLink(**wanted))
    return link, absolute(reverse("accounts:open_qr", args=[_signer.sign(str(link.public_id))]))


def revoke(link: PersonalLink) -> PersonalLink:
    """It opens nothing any more, and this user is signed out everywhere, whatever they came in by."""
    if link.revoked_at is None:
        link.revoked_at = clock.now()
        save(link, "revoked_at")
        end_sessions(link.user_id)
    return link


def revoke_all(*users: User | None) -> int:
    """Every link of these users, and every session: a garage one no longer works with, and who works there."""
    ids = [user.pk for user in users if user is not None]
    end_sessions(*ids)
    return PersonalLink.objects.filter(user__in=ids, revoked_at__isnull=True).update(revoked_at=clock.now())


def end_sessions(*user_ids: int) -> None:
    """Signs these users out on every device, whether a link, a code, a key or a password signed them in."""
    User.objects.filter(pk__in=user_ids).update(sessions_ended=F("sessions_ended") + 1)


def by_secret(secret: str) -> PersonalLink | None:
    return _links().filter(secret_hash=hash_of(secret)).exclude(purpose=Purpose.QR).first()


def by_signature(signed: str) -> PersonalLink | None:
    """The link of a printed code; None when it was altered."""
    try:
        return _links().filter(public_id=_signer.unsign(signed), purpose=Purpose.QR).first()
    except (BadSignature, ValidationError):
        return None


def _links() -> Any:
    return PersonalLink.objects.select_related("user", "platform")


def why_not(link: PersonalLink | None) -> str:
    """Empty when the link opens; else `unknown`, `revoked`, `expired` or `closed` (its person may not sign in)."""
    if link is None:
        return "unknown"
    if link.revoked_at is not None:
        return "revoked"
    if link.expires_at is not None and link.expires_at <= clock.now():
        return "expired"
    if not link.user.is_active or Membership.objects.filter(user=link.user).exists():
        return "closed"
    return ""


def opened(link: PersonalLink) -> None:
    PersonalLink.objects.filter(pk=link.pk).update(last_used_at=clock.now())


@outbox.links_are_minted_by
def mint_for_message(message: OutboxMessage) -> str:
    """`payload["link"]` = {"user_id", "purpose": "person", "garage" or "password", "path", "days"}."""
    wanted = message.payload["link"]
    user = User.objects.get(pk=wanted["user_id"])
    if wanted["purpose"] == "password":
        return password_url(user)
    return mint(
        user,
        platform=Platform.objects.get(pk=message.platform_id),
        purpose=wanted["purpose"],
        path=wanted.get("path", ""),
        valid_for=dt.timedelta(days=wanted["days"]) if wanted.get("days") else VALID_FOR,
    )


def password_url(user: User) -> str:
    """Where this user chooses a new password, once, within `PASSWORD_RESET_TIMEOUT`."""
    from allauth.account import app_settings
    from allauth.account.utils import user_pk_to_url_str

    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    return absolute(reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key}))


def refuse_staff(user: User) -> None:
    if Membership.objects.filter(user=user).exists():
        raise refuse("Un membre de l’équipe se connecte avec son mot de passe, pas avec un lien.", "staff_link")


def own_path(path: str) -> str:
    """Only a path of ours: a link must not lead elsewhere."""
    if path and (not path.startswith("/") or path.startswith("//") or "\\" in path):
        raise ValueError(f"not a path of ours: {path}")
    return path


def absolute(path: str) -> str:
    return settings.PUBLIC_URL.rstrip("/") + path
