"""Money over the API: accounts, what is charged and paid on them, deposits, receipts, tariffs, third-party payers."""

import datetime as dt
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import OfPlatform, read
from api.platforms import PLATFORM, platform_of, within
from core import clock
from fleet.models import Kind
from participants.models import Audience, Programme
from pricing import actions, receipts, tariff_actions
from pricing.models import Account, Charge, Deposit, Payment, Receipt, Tariff, TariffBand, ThirdPartyPayer
from pricing.tariffs import Band

CREATED = status.HTTP_201_CREATED


def money(**more: Any) -> serializers.DecimalField:
    """Euros, as a string with two decimals."""
    return serializers.DecimalField(max_digits=9, decimal_places=2, **more)


# --- out ------------------------------------------------------------------------------------------


class AccountOut(serializers.ModelSerializer[Account]):
    charged = money()
    paid = money()
    balance = money(help_text="What remains to be paid, now or later; negative when too much was paid.")
    due = money(help_text="Charged until today and not paid.")
    own_due = money(help_text="The participant's own part of it.")

    class Meta:
        model = Account
        fields = (
            "id",
            "platform",
            "participant",
            "title",
            "created_at",
            "charged",
            "paid",
            "balance",
            "due",
            "own_due",
        )


class ChargeOut(serializers.ModelSerializer[Charge]):
    is_standing = serializers.BooleanField(help_text="Neither reversed nor a reversal.")

    class Meta:
        model = Charge
        fields = (
            "id", "account", "sort", "label", "quantity", "unit_price", "amount", "payer", "due_on", "reverses",
            "waives", "reason", "created_at", "is_standing",
        )  # fmt: skip


class PaymentOut(serializers.ModelSerializer[Payment]):
    receipt = serializers.IntegerField(source="receipt.pk", default=None, allow_null=True)
    receipt_number = serializers.CharField(source="receipt.label", default=None, allow_null=True)
    is_standing = serializers.BooleanField(help_text="Neither reversed nor a reversal.")

    class Meta:
        model = Payment
        fields = (
            "id", "account", "means", "amount", "payer", "reference", "received_at", "recorded_at", "reverses",
            "reason", "receipt", "receipt_number", "is_standing",
        )  # fmt: skip


class DepositOut(serializers.ModelSerializer[Deposit]):
    class Meta:
        model = Deposit
        fields = (
            "id", "account", "state", "amount", "means", "cheque_number", "bank", "cheque_dated_on", "received_at",
            "settled_at", "kept_amount", "reason",
        )  # fmt: skip


class ReceiptOut(serializers.ModelSerializer[Receipt]):
    label = serializers.CharField(read_only=True)

    class Meta:
        model = Receipt
        fields = ("id", "platform", "payment", "year", "number", "label", "issued_at")


class BandOut(serializers.ModelSerializer[TariffBand]):
    class Meta:
        model = TariffBand
        fields = ("from_day", "day_price", "week_price", "month_price")


class TariffOut(serializers.ModelSerializer[Tariff]):
    bands = BandOut(many=True)

    class Meta:
        model = Tariff
        fields = (
            "id", "platform", "name", "kind", "programme", "audience", "valid_from", "valid_until", "day_rule",
            "deposit", "late_fee_per_day", "km_per_day", "excess_km_price", "unused_days", "cancel_free_days",
            "cancel_fee", "no_show_fee", "bands",
        )  # fmt: skip


class PayerOut(serializers.ModelSerializer[ThirdPartyPayer]):
    class Meta:
        model = ThirdPartyPayer
        fields = ("id", "platform", "name", "siret", "postal_address")


# --- in -------------------------------------------------------------------------------------------


class ChargeIn(serializers.Serializer[Any]):
    sort = serializers.ChoiceField(Charge.Sort.choices)
    label = serializers.CharField(max_length=160, required=False, allow_blank=True, default="")
    unit_price = serializers.DecimalField(max_digits=8, decimal_places=3)
    quantity = serializers.DecimalField(max_digits=8, decimal_places=2, default=Decimal(1))
    due_on = serializers.DateField(required=False)
    payer = OfPlatform(queryset=ThirdPartyPayer.objects.all(), required=False, allow_null=True)


