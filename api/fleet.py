"""The pool over the API: vehicles and sites, and what is known of them.

Every room's module looks like this one: serializers in and out are different classes; a viewset lists and
retrieves what its caller may see; a verb is a POST to its own address and calls the action that the page calls.
"""

import datetime as dt
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.day import TransferVerbs, YardVerbs
from api.fields import OfPlatform, read
from api.incidents import RecoveryVerbs
from api.platforms import PLATFORM, platform_of, within
from core import clock
from fleet import actions, inspections
from fleet.models import Damage, Equipment, Hold, OdometerReading, Site, Vehicle, VehicleDocument

# --- out ------------------------------------------------------------------------------------------


class VehicleOut(serializers.ModelSerializer[Vehicle]):
    km = serializers.IntegerField(source="current_km", allow_null=True, help_text="The last accepted reading.")
    inspection_due_on = serializers.SerializerMethodField()
    insured_until = serializers.DateField(allow_null=True)
    held_for = serializers.ChoiceField(
        Hold.Purpose.choices, allow_null=True, help_text="What takes it now; null when it stands at its site."
    )
    held_until = serializers.DateTimeField(allow_null=True)
    is_out = serializers.BooleanField(source="held_out", help_text="It has really left, and is not back.")
    is_late = serializers.BooleanField()
    next_held_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        model = Vehicle
        fields = (
            "id",
            "platform",
            "site",
            "kind",
            "energy",
            "fleet_number",
            "plate",
            "frame_number",
            "make",
            "model",
            "colour",
            "gearbox",
            "seats",
            "first_registered_on",
            "origin",
            "must_be_retired_by",
            "remark",
            "withdrawn_on",
            "withdrawn_reason",
            "km",
            "inspection_due_on",
            "insured_until",
            "held_for",
            "held_until",
            "is_out",
            "is_late",
            "next_held_at",
        )

    def get_inspection_due_on(self, vehicle: Vehicle) -> dt.date | None:
        return inspections.due(vehicle)


class DamageOut(serializers.ModelSerializer[Damage]):
    class Meta:
        model = Damage
        fields = (
            "id", "vehicle", "sort", "severity", "zone", "part", "x", "y", "note", "found_at", "repaired_at",
        )  # fmt: skip


class ReadingOut(serializers.ModelSerializer[OdometerReading]):
    class Meta:
        model = OdometerReading
        fields = ("id", "vehicle", "km", "state", "source", "read_at", "recorded_at", "settles", "reason")


class VehicleDocumentOut(serializers.ModelSerializer[VehicleDocument]):
    class Meta:
        model = VehicleDocument
        fields = ("id", "vehicle", "sort", "number", "issued_on", "valid_until")


class EquipmentOut(serializers.ModelSerializer[Equipment]):
    class Meta:
        model = Equipment
        fields = ("id", "vehicle", "site", "sort", "serial_number", "size", "note", "lost_at")


class HoldOut(serializers.ModelSerializer[Hold]):
    class Meta:
        model = Hold
        fields = ("id", "vehicle", "purpose", "starts_at", "ends_at", "out_at", "back_at", "reason")


# --- in -------------------------------------------------------------------------------------------


class VehicleChange(serializers.ModelSerializer[Vehicle]):
    plate = serializers.CharField(max_length=20, required=False, allow_blank=True)
    photo = serializers.FileField(required=False)

    class Meta:
        model = Vehicle
        fields = (*sorted(actions.PLAIN), "plate", "photo")
        extra_kwargs = {"kind": {"required": False}}
        validators: list[Any] = []  # the constraints judge


class VehicleIn(VehicleChange):
    site = OfPlatform(queryset=Site.objects.all())
    km = serializers.IntegerField(min_value=0, required=False)

    class Meta(VehicleChange.Meta):
        fields = (*VehicleChange.Meta.fields, "site", "km")
        extra_kwargs = {"kind": {"required": True}}


class MoveIn(serializers.Serializer[Any]):
    site = OfPlatform(queryset=Site.objects.all())


class WithdrawIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)
    on = serializers.DateField(required=False)


class DamageIn(serializers.Serializer[Any]):
    sort = serializers.ChoiceField(Damage.Sort.choices)
    severity = serializers.ChoiceField(Damage.Severity.choices, required=False)
    zone = serializers.CharField(max_length=30, required=False)
    part = serializers.CharField(max_length=60, required=False)
    x = serializers.FloatField(min_value=0, max_value=1, required=False)
    y = serializers.FloatField(min_value=0, max_value=1, required=False)
    note = serializers.CharField(max_length=300, required=False)
    photos = serializers.ListField(child=serializers.FileField(), required=False)


class ReadingIn(serializers.Serializer[Any]):
    km = serializers.IntegerField(min_value=0, max_value=2_000_000)
    read_at = serializers.DateTimeField(required=False)


class NewCounterIn(ReadingIn):
    reason = serializers.CharField(max_length=200, required=False)


