"""Repair jobs over the API: staff's, a garage's own, and what a participant reported. Each sees its share."""

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.perms import is_staff
from api.fields import OfPlatform, read
from api.platforms import PLATFORM, platform_of, within
from core import clock
from fleet.models import Damage, Site, Vehicle
from garages.models import Garage, Work
from maintenance import actions
from maintenance.candidates import Candidate, candidates
from maintenance.models import GarageStay, JobOffer, QuoteLine, RepairJob, RepairPolicy
from participants.models import Participant

# --- out ------------------------------------------------------------------------------------------

FOR_STAFF = ("stays", "participant", "reported_by", "offers", "next_loan_at", "paid_on", "cancelled_reason")
ABOUT_MONEY = (
    "garage", "quote_lines", "quote_total", "quote_note", "quote_refused_reason", "invoice_number", "invoice_amount",
    "invoiced_at",
)  # fmt: skip


class LineOut(serializers.ModelSerializer[QuoteLine]):
    total = serializers.DecimalField(max_digits=10, decimal_places=2)

    class Meta:
        model = QuoteLine
        fields = ("sort", "label", "quantity", "unit_price", "total")


class StayOut(serializers.ModelSerializer[GarageStay]):
    class Meta:
        model = GarageStay
        fields = ("id", "garage", "arrived_at", "left_at")


class OfferOut(serializers.ModelSerializer[JobOffer]):
    class Meta:
        model = JobOffer
        fields = (
            "id",
            "garage",
            "answer",
            "reasons",
            "offered_at",
            "expires_at",
            "answered_at",
            "decline_reason",
            "on_behalf",
        )


class JobOut(serializers.ModelSerializer[RepairJob]):
    """Nobody but the platform's staff reads who drives or reported; a garage reads its own money, others none."""

    vehicle_label = serializers.CharField(source="vehicle.label", default="", read_only=True)
    plate = serializers.CharField(source="vehicle.plate", default="", read_only=True)
    held_from = serializers.DateTimeField(source="hold.starts_at", default=None, allow_null=True, read_only=True)
    held_until = serializers.DateTimeField(source="hold.ends_at", default=None, allow_null=True, read_only=True)
    next_loan_at = serializers.DateTimeField(allow_null=True, read_only=True)
    quote_lines = LineOut(many=True)
    quote_total = serializers.DecimalField(max_digits=10, decimal_places=2)
    offers = OfferOut(many=True)
    stays = StayOut(many=True)

    class Meta:
        model = RepairJob
        fields = (
            "id",
            "platform",
            "state",
            "title",
            "description",
            "sort",
            "work",
            "vehicle",
            "vehicle_label",
            "plate",
            "own_vehicle",
            "participant",
            "vehicle_rolls",
            "needs_vehicle",
            "needed_by",
            "next_loan_at",
            "held_from",
            "held_until",
            "garage",
            "appointment_at",
            "expected_ready_at",
            "odometer_km",
            "quote_lines",
            "quote_total",
            "quote_note",
            "quote_refused_reason",
            "done_at",
            "collected_at",
            "stays",
            "invoice_number",
            "invoice_amount",
            "invoiced_at",
            "paid_on",
            "offers",
            "reported_by",
            "reported_at",
            "cancelled_reason",
        )

    def to_representation(self, job: RepairJob) -> dict[str, Any]:
        told = super().to_representation(job)
        user = self.context["request"].user
        if is_staff(user, job.platform_id):
            return told
        hidden = FOR_STAFF if self.is_its_garage(job) else (*FOR_STAFF, *ABOUT_MONEY)
        return {name: value for name, value in told.items() if name not in hidden}

    def is_its_garage(self, job: RepairJob) -> bool:
        if "garages" not in self.context:
            answered = Garage.objects.answered_by(self.context["request"].user)
            self.context["garages"] = set(answered.values_list("pk", flat=True))
        return job.garage_id in self.context["garages"]


class RepairPolicyOut(serializers.ModelSerializer[RepairPolicy]):
    class Meta:
        model = RepairPolicy
        fields = ("platform", "quote_ceiling", "offer_hours", "offers_by_itself")


class CandidateOut(serializers.Serializer[Any]):
    garage = serializers.IntegerField(source="garage.pk")
    name = serializers.CharField(source="garage.name")
    score = serializers.DecimalField(source="ranked.score", max_digits=10, decimal_places=2)
    reasons = serializers.ListField(child=serializers.CharField(), source="ranked.reasons")
    excluded_because = serializers.CharField(source="ranked.excluded_because")


# --- in -------------------------------------------------------------------------------------------


class JobChange(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=120, required=False)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    sort = serializers.ChoiceField(RepairJob.Sort.choices, required=False)
    work = serializers.ChoiceField(Work.choices, required=False)
    vehicle_rolls = serializers.BooleanField(required=False)
    needed_by = serializers.DateTimeField(required=False, allow_null=True)