class PaidIn(serializers.Serializer[Any]):
    amount = money()
    means = serializers.ChoiceField(Payment.Means.choices)
    received_at = serializers.DateTimeField(required=False)
    reference = serializers.CharField(max_length=60, required=False, allow_blank=True)
    payer = OfPlatform(queryset=ThirdPartyPayer.objects.all(), required=False, allow_null=True)


class PaymentIn(PaidIn):
    account = OfPlatform(queryset=Account.objects.all())


class WhyIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)


class WaiverIn(WhyIn):
    amount = money(required=False)


class KeepIn(WhyIn):
    amount = money()


class DepositIn(serializers.Serializer[Any]):
    means = serializers.ChoiceField(Deposit.Means.choices)
    amount = money(required=False)
    received_at = serializers.DateTimeField(required=False)
    cheque_number = serializers.CharField(max_length=30, required=False, allow_blank=True)
    bank = serializers.CharField(max_length=60, required=False, allow_blank=True)
    cheque_dated_on = serializers.DateField(required=False, allow_null=True)


class BandIn(serializers.Serializer[Any]):
    from_day = serializers.IntegerField(min_value=1, max_value=3650)
    day_price = money(min_value=0)
    week_price = money(min_value=0, required=False, allow_null=True, default=None)
    month_price = money(min_value=0, required=False, allow_null=True, default=None)


class TariffIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    kind = serializers.ChoiceField(Kind.choices)
    valid_from = serializers.DateField()
    bands = BandIn(many=True)
    programme = OfPlatform(queryset=Programme.objects.all(), required=False, allow_null=True)
    audience = serializers.ChoiceField(Audience.choices, required=False, allow_blank=True)
    day_rule = serializers.ChoiceField(Tariff.DayRule.choices, required=False)
    deposit = money(required=False)
    late_fee_per_day = money(required=False)
    km_per_day = serializers.IntegerField(min_value=0, max_value=2000, required=False, allow_null=True)
    excess_km_price = serializers.DecimalField(max_digits=5, decimal_places=3, required=False, allow_null=True)
    unused_days = serializers.ChoiceField(Tariff.UnusedDays.choices, required=False)
    cancel_free_days = serializers.IntegerField(min_value=0, max_value=365, required=False)
    cancel_fee = money(min_value=0, required=False)
    no_show_fee = money(min_value=0, required=False)

    def validate_bands(self, rows: list[dict[str, Any]]) -> list[Band]:
        return [Band(**row) for row in rows]


class TariffEndIn(serializers.Serializer[Any]):
    valid_until = serializers.DateField(help_text="The first day on which it holds no longer.")


class PayerIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    siret = serializers.CharField(max_length=20, required=False, allow_blank=True)
    postal_address = serializers.CharField(max_length=250, required=False, allow_blank=True)


# --- accounts -------------------------------------------------------------------------------------


class AccountFilters(django_filters.FilterSet):
    participant = django_filters.NumberFilter("participant_id")
    is_due = django_filters.BooleanFilter(method="by_due", label="Something is due on it today.")

    class Meta:
        model = Account
        fields: tuple[str, ...] = ()

    def by_due(self, rows: QuerySet[Account], name: str, is_due: bool) -> QuerySet[Account]:
        # What is outstanding is indexed: what is due is looked for among that alone.
        return rows.filter(outstanding__gt=0, due__gt=0) if is_due else rows.filter(due=0)


