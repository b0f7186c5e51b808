"""Partner garages over the API."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import read
from api.platforms import PLATFORM, platform_of, within
from fleet.models import Kind
from garages import actions
from garages.models import Garage, GarageMember, GarageRate, Work

# --- out ------------------------------------------------------------------------------------------


class RateOut(serializers.ModelSerializer[GarageRate]):
    class Meta:
        model = GarageRate
        fields = ("id", "tier", "hourly_rate", "valid_from")


class MemberOut(serializers.ModelSerializer[GarageMember]):
    class Meta:
        model = GarageMember
        fields = ("id", "name", "phone", "email")


class GarageOut(serializers.ModelSerializer[Garage]):
    address = serializers.StringRelatedField()
    rates = RateOut(many=True)
    members = MemberOut(many=True)

    class Meta:
        model = Garage
        fields = (
            "id",
            "platform",
            "name",
            "sort",
            "address",
            "phone",
            "email",
            "siret",
            "repairs",
            "works",
            "usual_delay_days",
            "can_tow",
            "jobs_at_once",
            "receiving_hours",
            "is_active",
            "rates",
            "members",
        )


# --- in -------------------------------------------------------------------------------------------


class GarageChange(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120, required=False)
    sort = serializers.ChoiceField(Garage.Sort.choices, required=False)
    street = serializers.CharField(max_length=160, required=False, allow_blank=True)
    postcode = serializers.RegexField(r"^\d{5}$", required=False, allow_blank=True)
    city = serializers.CharField(max_length=80, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)
    siret = serializers.CharField(max_length=20, required=False, allow_blank=True)
    repairs = serializers.ListField(child=serializers.ChoiceField(Kind.choices), required=False)
    works = serializers.ListField(child=serializers.ChoiceField(Work.choices), required=False)
    usual_delay_days = serializers.IntegerField(min_value=0, max_value=90, required=False, allow_null=True)
    can_tow = serializers.BooleanField(required=False, allow_null=True)
    jobs_at_once = serializers.IntegerField(min_value=1, max_value=99, required=False, allow_null=True)
    receiving_hours = serializers.CharField(max_length=200, required=False, allow_blank=True)


class GarageIn(GarageChange):
    name = serializers.CharField(max_length=120)
    hourly_rate = serializers.DecimalField(max_digits=6, decimal_places=2, min_value=0, required=False)


class RateIn(serializers.Serializer[Any]):
    hourly_rate = serializers.DecimalField(max_digits=6, decimal_places=2)
    tier = serializers.ChoiceField(GarageRate.Tier.choices, required=False)
    valid_from = serializers.DateField(required=False)


class MemberIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)


class RemoveMemberIn(serializers.Serializer[Any]):
    member = serializers.IntegerField()


class GarageFilters(django_filters.FilterSet):
    repairs = django_filters.ChoiceFilter(choices=Kind.choices, method="mends")

    class Meta:
        model = Garage
        fields = ("is_active", "sort", "siret")

    def mends(self, rows: QuerySet[Garage], name: str, value: str) -> QuerySet[Garage]:
        return rows.filter(repairs__contains=[value])


@extend_schema(parameters=[PLATFORM])
class Garages(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Garage]):
    """The address book. A garage's own token sees that garage."""

    serializer_class = GarageOut
    filterset_class = GarageFilters

    def get_queryset(self) -> QuerySet[Garage]:
        rows = Garage.objects.visible_to(self.request.user).select_related("address")
        return within(self.request, rows.prefetch_related("rates", "members"))

    def answer(self, garage: Garage, code: int = status.HTTP_200_OK) -> Response:
        return Response(GarageOut(self.get_queryset().get(pk=garage.pk)).data, status=code)

    @extend_schema(request=GarageIn, responses={201: GarageOut})
    def create(self, request: Request) -> Response:
        garage = actions.add_garage(platform_of(request), by=request.user, **read(GarageIn, request))
        return self.answer(garage, status.HTTP_201_CREATED)

    @extend_schema(request=GarageChange, responses=GarageOut)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        return self.answer(actions.change_garage(self.get_object(), by=request.user, **read(GarageChange, request)))

    @extend_schema(request=RateIn, responses=GarageOut)
    @action(detail=True, methods=["post"])
    def set_rate(self, request: Request, pk: str) -> Response:
        garage = self.get_object()
        actions.set_rate(garage, by=request.user, **read(RateIn, request))
        return self.answer(garage)

    @extend_schema(request=MemberIn, responses=GarageOut)
    @action(detail=True, methods=["post"])
    def add_member(self, request: Request, pk: str) -> Response:
        garage = self.get_object()
        actions.add_member(garage, by=request.user, **read(MemberIn, request))
        return self.answer(garage)

    @extend_schema(request=RemoveMemberIn, responses=GarageOut)
    @action(detail=True, methods=["post"])
    def remove_member(self, request: Request, pk: str) -> Response:
        garage = self.get_object()
        wanted = read(RemoveMemberIn, request)["member"]
        member = next((member for member in garage.members.all() if member.pk == wanted), None)
        if member is None:
            raise serializers.ValidationError({"member": ["Cette personne n’est pas de ce garage."]})
        actions.remove_member(member, by=request.user)
        return self.answer(garage)

    @extend_schema(request=None, responses=GarageOut)
    @action(detail=True, methods=["post"])
    def send_link(self, request: Request, pk: str) -> Response:
        return self.answer(actions.send_link(self.get_object(), by=request.user))

    @extend_schema(request=None, responses=GarageOut)
    @action(detail=True, methods=["post"])
    def stop_working_with(self, request: Request, pk: str) -> Response:
        return self.answer(actions.stop_working_with(self.get_object(), by=request.user))

    @extend_schema(request=None, responses=GarageOut)
    @action(detail=True, methods=["post"])
    def work_again_with(self, request: Request, pk: str) -> Response:
        return self.answer(actions.work_again_with(self.get_object(), by=request.user))