class JobIn(JobChange):
    title = serializers.CharField(max_length=120)
    vehicle = OfPlatform(queryset=Vehicle.objects.select_related("platform"), required=False)
    own_vehicle = serializers.CharField(max_length=120, required=False)
    participant = OfPlatform(queryset=Participant.objects.all(), required=False)
    damages = serializers.ListField(child=OfPlatform(queryset=Damage.objects.all()), required=False)
    photos = serializers.ListField(child=serializers.FileField(), required=False)
    needs_vehicle = serializers.BooleanField(required=False)
    block_now = serializers.BooleanField(required=False)


class OnBehalf(serializers.Serializer[Any]):
    on_behalf = serializers.CharField(
        max_length=120, required=False, help_text="Staff only: who answered for the garage, and how."
    )


class GarageIn(serializers.Serializer[Any]):
    garage = OfPlatform(queryset=Garage.objects.all())


class AcceptIn(OnBehalf):
    appointment_at = serializers.DateTimeField()
    expected_ready_at = serializers.DateTimeField(required=False, allow_null=True)


class RescheduleIn(OnBehalf):
    appointment_at = serializers.DateTimeField()


class DeclineIn(OnBehalf):
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class GiveIn(serializers.Serializer[Any]):
    """`garage`, or the `name` of one that nobody has written down yet."""

    appointment_at = serializers.DateTimeField()
    garage = OfPlatform(queryset=Garage.objects.all(), required=False)
    name = serializers.CharField(max_length=120, required=False)
    phone = serializers.CharField(max_length=40, required=False)
    email = serializers.EmailField(required=False)
    city = serializers.CharField(max_length=80, required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("garage" in given) == ("name" in given):
            raise serializers.ValidationError("Donnez « garage », ou « name » pour un garage nouveau.")
        return given


class LineIn(serializers.ModelSerializer[QuoteLine]):
    class Meta:
        model = QuoteLine
        fields = ("sort", "label", "quantity", "unit_price")
        validators: list[Any] = []


class QuoteIn(OnBehalf):
    """`lines`, or the `total` of the garage's own quote with its `photos`."""

    lines = LineIn(many=True, required=False)
    total = serializers.DecimalField(max_digits=9, decimal_places=2, min_value=0, required=False)
    photos = serializers.ListField(child=serializers.FileField(), required=False)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)
    expected_ready_at = serializers.DateTimeField(required=False, allow_null=True)


class RefuseIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)
    ask_again = serializers.BooleanField(required=False)


class StartIn(OnBehalf):
    km = serializers.IntegerField(min_value=0, max_value=9_999_999, required=False)
    expected_ready_at = serializers.DateTimeField(required=False, allow_null=True)


class ReadyIn(OnBehalf):
    expected_ready_at = serializers.DateTimeField(required=False, allow_null=True)


class InvoiceIn(OnBehalf):
    amount = serializers.DecimalField(max_digits=9, decimal_places=2)
    number = serializers.CharField(max_length=40, required=False, allow_blank=True)
    file = serializers.FileField(required=False)


class PaidIn(serializers.Serializer[Any]):
    on = serializers.DateField(required=False)


class StayIn(serializers.Serializer[Any]):
    stay = serializers.IntegerField()
    arrived_at = serializers.DateTimeField()
    left_at = serializers.DateTimeField(required=False, allow_null=True)


class CollectIn(serializers.Serializer[Any]):
    site = OfPlatform(queryset=Site.objects.all(), required=False, allow_null=True)
    km = serializers.IntegerField(min_value=0, max_value=9_999_999, required=False)


class ReasonIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)


class RepairPolicyIn(serializers.Serializer[Any]):
    quote_ceiling = serializers.DecimalField(
        max_digits=7, decimal_places=2, min_value=0, help_text="Up to here a quote approves itself; 0: never."
    )
    offer_hours = serializers.IntegerField(min_value=0, max_value=9999)
    offers_by_itself = serializers.BooleanField(help_text="Ask the next garage when one declines or stays silent.")


class PhotosIn(serializers.Serializer[Any]):
    photos = serializers.ListField(child=serializers.FileField())


class JobFilters(django_filters.FilterSet):
    is_open = django_filters.BooleanFilter(method="opened")
    vehicle = django_filters.NumberFilter("vehicle_id")
    garage = django_filters.NumberFilter("garage_id")

    class Meta:
        model = RepairJob
        fields = ("state", "sort", "work")

    def opened(self, rows: QuerySet[RepairJob], name: str, value: bool) -> QuerySet[RepairJob]:
        closed = RepairJob.CLOSED
        return rows.exclude(state__in=closed) if value else rows.filter(state__in=closed)


