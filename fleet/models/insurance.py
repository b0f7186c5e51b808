"""The insurer's contract: which vehicles it covers, from when until when, and whom it lets drive."""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from accounts.models import Platform
from accounts.reads import StaffQuerySet
from core import clock
from core.models import StoredFile


class InsurancePolicyQuerySet(StaffQuerySet):
    def in_force(self, day: dt.date) -> "InsurancePolicyQuerySet":
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)


class InsurancePolicy(models.Model):
    """A fleet contract. Which vehicles it covers, and until when, stands in their insurance papers, which name it.

    Its conditions (the driver's age, years of licence) belong to it: whoever does not meet them is not insured.
    """

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    insurer = models.CharField("assureur", max_length=80)
    number = models.CharField("numéro du contrat", max_length=60, blank=True)
    starts_on = models.DateField("depuis le")
    ends_on = models.DateField("jusqu’au (compris)", null=True, blank=True)
    minimum_age = models.PositiveSmallIntegerField("âge minimal du conducteur", null=True, blank=True)
    minimum_licence_years = models.PositiveSmallIntegerField("années de permis au moins", null=True, blank=True)
    excess = models.DecimalField("franchise", max_digits=7, decimal_places=2, null=True, blank=True)
    phone = models.CharField("téléphone de l’assureur", max_length=20, blank=True)  # E.164
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)

    objects = InsurancePolicyQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__lte=F("ends_on")),
                name="a_policy_ends_after_it_starts",
                violation_error_code="ends_before_start",
                violation_error_message="Ce contrat finirait avant d’avoir commencé.",
            ),
            models.CheckConstraint(
                condition=Q(excess__isnull=True) | Q(excess__gte=0),
                name="an_excess_is_not_negative",
                violation_error_code="negative_price",
                violation_error_message="Une franchise n’est pas négative.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.insurer} {self.number}".strip()
