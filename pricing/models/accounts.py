"""Who owes what and who has paid what. Charges, payments and receipts are append-only."""

import datetime as dt
from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import DecimalField, F, OuterRef, Prefetch, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from accounts.models import Platform, User
from accounts.perms import staff_platform_ids
from accounts.reads import StaffQuerySet
from core import clock
from core.models import StoredFile
from participants.models import Participant
from pricing.models.tariffs import ThirdPartyPayer

MONEY: models.Field = DecimalField(max_digits=11, decimal_places=2)
CHEQUE_LIVES = dt.timedelta(days=365 + 8)
CHEQUE_WARNING = dt.timedelta(days=38)
ZERO = Value(Decimal(0), output_field=MONEY)


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
        return self.annotate(**balances(today))

    def with_lines(self) -> Self:
        """What an account's page and block show, in three more queries whatever there is."""
        return self.select_related("participant", "platform").prefetch_related(*lines_of())

    def unpaid(self, today: dt.date) -> Self:
        """Something is due on them, and how much: `due`. The index on what is outstanding keeps this quick."""
        return self.filter(outstanding__gt=0).annotate(due=due_of(today)).filter(due__gt=0)


def balances(today: dt.date, account: str = "") -> dict[str, Any]:
    """What `with_balance` annotates; `account` is the way to it for rows that have one (« account » for a loan's)."""
    of_account = {"account": OuterRef(account or "pk")}
    return {
        "charged": _total(Charge.objects.filter(**of_account)),
        "paid": _total(Payment.objects.filter(**of_account)),
        "balance": F(f"{account}__outstanding" if account else "outstanding"),
        "due": due_of(today, **of_account),
        "own_due": due_of(today, **of_account, payer=None),
    }


def due_of(today: dt.date, **of: Any) -> Greatest:
    """What was charged until today and not paid, never below 0: of the account, or as `of` says otherwise."""
    of = of or {"account": OuterRef("pk")}
    charged, paid = Charge.objects.filter(**of, due_on__lte=today), Payment.objects.filter(**of)
    return Greatest(_total(charged) - _total(paid), ZERO)


def lines_of(account: str = "") -> list[Prefetch]:
    """What `with_lines` fetches; `account` as above."""
    to = f"{account}__" if account else ""
    return [
        Prefetch(f"{to}charges", Charge.objects.select_related("payer", "reversed_by", "waives", "reverses")),
        Prefetch(f"{to}payments", Payment.objects.select_related("payer", "receipt", "reversed_by", "reverses")),
        Prefetch(f"{to}deposits"),
    ]


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

    # Of a row that `with_balance` gave:

    @property
    def later(self) -> Decimal:
        """What remains to be paid one day, and is not due yet."""
        return self.balance - self.due  # type: ignore[attr-defined]

    @property
    def paid_too_much(self) -> Decimal:
        return max(-self.balance, Decimal(0))  # type: ignore[attr-defined]


class LedgerQuerySet(StaffQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Staff: what stands on their platforms' accounts. A participant: what stands on their own."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(Q(platform_id__in=staff_platform_ids(user)) | Q(account__participant__user=user))


class ChargeQuerySet(LedgerQuerySet):
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
        CANCELLATION = "cancellation", "Annulation ou absence"
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

    @property
    def is_standing(self) -> bool:
        return self.reverses_id is None and getattr(self, "reversed_by", None) is None

    @property
    def is_waivable(self) -> bool:
        return self.is_standing and self.waives_id is None and self.amount > 0


class PaymentQuerySet(LedgerQuerySet):
    def received_on(self, day: dt.date) -> Self:
        """Received on that day, as the wall clock of the current time zone shows it."""
        zone = timezone.get_current_timezone()
        first, next_one = clock.at(day, dt.time(), zone), clock.at(day + dt.timedelta(days=1), dt.time(), zone)
        return self.filter(received_at__gte=first, received_at__lt=next_one)  # what an index can answer


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

    objects = PaymentQuerySet.as_manager()

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

    @property
    def is_standing(self) -> bool:
        return self.reverses_id is None and getattr(self, "reversed_by", None) is None


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


class ReceiptQuerySet(StaffQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Staff: their platforms' receipts. A participant: those of their own accounts, whoever paid."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(Q(platform_id__in=staff_platform_ids(user)) | Q(payment__account__participant__user=user))


class Receipt(models.Model):
    """The numbered receipt of a payment, without gaps by platform and year; append-only, frozen as PDF."""

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="receipt")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    issued_at = models.DateTimeField(default=clock.now)
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ReceiptQuerySet.as_manager()

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
        LAPSED = "lapsed", "Plus à recevoir"  # never given, and nothing is lent against it any more

    NEXT = {
        State.EXPECTED: {State.HELD, State.WAIVED, State.LAPSED},
        State.HELD: {State.RETURNED, State.KEPT},
        State.WAIVED: {State.HELD},
        State.LAPSED: {State.HELD},  # it had been given, and nobody had noted it
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
    settled_at = models.DateTimeField("rendu, gardé, dispensé ou plus attendu le", null=True, blank=True)
    kept_amount = models.DecimalField("gardé", max_digits=7, decimal_places=2, default=Decimal(0))
    reason = models.CharField("motif", max_length=200, blank=True)

    objects = LedgerQuerySet.as_manager()

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
        indexes = [models.Index(fields=["platform", "received_at"], name="deposits_held", condition=Q(state="held"))]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.amount} €"

    @property
    def cheque_ends_on(self) -> dt.date | None:
        """A cheque can be cashed for 1 year and 8 days (art. L131-32 and L131-59, Code monétaire et financier)."""
        start = self.cheque_dated_on or (timezone.localtime(self.received_at).date() if self.received_at else None)
        return start + CHEQUE_LIVES if start and self.means == self.Means.CHEQUE else None

    def cheque_ends_soon(self, today: dt.date) -> bool:
        """Held, and no more than a month before it can no longer be cashed."""
        ends_on = self.cheque_ends_on
        return self.state == self.State.HELD and ends_on is not None and ends_on - CHEQUE_WARNING <= today
