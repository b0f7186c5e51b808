"""The people whom the platform accompanies, over the API. Names and numbers are searched by POST."""

import datetime as dt
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.perms import staff_platform_ids
from api.fields import OfPlatform, clean, read
from api.platforms import PLATFORM, platform_of, within
from core import clock
from fleet.models import Vehicle
from participants import actions, search
from participants.entitlements import Driver, ToDrive, can_drive
from participants.models import (
    Audience,
    AudienceMembership,
    DrivingEntitlement,
    Participant,
    PrescriberOrganization,
    Programme,
    Referent,
)
from places.models import Address

# --- out ------------------------------------------------------------------------------------------


class AddressOut(serializers.ModelSerializer[Address]):
    class Meta:
        model = Address
        fields = ("street", "postcode", "city", "latitude", "longitude", "precision")


class AudienceMembershipOut(serializers.ModelSerializer[AudienceMembership]):
    class Meta:
        model = AudienceMembership
        fields = ("id", "participant", "audience", "starts_on", "ends_on", "proof_seen_on")


class EntitlementOut(serializers.ModelSerializer[DrivingEntitlement]):
    class Meta:
        model = DrivingEntitlement
        fields = (
            "id",
            "participant",
            "category",
            "sort",
            "number",
            "obtained_on",
            "valid_until",
            "restriction_codes",
            "training_125_on",
            "training_125_exempt",
            "training_automatic_lift_on",
            "not_entitled_until",
            "method",
            "verified_on",
        )


class ParticipantOut(serializers.ModelSerializer[Participant]):
    address = AddressOut(allow_null=True)
    audiences = AudienceMembershipOut(many=True)
    entitlements = EntitlementOut(many=True)

    class Meta:
        model = Participant
        fields = (
            "id",
            "platform",
            "first_name",
            "last_name",
            "birth_date",
            "birth_place",
            "phone",
            "email",
            "address",
            "programme",
            "prescriber",
            "referent",
            "adviser",
            "licence_declared",
            "licence_remark",
            "french_level",
            "project",
            "entered_on",
            "audiences",
            "entitlements",
        )


class VerdictOut(serializers.Serializer[Any]):
    allowed = serializers.BooleanField()
    refusals = serializers.ListField(child=serializers.CharField())
    warnings = serializers.ListField(child=serializers.CharField())


class ProgrammeOut(serializers.ModelSerializer[Programme]):
    class Meta:
        model = Programme
        fields = ("id", "platform", "name", "funder", "eligibility", "is_default")


class PrescriberOut(serializers.ModelSerializer[PrescriberOrganization]):
    class Meta:
        model = PrescriberOrganization
        fields = ("id", "platform", "name", "sort")


class ReferentOut(serializers.ModelSerializer[Referent]):
    class Meta:
        model = Referent
        fields = ("id", "platform", "name", "organization", "phone", "email")


# --- in -------------------------------------------------------------------------------------------


class Colleague(serializers.PrimaryKeyRelatedField):
    """A member of a team to which the caller belongs too."""

    def get_queryset(self) -> QuerySet[User]:
        request = self.context.get("request")
        if request is None:  # the schema is being written
            return User.objects.none()
        return User.objects.filter(memberships__platform__in=staff_platform_ids(request.user)).distinct()


class ParticipantChange(serializers.ModelSerializer[Participant]):
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    street = serializers.CharField(max_length=160, required=False, allow_blank=True)
    postcode = serializers.RegexField(r"^\d{5}$", required=False, allow_blank=True)
    city = serializers.CharField(max_length=80, required=False, allow_blank=True)
    programme = OfPlatform(queryset=Programme.objects.all(), required=False)
    prescriber = OfPlatform(queryset=PrescriberOrganization.objects.all(), required=False, allow_null=True)
    referent = OfPlatform(queryset=Referent.objects.all(), required=False, allow_null=True)
    adviser = Colleague(required=False, allow_null=True)

    class Meta:
        model = Participant
        fields = (
            *("first_name", "last_name", "phone", "email", "street", "postcode", "city", "programme"),
            *actions.PLAIN,
        )
        extra_kwargs = {"first_name": {"required": False}, "last_name": {"required": False}}
        validators: list[Any] = []


class ParticipantIn(ParticipantChange):
    audiences = serializers.ListField(child=serializers.ChoiceField(Audience.choices), required=False)

    class Meta(ParticipantChange.Meta):
        fields = (*ParticipantChange.Meta.fields, "audiences")
        extra_kwargs = {"first_name": {"required": True}, "last_name": {"required": True}}


class SearchIn(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=100, help_text="A part of the name, a telephone number or a birth date.")


class AudienceIn(serializers.ModelSerializer[AudienceMembership]):
    class Meta:
        model = AudienceMembership
        fields = ("audience", "starts_on", "ends_on", "proof_seen_on")
        validators: list[Any] = []


