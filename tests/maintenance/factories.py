"""Repair jobs in their situations: `job_in(State.QUOTED, garage)`."""

import datetime as dt
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from core import clock
from garages.models import GarageMember, GarageRate, Work
from maintenance.models import JobOffer, QuoteLine, RepairJob, RepairPolicy
from tests.factories import GarageFactory, PlatformFactory, UserFactory, VehicleFactory

State = RepairJob.State


class RepairPolicyFactory(DjangoModelFactory):
    platform = factory.SubFactory(PlatformFactory)
    quote_ceiling = Decimal(0)

    class Meta:
        model = RepairPolicy


class GarageRateFactory(DjangoModelFactory):
    garage = factory.SubFactory(GarageFactory)
    platform = factory.SelfAttribute("garage.platform")
    hourly_rate = Decimal("39.90")
    valid_from = dt.date(2020, 1, 1)

    class Meta:
        model = GarageRate


class GarageMemberFactory(DjangoModelFactory):
    garage = factory.SubFactory(GarageFactory)
    platform = factory.SelfAttribute("garage.platform")
    user = factory.SubFactory(UserFactory)
    name = "Chloé Lartigue"

    class Meta:
        model = GarageMember


class JobFactory(DjangoModelFactory):
    vehicle = factory.SubFactory(VehicleFactory)
    platform = factory.SelfAttribute("vehicle.platform")
    title = "Bruit au freinage"
    work = Work.MECHANICS
    reported_by = factory.SubFactory(UserFactory)

    class Meta:
        model = RepairJob


class OfferFactory(DjangoModelFactory):
    job = factory.SubFactory(JobFactory, state=State.OFFERED)
    platform = factory.SelfAttribute("job.platform")
    garage = factory.SubFactory(GarageFactory, platform=factory.SelfAttribute("..platform"))
    offered_at = factory.LazyFunction(clock.now)
    expires_at = factory.LazyAttribute(lambda offer: offer.offered_at + dt.timedelta(hours=48))

    class Meta:
        model = JobOffer


class QuoteLineFactory(DjangoModelFactory):
    job = factory.SubFactory(JobFactory)
    platform = factory.SelfAttribute("job.platform")
    sort = QuoteLine.Sort.LABOUR
    label = "Main-d’œuvre"
    quantity = Decimal("1.5")
    unit_price = Decimal("39.90")

    class Meta:
        model = QuoteLine


def job_in(state: str, garage: Any, **fields: Any) -> RepairJob:
    """A job of the garage's platform that has come as far as `state`, by that garage."""
    if "vehicle" not in fields:
        fields["vehicle__site__platform"] = garage.platform
    if state not in (State.TO_DECIDE, State.OFFERED, State.CANCELLED):
        fields.setdefault("garage", garage)
    job = JobFactory(platform=garage.platform, state=state, **fields)
    if state == State.OFFERED:
        OfferFactory(job=job, garage=garage)
    return job