class Reads(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """Lists and retrieves; a verb is a POST to its own address."""


@extend_schema(parameters=[PLATFORM])
class Accounts(Reads):
    """What is owed and paid for one thing, such as a loan."""

    serializer_class = AccountOut
    filterset_class = AccountFilters

    def get_queryset(self) -> QuerySet[Account]:
        rows = Account.objects.visible_to(self.request.user).with_balance(clock.today())
        return within(self.request, rows.select_related("platform"))

    @extend_schema(request=ChargeIn, responses={201: ChargeOut})
    @action(detail=True, methods=["post"])
    def add_charge(self, request: Request, pk: str) -> Response:
        charge = actions.add_charge(self.get_object(), by=request.user, **read(ChargeIn, request))
        return Response(ChargeOut(charge).data, status=CREATED)

    @extend_schema(request=PaidIn, responses={201: PaymentOut})
    @action(detail=True, methods=["post"])
    def pay(self, request: Request, pk: str) -> Response:
        payment = actions.pay(self.get_object(), by=request.user, **read(PaidIn, request))
        return Response(PaymentOut(payment).data, status=CREATED)


class OfAccount(django_filters.FilterSet):
    """By the account's id; of one that the caller may not see there is simply nothing."""

    account = django_filters.NumberFilter("account_id")


class ChargeFilters(OfAccount):
    due_before = django_filters.DateFilter("due_on", lookup_expr="lt")

    class Meta:
        model = Charge
        fields = ("sort",)


@extend_schema(parameters=[PLATFORM])
class Charges(Reads):
    serializer_class = ChargeOut
    filterset_class = ChargeFilters

    def get_queryset(self) -> QuerySet[Charge]:
        rows = Charge.objects.visible_to(self.request.user).select_related("reversed_by", "account__platform")
        return within(self.request, rows)

    @extend_schema(request=WhyIn, responses={201: ChargeOut})
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, pk: str) -> Response:
        """Undoes it by a charge of the opposite amount, which is the answer."""
        reversal = actions.reverse_charge(self.get_object(), by=request.user, **read(WhyIn, request))
        return Response(ChargeOut(reversal).data, status=CREATED)

    @extend_schema(request=WaiverIn, responses={201: ChargeOut})
    @action(detail=True, methods=["post"])
    def waive(self, request: Request, pk: str) -> Response:
        """Asks for less; without an amount, for nothing of it. The answer is the waiver, a negative charge."""
        waiver = actions.waive(self.get_object(), by=request.user, **read(WaiverIn, request))
        return Response(ChargeOut(waiver).data, status=CREATED)


class PaymentFilters(OfAccount):
    received_from = django_filters.IsoDateTimeFilter("received_at", lookup_expr="gte")
    received_before = django_filters.IsoDateTimeFilter("received_at", lookup_expr="lt")

    class Meta:
        model = Payment
        fields = ("means",)


@extend_schema(parameters=[PLATFORM])
class Payments(Reads):
    serializer_class = PaymentOut
    filterset_class = PaymentFilters

    def get_queryset(self) -> QuerySet[Payment]:
        rows = Payment.objects.visible_to(self.request.user)
        return within(self.request, rows.select_related("receipt", "reversed_by", "account__platform"))

    @extend_schema(request=PaymentIn, responses={201: PaymentOut})
    def create(self, request: Request) -> Response:
        """Money received, with its numbered receipt. 409 `cash_ceiling` where the law wants another means."""
        given = read(PaymentIn, request)
        payment = actions.pay(given.pop("account"), by=request.user, **given)
        return Response(PaymentOut(payment).data, status=CREATED)

    @extend_schema(request=WhyIn, responses={201: PaymentOut})
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, pk: str) -> Response:
        reversal = actions.reverse_payment(self.get_object(), by=request.user, **read(WhyIn, request))
        return Response(PaymentOut(reversal).data, status=CREATED)


class DepositFilters(OfAccount):
    class Meta:
        model = Deposit
        fields = ("state", "means")


