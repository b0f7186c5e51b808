"""Condition reports over the API: a draft whose id is made on the device, filled in, photographed, then frozen by
`POST /bookings/{id}/hand_over/` or `take_back/`, which also take a whole report in one body.
"""

import base64
import binascii
import re
from typing import Any

import django_filters
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import OfPlatform, read
from api.platforms import PLATFORM, within
from bookings.actions import at_once, reports
from bookings.models import Booking, ConditionReport, ReportPhoto
from bookings.reports import reads as report_reads
from bookings.reports import rules as report_rules
from core.files import download
from fleet.models import Damage, OdometerReading, Site, Vehicle

DATA_URL = re.compile(r"\Adata:[\w/+.-]+;base64,")
PICTURE_AT_MOST = 34_000_000  # characters: 25 MB in base64


# --- in --------------------------------------------------------------------------------------------


@extend_schema_field(OpenApiTypes.BYTE)
class Base64File(serializers.CharField):
    """A file inside JSON: base64, with or without the `data:image/png;base64,` of a browser's canvas."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=PICTURE_AT_MOST, **kwargs)

    def to_internal_value(self, given: Any) -> UploadedFile:  # type: ignore[override]
        text = DATA_URL.sub("", super().to_internal_value(given))
        try:
            return SimpleUploadedFile("file", base64.b64decode(text, validate=True))
        except (binascii.Error, ValueError) as error:
            raise serializers.ValidationError("Ce n’est pas du base64.", code="invalid") from error


@extend_schema_field({"oneOf": [{"type": "string", "enum": ["ok"]}, {"type": "object", "additionalProperties": {}}]})
class Answers(serializers.JSONField):
    """« ok » for « all that is not noted is in order », or an object of answers."""

    def to_internal_value(self, given: Any) -> Any:
        if given != at_once.ALL_THERE and not isinstance(given, dict):
            raise serializers.ValidationError("Donnez « ok » ou un objet.")
        if isinstance(given, dict) and not all(isinstance(answer, str | bool | dict) for answer in given.values()):
            raise serializers.ValidationError("Chaque réponse est un mot, vrai ou faux, ou un objet.")
        return given


# What can be said of a counter at the kerb; that a reading is disputed is found out, not said.
KM_STATES = [
    (state.value, state.label)
    for state in (
        OdometerReading.State.ACCEPTED,
        OdometerReading.State.UNREADABLE,
        OdometerReading.State.ABSENT,
    )
]


class FoundDamageIn(serializers.Serializer[Any]):
    sort = serializers.ChoiceField(choices=Damage.Sort.choices)
    zone = serializers.CharField(
        required=False, max_length=30, help_text="Of the vehicle's silhouette, see /vehicles/."
    )
    part = serializers.CharField(required=False, max_length=60)
    severity = serializers.ChoiceField(choices=Damage.Severity.choices, required=False)
    x = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=1)
    y = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=1)
    note = serializers.CharField(required=False, max_length=300)
    photos = serializers.ListField(child=Base64File(), required=False, max_length=8)


class PhotoOfReportIn(serializers.Serializer[Any]):
    content = Base64File()
    position = serializers.CharField(required=False, allow_blank=True, max_length=30)


class FillIn(serializers.Serializer[Any]):
    """What a report says; all of it optional, each call adds to the draft."""

    happened_at = serializers.DateTimeField(required=False)
    site = OfPlatform(queryset=Site.objects.all(), required=False)
    identity_seen = serializers.BooleanField(required=False)
    licence_seen = serializers.BooleanField(required=False)
    km = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=2_000_000)
    km_state = serializers.ChoiceField(
        choices=KM_STATES,
        required=False,
    )
    fuel_eighths = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    battery_percent = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    is_clean = serializers.BooleanField(required=False, allow_null=True)
    checklist = Answers(required=False, help_text='"ok", or {"horn": "ok", "lights": {"state": "remark", "note": "…"}}')
    equipment = Answers(required=False, help_text='"ok", or {"12": true, "13": {"present": false, "note": "…"}}')
    remarks = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    photos_reason = serializers.CharField(required=False, allow_blank=True, max_length=200)
    presence = serializers.ChoiceField(choices=ConditionReport.Presence.choices, required=False)
    signer_name = serializers.CharField(required=False, allow_blank=True, max_length=160)
    witness_name = serializers.CharField(required=False, allow_blank=True, max_length=160)
    absence_reason = serializers.CharField(required=False, allow_blank=True, max_length=200)
    participant_signature = Base64File(required=False, help_text="PNG")
    agent_signature = Base64File(required=False, help_text="PNG")
    paper_scan = Base64File(required=False, help_text="The signed paper: a photo or a PDF.")


class ReportIn(FillIn):
    """A whole departure or return in one body. Photos may also have been sent before, to the draft `id`."""

    id = serializers.UUIDField(required=False, help_text="Made on the device; the draft to complete, or a new one.")
    vehicle = OfPlatform(queryset=Vehicle.objects.all(), required=False, help_text="Which, when the loan has two.")
    damages = FoundDamageIn(many=True, required=False)
    photos = PhotoOfReportIn(many=True, required=False)


class OpenIn(serializers.Serializer[Any]):
    id = serializers.UUIDField(required=False, help_text="Made on the device; sent again, it opens the same draft.")
    booking = OfPlatform(queryset=Booking.objects.all())
    direction = serializers.ChoiceField(choices=ConditionReport.Direction.choices)
    vehicle = OfPlatform(queryset=Vehicle.objects.all(), required=False, help_text="Which, when the loan has two.")


class PhotoIn(serializers.Serializer[Any]):
    photo = serializers.FileField()
    position = serializers.CharField(required=False, allow_blank=True, max_length=30, default="")


class RemovePhotoIn(serializers.Serializer[Any]):
    photo = serializers.IntegerField()


class RemoveDamageIn(serializers.Serializer[Any]):
    damage = OfPlatform(queryset=Damage.objects.all())


class AmendIn(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=1000)


def with_report(booking: Booking, direction: str, request: Request) -> Booking:
    """`hand_over` or `take_back` of a booking, with the whole report of the request's body."""
    typed = read(ReportIn, request)
    named = {name: typed.pop(name, None) for name in ("id", "vehicle", "damages", "photos")}
    return at_once.with_report(booking, direction=direction, by=request.user, said=typed, **named)