def verb(act: Callable[..., Any], given: type[serializers.Serializer[Any]] | None, description: str = "") -> Any:
    """A verb of a job: POST to its own address, the job as the answer."""

    def method(self: "RepairJobs", request: Request, pk: str) -> Response:
        job = self.get_object()
        act(job, by=request.user, **(read(given, request) if given else {}))
        return self.answer(job)

    method.__name__ = act.__name__
    method.__doc__ = description or act.__doc__
    return action(detail=True, methods=["post"])(extend_schema(request=given, responses=JobOut)(method))


@extend_schema(parameters=[PLATFORM])
class RepairJobs(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[RepairJob]):
    """From a defect to a vehicle that is back."""

    serializer_class = JobOut
    filterset_class = JobFilters

    def get_queryset(self) -> QuerySet[RepairJob]:
        rows = RepairJob.objects.visible_to(self.request.user)
        offers = Prefetch("offers", JobOffer.objects.order_by("pk"))
        rows = rows.select_related("vehicle__platform", "hold", "garage", "platform")
        return within(self.request, rows.prefetch_related("quote_lines", "stays", offers).with_next_loan(clock.now()))

    def answer(self, job: RepairJob, code: int = status.HTTP_200_OK) -> Response:
        """The job as its caller may still see it: one that a garage declined is no more its business."""
        seen = self.get_queryset().filter(pk=job.pk).first()
        if seen is None:
            return Response({"id": job.pk}, status=code)
        return Response(self.get_serializer(seen).data, status=code)

    @extend_schema(request=JobIn, responses={201: JobOut})
    def create(self, request: Request) -> Response:
        """Reports a defect of a vehicle of the pool, or of a participant's own."""
        given = read(JobIn, request)
        vehicle = given.pop("vehicle", None)
        platform = vehicle.platform if vehicle is not None else platform_of(request)
        job = actions.report_defect(vehicle, platform=platform, by=request.user, **given)
        return self.answer(job, status.HTTP_201_CREATED)

    @extend_schema(responses=CandidateOut(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def ranking(self, request: Request, pk: str) -> Response:
        """The garages for this job, best first, with the sentences that say why; then the excluded ones."""
        job = self.get_object()
        if not is_staff(request.user, job.platform_id):
            self.permission_denied(request)
        able, unable = candidates(job)
        ranked: list[Candidate] = able + unable
        return Response(CandidateOut(ranked, many=True).data)

    @extend_schema(request=GiveIn, responses=JobOut)
    @action(detail=True, methods=["post"])
    def give(self, request: Request, pk: str) -> Response:
        """Straight to a garage, known or typed in."""
        job, given = self.get_object(), read(GiveIn, request)
        if garage := given.pop("garage", None):
            actions.give(job, garage, by=request.user, appointment_at=given["appointment_at"])
        else:
            actions.give_to_new_garage(job, by=request.user, **given)
        return self.answer(job)

    change = verb(actions.change, JobChange)
    add_photos = verb(actions.add_photos, PhotosIn)
    offer = verb(actions.offer, GarageIn)
    offer_next = verb(actions.offer_next, None)
    withdraw = verb(actions.withdraw, None)
    accept = verb(actions.accept, AcceptIn)
    decline = verb(actions.decline, DeclineIn)
    reschedule = verb(actions.reschedule, RescheduleIn)
    quote = verb(actions.quote, QuoteIn)
    approve_quote = verb(actions.approve_quote, None)
    refuse_quote = verb(actions.refuse_quote, RefuseIn)
    start = verb(actions.start, StartIn)
    wait_for_parts = verb(actions.wait_for_parts, ReadyIn)
    resume = verb(actions.resume, ReadyIn)
    done = verb(actions.done, OnBehalf)
    invoice = verb(actions.invoice, InvoiceIn)
    mark_paid = verb(actions.mark_paid, PaidIn)
    collect = verb(actions.collect, CollectIn)
    correct_stay = verb(actions.correct_stay, StayIn)
    cancel = verb(actions.cancel, ReasonIn)


@extend_schema(parameters=[PLATFORM])
class RepairPolicies(mixins.ListModelMixin, viewsets.GenericViewSet[RepairPolicy]):
    """How a platform decides on repairs; one that has said nothing has no line."""

    serializer_class = RepairPolicyOut
    filterset_class = None

    def get_queryset(self) -> QuerySet[RepairPolicy]:
        return within(self.request, RepairPolicy.objects.visible_to(self.request.user))

    @extend_schema(request=RepairPolicyIn, responses={200: RepairPolicyOut})
    def create(self, request: Request) -> Response:
        """Takes the place of what was said before."""
        policy = actions.save_policy(platform_of(request), by=request.user, **read(RepairPolicyIn, request))
        return Response(RepairPolicyOut(policy).data)
