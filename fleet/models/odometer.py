"""How far a vehicle has run: the ledger of kilometres."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Platform, User
from accounts.reads import StaffQuerySet
from core import clock
from fleet.models.vehicles import Vehicle


class ReadingQuerySet(StaffQuerySet):
    def with_settled(self) -> Self:
        """Annotates `is_settled`: a correction has answered it."""
        return self.annotate(is_settled=Exists(OdometerReading.objects.filter(settles=OuterRef("pk"))))

    def to_settle(self) -> Self:
        """Disputed, and nobody has said yet what the counter really showed."""
        return self.with_settled().filter(state=OdometerReading.State.DISPUTED, is_settled=False)


class OdometerReading(models.Model):
    """One line of the kilometre ledger. Append-only; the current kilometres are derived.

    A reading lower than the one before is kept as disputed and settled by a later correction.
    """

    class State(models.TextChoices):
        ACCEPTED = "accepted", "Accepté"
        DISPUTED = "disputed", "À vérifier"
        UNREADABLE = "unreadable", "Illisible"
        ABSENT = "absent", "Pas de compteur"

    class Source(models.TextChoices):
        CREATION = "creation", "Arrivée dans le parc"
        LOAN_OUT = "loan_out", "Départ d’un prêt"
        LOAN_IN = "loan_in", "Retour d’un prêt"
        JOB = "job", "Réparation"
        INSPECTION = "inspection", "Contrôle technique"
        CORRECTION = "correction", "Correction"
        NEW_COUNTER = "new_counter", "Compteur remplacé"
        MANUAL = "manual", "Relevé"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="odometer_readings")
    km = models.PositiveIntegerField("kilomètres", null=True, blank=True)
    state = models.CharField(max_length=12, choices=State.choices)
    source = models.CharField(max_length=12, choices=Source.choices)
    read_at = models.DateTimeField("relevé le")
    recorded_at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    settles = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="settled_by")
    reason = models.CharField("motif", max_length=200, blank=True)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["accepted", "disputed"], km__isnull=False)
                | Q(state__in=["unreadable", "absent"], km__isnull=True),
                name="a_reading_has_kilometres_or_says_why_not",
                violation_error_code="km_missing",
                violation_error_message="Notez les kilomètres, ou dites pourquoi on ne peut pas les lire.",
            ),
            models.CheckConstraint(
                condition=~Q(source="correction") | ~Q(reason=""),
                name="a_correction_says_why",
                violation_error_code="reason_missing",
                violation_error_message="Dites pourquoi vous corrigez les kilomètres.",
            ),
        ]
        indexes = [
            models.Index(fields=["vehicle", "-read_at", "-id"], name="readings_of_a_vehicle"),
            models.Index(fields=["platform", "-id"], name="readings_disputed", condition=Q(state="disputed")),
        ]

    def __str__(self) -> str:
        return f"{self.km} km {self.read_at:%Y-%m-%d}"
