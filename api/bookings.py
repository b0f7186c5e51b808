"""Loans over the API: list, retrieve, and every verb of the desk through the same actions."""

from typing import Any

import django_filters
from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.changes import PREVIEW, ChangeVerbs, is_preview
from api.condition_reports import Base64File, ReportIn, with_report
from api.day import DayVerbs
from api.fields import OfPlatform, read
from api.incidents import LossVerbs
from api.passes import PassIn, passes_of
from api.platforms import PLATFORM, within
from api.requests import RequestOut, RequestVerbs
from api.room import RoomVerbs
from api.rules import RuleVerbs
from api.series import SeriesVerbs
from bookings import actions
from bookings.changes.values import BringBack, Exchange
from bookings.models import Assignment, Booking, ConditionReport
from core import clock
from core.files import download
from fleet.models import Kind, Site, Vehicle
from participants.models import Participant, Programme


class AssignmentOut(serializers.ModelSerializer[Assignment]):
    out_at = serializers.DateTimeField(source="hold.out_at", default=None)
    back_at = serializers.DateTimeField(source="hold.back_at", default=None)
    displaced = serializers.SerializerMethodField()

    class Meta:
        model = Assignment
        fields = (
            "id", "vehicle", "site", "starts_at", "ends_at", "out_at", "back_at", "ended_at", "end_reason",
            "displaced", "pinned_at",
        )  # fmt: skip

    def get_displaced(self, assignment: Assignment) -> bool:
        return assignment.hold is None and assignment.ended_at is None


class BookingOut(serializers.ModelSerializer[Booking]):
    vehicle = serializers.SerializerMethodField(help_text="The vehicle that serves the loan now, or did last.")
    price = serializers.SerializerMethodField(help_text="What was quoted for all periods, in euros.")
    assignments = AssignmentOut(many=True)
    request = RequestOut(default=None, help_text="How it was asked for, where somebody did.")

    class Meta:
        model = Booking
        fields = (
            "id", "platform", "participant", "programme", "account", "state", "kind", "needs_automatic", "needs_seats",
            "purpose", "destination", "starts_at", "ends_at", "vehicle", "price", "assignments", "created_at",
            "cancelled_at", "cancel_reason", "given_up_because", "promised_until", "refusal", "request",
        )  # fmt: skip

    def get_vehicle(self, booking: Booking) -> int | None:
        current = [a for a in booking.assignments.all() if a.ended_at is None] or list(booking.assignments.all())
        return current[-1].vehicle_id if current else None

    def get_price(self, booking: Booking) -> str | None:
        return str(sum(period.total for period in booking.periods.all())) if booking.account_id else None


class BookIn(serializers.Serializer[Any]):
    participant = OfPlatform(queryset=Participant.objects.select_related("programme"))
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    vehicle = OfPlatform(queryset=Vehicle.objects.select_related("site"), required=False)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    needs_automatic = serializers.BooleanField(default=False)
    needs_seats = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=9)
    programme = OfPlatform(queryset=Programme.objects.all(), required=False)
    purpose = serializers.ChoiceField(choices=Booking.Purpose.choices, required=False)
    destination = serializers.CharField(max_length=200, required=False, allow_blank=True)
    promised_until = serializers.DateTimeField(required=False, help_text="« Sous réserve »: freed by itself then.")
    passes = PassIn(many=True, required=False, help_text="House rules that the caller passes, each with its reason.")

    def validate(self, typed: dict[str, Any]) -> dict[str, Any]:
        if "vehicle" not in typed and "kind" not in typed:
            raise serializers.ValidationError("Donnez « vehicle » ou « kind ».")
        return typed


class RecordIn(serializers.Serializer[Any]):
    participant = OfPlatform(queryset=Participant.objects.all())
    vehicle = OfPlatform(queryset=Vehicle.objects.all())
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    out_at = serializers.DateTimeField(required=False, allow_null=True)
    back_at = serializers.DateTimeField(required=False, allow_null=True)
    km_out = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    km_back = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    site_back = OfPlatform(queryset=Site.objects.all(), required=False, allow_null=True)
    programme = OfPlatform(queryset=Programme.objects.all(), required=False, allow_null=True)
    purpose = serializers.ChoiceField(choices=Booking.Purpose.choices, required=False)
    destination = serializers.CharField(max_length=200, required=False, allow_blank=True)


class ReasonIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)


class OtherVehicleIn(ReasonIn):
    vehicle = OfPlatform(queryset=Vehicle.objects.all())


class ReplaceIn(OtherVehicleIn):
    passes = PassIn(many=True, required=False)


class RehouseIn(serializers.Serializer[Any]):
    vehicle = OfPlatform(queryset=Vehicle.objects.all(), required=False)
    passes = PassIn(many=True, required=False)


class ProblemIn(serializers.Serializer[Any]):
    problem = serializers.ChoiceField(choices=actions.problems.Problem.choices)
    description = serializers.CharField(max_length=2000)
    vehicle_rolls = serializers.BooleanField(default=True)
    photos = serializers.ListField(child=Base64File(), required=False, max_length=8)