class EndIn(serializers.Serializer[Any]):
    ends_on = serializers.DateField(required=False)


class EntitlementIn(serializers.ModelSerializer[DrivingEntitlement]):
    class Meta:
        model = DrivingEntitlement
        fields = tuple(name for name in EntitlementOut.Meta.fields if name not in {"id", "participant"})
        validators: list[Any] = []


class VerifyIn(serializers.Serializer[Any]):
    method = serializers.ChoiceField(["original", "adcs"])
    verified_on = serializers.DateField(required=False)


class DriveIn(serializers.Serializer[Any]):
    vehicle = OfPlatform(queryset=Vehicle.objects.all())
    on = serializers.DateField(required=False)


class ProgrammeIn(serializers.ModelSerializer[Programme]):
    class Meta:
        model = Programme
        fields = ("name", "funder", "eligibility", "is_default")
        validators: list[Any] = []


class PrescriberIn(serializers.ModelSerializer[PrescriberOrganization]):
    class Meta:
        model = PrescriberOrganization
        fields = ("name", "sort")
        validators: list[Any] = []


class ReferentIn(serializers.ModelSerializer[Referent]):
    organization = OfPlatform(queryset=PrescriberOrganization.objects.all(), required=False, allow_null=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)

    class Meta:
        model = Referent
        fields = ("name", "organization", "phone", "email")
        validators: list[Any] = []


class ProgrammeChange(ProgrammeIn):
    class Meta(ProgrammeIn.Meta):
        extra_kwargs = {"name": {"required": False}}


class PrescriberChange(PrescriberIn):
    class Meta(PrescriberIn.Meta):
        extra_kwargs = {"name": {"required": False}}


class ReferentChange(ReferentIn):
    class Meta(ReferentIn.Meta):
        extra_kwargs = {"name": {"required": False}}


# --- people ---------------------------------------------------------------------------------------


class ParticipantFilters(django_filters.FilterSet):
    programme = django_filters.NumberFilter("programme_id")
    prescriber = django_filters.NumberFilter("prescriber_id")
    referent = django_filters.NumberFilter("referent_id")
    adviser = django_filters.NumberFilter("adviser_id")
    audience = django_filters.ChoiceFilter(choices=Audience.choices, method="of_audience")

    def of_audience(self, people: QuerySet[Participant], name: str, audience: str) -> QuerySet[Participant]:
        today = clock.today()
        current = AudienceMembership.objects.filter(
            Q(starts_on__isnull=True) | Q(starts_on__lte=today),
            Q(ends_on__isnull=True) | Q(ends_on__gt=today),
            audience=audience,
        )
        return people.filter(pk__in=current.values("participant"))


ON = OpenApiParameter("on", dt.date, description="The day; today when none is given.")


