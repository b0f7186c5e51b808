"""Who signs in, and for whom they act."""

import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from core import clock
from core.french import InFrench


class UserManager(BaseUserManager["User"]):
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """In small letters: people sign in with the capitals that they happen to write."""
        return super().normalize_email(email).lower()

    def create_user(self, email: str | None = None, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email) or None, **fields)
        user.set_password(password)  # None: nobody can sign in with a password
        user.save()
        return user


class User(AbstractBaseUser):
    """Every actor: staff, a participant, whoever stands behind a garage's link, a platform's machine user.

    The e-mail is optional, and unique where present. Roles are memberships, never flags here.
    """

    email = models.EmailField("adresse e-mail", null=True, blank=True)
    name = models.CharField("nom", max_length=150, blank=True)
    is_active = models.BooleanField("actif", default=True)
    sessions_ended = models.PositiveIntegerField(default=0, db_default=0)  # how often all of them were, see links.py
    created_at = models.DateTimeField(default=clock.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_user_an_email",
                condition=Q(email__isnull=False),
                violation_error_code="email_taken",
                violation_error_message="Cette adresse e-mail appartient déjà à quelqu’un.",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email or f"n° {self.pk}"

    def get_session_auth_hash(self) -> str:
        """What each request compares: with another password, or once its sessions were ended, a session is over."""
        return self._of_these_sessions(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return map(self._of_these_sessions, super().get_session_auth_fallback_hash())

    def _of_these_sessions(self, known: str) -> str:
        return f"{known}:{self.sessions_ended}" if self.sessions_ended else known

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class Platform(models.Model):
    """A *plateforme mobilité*. Every business row belongs to one, and none refers to another's."""

    class VatMention(models.TextChoices):
        EXEMPT_261_7_1 = "exempt_261_7_1", "TVA non applicable, art. 261-7-1° du CGI"
        FRANCHISE_293B = "franchise_293B", "TVA non applicable, art. 293 B du CGI"
        OUT_OF_SCOPE = "out_of_scope", "Hors champ de la TVA"

    name = models.CharField("nom", max_length=120)
    slug = models.SlugField("identifiant", max_length=60)
    time_zone = models.CharField("fuseau horaire", max_length=40, default="Europe/Paris")
    legal_name = models.CharField("raison sociale", max_length=160, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    postal_address = models.CharField("adresse postale", max_length=250, blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)  # E.164
    assistance_phone = models.CharField("téléphone de l’assistance", max_length=20, blank=True)
    email = models.EmailField("adresse e-mail", blank=True)
    vat_mention = models.CharField(
        "mention de TVA", max_length=20, choices=VatMention.choices, default=VatMention.EXEMPT_261_7_1
    )
    machine_user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="machine_of")
    suspended_b_rides_mopeds = models.BooleanField(
        "un permis B suspendu laisse conduire un scooter 50 avec le permis AM, ou né·e avant 1988", default=False
    )  # sources disagree: no, unless the platform says so
    no_show_after_minutes = models.PositiveSmallIntegerField(
        "« ne s’est pas présenté·e » après (minutes)", default=60, db_default=60
    )
    is_demo = models.BooleanField("démonstration", default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = [InFrench("name")]
        constraints = [
            models.UniqueConstraint(
                fields=["slug"],
                name="one_platform_a_slug",
                violation_error_code="slug_taken",
                violation_error_message="Une plateforme porte déjà cet identifiant.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    ADVISER = "adviser", "Conseiller·ère mobilité"
    FLEET_MANAGER = "fleet_manager", "Responsable du parc"
    ACCOUNTANT = "accountant", "Comptable"
    COORDINATOR = "coordinator", "Coordinateur·rice"


class Membership(models.Model):
    """A user's role in a platform's staff. A coordinator may do everything that the others may."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField("rôle", max_length=20, choices=Role.choices)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "platform"],
                name="one_role_a_platform",
                violation_error_code="already_member",
                violation_error_message="Cette personne fait déjà partie de l’équipe.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


class PersonalLink(models.Model):
    """Lets one user in without a password. The secret is random and stored hashed; the link expires, can be revoked.

    A printed QR code has no secret but this row's public id, signed; it opens the same page until revoked.
    """

    class Purpose(models.TextChoices):
        PERSON = "person", "Page du participant"
        GARAGE = "garage", "Page du garage"
        QR = "qr", "QR code imprimé"

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="personal_links")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    path = models.CharField(max_length=200, blank=True)  # where the link leads, a path of ours
    secret_hash = models.CharField(max_length=64, blank=True)  # SHA-256; empty for a printed QR
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["secret_hash"],
                condition=~Q(secret_hash=""),
                name="a_secret_opens_one_link",
                violation_error_code="duplicate",
                violation_error_message="Ce lien existe déjà.",
            ),
            models.UniqueConstraint(
                fields=["public_id"],
                name="one_link_a_public_id",
                violation_error_code="duplicate",
                violation_error_message="Ce lien existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(purpose="qr") | (~Q(secret_hash="") & Q(expires_at__isnull=False)),
                name="a_link_has_a_secret_and_an_end",
                violation_error_code="endless_link",
                violation_error_message="Un lien personnel a un secret et une fin.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.public_id}"


class ApiToken(models.Model):
    """A bearer token for the API: shown once, stored hashed, revocable."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField("à quoi il sert", max_length=80)
    prefix = models.CharField(max_length=12)  # its first characters, to tell tokens apart
    secret_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=clock.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["secret_hash"],
                name="a_secret_is_one_token",
                violation_error_code="duplicate",
                violation_error_message="Ce jeton existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return self.prefix
