"""What is asked before anything is promised: who asked, since when, which papers are missing, what was decided."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Platform, User
from accounts.perms import staff_platform_ids
from accounts.reads import StaffQuerySet
from bookings.models.loans import Booking
from core import clock
from fleet.models import Site
from participants.models import Audience
from participants.papers import ASKED, in_full


class LoanRequestQuerySet(StaffQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Staff: their platforms' requests. A participant: their own."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(Q(platform_id__in=staff_platform_ids(user)) | Q(booking__participant__user=user))


class LoanRequest(models.Model):
    """How a loan was asked for. The loan itself is the booking, in one of its states without a vehicle."""

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="request")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField("demandé le", null=True, blank=True)  # None while it is a draft
    why = models.CharField("pourquoi", max_length=300, blank=True)
    work_starts_on = models.DateField("début du travail", null=True, blank=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Of a recurring loan (series.recurrence.Pattern.as_json); empty where one loan is asked for.
    pattern = models.JSONField("prêt régulier", default=dict, blank=True, db_default={})
    papers = ArrayField(models.CharField(max_length=20, choices=ASKED), default=list, blank=True)
    papers_asked_at = models.DateTimeField("papiers demandés le", null=True, blank=True)
    decided_at = models.DateTimeField("décidé le", null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.CharField("précision", max_length=300, blank=True)  # the words that go with a refusal

    objects = LoanRequestQuerySet.as_manager()

    def __str__(self) -> str:
        return f"demande {self.booking_id}"

    @property
    def papers_in_words(self) -> list[str]:
        return [in_full(paper) for paper in self.papers]


def usual_order() -> list[str]:
    return [RequestPolicy.Order.AUDIENCE, RequestPolicy.Order.WORK, RequestPolicy.Order.AGE]


class RequestPolicy(models.Model):
    """How a platform takes requests, and in which order its waiting list is served."""

    class Order(models.TextChoices):
        AUDIENCE = "audience", "Les publics prioritaires"
        WORK = "work", "Qui commence à travailler le plus tôt"
        AGE = "age", "Qui attend depuis le plus longtemps"

    platform = models.OneToOneField(Platform, on_delete=models.PROTECT, related_name="request_policy")
    participants_may_ask = models.BooleanField("les participants demandent depuis leur page", default=False)
    offers_by_itself = models.BooleanField("écrire d’office à la première personne de la liste", default=False)
    answer_hours = models.PositiveSmallIntegerField("heures pour répondre à une proposition", default=24)
    order = ArrayField(models.CharField(max_length=10, choices=Order.choices), default=usual_order)
    priority_audiences = ArrayField(models.CharField(max_length=20, choices=Audience.choices), default=list, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    objects = StaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answer_hours__gte=1, answer_hours__lte=336),
                name="an_answer_has_between_an_hour_and_two_weeks",
                violation_error_code="hours_out_of_range",
                violation_error_message="Laissez entre une heure et deux semaines pour répondre.",
            )
        ]

    def __str__(self) -> str:
        return f"demandes, {self.platform_id}"