# --- out -------------------------------------------------------------------------------------------


class MissingOut(serializers.Serializer[Any]):
    step = serializers.CharField()
    sentence = serializers.CharField()


class ReportedDamageOut(serializers.Serializer[Any]):
    damage = serializers.IntegerField(source="damage_id")
    is_new = serializers.BooleanField()


class ReportPhotoOut(serializers.ModelSerializer[ReportPhoto]):
    sha256 = serializers.CharField(source="file.sha256")

    class Meta:
        model = ReportPhoto
        fields = ("id", "position", "sha256")


class ConditionReportOut(serializers.ModelSerializer[ConditionReport]):
    booking = serializers.IntegerField(source="assignment.booking_id")
    vehicle = serializers.IntegerField(source="assignment.vehicle_id")
    damages = ReportedDamageOut(source="reported_damages", many=True)
    photos = ReportPhotoOut(many=True)
    is_frozen = serializers.BooleanField()
    pdf_sha256 = serializers.CharField(source="pdf.sha256", default=None)
    missing = serializers.SerializerMethodField(help_text="What a draft still lacks; empty when it can be signed.")

    class Meta:
        model = ConditionReport
        fields = (
            "id", "platform", "booking", "assignment", "vehicle", "direction", "site", "happened_at", "recorded_at",
            "by", "identity_seen", "licence_seen", "km", "km_state", "fuel_eighths", "battery_percent", "is_clean",
            "checklist", "equipment", "remarks", "photos_reason", "presence", "signer_name", "witness_name",
            "absence_reason", "damages", "photos", "is_frozen", "signed_at", "pdf_sha256", "missing",
        )  # fmt: skip

    @extend_schema_field(MissingOut(many=True))
    def get_missing(self, report: ConditionReport) -> list[dict[str, str]]:
        if report.is_frozen:
            return []
        lacking = report_rules.missing(report_reads.facts_of(report))
        return [{"step": one.step.name.lower(), "sentence": one.sentence} for one in lacking]


