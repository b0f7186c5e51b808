"""Sites over the API: where vehicles stand, and when keys change hands there."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import read
from api.platforms import PLATFORM, platform_of, within
from fleet import actions, opening_actions
from fleet.models import Site
from fleet.opening import Hours, hours_of
from fleet.regions import HolidayRegion

# --- out ------------------------------------------------------------------------------------------


class RangeOut(serializers.Serializer[Any]):
    opens = serializers.TimeField(format="%H:%M")
    closes = serializers.TimeField(format="%H:%M", help_text="00:00 is the end of the day.")


class DayOut(serializers.Serializer[Any]):
    day = serializers.IntegerField(help_text="0 is Monday.")
    ranges = RangeOut(many=True)


class SpanOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    starts_at = serializers.DateTimeField(source="start")
    ends_at = serializers.DateTimeField(source="end")
    words = serializers.CharField(source="title")


class SiteOut(serializers.ModelSerializer[Site]):
    address = serializers.StringRelatedField()
    opening_hours = serializers.SerializerMethodField(help_text="In words; empty: always open.")
    week = serializers.SerializerMethodField()
    closures = serializers.SerializerMethodField()
    exceptional_openings = serializers.SerializerMethodField()

    class Meta:
        model = Site
        fields = (
            "id", "platform", "name", "address", "phone", "is_open", "opening_hours", "opening_remark",
            "holiday_region", "week", "closures", "exceptional_openings",
        )  # fmt: skip

    def hours(self, site: Site) -> Hours:
        """One query for all sites of the answer."""
        sites = self.parent.instance if self.parent is not None else [site]
        if "hours" not in self.context:
            self.context["hours"] = hours_of(sites)
        return self.context["hours"][site.pk]

    def get_opening_hours(self, site: Site) -> str:
        return self.hours(site).words()

    @extend_schema_field(DayOut(many=True))
    def get_week(self, site: Site) -> Any:
        days = [
            {"day": number, "ranges": [{"opens": opens, "closes": closes} for opens, closes in ranges]}
            for number, ranges in self.hours(site).week().items()
        ]
        return DayOut(days, many=True).data

    @extend_schema_field(SpanOut(many=True))
    def get_closures(self, site: Site) -> Any:
        return SpanOut(self.hours(site).closures, many=True).data

    @extend_schema_field(SpanOut(many=True))
    def get_exceptional_openings(self, site: Site) -> Any:
        return SpanOut(self.hours(site).openings, many=True).data


# --- in -------------------------------------------------------------------------------------------


class SiteIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    street = serializers.CharField(max_length=160, required=False, allow_blank=True)
    postcode = serializers.RegexField(r"^\d{5}$", required=False, allow_blank=True)
    city = serializers.CharField(max_length=80, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)


class SiteChange(SiteIn):
    name = serializers.CharField(max_length=80, required=False)
    is_open = serializers.BooleanField(required=False)


class RangeIn(serializers.Serializer[Any]):
    opens = serializers.TimeField()
    closes = serializers.TimeField(help_text="00:00 is the end of the day.")


class DayIn(serializers.Serializer[Any]):
    day = serializers.IntegerField(min_value=0, max_value=6, help_text="0 is Monday.")
    ranges = RangeIn(many=True)


class OpeningHoursIn(serializers.Serializer[Any]):
    week = DayIn(many=True, help_text="A day that is not named is closed; an empty week is always open.")
    holiday_region = serializers.ChoiceField(choices=HolidayRegion.choices, required=False, allow_blank=True)
    remark = serializers.CharField(max_length=200, required=False, allow_blank=True)


class ClosureIn(serializers.Serializer[Any]):
    first_on = serializers.DateField()
    last_on = serializers.DateField()
    from_time = serializers.TimeField(required=False, allow_null=True)
    until_time = serializers.TimeField(required=False, allow_null=True)
    words = serializers.CharField(max_length=120)


class ExceptionalOpeningIn(serializers.Serializer[Any]):
    on = serializers.DateField()
    opens = serializers.TimeField()
    closes = serializers.TimeField()
    words = serializers.CharField(max_length=120, required=False, allow_blank=True)


class ForgetDayIn(serializers.Serializer[Any]):
    event = serializers.IntegerField(help_text="The id of a closure or of an exceptional opening.")


@extend_schema(parameters=[PLATFORM])
class Sites(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Site]):
    """Where vehicles stand and are handed over."""

    serializer_class = SiteOut
    filterset_fields = ("is_open",)

    def get_queryset(self) -> QuerySet[Site]:
        sites = Site.objects.visible_to(self.request.user)
        return within(self.request, sites.select_related("address", "platform", "openings", "closures"))

    @extend_schema(request=SiteIn, responses={201: SiteOut})
    def create(self, request: Request) -> Response:
        site = actions.add_site(platform_of(request), by=request.user, **read(SiteIn, request))
        return Response(SiteOut(site).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=SiteChange, responses=SiteOut)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        site = actions.change_site(self.get_object(), by=request.user, **read(SiteChange, request))
        return Response(SiteOut(site).data)

    @extend_schema(request=OpeningHoursIn, responses=SiteOut)
    @action(detail=True, methods=["post"])
    def set_opening_hours(self, request: Request, pk: str) -> Response:
        """The site's whole week from now on."""
        given = read(OpeningHoursIn, request)
        week: dict[int, list[Any]] = {number: [] for number in range(7)}
        for day in given.pop("week"):
            week[day["day"]] += [(one["opens"], one["closes"]) for one in day["ranges"]]
        site = opening_actions.set_opening_hours(self.get_object(), week=week, by=request.user, **given)
        return Response(SiteOut(site).data)

    @extend_schema(request=ClosureIn, responses={201: SpanOut})
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Notes a closure; whole days where no hours are given."""
        event = opening_actions.close_site(self.get_object(), by=request.user, **read(ClosureIn, request))
        return Response(SpanOut(event).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ExceptionalOpeningIn, responses={201: SpanOut})
    @action(detail=True, methods=["post"])
    def open(self, request: Request, pk: str) -> Response:
        """Opens it on a day whatever its week, holidays and closures say."""
        event = opening_actions.open_site(self.get_object(), by=request.user, **read(ExceptionalOpeningIn, request))
        return Response(SpanOut(event).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ForgetDayIn, responses=SiteOut)
    @action(detail=True, methods=["post"])
    def forget_day(self, request: Request, pk: str) -> Response:
        """Takes a closure or an exceptional opening back."""
        site = opening_actions.forget_day(self.get_object(), by=request.user, **read(ForgetDayIn, request))
        return Response(SiteOut(site).data)