@extend_schema(parameters=[PLATFORM])
class Deposits(Reads):
    """The *dépôt de garantie*: never a payment."""

    serializer_class = DepositOut
    filterset_class = DepositFilters

    def get_queryset(self) -> QuerySet[Deposit]:
        rows = Deposit.objects.visible_to(self.request.user).select_related("account__platform")
        return within(self.request, rows)

    @extend_schema(request=DepositIn, responses=DepositOut)
    @action(detail=True, methods=["post"])
    def receive(self, request: Request, pk: str) -> Response:
        deposit = actions.receive_deposit(self.get_object(), by=request.user, **read(DepositIn, request))
        return Response(DepositOut(deposit).data)

    @extend_schema(request=None, responses=DepositOut)
    @action(detail=True, methods=["post"])
    def give_back(self, request: Request, pk: str) -> Response:
        return Response(DepositOut(actions.return_deposit(self.get_object(), by=request.user)).data)

    @extend_schema(request=KeepIn, responses=DepositOut)
    @action(detail=True, methods=["post"])
    def keep(self, request: Request, pk: str) -> Response:
        return Response(
            DepositOut(actions.keep_deposit(self.get_object(), by=request.user, **read(KeepIn, request))).data
        )

    @extend_schema(request=WhyIn, responses=DepositOut)
    @action(detail=True, methods=["post"])
    def waive(self, request: Request, pk: str) -> Response:
        deposit = actions.waive_deposit(self.get_object(), by=request.user, **read(WhyIn, request))
        return Response(DepositOut(deposit).data)


class ReceiptFilters(django_filters.FilterSet):
    account = django_filters.NumberFilter("payment__account_id")

    class Meta:
        model = Receipt
        fields = ("year", "number", "payment")


@extend_schema(parameters=[PLATFORM])
class Receipts(Reads):
    serializer_class = ReceiptOut
    filterset_class = ReceiptFilters

    def get_queryset(self) -> QuerySet[Receipt]:
        return within(self.request, Receipt.objects.visible_to(self.request.user))

    @extend_schema(responses={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)})
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: str) -> HttpResponse:
        """The paper itself (tagged PDF/A)."""
        return receipts.paper(self.get_object())


# --- tariffs --------------------------------------------------------------------------------------


class TariffFilters(django_filters.FilterSet):
    valid_on = django_filters.DateFilter(method="by_day", label="Those that hold on this day.")

    class Meta:
        model = Tariff
        fields = ("kind", "audience", "programme")

    def by_day(self, rows: Any, name: str, day: dt.date) -> QuerySet[Tariff]:
        return rows.valid_on(day)


@extend_schema(parameters=[PLATFORM])
class Tariffs(Reads):
    """What a day costs. A tariff is never rewritten once it holds: a new one takes its place from a day on."""

    serializer_class = TariffOut
    filterset_class = TariffFilters

    def get_queryset(self) -> QuerySet[Tariff]:
        rows = Tariff.objects.visible_to(self.request.user).select_related("platform").prefetch_related("bands")
        return within(self.request, rows)

    @extend_schema(request=TariffIn, responses={201: TariffOut})
    def create(self, request: Request) -> Response:
        tariff = tariff_actions.save_tariff(platform_of(request), by=request.user, **read(TariffIn, request))
        return Response(TariffOut(tariff).data, status=CREATED)

    @extend_schema(request=TariffEndIn, responses=TariffOut)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        tariff = tariff_actions.end_tariff(self.get_object(), by=request.user, **read(TariffEndIn, request))
        return Response(TariffOut(tariff).data)


@extend_schema(parameters=[PLATFORM])
class Payers(Reads):
    """Who pays in a participant's place: Département, employer, CCAS…"""

    serializer_class = PayerOut

    def get_queryset(self) -> QuerySet[ThirdPartyPayer]:
        return within(self.request, ThirdPartyPayer.objects.visible_to(self.request.user).select_related("platform"))

    @extend_schema(request=PayerIn, responses={201: PayerOut})
    def create(self, request: Request) -> Response:
        payer = tariff_actions.add_payer(platform_of(request), by=request.user, **read(PayerIn, request))
        return Response(PayerOut(payer).data, status=CREATED)

    @extend_schema(request=PayerIn, responses=PayerOut)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        payer = tariff_actions.change_payer(self.get_object(), by=request.user, **read(PayerIn, request))
        return Response(PayerOut(payer).data)