class SettleIn(serializers.Serializer[Any]):
    km = serializers.IntegerField(min_value=0, max_value=2_000_000)
    reason = serializers.CharField(max_length=200)


class VehicleDocumentIn(serializers.ModelSerializer[VehicleDocument]):
    file = serializers.FileField(required=False)

    class Meta:
        model = VehicleDocument
        fields = ("sort", "number", "issued_on", "valid_until", "file")
        validators: list[Any] = []


class EquipmentIn(serializers.ModelSerializer[Equipment]):
    vehicle = OfPlatform(queryset=Vehicle.objects.all(), required=False)
    site = OfPlatform(queryset=Site.objects.all(), required=False)

    class Meta:
        model = Equipment
        fields = ("sort", "vehicle", "site", "serial_number", "size", "note")
        validators: list[Any] = []


class DatesIn(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class ReserveIn(DatesIn):
    reason = serializers.CharField(max_length=200)


# --- vehicles -------------------------------------------------------------------------------------


class FreeIn(serializers.Serializer[Any]):
    """Both ends, or neither."""

    free_from = serializers.DateTimeField(required=False)
    free_until = serializers.DateTimeField(required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if len(given) == 1:
            raise serializers.ValidationError("Donnez « free_from » et « free_until ».")
        if given and given["free_from"] >= given["free_until"]:
            raise serializers.ValidationError("« free_until » doit venir après « free_from ».")
        return given


class VehicleFilters(django_filters.FilterSet):
    site = django_filters.NumberFilter("site_id")
    in_service = django_filters.BooleanFilter("withdrawn_on", lookup_expr="isnull")

    class Meta:
        model = Vehicle
        fields = ("kind", "energy", "gearbox", "plate", "fleet_number")


FREE = [
    OpenApiParameter("free_from", dt.datetime, description="With `free_until`: only vehicles free all that time."),
    OpenApiParameter("free_until", dt.datetime),
]


@extend_schema(parameters=[PLATFORM])
class Vehicles(
    YardVerbs, RecoveryVerbs, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Vehicle]
):
    """The pool. A vehicle is changed by verbs, each of them a POST to its own address."""

    serializer_class = VehicleOut
    filterset_class = VehicleFilters

    def get_queryset(self) -> QuerySet[Vehicle]:
        rows = Vehicle.objects.visible_to(self.request.user).with_km().with_papers()
        return within(self.request, rows.with_whereabouts(clock.now()))

    def filter_queryset(self, rows: QuerySet[Vehicle]) -> QuerySet[Vehicle]:
        given = FreeIn(data=self.request.query_params)
        given.is_valid(raise_exception=True)
        if given.validated_data:
            start, end = given.validated_data["free_from"], given.validated_data["free_until"]
            rows = rows.free(start, end, clock.now())  # type: ignore[attr-defined]
        return super().filter_queryset(rows)

    def answer(self, vehicle: Vehicle, code: int = status.HTTP_200_OK) -> Response:
        return Response(VehicleOut(self.get_queryset().get(pk=vehicle.pk)).data, status=code)

    @extend_schema(parameters=FREE)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(request=VehicleIn, responses={201: VehicleOut})
    def create(self, request: Request) -> Response:
        vehicle = actions.add_vehicle(platform_of(request), by=request.user, **read(VehicleIn, request))
        return self.answer(vehicle, status.HTTP_201_CREATED)

    @extend_schema(request=VehicleChange, responses=VehicleOut)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        return self.answer(actions.change_vehicle(self.get_object(), by=request.user, **read(VehicleChange, request)))

    @extend_schema(request=MoveIn, responses=VehicleOut)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        return self.answer(actions.move_vehicle(self.get_object(), by=request.user, **read(MoveIn, request)))

    @extend_schema(request=WithdrawIn, responses=VehicleOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        return self.answer(actions.withdraw(self.get_object(), by=request.user, **read(WithdrawIn, request)))

    @extend_schema(request=None, responses=VehicleOut)
    @action(detail=True, methods=["post"])
    def put_back(self, request: Request, pk: str) -> Response:
        return self.answer(actions.put_back(self.get_object(), by=request.user))

    @extend_schema(request=DamageIn, responses={201: DamageOut})
    @action(detail=True, methods=["post"])
    def report_damage(self, request: Request, pk: str) -> Response:
        damage = actions.report_damage(self.get_object(), by=request.user, **read(DamageIn, request))
        return Response(DamageOut(damage).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReadingIn, responses={201: ReadingOut})
    @action(detail=True, methods=["post"])
    def read_odometer(self, request: Request, pk: str) -> Response:
        """A value that does not fit the ledger is kept, with the state `disputed`."""
        reading = actions.read_odometer(self.get_object(), by=request.user, **read(ReadingIn, request))
        return Response(ReadingOut(reading).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=NewCounterIn, responses={201: ReadingOut})
    @action(detail=True, methods=["post"])
    def new_counter(self, request: Request, pk: str) -> Response:
        reading = actions.new_counter(self.get_object(), by=request.user, **read(NewCounterIn, request))
        return Response(ReadingOut(reading).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=VehicleDocumentIn, responses={201: VehicleDocumentOut})
    @action(detail=True, methods=["post"])
    def add_document(self, request: Request, pk: str) -> Response:
        document = actions.add_document(self.get_object(), by=request.user, **read(VehicleDocumentIn, request))
        return Response(VehicleDocumentOut(document).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReserveIn, responses={201: HoldOut})
    @action(detail=True, methods=["post"])
    def reserve(self, request: Request, pk: str) -> Response:
        """Sets the vehicle aside; 409 `overlap` when it is taken."""
        hold = actions.reserve(self.get_object(), by=request.user, **read(ReserveIn, request))
        return Response(HoldOut(hold).data, status=status.HTTP_201_CREATED)


# --- what belongs to vehicles ---------------------------------------------------------------------


class OfVehicle(django_filters.FilterSet):
    """By the vehicle's id; of one that the caller may not see there is simply nothing."""

    vehicle = django_filters.NumberFilter("vehicle_id")


class DamageFilters(OfVehicle):
    is_open = django_filters.BooleanFilter("repaired_at", lookup_expr="isnull")

    class Meta:
        model = Damage
        fields = ("severity", "sort")


@extend_schema(parameters=[PLATFORM])
class Damages(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Damage]):
    serializer_class = DamageOut
    filterset_class = DamageFilters

    def get_queryset(self) -> QuerySet[Damage]:
        return within(self.request, Damage.objects.visible_to(self.request.user))

    @extend_schema(request=None, responses=DamageOut)
    @action(detail=True, methods=["post"])
    def mend(self, request: Request, pk: str) -> Response:
        return Response(DamageOut(actions.mend_damage(self.get_object(), by=request.user)).data)


class ReadingFilters(OfVehicle):
    class Meta:
        model = OdometerReading
        fields = ("state", "source")


@extend_schema(parameters=[PLATFORM])
class OdometerReadings(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[OdometerReading]):
    serializer_class = ReadingOut
    filterset_class = ReadingFilters

    def get_queryset(self) -> QuerySet[OdometerReading]:
        return within(self.request, OdometerReading.objects.visible_to(self.request.user))

    @extend_schema(request=SettleIn, responses={201: ReadingOut})
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str) -> Response:
        """Says what the counter really showed when a disputed reading was made."""
        reading = actions.settle_reading(self.get_object(), by=request.user, **read(SettleIn, request))
        return Response(ReadingOut(reading).data, status=status.HTTP_201_CREATED)


