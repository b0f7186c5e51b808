"""What surrounds a change of dates: a participant's wish to keep the vehicle, and the signature of a new period."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.models import Platform, User
from accounts.perms import staff_platform_ids
from accounts.reads import StaffQuerySet
from bookings.models.loans import Booking, Period
from core import clock
from core.models import StoredFile


class WishQuerySet(StaffQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Staff: their platforms' wishes. A participant: those for their own loans."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(Q(platform_id__in=staff_platform_ids(user)) | Q(booking__participant__user=user))

    def open(self) -> Self:
        """Nobody has answered yet, and the loan still runs."""
        return self.filter(state=Wish.State.OPEN, booking__state=Booking.State.ACTIVE)


class Wish(models.Model):
    """A participant asks to keep the vehicle until a day. Open until the staff grants or refuses it."""

    class State(models.TextChoices):
        OPEN = "open", "Attend une réponse"
        GRANTED = "granted", "Accordé"
        REFUSED = "refused", "Refusé"
        REPLACED = "replaced", "Remplacé par une autre demande"

    NEXT = {State.OPEN: {State.GRANTED, State.REFUSED, State.REPLACED}}

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="wishes")
    until = models.DateField("jusqu’au")
    reason = models.CharField("pourquoi", max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    asked_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.CharField("réponse", max_length=300, blank=True)  # why not
    granted_until = models.DateTimeField("accordé jusqu’au", null=True, blank=True)

    objects = WishQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["booking"],
                name="one_open_wish_a_loan",
                condition=Q(state="open"),
                violation_error_code="asked_already",
                violation_error_message="Vous avez déjà demandé. La plateforme vous répond.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "replaced"]) | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="an_answer_has_its_author",
                violation_error_code="author_missing",
                violation_error_message="Une réponse dit qui l’a donnée, et quand.",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(answer=""),
                name="a_refused_wish_says_why",
                violation_error_code="reason_missing",
                violation_error_message="Dites pourquoi ce n’est pas possible.",
            ),
        ]
        indexes = [models.Index(fields=["platform"], name="open_wishes", condition=Q(state="open"))]

    def __str__(self) -> str:
        return f"{self.booking_id} → {self.until}"


class ContractSignature(models.Model):
    """Who signed the page of a period that was agreed on while the keys were out, and how."""

    class Means(models.TextChoices):
        LINK = "link", "Sur sa page, par un lien"
        SCREEN = "screen", "Sur l’écran de la plateforme"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    period = models.OneToOneField(Period, on_delete=models.PROTECT, related_name="signature")
    means = models.CharField("comment", max_length=6, choices=Means.choices)
    signer_name = models.CharField("signé par", max_length=160)
    drawing = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField("signé le", default=clock.now)

    objects = StaffQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.signer_name} {self.signed_at:%Y-%m-%d}"
