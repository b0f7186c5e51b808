"""What a day costs, for whom, from when until when; and who else pays."""

import datetime as dt
from decimal import Decimal
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from accounts.models import Platform
from accounts.reads import StaffQuerySet
from core.french import InFrench
from core.validity import valid_on
from fleet.models import Kind
from participants.models import Audience, Programme


class DateRange(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


class TariffQuerySet(StaffQuerySet):
    def valid_on(self, day: dt.date) -> Self:
        return self.filter(valid_on(day))

    def same_case(self, tariff: "Tariff") -> Self:
        """The tariffs of that platform, kind, programme and audience, whatever their days."""
        return self.filter(
            platform=tariff.platform_id,
            kind=tariff.kind,
            programme=tariff.programme_id,
            audience=tariff.audience,
        )


class Tariff(models.Model):
    """The price list for one case (kind, programme, audience) from a day until a day (half-open).

    No case has two tariffs on one day. An empty programme or audience means all of them; the most
    particular tariff wins (audience before programme before general).
    """

    class DayRule(models.TextChoices):
        STARTED_24H = "started_24h", "Par période de 24 h commencée"
        CALENDAR_DAYS = "calendar_days", "Par jour du calendrier"

    class UnusedDays(models.TextChoices):
        GIVEN_BACK = "given_back", "Ne sont pas dus"
        KEPT = "kept", "Restent dus"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="tariffs")
    name = models.CharField("nom", max_length=80)
    kind = models.CharField("type de véhicule", max_length=20, choices=Kind.choices)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="tariffs")
    audience = models.CharField("public", max_length=20, choices=Audience.choices, blank=True)
    valid_from = models.DateField("à partir du")
    valid_until = models.DateField("jusqu’au (non compris)", null=True, blank=True)
    day_rule = models.CharField("compte des jours", max_length=16, choices=DayRule.choices, default=DayRule.STARTED_24H)
    deposit = models.DecimalField("dépôt de garantie", max_digits=7, decimal_places=2, default=Decimal(0))
    late_fee_per_day = models.DecimalField(
        "pénalité par jour de retard commencé", max_digits=6, decimal_places=2, default=Decimal(0)
    )
    km_per_day = models.PositiveIntegerField("kilomètres compris par jour", null=True, blank=True)
    excess_km_price = models.DecimalField(
        "prix du kilomètre en plus", max_digits=5, decimal_places=3, null=True, blank=True
    )
    unused_days = models.CharField(
        "jours convenus et non utilisés", max_length=10, choices=UnusedDays.choices, default=UnusedDays.GIVEN_BACK
    )
    cancel_free_days = models.PositiveSmallIntegerField("annulation gratuite jusqu’à (jours avant)", default=0)
    cancel_fee = models.DecimalField("frais d’annulation ensuite", max_digits=6, decimal_places=2, default=Decimal(0))
    no_show_fee = models.DecimalField("absence au rendez-vous", max_digits=6, decimal_places=2, default=Decimal(0))

    objects = TariffQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "-valid_from"]
        constraints = [
            ExclusionConstraint(
                name="one_tariff_a_case_and_day",
                expressions=[
                    ("platform", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (Func(F("programme"), Decimal(0), function="COALESCE"), RangeOperators.EQUAL),
                    ("audience", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_until", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                violation_error_code="tariff_overlap",
                violation_error_message="Un autre tarif vaut déjà pour ce cas à ces dates.",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_from__lt=F("valid_until")),
                name="a_tariff_ends_after_it_starts",
                violation_error_code="ends_before_start",
                violation_error_message="La fin du tarif doit venir après son début.",
            ),
            models.CheckConstraint(
                condition=Q(deposit__gte=0, late_fee_per_day__gte=0)
                & (Q(excess_km_price__isnull=True) | Q(excess_km_price__gte=0)),
                name="a_tariff_is_not_negative",
                violation_error_code="negative_price",
                violation_error_message="Un tarif n’a pas de montant négatif.",
            ),
            models.CheckConstraint(
                condition=Q(cancel_fee__gte=0, no_show_fee__gte=0),
                name="giving_up_costs_nothing_or_more",
                violation_error_code="negative_price",
                violation_error_message="Un tarif n’a pas de montant négatif.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def last_day(self) -> dt.date | None:
        """The last day on which it holds, as people say it; the column is half-open."""
        return self.valid_until and self.valid_until - dt.timedelta(days=1)

    def valid_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


class TariffBand(models.Model):
    """From the nth day of the loan on (1 is the first), what a day, a week of 7 and a month of 30 days cost."""

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    tariff = models.ForeignKey(Tariff, on_delete=models.PROTECT, related_name="bands")
    from_day = models.PositiveSmallIntegerField("à partir du jour", default=1)
    day_price = models.DecimalField("par jour", max_digits=6, decimal_places=2)
    week_price = models.DecimalField("par semaine", max_digits=6, decimal_places=2, null=True, blank=True)
    month_price = models.DecimalField("par mois", max_digits=7, decimal_places=2, null=True, blank=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["from_day"]
        constraints = [
            models.UniqueConstraint(
                fields=["tariff", "from_day"],
                name="one_band_a_day",
                violation_error_code="band_exists",
                violation_error_message="Ce tarif a déjà un prix à partir de ce jour.",
            ),
            models.CheckConstraint(
                condition=Q(from_day__gte=1, day_price__gte=0)
                & (Q(week_price__isnull=True) | Q(week_price__gte=0))
                & (Q(month_price__isnull=True) | Q(month_price__gte=0)),
                name="a_band_starts_on_a_day",
                violation_error_code="invalid_band",
                violation_error_message="Un palier commence au jour 1 ou après, et son prix n’est pas négatif.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day_price} €/j dès le jour {self.from_day}"


class ThirdPartyPayer(models.Model):
    """Somebody else who pays a part: Département, employer, mission locale, CCAS…"""

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("nom", max_length=120)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    postal_address = models.CharField("adresse", max_length=250, blank=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = [InFrench("name")]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "name"],
                name="one_payer_a_name",
                violation_error_code="payer_exists",
                violation_error_message="Un payeur porte déjà ce nom.",
            )
        ]

    def __str__(self) -> str:
        return self.name