class DocumentFilters(OfVehicle):
    class Meta:
        model = VehicleDocument
        fields = ("sort",)


@extend_schema(parameters=[PLATFORM])
class VehicleDocuments(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[VehicleDocument]):
    serializer_class = VehicleDocumentOut
    filterset_class = DocumentFilters

    def get_queryset(self) -> QuerySet[VehicleDocument]:
        return within(self.request, VehicleDocument.objects.visible_to(self.request.user))


class EquipmentFilters(OfVehicle):
    site = django_filters.NumberFilter("site_id")
    is_lost = django_filters.BooleanFilter("lost_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Equipment
        fields = ("sort",)


@extend_schema(parameters=[PLATFORM])
class Equipments(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Equipment]):
    serializer_class = EquipmentOut
    filterset_class = EquipmentFilters

    def get_queryset(self) -> QuerySet[Equipment]:
        return within(self.request, Equipment.objects.visible_to(self.request.user))

    @extend_schema(request=EquipmentIn, responses={201: EquipmentOut})
    def create(self, request: Request) -> Response:
        equipment = actions.add_equipment(platform_of(request), by=request.user, **read(EquipmentIn, request))
        return Response(EquipmentOut(equipment).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=EquipmentOut)
    @action(detail=True, methods=["post"])
    def lose(self, request: Request, pk: str) -> Response:
        return Response(EquipmentOut(actions.lose_equipment(self.get_object(), by=request.user)).data)


class HoldFilters(OfVehicle):
    starts_before = django_filters.IsoDateTimeFilter("starts_at", lookup_expr="lt")
    ends_after = django_filters.IsoDateTimeFilter("ends_at", lookup_expr="gt")

    class Meta:
        model = Hold
        fields = ("purpose",)


@extend_schema(parameters=[PLATFORM])
class Holds(TransferVerbs, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Hold]):
    """What takes vehicles, whatever it is for. Loans and repairs have verbs of their own."""

    serializer_class = HoldOut
    filterset_class = HoldFilters

    def get_queryset(self) -> QuerySet[Hold]:
        return within(self.request, Hold.objects.visible_to(self.request.user))

    @extend_schema(request=DatesIn, responses=HoldOut)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        return Response(
            HoldOut(actions.change_reserve(self.get_object(), by=request.user, **read(DatesIn, request))).data
        )

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        actions.release_hold(self.get_object(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