class BookingFilters(django_filters.FilterSet):
    starts_from = django_filters.IsoDateTimeFilter(field_name="starts_at", lookup_expr="gte")
    starts_until = django_filters.IsoDateTimeFilter(field_name="starts_at", lookup_expr="lt")
    vehicle = django_filters.NumberFilter(field_name="assignments__vehicle_id", distinct=True)

    class Meta:
        model = Booking
        fields = ("state", "kind", "participant", "programme")


@extend_schema(parameters=[PLATFORM])
class Bookings(
    ChangeVerbs,
    DayVerbs,
    RequestVerbs,
    RoomVerbs,
    LossVerbs,
    RuleVerbs,
    SeriesVerbs,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Booking],
):
    serializer_class = BookingOut
    filterset_class = BookingFilters

    def get_queryset(self) -> Any:
        loans = within(self.request, Booking.objects.visible_to(self.request.user))
        loans = loans.select_related("platform", "participant", "programme", "account", "request")
        return loans.prefetch_related("assignments__hold", "periods").order_by("-pk")

    def answer(self, booking: Booking, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=booking.pk)).data, status=code)

    @extend_schema(request=BookIn, responses={201: BookingOut})
    def create(self, request: Request) -> Response:
        """Promises a vehicle, or one of a kind; 409 `overlap` when it is taken."""
        typed = read(BookIn, request)
        typed["passes"] = passes_of(typed)
        booking = actions.book(typed["participant"].platform, by=request.user, **typed)
        return self.answer(booking, status.HTTP_201_CREATED)

    @extend_schema(request=RecordIn, responses={201: BookingOut})
    @action(detail=False, methods=["post"])
    def record(self, request: Request) -> Response:
        """Writes down a loan that already runs, or is over."""
        typed = read(RecordIn, request)
        booking = actions.record_loan(typed["participant"].platform, by=request.user, **typed)
        return self.answer(booking, status.HTTP_201_CREATED)

    @extend_schema(responses={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)})
    @action(detail=True, methods=["get"])
    def contract(self, request: Request, pk: str) -> FileResponse:
        """The contract that was signed when the keys left, of the last period; 404 before."""
        signed = self.get_object().periods.filter(contract__isnull=False).select_related("contract").last()
        if signed is None:
            raise Http404
        return download(signed.contract)

    @extend_schema(request=ReasonIn, responses=BookingOut)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        return self.answer(actions.close(self.get_object(), by=request.user, **read(ReasonIn, request)))

    @extend_schema(request=ReportIn, responses=BookingOut)
    @action(detail=True, methods=["post"])
    def hand_over(self, request: Request, pk: str) -> Response:
        """Gives the keys, with the whole departure report; 409 `incomplete` says what it still lacks."""
        return self.answer(with_report(self.get_object(), ConditionReport.Direction.OUT, request))

    @extend_schema(request=ReportIn, parameters=[PREVIEW], responses=BookingOut)
    @action(detail=True, methods=["post"])
    def take_back(self, request: Request, pk: str) -> Response:
        """Takes the vehicle back, with the whole return report."""
        if is_preview(request):
            return self.previewed(self.get_object(), BringBack(clock.now()))
        return self.answer(with_report(self.get_object(), ConditionReport.Direction.IN, request))

    @extend_schema(request=ReplaceIn, parameters=[PREVIEW], responses=BookingOut)
    @action(detail=True, methods=["post"])
    def replace_vehicle(self, request: Request, pk: str) -> Response:
        """Another vehicle for the rest of the loan; the price follows what was asked for."""
        booking = self.get_object()
        typed = read(ReplaceIn, request)
        if is_preview(request):
            return self.previewed(booking, Exchange(typed["vehicle"]))
        typed["passes"] = passes_of(typed)
        actions.replace_vehicle(booking, by=request.user, **typed)
        return self.answer(booking)

    @extend_schema(request=OtherVehicleIn, responses=BookingOut)
    @action(detail=True, methods=["post"])
    def correct_vehicle(self, request: Request, pk: str) -> Response:
        booking = self.get_object()
        actions.correct_vehicle(booking, by=request.user, **read(OtherVehicleIn, request))
        return self.answer(booking)

    @extend_schema(request=RehouseIn, responses=BookingOut)
    @action(detail=True, methods=["post"])
    def rehouse(self, request: Request, pk: str) -> Response:
        booking = self.get_object()
        typed = read(RehouseIn, request)
        typed["passes"] = passes_of(typed)
        for assignment in booking.assignments.displaced():
            actions.rehouse(assignment, by=request.user, **typed)
        return self.answer(booking)

    @extend_schema(request=ProblemIn, responses=BookingOut)
    @action(detail=True, methods=["post"])
    def report_problem(self, request: Request, pk: str) -> Response:
        booking = self.get_object()
        actions.report_problem(booking, by=request.user, **read(ProblemIn, request))
        return self.answer(booking)
