"""What goes on around a loan, over the API: preparation, calls and letters, the signed paper; schedules and clauses."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.perms import is_staff
from api.condition_reports import Base64File
from api.fields import OfPlatform, read
from api.participants import Colleague
from api.platforms import PLATFORM, platform_of, within
from bookings import actions
from bookings.actions.reminders import FIELDS
from bookings.day import flags, preparation, rehousing
from bookings.day.prepare_reads import awaiting
from bookings.models import Clause, PreparationTick, RecoveryStep, ReminderPolicy, ReminderStep
from bookings.papers import contracts
from core import clock
from core.files import download
from fleet import yard
from fleet.models import Hold, Kind, Site, Vehicle

PDF = {(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)}
Item = PreparationTick.Item


class FlagOut(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="late, elsewhere or not_ready.")
    text = serializers.CharField()


class ThingOut(serializers.Serializer[Any]):
    item = serializers.CharField()
    done = serializers.BooleanField()
    known = serializers.CharField(help_text="What the records say of it; then nobody ticks it.")
    by = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField(allow_null=True)


class PreparationOut(serializers.Serializer[Any]):
    things = ThingOut(many=True)
    flags = FlagOut(many=True)


class ItemIn(serializers.Serializer[Any]):
    item = serializers.ChoiceField(choices=Item.choices)


class MeetIn(serializers.Serializer[Any]):
    site = OfPlatform(queryset=Site.objects.all())


class RecoveryOut(serializers.ModelSerializer[RecoveryStep]):
    has_document = serializers.BooleanField(source="document_id")
    has_proof = serializers.BooleanField(source="proof_id")

    class Meta:
        model = RecoveryStep
        fields = (
            "id", "booking", "sort", "result", "happened_at", "recorded_at", "by", "promised_for", "number", "back_by",
            "remark", "has_document", "has_proof",
        )  # fmt: skip


class ContactIn(serializers.Serializer[Any]):
    sort = serializers.ChoiceField(choices=RecoveryStep.Sort.choices)
    result = serializers.ChoiceField(choices=RecoveryStep.Result.choices, required=False, default="")
    happened_at = serializers.DateTimeField(required=False, allow_null=True)
    promised_for = serializers.DateTimeField(required=False, allow_null=True)
    number = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    remark = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    document = Base64File(required=False)


class LetterIn(serializers.Serializer[Any]):
    back_by = serializers.DateField()


class ProofIn(serializers.Serializer[Any]):
    number = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    proof = Base64File(required=False)


class ScanIn(serializers.Serializer[Any]):
    scan = Base64File()


class DisplacedOut(serializers.Serializer[Any]):
    equal = serializers.ListField(child=serializers.IntegerField(), help_text="Vehicles of the kind, free then.")
    other_kinds = serializers.ListField(child=serializers.IntegerField(), help_text="Others that they may drive.")
    later = serializers.ListField(child=serializers.DictField(), help_text="Equal vehicles, free from a moment on.")


class DayVerbs:
    """Verbs of a loan; part of `api.bookings.Bookings`."""

    @extend_schema(responses=PreparationOut)
    @action(detail=True, methods=["get"])
    def preparation(self: Any, request: Request, pk: str) -> Response:
        """What must be there before the keys are given, what is, and what stands in the way."""
        return Response(self.prepared(self.get_object()))

    @extend_schema(request=ItemIn, responses=PreparationOut)
    @action(detail=True, methods=["post"])
    def tick(self: Any, request: Request, pk: str) -> Response:
        """One thing is done; said twice, it is done."""
        booking = self.get_object()
        actions.tick(booking, by=request.user, **read(ItemIn, request))
        return Response(self.prepared(booking))

    @extend_schema(request=ItemIn, responses=PreparationOut)
    @action(detail=True, methods=["post"])
    def untick(self: Any, request: Request, pk: str) -> Response:
        booking = self.get_object()
        actions.untick(booking, by=request.user, **read(ItemIn, request))
        return Response(self.prepared(booking))

    @staticmethod
    def prepared(booking: Any) -> dict[str, Any]:
        now = clock.now()
        one = awaiting(booking, now)
        things = preparation.things_of(one, booking.preparation_ticks.all()) if one is not None else []
        return {
            "things": [
                {
                    "item": thing.item,
                    "done": thing.is_done,
                    "known": thing.known,
                    "by": thing.tick.by_id if thing.tick else None,
                    "at": thing.tick.at if thing.tick else None,
                }
                for thing in things
            ],
            "flags": [{"code": flag.code, "text": flag.text} for flag in (flags.flags_of(one, now) if one else [])],
        }

    @extend_schema(request=MeetIn)
    @action(detail=True, methods=["post"])
    def meet_at(self: Any, request: Request, pk: str) -> Response:
        """The participant comes to another site, and is told."""
        booking = self.get_object()
        promised = booking.assignments.current().filter(hold__isnull=False, hold__out_at__isnull=True)
        one = promised.select_related("booking").first() or booking.assignments.last()
        if one is None:
            raise Http404
        actions.meet_at(one, by=request.user, **read(MeetIn, request))
        return self.answer(booking)

    @extend_schema(request=ContactIn, responses={201: RecoveryOut})
    @action(detail=True, methods=["post"])
    def contact_made(self: Any, request: Request, pk: str) -> Response:
        """A call, a visit, a complaint, the insurer told."""
        step = actions.contact_made(self.get_object(), by=request.user, **read(ContactIn, request))
        return Response(RecoveryOut(step).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=LetterIn, responses={201: RecoveryOut})
    @action(detail=True, methods=["post"])
    def write_letter(self: Any, request: Request, pk: str) -> Response:
        """The formal notice as PDF, with the facts as they stand."""
        step = actions.write_letter(self.get_object(), by=request.user, **read(LetterIn, request))
        return Response(RecoveryOut(step).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=PDF)
    @action(detail=True, methods=["get"])
    def summary(self: Any, request: Request, pk: str) -> HttpResponse:
        """The loan on one page, in plain French."""
        booking = self.get_object()
        periods = list(booking.periods.all())
        if not periods:
            raise Http404
        own = not is_staff(request.user, booking.platform_id)
        content = contracts.summary_pdf(booking, periods[-1], for_participant=own)
        return HttpResponse(content, content_type="application/pdf")

    @extend_schema(request=ScanIn)
    @action(detail=True, methods=["post"])
    def attach_signed_copy(self: Any, request: Request, pk: str) -> Response:
        """The paper that was signed, beside the last contract."""
        booking = self.get_object()
        period = booking.periods.filter(contract__isnull=False).last() or booking.periods.last()
        if period is None:
            raise Http404
        actions.attach_signed_copy(period, by=request.user, **read(ScanIn, request))
        return self.answer(booking)

    @extend_schema(responses=DisplacedOut)
    @action(detail=True, methods=["get"])
    def alternatives(self: Any, request: Request, pk: str) -> Response:
        """For a loan whose vehicle was taken away; 404 for one that has its vehicle."""
        one = rehousing.waiting(self.get_object().assignments.all()).first()
        if one is None:
            raise Http404
        shown = rehousing.alternatives(one)
        return Response(
            {
                "equal": [choice.vehicle.pk for choice in shown.equal],
                "other_kinds": [choice.vehicle.pk for choice in shown.other_kinds],
                "later": [{"vehicle": other.vehicle.pk, "from": other.starts_at} for other in shown.later],
            }
        )


@extend_schema(parameters=[PLATFORM])
class RecoverySteps(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[RecoveryStep]):
    """What was tried to get a vehicle back. Steps are made by the loan's verbs."""

    serializer_class = RecoveryOut
    filterset_fields = ("booking", "sort")

    def get_queryset(self) -> QuerySet[RecoveryStep]:
        steps = within(self.request, RecoveryStep.objects.visible_to(self.request.user))
        return steps.select_related("booking", "document", "proof").order_by("-pk")

    @extend_schema(request=ProofIn, responses=RecoveryOut)
    @action(detail=True, methods=["post"])
    def add_proof(self, request: Request, pk: str) -> Response:
        step = actions.add_proof(self.get_object(), by=request.user, **read(ProofIn, request))
        return Response(RecoveryOut(step).data)

    @extend_schema(
        responses=PDF, parameters=[OpenApiParameter("proof", OpenApiTypes.BOOL, description="The proof instead.")]
    )
    @action(detail=True, methods=["get"])
    def paper(self, request: Request, pk: str) -> FileResponse:
        """The letter, or the complaint; with `?proof=true` what proves that it arrived."""
        step = self.get_object()
        file = step.proof if request.query_params.get("proof") == "true" else step.document
        if file is None:
            raise Http404
        return download(file)


# --- what the platform sets -------------------------------------------------------------------------


class ReminderOut(serializers.ModelSerializer[ReminderStep]):
    class Meta:
        model = ReminderStep
        fields = ("id", "platform", *sorted(FIELDS))


class ReminderIn(serializers.Serializer[Any]):
    anchor = serializers.ChoiceField(choices=ReminderStep.Anchor.choices, default=ReminderStep.Anchor.END)
    unit = serializers.ChoiceField(choices=ReminderStep.Unit.choices)
    offset = serializers.IntegerField(min_value=-90, max_value=90, help_text="Negative: before.")
    at = serializers.TimeField(required=False, allow_null=True)
    repeats_until = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=90)
    text = serializers.CharField(max_length=400)
    is_active = serializers.BooleanField(default=True)


class ReminderPolicyOut(serializers.ModelSerializer[ReminderPolicy]):
    class Meta:
        model = ReminderPolicy
        fields = ("platform", "is_on", "speaks_from", "speaks_until")


class ReminderPolicyIn(serializers.Serializer[Any]):
    is_on = serializers.BooleanField()
    speaks_from = serializers.TimeField()
    speaks_until = serializers.TimeField()


@extend_schema(parameters=[PLATFORM])
class Reminders(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ReminderStep]):
    """The schedule of a platform's reminders."""

    serializer_class = ReminderOut
    filterset_fields = ("anchor", "is_active")

    def get_queryset(self) -> QuerySet[ReminderStep]:
        return within(self.request, ReminderStep.objects.visible_to(self.request.user)).select_related("platform")

    @extend_schema(request=ReminderIn, responses={201: ReminderOut})
    def create(self, request: Request) -> Response:
        step = actions.add_reminder(platform_of(request), by=request.user, **read(ReminderIn, request))
        return Response(ReminderOut(step).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReminderIn, responses=ReminderOut)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        step = actions.change_reminder(self.get_object(), by=request.user, **read(ReminderIn, request))
        return Response(ReminderOut(step).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: str) -> Response:
        actions.drop_reminder(self.get_object(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=ReminderPolicyIn, responses=ReminderPolicyOut)
    @action(detail=False, methods=["post"])
    def hours(self, request: Request) -> Response:
        """At which hours people may be written to, and whether they are reminded at all."""
        policy = actions.save_reminder_policy(platform_of(request), by=request.user, **read(ReminderPolicyIn, request))
        return Response(ReminderPolicyOut(policy).data)


class ClauseOut(serializers.ModelSerializer[Clause]):
    kinds = serializers.ListField(child=serializers.CharField(), help_text="Empty: all.")

    class Meta:
        model = Clause
        fields = ("id", "platform", "part", "position", "kinds", "text", "valid_from", "valid_until")


class ClauseIn(serializers.Serializer[Any]):
    part = serializers.ChoiceField(choices=Clause.Part.choices)
    text = serializers.CharField(max_length=600)
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=Kind.choices), required=False, default=list)
    position = serializers.IntegerField(min_value=0, max_value=9999, default=500)
    valid_from = serializers.DateField(required=False, allow_null=True)


class RewordIn(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=600)
    valid_from = serializers.DateField(required=False, allow_null=True)


class EndClauseIn(serializers.Serializer[Any]):
    valid_until = serializers.DateField(required=False, allow_null=True)


@extend_schema(parameters=[PLATFORM])
class Clauses(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Clause]):
    """The sentences of a platform's contracts, those of before included."""

    serializer_class = ClauseOut
    filterset_fields = ("part",)

    def get_queryset(self) -> QuerySet[Clause]:
        return within(self.request, Clause.objects.visible_to(self.request.user)).select_related("platform")

    @extend_schema(request=ClauseIn, responses={201: ClauseOut})
    def create(self, request: Request) -> Response:
        clause = actions.add_clause(platform_of(request), by=request.user, **read(ClauseIn, request))
        return Response(ClauseOut(clause).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=RewordIn, responses={201: ClauseOut})
    @action(detail=True, methods=["post"])
    def reword(self, request: Request, pk: str) -> Response:
        clause = actions.reword_clause(self.get_object(), by=request.user, **read(RewordIn, request))
        return Response(ClauseOut(clause).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=EndClauseIn, responses=ClauseOut)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        return Response(
            ClauseOut(actions.end_clause(self.get_object(), by=request.user, **read(EndClauseIn, request))).data
        )


# --- the yard ---------------------------------------------------------------------------------------


class TransferIn(serializers.Serializer[Any]):
    to_site = OfPlatform(queryset=Site.objects.all())
    driver = Colleague(
        queryset=User.objects.none(), required=False, help_text="Who drives it there; the caller when nobody is named."
    )
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class TransferOut(serializers.ModelSerializer[Hold]):
    class Meta:
        model = Hold
        fields = ("id", "vehicle", "purpose", "starts_at", "ends_at", "out_at", "back_at", "to_site", "driver")


class YardOut(serializers.ModelSerializer[Vehicle]):
    class Meta:
        model = Vehicle
        fields = ("id", "site", "fleet_number", "plate")


class YardVerbs:
    """Verbs of a vehicle; part of `api.fleet.Vehicles`."""

    @extend_schema(request=None, responses=YardOut)
    @action(detail=True, methods=["post"])
    def ready(self: Any, request: Request, pk: str) -> Response:
        """« Prêt »: cleaned, charged, it may leave again; 409 `ready_already`."""
        return Response(YardOut(yard.ready(self.get_object(), by=request.user)).data)

    @extend_schema(request=TransferIn, responses={201: TransferOut})
    @action(detail=True, methods=["post"])
    def plan_transfer(self: Any, request: Request, pk: str) -> Response:
        """Takes the vehicle for the drive to another site, by whoever drives it there."""
        hold = yard.plan_transfer(self.get_object(), by=request.user, **read(TransferIn, request))
        return Response(TransferOut(hold).data, status=status.HTTP_201_CREATED)


class TransferVerbs:
    """The verb of a hold that is a transfer; part of `api.fleet.Holds`."""

    @extend_schema(request=None, responses=YardOut)
    @action(detail=True, methods=["post"])
    def arrived(self: Any, request: Request, pk: str) -> Response:
        """The vehicle stands at the other site."""
        return Response(YardOut(yard.transfer_done(self.get_object(), by=request.user)).data)
