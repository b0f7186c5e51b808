"""What was seen at each key: the *état des lieux*, its damages and its photos."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.models import Platform, User
from accounts.perms import staff_platform_ids
from accounts.reads import StaffQuerySet
from bookings.models.loans import Assignment
from core import clock
from core.models import StoredFile
from fleet.models import Damage, OdometerReading, Site


class ConditionReportQuerySet(StaffQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Staff: their platforms' reports. A participant: those of their own loans, once signed."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        own = Q(assignment__booking__participant__user=user, signed_at__isnull=False)
        return self.filter(Q(platform_id__in=staff_platform_ids(user)) | own)


class ConditionReport(models.Model):
    """The *état des lieux* at departure or return. Its id is made on the device.

    A draft is filled in step by step and can be resumed; signed means frozen: PDF with its SHA-256.
    """

    class Direction(models.TextChoices):
        OUT = "out", "Départ"
        IN = "in", "Retour"

    class Presence(models.TextChoices):
        SIGNED = "signed", "Présent, a signé"
        ABSENT = "absent", "Absent"
        REFUSED = "refused", "Présent, refuse de signer"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="reports")
    direction = models.CharField(max_length=3, choices=Direction.choices)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    happened_at = models.DateTimeField("fait le", default=clock.now)
    recorded_at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    licence_seen = models.BooleanField("permis vu", default=False)
    identity_seen = models.BooleanField("pièce d’identité vue", default=False)
    km = models.PositiveIntegerField("kilomètres", null=True, blank=True)
    km_state = models.CharField(
        max_length=12, choices=OdometerReading.State.choices, default=OdometerReading.State.ACCEPTED
    )
    reading = models.OneToOneField(
        OdometerReading, on_delete=models.PROTECT, null=True, blank=True, related_name="report"
    )
    fuel_eighths = models.PositiveSmallIntegerField("carburant (huitièmes)", null=True, blank=True)
    battery_percent = models.PositiveSmallIntegerField("charge (%)", null=True, blank=True)
    is_clean = models.BooleanField("propre", null=True, blank=True)
    checklist = models.JSONField(default=dict, blank=True)  # item → {"state": "ok|remark|missing|na", "note": ""}
    equipment = models.JSONField(default=dict, blank=True)  # equipment id → {"present": true, "note": ""}
    remarks = models.TextField("remarques", max_length=2000, blank=True)
    photos_reason = models.CharField("pourquoi il manque des photos", max_length=200, blank=True)
    damages = models.ManyToManyField(Damage, through="ReportedDamage", related_name="reports")
    presence = models.CharField(max_length=10, choices=Presence.choices, default=Presence.SIGNED)
    signer_name = models.CharField("signé par", max_length=160, blank=True)
    witness_name = models.CharField("témoin", max_length=160, blank=True)
    absence_reason = models.CharField("motif", max_length=200, blank=True)  # « clés dans la boîte »
    participant_signature = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    agent_signature = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    paper_scan = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # without JavaScript: signed on paper and scanned
    signed_at = models.DateTimeField("signé le", null=True, blank=True)
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ConditionReportQuerySet.as_manager()

    class Meta:
        ordering = ["happened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "direction"],
                name="one_report_a_direction",
                violation_error_code="report_exists",
                violation_error_message="Cet état des lieux existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(fuel_eighths__isnull=True) | Q(fuel_eighths__lte=8),
                name="a_tank_has_eight_eighths",
                violation_error_code="fuel_out_of_range",
                violation_error_message="Le carburant se note de 0 à 8 huitièmes.",
            ),
            models.CheckConstraint(
                condition=Q(battery_percent__isnull=True) | Q(battery_percent__lte=100),
                name="a_battery_has_a_hundred_per_cent",
                violation_error_code="battery_out_of_range",
                violation_error_message="La charge se note de 0 à 100 %%.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_direction_display()} {self.happened_at:%Y-%m-%d}"

    @property
    def is_frozen(self) -> bool:
        return self.signed_at is not None


class ReportedDamage(models.Model):
    """A damage that a report shows: known before, or found by it."""

    report = models.ForeignKey(ConditionReport, on_delete=models.CASCADE, related_name="reported_damages")
    damage = models.ForeignKey(Damage, on_delete=models.PROTECT, related_name="reported_in")
    is_new = models.BooleanField("nouveau", default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "damage"],
                name="a_report_shows_a_damage_once",
                violation_error_code="duplicate",
                violation_error_message="Ce dégât est déjà dans l’état des lieux.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.damage_id}"


class ReportPhoto(models.Model):
    report = models.ForeignKey(ConditionReport, on_delete=models.CASCADE, related_name="photos")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    position = models.CharField("vue", max_length=30, blank=True)  # of the kind's minimum set: "front_left"…

    def __str__(self) -> str:
        return self.position
