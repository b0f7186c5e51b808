"""Recurring loans over the API: what each date would meet, all of them at once or none, an end before the last."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import OfPlatform, read
from api.passes import BreachOut, PassIn, passes_of
from api.platforms import PLATFORM, within
from bookings import actions, perms
from bookings.models import Booking, Series
from bookings.offers.choices import Needs
from bookings.series import reads as series_reads
from bookings.series.plan import Occurrence, Plan, preview_series
from bookings.series.recurrence import Pattern
from core.db import require
from fleet.models import Kind, Vehicle
from participants.models import Participant, Programme

PATTERN = ("weekdays", "starts", "ends", "first_on", "last_on")

# --- out ------------------------------------------------------------------------------------------


class PatternOut(serializers.Serializer[Any]):
    weekdays = serializers.ListField(child=serializers.IntegerField(), help_text="0 is Monday.")
    starts = serializers.TimeField(format="%H:%M")
    ends = serializers.TimeField(format="%H:%M", help_text="Not later than `starts`: on the next day.")
    first_on = serializers.DateField()
    last_on = serializers.DateField(help_text="The last day on which one may start.")
    words = serializers.CharField()


class SeriesOut(serializers.ModelSerializer[Series]):
    pattern = serializers.SerializerMethodField()
    bookings = serializers.SerializerMethodField(help_text="The loan of each date, in order.")

    class Meta:
        model = Series
        fields = (
            "id", "platform", "participant", "account", "kind", "pattern", "bookings", "ended_on", "end_reason",
            "created_at",
        )  # fmt: skip

    @extend_schema_field(PatternOut)
    def get_pattern(self, series: Series) -> Any:
        return PatternOut(series_reads.pattern_of(series)).data

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_bookings(self, series: Series) -> list[int]:
        return [one.pk for one in sorted(series.bookings.all(), key=lambda one: (one.starts_at, one.pk))]


class ConflictOut(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="taken, late, past, or a house rule.")
    message = serializers.CharField(source="sentence")
    can_be_passed = serializers.BooleanField()


class OccurrenceOut(serializers.Serializer[Any]):
    on = serializers.DateField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    vehicle = serializers.IntegerField(source="vehicle.pk", default=None, allow_null=True)
    left_out = serializers.BooleanField()
    conflicts = ConflictOut(many=True)
    warnings = serializers.ListField(child=serializers.CharField())
    price = serializers.SerializerMethodField(help_text="What it adds to the dates before it; null when it cannot be.")

    def get_price(self, one: Occurrence) -> str | None:
        return str(one.share.total) if one.share is not None else None


class PlanOut(serializers.Serializer[Any]):
    occurrences = OccurrenceOut(many=True)
    total = serializers.DecimalField(source="quote.total", max_digits=9, decimal_places=2)
    deposit = serializers.DecimalField(source="quote.deposit", max_digits=9, decimal_places=2)
    rules = serializers.SerializerMethodField(help_text="House rules that it breaks; name them in `passes`.")

    @extend_schema_field(BreachOut(many=True))
    def get_rules(self, plan: Plan) -> Any:
        return BreachOut([*plan.broken.values(), *plan.passed.values()], many=True).data


# --- in -------------------------------------------------------------------------------------------


class SeriesWish(serializers.Serializer[Any]):
    participant = OfPlatform(queryset=Participant.objects.all())
    weekdays = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=6), help_text="0 is Monday.")
    starts = serializers.TimeField()
    ends = serializers.TimeField(help_text="Not later than `starts`: on the next day.")
    first_on = serializers.DateField()
    last_on = serializers.DateField()
    vehicle = OfPlatform(queryset=Vehicle.objects.all(), required=False)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    needs_automatic = serializers.BooleanField(default=False)
    needs_seats = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=9, default=None)
    programme = OfPlatform(queryset=Programme.objects.all(), required=False)
    without = serializers.ListField(
        child=serializers.DateField(), required=False, max_length=400, help_text="First days that are left out."
    )
    passes = PassIn(many=True, required=False)

    def validate(self, typed: dict[str, Any]) -> dict[str, Any]:
        if "vehicle" not in typed and "kind" not in typed:
            raise serializers.ValidationError("Donnez « vehicle » ou « kind ».")
        pattern = {name: typed.pop(name) for name in PATTERN}
        pattern["weekdays"] = tuple(sorted(set(pattern["weekdays"])))
        return typed | {"pattern": Pattern(**pattern), "passes": passes_of(typed)}


class SeriesIn(SeriesWish):
    purpose = serializers.ChoiceField(choices=Booking.Purpose.choices, required=False)
    destination = serializers.CharField(max_length=200, required=False, allow_blank=True)
    without_conflicts = serializers.BooleanField(
        default=False, help_text="Leave out what cannot be; else all dates or none."
    )
    seen = serializers.DecimalField(max_digits=9, decimal_places=2, required=False, allow_null=True)


class SeriesRequestIn(SeriesWish):
    purpose = serializers.ChoiceField(choices=Booking.Purpose.choices, required=False)
    destination = serializers.CharField(max_length=200, required=False, allow_blank=True)
    why = serializers.CharField(max_length=300, required=False, allow_blank=True)
    work_starts_on = serializers.DateField(required=False, allow_null=True)
    as_draft = serializers.BooleanField(default=False)
    vehicle = without = passes = None  # a request names no vehicle and passes nothing


class ApproveSeriesIn(serializers.Serializer[Any]):
    """As it was asked for; what is left out stays."""

    vehicle = OfPlatform(queryset=Vehicle.objects.all(), required=False)
    without = serializers.ListField(child=serializers.DateField(), required=False, max_length=400)
    without_conflicts = serializers.BooleanField(default=False)
    passes = PassIn(many=True, required=False)
    seen = serializers.DecimalField(max_digits=9, decimal_places=2, required=False, allow_null=True)


class SeriesVerbs:
    """The verbs of a recurring loan that is asked for; mixed into the loans' viewset."""

    @extend_schema(request=SeriesRequestIn)
    @action(detail=False, methods=["post"])
    def request_series(self: Any, request: Request) -> Response:
        """Asks for a recurring loan: nothing is taken before it is approved."""
        typed = read(SeriesRequestIn, request)
        typed.pop("passes")
        booking = actions.request_series(typed["participant"].platform, by=request.user, **typed)
        return self.answer(booking, status.HTTP_201_CREATED)

    @extend_schema(request=ApproveSeriesIn, responses={201: SeriesOut})
    @action(detail=True, methods=["post"])
    def approve_series(self: Any, request: Request, pk: str) -> Response:
        """All dates that were asked for, or none; the request becomes the loan of the first."""
        booking, typed = self.get_object(), read(ApproveSeriesIn, request)
        typed["passes"] = passes_of(typed)
        series = actions.approve_series(booking, by=request.user, **typed)
        return Response(SeriesOut(series).data, status=status.HTTP_201_CREATED)


class EndSeriesIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)
    on = serializers.DateField(required=False, help_text="Nothing starts on that day or later; today when not given.")


@extend_schema(parameters=[PLATFORM])
class AllSeries(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Series]):
    """Recurring loans. Each date is a booking with verbs of its own: `move`, `cancel`, `hand_over`…"""

    serializer_class = SeriesOut
    filterset_fields = ("participant", "kind")

    def get_queryset(self) -> QuerySet[Series]:
        rows = within(self.request, Series.objects.visible_to(self.request.user))
        rows = rows.select_related(*series_reads.WITH_EVENT, "account").prefetch_related("bookings")
        return rows.order_by("-pk")

    def answer(self, series: Series, code: int = status.HTTP_200_OK) -> Response:
        return Response(SeriesOut(self.get_queryset().get(pk=series.pk)).data, status=code)

    @extend_schema(request=SeriesIn, responses={201: SeriesOut})
    def create(self, request: Request) -> Response:
        """All dates or none; 409 `series_conflict` names what stands in the way."""
        typed = read(SeriesIn, request)
        series = actions.book_series(typed["participant"].platform, by=request.user, **typed)
        return self.answer(series, status.HTTP_201_CREATED)

    @extend_schema(request=SeriesWish, responses=PlanOut)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """Every date with its vehicle or its conflict, and what they cost in all; nothing happens."""
        typed = read(SeriesWish, request)
        platform, vehicle = typed["participant"].platform, typed.get("vehicle")
        require(perms.can_book(request.user, platform))
        kind = vehicle.kind if vehicle else typed["kind"]
        plan = preview_series(
            platform,
            participant=typed["participant"],
            pattern=typed["pattern"],
            needs=Needs(kind, typed["needs_automatic"], typed["needs_seats"]),
            vehicle=vehicle,
            programme=typed.get("programme"),
            without=set(typed.get("without", ())),
            passed={one.rule for one in typed["passes"]},
        )
        return Response(PlanOut(plan).data)

    @extend_schema(request=EndSeriesIn, responses=SeriesOut)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """What was to come is given up; what ran stays."""
        return self.answer(actions.end_series(self.get_object(), by=request.user, **read(EndSeriesIn, request)))
