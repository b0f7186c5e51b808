"""Calendar feeds: what somebody's own agenda reads of the loans, by a secret address."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.models import Platform, Role, User
from accounts.perms import roles, staff_platform_ids
from accounts.reads import StaffQuerySet
from core import clock
from fleet.models import Site, Vehicle
from participants.models import Participant


class CalendarFeedQuerySet(StaffQuerySet):
    def visible_to(self, user: Any) -> Self:
        """One's own; a coordinator's, all of the platform's; and the staff's, those of participants (a lost phone)."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        coordinated = [platform for platform, role in roles(user).items() if role == Role.COORDINATOR]
        of_participants = Q(of=CalendarFeed.Of.PARTICIPANT, platform_id__in=staff_platform_ids(user))
        return self.filter(Q(owner_id=user.pk) | Q(platform_id__in=coordinated) | of_participants)

    def standing(self) -> Self:
        return self.filter(revoked_at__isnull=True)


class CalendarFeed(models.Model):
    """An address that a calendar program reads again and again. The secret in it is stored hashed, and shown once.

    It shows what its owner may see, for as long as they may: it closes with their membership or their account.
    Names of participants stand in it only where the owner, of the staff, has chosen so (docs/decisions/014).
    """

    class Of(models.TextChoices):
        SITE = "site", "Un site"
        VEHICLE = "vehicle", "Un véhicule"
        ADVISER = "adviser", "Mes remises et mes retours"
        PARTICIPANT = "participant", "Mon prêt"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="calendar_feeds")
    of = models.CharField("de quoi", max_length=12, choices=Of.choices)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    with_names = models.BooleanField("avec les noms", default=False)
    name = models.CharField("pour quel agenda", max_length=80, blank=True)
    prefix = models.CharField(max_length=12)  # the secret's first characters, to tell addresses apart
    secret_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=clock.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["secret_hash"],
                name="a_secret_opens_one_feed",
                violation_error_code="duplicate",
                violation_error_message="Cet agenda existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(of="site", site__isnull=False, vehicle=None, participant=None)
                | Q(of="vehicle", site=None, vehicle__isnull=False, participant=None)
                | Q(of="adviser", site=None, vehicle=None, participant=None)
                | Q(of="participant", site=None, vehicle=None, participant__isnull=False, with_names=False),
                name="a_feed_is_of_one_thing",
                violation_error_code="one_thing",
                violation_error_message="Un agenda suit un véhicule, un site, vos prêts, ou le prêt d’un participant.",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="feeds_of_a_user"),
            models.Index(fields=["platform", "-id"], name="feeds_of_a_platform"),
        ]

    def __str__(self) -> str:
        return f"{self.get_of_display()} {self.prefix}"
