"""What a loan costs and who has paid what. Charges, payments and receipts are append-only.

Pricing knows no booking: everything hangs on an Account, and a booking owns one.
"""

import datetime as dt
from decimal import Decimal
from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import DecimalField, F, Func, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest

from accounts.models import Platform, User
from accounts.perms import staff_platform_ids
from accounts.reads import StaffQuerySet
from core import clock
from core.models import StoredFile
from fleet.models import Kind
from participants.models import Audience, Participant, Programme

MONEY: models.Field = DecimalField(max_digits=11, decimal_places=2)
ZERO = Value(Decimal(0), output_field=MONEY)


class DateRange(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


class TariffQuerySet(StaffQuerySet):
    def valid_on(self, day: dt.date) -> Self:
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=day), valid_from__lte=day)

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
        ]

    def __str__(self) -> str:
        return self.name

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
        ordering = ["name"]
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


class AccountQuerySet(StaffQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Staff: their platforms' accounts. A participant: their own."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(Q(platform_id__in=staff_platform_ids(user)) | Q(participant__user=user))

    def with_balance(self, today: dt.date) -> Self:
        """Annotates in euros: `charged`, `paid`, `balance` (what remains, now or later; negative when too much was
        paid), `due` (charged until today and not paid, never below 0) and `own_due` (the participant's part of it).
        """
        charges = Charge.objects.filter(account=OuterRef("pk"))
        payments = Payment.objects.filter(account=OuterRef("pk"))
        due = charges.filter(due_on__lte=today)
        return self.annotate(
            charged=_total(charges),
            paid=_total(payments),
            balance=F("outstanding"),
            due=Greatest(_total(due) - _total(payments), ZERO),
            own_due=Greatest(_total(due.filter(payer=None)) - _total(payments.filter(payer=None)), ZERO),
        )

    def unpaid(self, today: dt.date) -> Self:
        """Something is due on them; with their balance. The index on what is outstanding keeps this quick."""
        return self.filter(outstanding__gt=0).with_balance(today).filter(due__gt=0)


def _total(rows: models.QuerySet[Any]) -> Coalesce:
    """The sum of these rows' amounts, as a subquery of its own: joined to each other they would multiply."""
    by_account = rows.order_by().values("account").annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(by_account, output_field=MONEY), ZERO)


class Account(models.Model):
    """What is owed and paid for one thing (a loan), by the participant and by others for them.

    `outstanding` is the sum of its charges less that of its payments. Triggers of the first migration keep it, so
    that no writer can forget: "unpaid first" must not add up the ledger of every account there ever was.
    """

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="accounts")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="accounts")
    title = models.CharField("objet", max_length=120)
    outstanding = models.DecimalField("reste à payer", max_digits=9, decimal_places=2, default=Decimal(0))
    created_at = models.DateTimeField(default=clock.now)

    objects = AccountQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["platform", "-id"], name="accounts_of_a_platform"),
            models.Index(fields=["platform", "-id"], name="accounts_outstanding", condition=Q(outstanding__gt=0)),
        ]

    def __str__(self) -> str:
        return self.title


class ChargeQuerySet(StaffQuerySet):
    def standing(self) -> Self:
        """Neither reversed nor a reversal."""
        return self.filter(reversed_by__isnull=True, reverses__isnull=True)


class Charge(models.Model):
    """An amount due on an account. Append-only: a mistake is reversed by a charge of the opposite amount."""

    class Sort(models.TextChoices):
        RENT = "rent", "Participation"
        LATE = "late", "Retard"
        EXCESS_KM = "excess_km", "Kilomètres en plus"
        DAMAGE = "damage", "Dégât"
        CLEANING = "cleaning", "Nettoyage"
        FUEL = "fuel", "Carburant"
        FINE = "fine", "Amende refacturée"
        MEMBERSHIP = "membership", "Adhésion"
        OTHER = "other", "Autre"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="charges")
    sort = models.CharField("nature", max_length=12, choices=Sort.choices)
    label = models.CharField("libellé", max_length=160)
    quantity = models.DecimalField("quantité", max_digits=8, decimal_places=2, default=Decimal(1))
    unit_price = models.DecimalField("prix unitaire", max_digits=8, decimal_places=3)
    amount = models.DecimalField("montant", max_digits=9, decimal_places=2)
    payer = models.ForeignKey(
        ThirdPartyPayer, on_delete=models.PROTECT, null=True, blank=True, related_name="charges"
    )  # None: the participant
    due_on = models.DateField("à payer le")
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by")
    waives = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="waivers")
    reason = models.CharField("motif", max_length=200, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    objects = ChargeQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0) | Q(reverses__isnull=False) | Q(waives__isnull=False),
                name="only_a_reversal_or_a_waiver_is_negative",
                violation_error_code="negative_charge",
                violation_error_message="Un montant négatif est une annulation ou une remise.",
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, waives__isnull=True) | ~Q(reason=""),
                name="a_reversal_or_a_waiver_says_why",
                violation_error_code="reason_missing",
                violation_error_message="Dites pourquoi.",
            ),
        ]
        indexes = [models.Index(fields=["account", "due_on"], name="charges_by_due_day")]

    def __str__(self) -> str:
        return f"{self.label} {self.amount} €"


