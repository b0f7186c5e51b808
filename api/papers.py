"""Papers over the API: participants' documents and aptitude tests, and the insurer's contracts."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.condition_reports import Base64File
from api.fields import OfPlatform, read
from api.participants import OfParticipant
from api.platforms import PLATFORM, platform_of, within
from fleet import insurance
from fleet.models import InsurancePolicy, Vehicle
from participants import paper_actions
from participants.models import DrivingAptitudeTest, Participant, ParticipantDocument


class ParticipantDocumentOut(serializers.ModelSerializer[ParticipantDocument]):
    has_copy = serializers.SerializerMethodField()

    class Meta:
        model = ParticipantDocument
        fields = (
            "id", "platform", "participant", "sort", "label", "issued_on", "valid_until", "seen_on", "seen_by",
            "seen_original", "promised_for", "has_copy",
        )  # fmt: skip

    def get_has_copy(self, document: ParticipantDocument) -> bool:
        return document.file_id is not None


class ParticipantDocumentIn(serializers.ModelSerializer[ParticipantDocument]):
    participant = OfPlatform(queryset=Participant.objects.all())
    file = Base64File(required=False)

    class Meta:
        model = ParticipantDocument
        fields = (
            "participant", "sort", "label", "issued_on", "valid_until", "seen_on", "seen_original", "promised_for",
            "file",
        )  # fmt: skip
        validators: list[Any] = []


class SeenIn(serializers.Serializer[Any]):
    seen_original = serializers.BooleanField(default=True)
    issued_on = serializers.DateField(required=False)
    valid_until = serializers.DateField(required=False)


class DocumentFilters(OfParticipant):
    class Meta:
        model = ParticipantDocument
        fields = ("sort",)


@extend_schema(parameters=[PLATFORM])
class Documents(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ParticipantDocument]):
    """What was seen of a person's papers, and what they promised."""

    serializer_class = ParticipantDocumentOut
    filterset_class = DocumentFilters

    def get_queryset(self) -> QuerySet[ParticipantDocument]:
        rows = ParticipantDocument.objects.visible_to(self.request.user).select_related("participant", "file")
        return within(self.request, rows)

    @extend_schema(request=ParticipantDocumentIn, responses={201: ParticipantDocumentOut})
    def create(self, request: Request) -> Response:
        typed = read(ParticipantDocumentIn, request)
        document = paper_actions.note_document(typed.pop("participant"), by=request.user, **typed)
        return Response(ParticipantDocumentOut(document).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=SeenIn, responses=ParticipantDocumentOut)
    @action(detail=True, methods=["post"])
    def see(self, request: Request, pk: str) -> Response:
        """A promised paper has come."""
        document = paper_actions.see_document(self.get_object(), by=request.user, **read(SeenIn, request))
        return Response(ParticipantDocumentOut(document).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def forget(self, request: Request, pk: str) -> Response:
        """The row and its copy go; the journal keeps that it was there."""
        paper_actions.forget_document(self.get_object(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AptitudeOut(serializers.ModelSerializer[DrivingAptitudeTest]):
    class Meta:
        model = DrivingAptitudeTest
        fields = (
            "id", "platform", "participant", "kind", "tested_on", "assessor", "result", "remark", "valid_until",
        )  # fmt: skip


class AptitudeIn(serializers.ModelSerializer[DrivingAptitudeTest]):
    participant = OfPlatform(queryset=Participant.objects.all())

    class Meta:
        model = DrivingAptitudeTest
        fields = ("participant", "kind", "tested_on", "assessor", "result", "remark", "valid_until")
        validators: list[Any] = []


class AptitudeFilters(OfParticipant):
    class Meta:
        model = DrivingAptitudeTest
        fields = ("kind", "result")


@extend_schema(parameters=[PLATFORM])
class AptitudeTests(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[DrivingAptitudeTest]):
    serializer_class = AptitudeOut
    filterset_class = AptitudeFilters

    def get_queryset(self) -> QuerySet[DrivingAptitudeTest]:
        rows = DrivingAptitudeTest.objects.visible_to(self.request.user).select_related("participant")
        return within(self.request, rows)

    @extend_schema(request=AptitudeIn, responses={201: AptitudeOut})
    def create(self, request: Request) -> Response:
        typed = read(AptitudeIn, request)
        test = paper_actions.record_aptitude_test(typed.pop("participant"), by=request.user, **typed)
        return Response(AptitudeOut(test).data, status=status.HTTP_201_CREATED)


class InsurancePolicyOut(serializers.ModelSerializer[InsurancePolicy]):
    class Meta:
        model = InsurancePolicy
        fields = (
            "id", "platform", "insurer", "number", "phone", "starts_on", "ends_on", "minimum_age",
            "minimum_licence_years", "excess",
        )  # fmt: skip


class InsurancePolicyIn(serializers.ModelSerializer[InsurancePolicy]):
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    vehicles = OfPlatform(queryset=Vehicle.objects.all(), many=True, required=False)
    file = Base64File(required=False)

    class Meta:
        model = InsurancePolicy
        fields = (
            "insurer", "number", "phone", "starts_on", "ends_on", "minimum_age", "minimum_licence_years", "excess",
            "vehicles", "file",
        )  # fmt: skip
        validators: list[Any] = []


class PolicyChange(InsurancePolicyIn):
    class Meta(InsurancePolicyIn.Meta):
        extra_kwargs = {"insurer": {"required": False}, "starts_on": {"required": False}}


@extend_schema(parameters=[PLATFORM])
class InsurancePolicies(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[InsurancePolicy]):
    """The contracts of the fleet; which vehicles one covers stands in their insurance papers."""

    serializer_class = InsurancePolicyOut

    def get_queryset(self) -> QuerySet[InsurancePolicy]:
        rows = InsurancePolicy.objects.visible_to(self.request.user).select_related("platform")
        return within(self.request, rows)

    @extend_schema(request=InsurancePolicyIn, responses={201: InsurancePolicyOut})
    def create(self, request: Request) -> Response:
        policy = insurance.add_policy(platform_of(request), by=request.user, **read(InsurancePolicyIn, request))
        return Response(InsurancePolicyOut(policy).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=PolicyChange, responses=InsurancePolicyOut)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        """With `vehicles`: those that it covers from now on."""
        policy = insurance.change_policy(self.get_object(), by=request.user, **read(PolicyChange, request))
        return Response(InsurancePolicyOut(policy).data)
