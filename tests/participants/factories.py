"""What is noted of a person, for tests."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from participants.models import Audience, AudienceMembership, DrivingEntitlement, PrescriberOrganization, Referent
from tests.factories import ParticipantFactory, PlatformFactory


class AudienceMembershipFactory(DjangoModelFactory):
    participant = factory.SubFactory(ParticipantFactory)
    platform = factory.SelfAttribute("participant.platform")
    audience = Audience.RSA

    class Meta:
        model = AudienceMembership


class EntitlementFactory(DjangoModelFactory):
    participant = factory.SubFactory(ParticipantFactory)
    platform = factory.SelfAttribute("participant.platform")
    category = DrivingEntitlement.Category.B
    obtained_on = dt.date(2015, 6, 1)

    class Meta:
        model = DrivingEntitlement


class PrescriberFactory(DjangoModelFactory):
    platform = factory.SubFactory(PlatformFactory)
    name = factory.Sequence(lambda n: f"Mission locale {n}")
    sort = PrescriberOrganization.Sort.ML

    class Meta:
        model = PrescriberOrganization


class ReferentFactory(DjangoModelFactory):
    organization = factory.SubFactory(PrescriberFactory)
    platform = factory.SelfAttribute("organization.platform")
    name = factory.Sequence(lambda n: f"Référente {n}")

    class Meta:
        model = Referent