class Payment(models.Model):
    """Money received on an account. Append-only: a mistake is reversed by a payment of the opposite amount."""

    class Means(models.TextChoices):
        CASH = "cash", "Espèces"
        CHEQUE = "cheque", "Chèque"
        TRANSFER = "transfer", "Virement"
        DESK_CARD = "desk_card", "Carte (terminal)"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="payments")
    means = models.CharField("moyen", max_length=10, choices=Means.choices)
    amount = models.DecimalField("montant", max_digits=9, decimal_places=2)
    payer = models.ForeignKey(ThirdPartyPayer, on_delete=models.PROTECT, null=True, blank=True, related_name="payments")
    reference = models.CharField("numéro du chèque ou du virement", max_length=60, blank=True)
    received_at = models.DateTimeField("reçu le")
    recorded_at = models.DateTimeField(default=clock.now)
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by")
    reason = models.CharField("motif", max_length=200, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, reverses__isnull=True)
                | (Q(amount__lt=0, reverses__isnull=False) & ~Q(reason="")),
                name="a_payment_is_positive_or_reverses_one",
                violation_error_code="not_positive",
                violation_error_message="Le montant reçu est plus grand que zéro.",
            )
        ]
        indexes = [models.Index(fields=["platform", "received_at"], name="payments_by_day")]

    def __str__(self) -> str:
        return f"{self.get_means_display()} {self.amount} €"


class Counter(models.Model):
    """The last number given in a series of a platform and year. Locked last, so that no number is lost."""

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    series = models.CharField(max_length=12)  # "receipt"
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "series", "year"],
                name="one_counter_a_series_and_year",
                violation_error_code="duplicate",
                violation_error_message="Ce compteur existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.year}: {self.last}"


class Receipt(models.Model):
    """The numbered receipt of a payment, without gaps by platform and year; append-only, frozen as PDF."""

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="receipt")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    issued_at = models.DateTimeField(default=clock.now)
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")

    objects = StaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "year", "number"],
                name="one_receipt_a_number",
                violation_error_code="duplicate",
                violation_error_message="Ce numéro de reçu existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """« R2026-0042 »."""
        return f"R{self.year}-{self.number:04d}"


class Deposit(models.Model):
    """The *dépôt de garantie* of an account: promised, held, given back. Never a payment, never income."""

    class Means(models.TextChoices):
        CHEQUE = "cheque", "Chèque"
        CASH = "cash", "Espèces"
        DESK_CARD = "desk_card", "Carte (terminal)"
        FUND = "fund", "Avancé par un fonds"

    class State(models.TextChoices):
        EXPECTED = "expected", "À recevoir"
        HELD = "held", "Reçu"
        RETURNED = "returned", "Rendu"
        KEPT = "kept", "Gardé, en tout ou partie"
        WAIVED = "waived", "Dispensé"

    NEXT = {
        State.EXPECTED: {State.HELD, State.WAIVED},
        State.HELD: {State.RETURNED, State.KEPT},
        State.WAIVED: {State.HELD},
    }

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="deposits")
    state = models.CharField(max_length=10, choices=State.choices, default=State.EXPECTED)
    amount = models.DecimalField("montant", max_digits=7, decimal_places=2)
    means = models.CharField("moyen", max_length=10, choices=Means.choices, blank=True)
    cheque_number = models.CharField("numéro du chèque", max_length=30, blank=True)
    bank = models.CharField("banque", max_length=60, blank=True)
    cheque_dated_on = models.DateField("chèque daté du", null=True, blank=True)
    received_at = models.DateTimeField("reçu le", null=True, blank=True)
    settled_at = models.DateTimeField("rendu, gardé ou dispensé le", null=True, blank=True)
    kept_amount = models.DecimalField("gardé", max_digits=7, decimal_places=2, default=Decimal(0))
    reason = models.CharField("motif", max_length=200, blank=True)

    objects = StaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="a_deposit_is_positive",
                violation_error_code="not_positive",
                violation_error_message="Le dépôt de garantie est plus grand que zéro.",
            ),
            models.CheckConstraint(
                condition=Q(kept_amount__gte=0) & Q(kept_amount__lte=F("amount")),
                name="no_more_is_kept_than_was_given",
                violation_error_code="kept_too_much",
                violation_error_message="On ne peut pas garder plus que le dépôt.",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | (~Q(means="") & Q(received_at__isnull=False)),
                name="a_held_deposit_has_a_means",
                violation_error_code="means_missing",
                violation_error_message="Dites comment le dépôt a été donné.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.amount} €"
