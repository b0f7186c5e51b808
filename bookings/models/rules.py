"""What a platform asks of a loan, from a day on; and which of its rules were passed, by whom, why."""

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from accounts.models import Platform, Role, User
from accounts.reads import StaffQuerySet
from bookings.models.loans import Booking
from bookings.rules.house import PassReason, Rule
from core import clock
from fleet.models import Kind
from participants.models import Programme
from pricing.models.tariffs import DateRange


class LoanRulesQuerySet(StaffQuerySet):
    def same_case(self, rules: "LoanRules") -> "LoanRulesQuerySet":
        return self.filter(platform=rules.platform_id, kind=rules.kind, programme=rules.programme_id)


class LoanRules(models.Model):
    """The house rules of one case (programme, kind) from a day until a day (half-open).

    No case has two answers on one day. An empty programme or kind means all of them; what is left empty is as the more
    general rules say: programme and kind before programme, before kind, before neither; then no rule at all.
    """

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="loan_rules")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField("type de véhicule", max_length=20, choices=Kind.choices, blank=True)
    valid_from = models.DateField("à partir du")
    valid_until = models.DateField("jusqu’au (non compris)", null=True, blank=True)
    min_hours = models.PositiveSmallIntegerField("durée minimale (heures)", null=True, blank=True)
    max_days = models.PositiveSmallIntegerField("durée maximale (jours)", null=True, blank=True)
    notice_hours = models.PositiveSmallIntegerField("délai avant le départ (heures)", null=True, blank=True)
    horizon_days = models.PositiveSmallIntegerField("réservable à l’avance (jours)", null=True, blank=True)
    quota_days = models.PositiveSmallIntegerField("jours de prêt au total", null=True, blank=True)
    quota_months = models.PositiveSmallIntegerField("sur combien de mois", null=True, blank=True)
    renewals = models.PositiveSmallIntegerField("renouvellements", null=True, blank=True)
    one_at_a_time = models.BooleanField("un seul prêt à la fois", null=True, blank=True)
    aptitude_needed = models.BooleanField("test d’aptitude demandé", null=True, blank=True)
    documents = ArrayField(models.CharField(max_length=20), null=True, blank=True, verbose_name="papiers demandés")
    before_minutes = models.PositiveSmallIntegerField("préparation avant (minutes)", null=True, blank=True)
    after_minutes = models.PositiveSmallIntegerField("préparation après (minutes)", null=True, blank=True)
    approval_needed = models.BooleanField("approbation demandée", null=True, blank=True)
    approved_by = ArrayField(
        models.CharField(max_length=20, choices=Role.choices), null=True, blank=True, verbose_name="qui approuve"
    )
    passed_by = ArrayField(
        models.CharField(max_length=20, choices=Role.choices), null=True, blank=True, verbose_name="qui passe outre"
    )

    objects = LoanRulesQuerySet.as_manager()

    class Meta:
        ordering = ["-valid_from", "pk"]
        constraints = [
            ExclusionConstraint(
                name="one_answer_a_case_and_day",
                expressions=[
                    ("platform", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (
                        Func(F("programme"), Value(0), function="COALESCE", output_field=models.BigIntegerField()),
                        RangeOperators.EQUAL,
                    ),
                    (DateRange("valid_from", "valid_until", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                violation_error_code="rules_overlap",
                violation_error_message="D’autres règles valent déjà pour ce cas à ces dates.",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_from__lt=F("valid_until")),
                name="rules_end_after_they_start",
                violation_error_code="ends_before_start",
                violation_error_message="La fin de ces règles doit venir après leur début.",
            ),
            models.CheckConstraint(
                condition=Q(quota_days__isnull=True, quota_months__isnull=True)
                | Q(quota_days__isnull=False, quota_months__isnull=False, quota_months__gte=1),
                name="a_quota_has_its_months",
                violation_error_code="quota_months_missing",
                violation_error_message="Dites sur combien de mois les jours de prêt se comptent.",
            ),
        ]

    def __str__(self) -> str:
        who = str(self.programme) if self.programme_id else "Tous les dispositifs"
        return f"{who}, {self.get_kind_display().lower()}" if self.kind else who

    @property
    def last_day(self) -> dt.date | None:
        """The last day on which they hold, as people say it; the column is half-open."""
        return self.valid_until and self.valid_until - dt.timedelta(days=1)

    def valid_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


class RulePass(models.Model):
    """A house rule that somebody passed for this loan, with a reason; reviewed later by whoever coordinates."""

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="rule_passes")
    rule = models.CharField("règle", max_length=20, choices=Rule.choices)
    message = models.CharField("ce qui n’allait pas", max_length=300, blank=True)
    reason = models.CharField("raison", max_length=20, choices=PassReason.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("le", default=clock.now)
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField("vu le", null=True, blank=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
                name="a_review_has_its_reviewer",
                violation_error_code="reviewer_missing",
                violation_error_message="Dites qui a vu ce passage outre.",
            )
        ]
        indexes = [
            models.Index(fields=["platform", "-at"], name="passes_to_review", condition=Q(reviewed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.get_rule_display()}, prêt {self.booking_id}"