@extend_schema(parameters=[PLATFORM])
class Participants(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Participant]):
    """Staff see their platforms' people; a participant themself; a référent those they follow."""

    serializer_class = ParticipantOut
    filterset_class = ParticipantFilters

    def get_queryset(self) -> QuerySet[Participant]:
        people = Participant.objects.visible_to(self.request.user).select_related("address")
        return within(self.request, people.prefetch_related("audiences", "entitlements"))

    def answer(self, participant: Participant, code: int = status.HTTP_200_OK) -> Response:
        return Response(ParticipantOut(self.get_queryset().get(pk=participant.pk)).data, status=code)

    @extend_schema(request=ParticipantIn, responses={201: ParticipantOut})
    def create(self, request: Request) -> Response:
        person = actions.register(platform_of(request), by=request.user, **read(ParticipantIn, request))
        return self.answer(person, status.HTTP_201_CREATED)

    @extend_schema(request=SearchIn, responses=ParticipantOut(many=True), filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def search(self, request: Request) -> Response:
        """The first fifty who fit, by name."""
        typed = read(SearchIn, request)["q"]
        found = search.matching(self.get_queryset(), typed).order_by("name_key", "pk")[:50]
        return Response(ParticipantOut(found, many=True).data)

    @extend_schema(request=ParticipantChange, responses=ParticipantOut)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        return self.answer(actions.change(self.get_object(), by=request.user, **read(ParticipantChange, request)))

    @extend_schema(request=AudienceIn, responses={201: AudienceMembershipOut})
    @action(detail=True, methods=["post"])
    def add_audience(self, request: Request, pk: str) -> Response:
        membership = actions.add_audience(self.get_object(), by=request.user, **read(AudienceIn, request))
        return Response(AudienceMembershipOut(membership).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=EntitlementIn, responses={201: EntitlementOut})
    @action(detail=True, methods=["post"])
    def record_entitlement(self, request: Request, pk: str) -> Response:
        """Notes a paper, or corrects what was noted of the one of this category and sort."""
        title = actions.record_entitlement(self.get_object(), by=request.user, **read(EntitlementIn, request))
        return Response(EntitlementOut(title).data, status=status.HTTP_201_CREATED)

    @extend_schema(parameters=[OpenApiParameter("vehicle", int, required=True), ON], responses=VerdictOut)
    @action(detail=True, methods=["get"])
    def can_drive(self, request: Request, pk: str) -> Response:
        """May this person drive this vehicle on this day, and why not?"""
        participant = self.get_object()
        asked = clean(DriveIn(data=request.query_params, context={"request": request}))
        vehicle, on = asked["vehicle"], asked.get("on") or clock.today()
        verdict = can_drive(Driver.of(participant), ToDrive.of(vehicle), on)
        return Response(VerdictOut(verdict).data)


class OfParticipant(django_filters.FilterSet):
    """By the person's id; of one whom the caller may not see there is simply nothing."""

    participant = django_filters.NumberFilter("participant_id")


class AudienceFilters(OfParticipant):
    class Meta:
        model = AudienceMembership
        fields = ("audience",)


@extend_schema(parameters=[PLATFORM])
class Audiences(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[AudienceMembership]):
    """To which publics people belong, since when and until when."""

    serializer_class = AudienceMembershipOut
    filterset_class = AudienceFilters

    def get_queryset(self) -> QuerySet[AudienceMembership]:
        rows = AudienceMembership.objects.visible_to(self.request.user).select_related("participant")
        return within(self.request, rows)

    @extend_schema(request=EndIn, responses=AudienceMembershipOut)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        membership = actions.end_audience(self.get_object(), by=request.user, **read(EndIn, request))
        return Response(AudienceMembershipOut(membership).data)


class EntitlementFilters(OfParticipant):
    class Meta:
        model = DrivingEntitlement
        fields = ("category", "sort", "method")


@extend_schema(parameters=[PLATFORM])
class Entitlements(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[DrivingEntitlement]):
    """Papers that give a right to drive. No points balance, no offence."""

    serializer_class = EntitlementOut
    filterset_class = EntitlementFilters

    def get_queryset(self) -> QuerySet[DrivingEntitlement]:
        rows = DrivingEntitlement.objects.visible_to(self.request.user).select_related("participant")
        return within(self.request, rows)

    @extend_schema(request=VerifyIn, responses=EntitlementOut)
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        title = actions.verify_entitlement(self.get_object(), by=request.user, **read(VerifyIn, request))
        return Response(EntitlementOut(title).data)


# --- what people are accompanied under, and who sends them ------------------------------------------


@extend_schema(parameters=[PLATFORM])
class Programmes(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Programme]):
    serializer_class = ProgrammeOut

    def get_queryset(self) -> QuerySet[Programme]:
        return within(self.request, Programme.objects.visible_to(self.request.user).select_related("platform"))

    @extend_schema(request=ProgrammeIn, responses={201: ProgrammeOut})
    def create(self, request: Request) -> Response:
        programme = actions.add_programme(platform_of(request), by=request.user, **read(ProgrammeIn, request))
        return Response(ProgrammeOut(programme).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ProgrammeChange, responses=ProgrammeOut)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        programme = actions.change_programme(self.get_object(), by=request.user, **read(ProgrammeChange, request))
        return Response(ProgrammeOut(programme).data)


@extend_schema(parameters=[PLATFORM])
class Prescribers(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[PrescriberOrganization]):
    serializer_class = PrescriberOut
    filterset_fields = ("sort",)

    def get_queryset(self) -> QuerySet[PrescriberOrganization]:
        rows = PrescriberOrganization.objects.visible_to(self.request.user).select_related("platform")
        return within(self.request, rows)

    @extend_schema(request=PrescriberIn, responses={201: PrescriberOut})
    def create(self, request: Request) -> Response:
        prescriber = actions.add_prescriber(platform_of(request), by=request.user, **read(PrescriberIn, request))
        return Response(PrescriberOut(prescriber).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=PrescriberChange, responses=PrescriberOut)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        prescriber = actions.change_prescriber(self.get_object(), by=request.user, **read(PrescriberChange, request))
        return Response(PrescriberOut(prescriber).data)


@extend_schema(parameters=[PLATFORM])
class Referents(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Referent]):
    serializer_class = ReferentOut

    def get_queryset(self) -> QuerySet[Referent]:
        return within(self.request, Referent.objects.visible_to(self.request.user).select_related("platform"))

    @extend_schema(request=ReferentIn, responses={201: ReferentOut})
    def create(self, request: Request) -> Response:
        referent = actions.add_referent(platform_of(request), by=request.user, **read(ReferentIn, request))
        return Response(ReferentOut(referent).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReferentChange, responses=ReferentOut)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        referent = actions.change_referent(self.get_object(), by=request.user, **read(ReferentChange, request))
        return Response(ReferentOut(referent).data)