class ConditionReportFilters(django_filters.FilterSet):
    booking = django_filters.NumberFilter(field_name="assignment__booking_id")
    vehicle = django_filters.NumberFilter(field_name="assignment__vehicle_id")
    signed = django_filters.BooleanFilter(field_name="signed_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = ConditionReport
        fields = ("direction",)


@extend_schema(parameters=[PLATFORM])
class ConditionReports(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ConditionReport]):
    serializer_class = ConditionReportOut
    filterset_class = ConditionReportFilters
    parser_classes = [JSONParser, MultiPartParser]

    def get_queryset(self) -> QuerySet[ConditionReport]:
        visible = within(self.request, ConditionReport.objects.visible_to(self.request.user))
        return report_reads.listed(visible)

    def answer(self, report: ConditionReport, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=report.pk)).data, status=code)

    @extend_schema(request=OpenIn, responses={201: ConditionReportOut})
    def create(self, request: Request) -> Response:
        """Opens the draft of a departure or return; opening it again answers with the same one."""
        typed = read(OpenIn, request)
        booking, direction = typed["booking"], typed["direction"]
        assignment = at_once.vehicle_for(booking, direction, typed.get("vehicle"))
        report = reports.open_report(assignment, direction=direction, by=request.user, id=typed.get("id"))
        return self.answer(report, status.HTTP_201_CREATED)

    @extend_schema(request=FillIn, responses=ConditionReportOut)
    @action(detail=True, methods=["post"])
    def fill(self, request: Request, pk: str) -> Response:
        """Adds what the body says to the draft; 409 `frozen` once it is signed."""
        return self.answer(at_once.fill(self.get_object(), by=request.user, said=read(FillIn, request)))

    @extend_schema(request={"multipart/form-data": PhotoIn}, responses={201: ConditionReportOut})
    @action(detail=True, methods=["post"])
    def photos(self, request: Request, pk: str) -> Response:
        """Adds a photo; one of a named view takes the place of the former one."""
        report, typed = self.get_object(), read(PhotoIn, request)
        reports.add_photo(report, typed["photo"], typed["position"], by=request.user)
        return self.answer(report, status.HTTP_201_CREATED)

    @extend_schema(request=RemovePhotoIn, responses=ConditionReportOut)
    @action(detail=True, methods=["post"])
    def remove_photo(self, request: Request, pk: str) -> Response:
        report = self.get_object()
        photo = get_object_or_404(ReportPhoto, report=report, pk=read(RemovePhotoIn, request)["photo"])
        reports.remove_photo(photo, by=request.user)
        return self.answer(report)

    @extend_schema(request=FoundDamageIn, responses={201: ConditionReportOut})
    @action(detail=True, methods=["post"])
    def damages(self, request: Request, pk: str) -> Response:
        """Notes a damage that this report finds."""
        report = self.get_object()
        reports.add_damage(report, by=request.user, **read(FoundDamageIn, request))
        return self.answer(report, status.HTTP_201_CREATED)

    @extend_schema(request=RemoveDamageIn, responses=ConditionReportOut)
    @action(detail=True, methods=["post"])
    def remove_damage(self, request: Request, pk: str) -> Response:
        """Takes back a damage that this draft itself found."""
        report = self.get_object()
        reports.remove_damage(report, read(RemoveDamageIn, request)["damage"], by=request.user)
        return self.answer(report)

    @extend_schema(request=AmendIn, responses=ConditionReportOut)
    @action(detail=True, methods=["post"])
    def amend(self, request: Request, pk: str) -> Response:
        """Later words on a signed report."""
        report = self.get_object()
        reports.amend(report, by=request.user, **read(AmendIn, request))
        return self.answer(report)

    @extend_schema(responses={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)})
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: str) -> FileResponse:
        """The frozen PDF, whose SHA-256 the report names; 404 before it is signed."""
        report = self.get_object()
        if report.pdf is None:
            raise Http404
        return download(report.pdf)
