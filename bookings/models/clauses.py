"""What the contract says beside dates and prices: the platform's own sentences, from when until when."""

import datetime as dt
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Platform
from accounts.reads import StaffQuerySet
from core import clock
from core.validity import valid_on
from fleet.models import Kind


class ClauseQuerySet(StaffQuerySet):
    def valid_on(self, day: dt.date) -> Self:
        return self.filter(valid_on(day))


class Clause(models.Model):
    """One sentence of the contract. A new wording is a new row that follows the former: what was signed is not edited.

    Valid from a day (included) until a day (excluded), for these kinds of vehicle, or for all.
    """

    class Part(models.TextChoices):
        PROMISE = "promise", "Ce que je promets"
        DUTY = "duty", "Ce que la plateforme promet"
        SUMMARY = "summary", "En une page : je n’oublie pas"

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="clauses")
    part = models.CharField("où", max_length=10, choices=Part.choices)
    position = models.PositiveSmallIntegerField("rang", default=10)
    kinds: Any = ArrayField(
        models.CharField(max_length=20, choices=Kind.choices), verbose_name="types de véhicule", blank=True,
        default=list,
    )  # fmt: skip
    text = models.CharField("texte", max_length=600)
    valid_from = models.DateField("valable à partir du")
    valid_until = models.DateField("valable jusqu’au", null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = ClauseQuerySet.as_manager()

    class Meta:
        ordering = ["part", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_from__lte=F("valid_until")),
                name="a_clause_ends_after_it_starts",
                violation_error_code="ends_before_start",
                violation_error_message="Cette clause finirait avant d’avoir commencé.",
            )
        ]
        indexes = [models.Index(fields=["platform", "valid_from"], name="clauses_of_a_platform")]

    def __str__(self) -> str:
        return self.text[:60]

    def fits(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds
