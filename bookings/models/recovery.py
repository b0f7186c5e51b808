"""What the staff tried to get a vehicle back: each call, letter and complaint with its date and its paper."""

from django.db import models
from django.db.models import Q

from accounts.models import Platform, User
from accounts.reads import StaffQuerySet
from bookings.models.loans import Booking
from core import clock
from core.models import StoredFile


class RecoveryStep(models.Model):
    """One step towards a vehicle that is not back: a call, a visit, the registered letter, the complaint.

    A registered letter keeps the letter itself as PDF (`document`), then its number and the proof of its delivery.
    """

    class Sort(models.TextChoices):
        CALL = "call", "Appel"
        VISIT = "visit", "Visite"
        LETTER = "letter", "Lettre recommandée"
        COMPLAINT = "complaint", "Plainte"
        INSURER = "insurer", "Assureur prévenu"

    class Result(models.TextChoices):
        NONE = "", "Non précisé"
        REACHED = "reached", "A répondu"
        VOICEMAIL = "voicemail", "Message laissé"
        NO_ANSWER = "no_answer", "Pas de réponse"
        WRONG_NUMBER = "wrong_number", "Numéro qui ne marche pas"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="recovery_steps")
    sort = models.CharField("démarche", max_length=10, choices=Sort.choices)
    happened_at = models.DateTimeField("fait le", default=clock.now)
    recorded_at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    result = models.CharField("résultat", max_length=12, choices=Result.choices, blank=True)
    promised_for = models.DateTimeField("retour promis pour", null=True, blank=True)
    number = models.CharField("numéro", max_length=60, blank=True)  # of the letter's tracking, of the complaint
    back_by = models.DateField("à rendre avant le", null=True, blank=True)  # what the letter asks
    document = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proof = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    remark = models.CharField("précision", max_length=300, blank=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["happened_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(sort="call") | ~Q(result=""),
                name="a_call_says_how_it_went",
                violation_error_code="result_missing",
                violation_error_message="Dites si la personne a répondu.",
            ),
            models.CheckConstraint(
                condition=~Q(sort="letter") | Q(document__isnull=False),
                name="a_letter_is_kept",
                violation_error_code="document_missing",
                violation_error_message="Une lettre recommandée garde sa copie.",
            ),
        ]
        indexes = [models.Index(fields=["booking", "-happened_at"], name="recovery_of_a_loan")]

    def __str__(self) -> str:
        return f"{self.sort} {self.happened_at:%Y-%m-%d}"
