"""Loans for tests: `BookingFactory` the agreement alone, `AssignmentFactory` with its vehicle and hold.

AssignmentFactory(booking__platform=platform)            promised: a hold, keys still here
AssignmentFactory(booking__platform=platform, out=True)  keys out since the start
AssignmentFactory(booking=…, displaced=True)             its vehicle was taken away
"""

import datetime as dt
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from bookings.models import Assignment, Booking, ConditionReport, Period
from core.models import StoredFile
from fleet.models import Kind
from pricing.models import Account
from pricing.tariffs import Line, Quote
from tests.factories import HoldFactory, ParticipantFactory, PlatformFactory, UserFactory, VehicleFactory

STARTS = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)  # Monday 2 March 2026, 9 h in Paris
ENDS = dt.datetime(2026, 4, 1, 7, tzinfo=dt.UTC)  # thirty days later, 9 h in Paris (summer time)


class LoanAccountFactory(DjangoModelFactory):
    participant = factory.SubFactory(ParticipantFactory)
    platform = factory.SelfAttribute("participant.platform")
    title = "Prêt de voiture"

    class Meta:
        model = Account


class BookingFactory(DjangoModelFactory):
    platform = factory.SubFactory(PlatformFactory)
    participant = factory.SubFactory(ParticipantFactory, platform=factory.SelfAttribute("..platform"))
    programme = factory.SelfAttribute("participant.programme")
    account = factory.SubFactory(LoanAccountFactory, participant=factory.SelfAttribute("..participant"))
    kind = Kind.CAR
    purpose = Booking.Purpose.CDD
    destination = "Saint-Vincent-de-Tyrosse – Dax, ESAT des Landes"
    starts_at = STARTS
    ends_at = ENDS
    created_by = factory.SubFactory(UserFactory)

    class Meta:
        model = Booking

    class Params:
        active = factory.Trait(state=Booking.State.ACTIVE)
        returned = factory.Trait(state=Booking.State.RETURNED)
        cancelled = factory.Trait(
            state=Booking.State.CANCELLED, cancelled_at=factory.SelfAttribute("starts_at"), cancel_reason="Renonce"
        )


class PeriodFactory(DjangoModelFactory):
    booking = factory.SubFactory(BookingFactory)
    platform = factory.SelfAttribute("booking.platform")
    starts_at = factory.SelfAttribute("booking.starts_at")
    ends_at = factory.SelfAttribute("booking.ends_at")
    quote = factory.LazyFunction(
        lambda: Quote(
            days=30,
            lines=(Line("30 jours à 3,00 €", 30, Decimal("3.00")),),
            rule="started_24h",
            late_fee_per_day=Decimal("3.00"),
        ).as_json()
    )
    total = Decimal("90.00")

    class Meta:
        model = Period


class AssignmentFactory(DjangoModelFactory):
    booking = factory.SubFactory(BookingFactory)
    platform = factory.SelfAttribute("booking.platform")
    vehicle = factory.SubFactory(
        VehicleFactory,
        site__platform=factory.SelfAttribute("...booking.platform"),
        kind=factory.SelfAttribute("..booking.kind"),
    )
    starts_at = factory.SelfAttribute("booking.starts_at")
    ends_at = factory.SelfAttribute("booking.ends_at")
    hold = factory.SubFactory(
        HoldFactory,
        vehicle=factory.SelfAttribute("..vehicle"),
        starts_at=factory.SelfAttribute("..starts_at"),
        ends_at=factory.SelfAttribute("..ends_at"),
    )

    class Meta:
        model = Assignment

    class Params:
        out = factory.Trait(
            booking__state=Booking.State.ACTIVE,
            hold__out_at=factory.SelfAttribute("..starts_at"),
        )
        back = factory.Trait(
            booking__state=Booking.State.RETURNED,
            hold__out_at=factory.SelfAttribute("..starts_at"),
            hold__back_at=factory.SelfAttribute("..ends_at"),
            hold__ready_at=factory.SelfAttribute("..ends_at"),
            ended_at=factory.SelfAttribute("ends_at"),
            end_reason=Assignment.EndReason.RETURNED,
        )
        displaced = factory.Trait(hold=None)


class StoredFileFactory(DjangoModelFactory):
    """A row alone: there are no bytes behind it."""

    platform_id = factory.LazyAttribute(lambda f: PlatformFactory().pk)
    kind = StoredFile.Kind.PHOTO
    file = factory.LazyAttribute(lambda f: f"{f.name}")
    name = "photo.jpg"
    media_type = "image/jpeg"
    size = 1
    sha256 = "0" * 64

    class Meta:
        model = StoredFile


class ConditionReportFactory(DjangoModelFactory):
    """A draft at departure; `frozen=True` for a signed one, `returning=True` for the return."""

    assignment = factory.SubFactory(AssignmentFactory)
    platform = factory.SelfAttribute("assignment.platform")
    direction = ConditionReport.Direction.OUT
    site = factory.SelfAttribute("assignment.vehicle.site")
    happened_at = factory.SelfAttribute("assignment.starts_at")
    by = factory.SubFactory(UserFactory)

    class Meta:
        model = ConditionReport

    class Params:
        returning = factory.Trait(
            direction=ConditionReport.Direction.IN, happened_at=factory.SelfAttribute("assignment.ends_at")
        )
        frozen = factory.Trait(
            licence_seen=True,
            identity_seen=True,
            km=84210,
            fuel_eighths=6,
            is_clean=True,
            signer_name=factory.LazyAttribute(lambda r: str(r.assignment.booking.participant)),
            signed_at=factory.SelfAttribute("happened_at"),
        )
