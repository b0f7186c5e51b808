import datetime as dt
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from fleet.models import Kind
from pricing.models import Account, Charge, Deposit, Tariff, TariffBand, ThirdPartyPayer
from tests.factories import ParticipantFactory, PlatformFactory, UserFactory


class TariffBandFactory(DjangoModelFactory):
    tariff = factory.SubFactory("tests.pricing.factories.TariffFactory")
    platform = factory.SelfAttribute("tariff.platform")
    from_day = 1
    day_price = Decimal("3.00")

    class Meta:
        model = TariffBand


class TariffFactory(DjangoModelFactory):
    """3 € a day, until further notice."""

    platform = factory.SubFactory(PlatformFactory)
    name = factory.Sequence(lambda n: f"Tarif {n}")
    kind = Kind.CAR
    valid_from = dt.date(2025, 1, 1)
    late_fee_per_day = Decimal("3.00")
    band = factory.RelatedFactory(TariffBandFactory, factory_related_name="tariff")

    class Meta:
        model = Tariff
        skip_postgeneration_save = True


class ThirdPartyPayerFactory(DjangoModelFactory):
    platform = factory.SubFactory(PlatformFactory)
    name = factory.Sequence(lambda n: f"Payeur {n}")

    class Meta:
        model = ThirdPartyPayer


class AccountFactory(DjangoModelFactory):
    participant = factory.SubFactory(ParticipantFactory)
    platform = factory.SelfAttribute("participant.platform")
    title = "Prêt d’une voiture"

    class Meta:
        model = Account


class ChargeFactory(DjangoModelFactory):
    account = factory.SubFactory(AccountFactory)
    platform = factory.SelfAttribute("account.platform")
    sort = Charge.Sort.RENT
    label = "30 jours à 3,00 €"
    unit_price = factory.SelfAttribute("amount")
    amount = Decimal("90.00")
    due_on = dt.date(2026, 3, 2)
    by = factory.SubFactory(UserFactory)

    class Meta:
        model = Charge


class DepositFactory(DjangoModelFactory):
    account = factory.SubFactory(AccountFactory)
    platform = factory.SelfAttribute("account.platform")
    amount = Decimal("150.00")

    class Meta:
        model = Deposit
