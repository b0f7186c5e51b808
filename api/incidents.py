"""Incidents, fines, trips of the team, and loans whose vehicle never came back."""

from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.changes import PREVIEW, is_preview
from api.condition_reports import Base64File
from api.fields import OfPlatform, read
from api.participants import Colleague
from api.platforms import PLATFORM, platform_of, within
from bookings import actions
from bookings.actions.fines import save_policy
from bookings.cases import designations
from bookings.cases import perms as case_perms
from bookings.changes.values import EndWithoutReturn
from bookings.models import Booking, CasePaper, Fine, Incident, IncidentPolicy, Trip, UnreturnedLoan
from core.db import require
from core.files import download
from fleet.models import Site, Vehicle

EUROS: dict[str, Any] = {"max_digits": 7, "decimal_places": 2}
UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
PDF = {(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)}


class CasePaperOut(serializers.ModelSerializer[CasePaper]):
    class Meta:
        model = CasePaper
        fields = ("file", "sort", "added_at")


class IncidentOut(serializers.ModelSerializer[Incident]):
    papers = CasePaperOut(many=True)

    class Meta:
        model = Incident
        fields = (
            "id", "platform", "vehicle", "booking", "job", "damages", "sort", "state", "happened_at", "known_on",
            "place", "description", "other_party", "complaint_on", "complaint_number", "keys_returned", "declared_on",
            "claim_number", "pound", "notified_on", "low_value", "removal_cost", "daily_cost", "fetched_on", "outcome",
            "reported_at", "closed_at", "due_on", "due_step", "papers",
        )  # fmt: skip


class FactsIn(serializers.Serializer[Any]):
    """What may be told of an incident, now or later."""

    happened_at = serializers.DateTimeField(required=False)
    known_on = serializers.DateField(required=False)
    place = serializers.CharField(max_length=200, required=False, allow_blank=True)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    other_party = serializers.CharField(max_length=400, required=False, allow_blank=True)
    claim_number = serializers.CharField(max_length=60, required=False, allow_blank=True)
    keys_returned = serializers.BooleanField(required=False, allow_null=True, default=None)
    pound = serializers.CharField(max_length=200, required=False, allow_blank=True)
    notified_on = serializers.DateField(required=False, allow_null=True)
    low_value = serializers.BooleanField(required=False)
    removal_cost = serializers.DecimalField(**EUROS, required=False, allow_null=True, min_value=0)
    daily_cost = serializers.DecimalField(max_digits=6, decimal_places=2, required=False, allow_null=True, min_value=0)

    def validate(self, typed: dict[str, Any]) -> dict[str, Any]:
        given = set(self.initial_data)
        return {name: value for name, value in typed.items() if name in given}


class IncidentIn(FactsIn):
    vehicle = OfPlatform(queryset=Vehicle.objects.all())
    sort = serializers.ChoiceField(choices=Incident.Sort.choices)
    booking = OfPlatform(queryset=Booking.objects.all(), required=False, allow_null=True)


class PaperIn(serializers.Serializer[Any]):
    sort = serializers.ChoiceField(choices=CasePaper.Sort.choices)
    file = Base64File()


class DoneIn(serializers.Serializer[Any]):
    on = serializers.DateField()
    file = Base64File(required=False)


class ComplaintIn(DoneIn):
    number = serializers.CharField(max_length=60, required=False, allow_blank=True)


class DeclareIn(DoneIn):
    claim_number = serializers.CharField(max_length=60, required=False, allow_blank=True)


class FetchIn(DoneIn):
    removal_cost = serializers.DecimalField(**EUROS, required=False, min_value=0)
    daily_cost = serializers.DecimalField(max_digits=6, decimal_places=2, required=False, min_value=0)


class OutcomeIn(serializers.Serializer[Any]):
    outcome = serializers.CharField(max_length=300)


@extend_schema(parameters=[PLATFORM])
class Incidents(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Incident]):
    serializer_class = IncidentOut
    filterset_fields = ("sort", "state", "vehicle", "booking")
    queryset = Incident.objects.none()

    def get_queryset(self) -> Any:
        rows = within(self.request, Incident.objects.visible_to(self.request.user))
        return rows.select_related("platform", "vehicle").prefetch_related("papers", "damages").order_by("-pk")

    def answer(self, incident: Incident, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=incident.pk)).data, status=code)

    @extend_schema(request=IncidentIn, responses={201: IncidentOut})
    def create(self, request: Request) -> Response:
        """Notes what happened to a vehicle; the loan of that moment is found when none is named."""
        told = read(IncidentIn, request)
        incident = actions.open_incident(told.pop("vehicle"), by=request.user, **told)
        return self.answer(incident, status.HTTP_201_CREATED)

    @extend_schema(request=FactsIn, responses=IncidentOut)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: str) -> Response:
        return self.answer(actions.complete(self.get_object(), by=request.user, **read(FactsIn, request)))

    @extend_schema(request=PaperIn, responses=IncidentOut)
    @action(detail=True, methods=["post"])
    def add_paper(self, request: Request, pk: str) -> Response:
        incident = self.get_object()
        actions.add_paper(incident, by=request.user, **read(PaperIn, request))
        return self.answer(incident)

    @extend_schema(request=ComplaintIn, responses=IncidentOut)
    @action(detail=True, methods=["post"])
    def lodge_complaint(self, request: Request, pk: str) -> Response:
        return self.answer(actions.lodge_complaint(self.get_object(), by=request.user, **read(ComplaintIn, request)))

    @extend_schema(request=DeclareIn, responses=IncidentOut)
    @action(detail=True, methods=["post"])
    def declare(self, request: Request, pk: str) -> Response:
        """The insurer was told."""
        return self.answer(actions.declare(self.get_object(), by=request.user, **read(DeclareIn, request)))

    @extend_schema(request=FetchIn, responses=IncidentOut)
    @action(detail=True, methods=["post"])
    def fetch(self, request: Request, pk: str) -> Response:
        """The vehicle left the pound."""
        return self.answer(actions.fetch(self.get_object(), by=request.user, **read(FetchIn, request)))

    @extend_schema(request=OutcomeIn, responses=IncidentOut)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        return self.answer(actions.close_incident(self.get_object(), by=request.user, **read(OutcomeIn, request)))

    @extend_schema(responses=PDF)
    @action(detail=True, methods=["get"], url_path=f"papers/(?P<file>{UUID})")
    def paper(self, request: Request, pk: str, file: str) -> FileResponse:
        """A paper or photo, as it was added."""
        return paper_of(self.get_object(), file)


def paper_of(case: Incident | Fine, file: str) -> FileResponse:
    found = case.papers.filter(file_id=file).select_related("file").first()
    if found is None:
        raise Http404
    return download(found.file)


# --- notices --------------------------------------------------------------------------------------


class FineOut(serializers.ModelSerializer[Fine]):
    """Who the driver is stands in the designation alone."""

    papers = CasePaperOut(many=True)

    class Meta:
        model = Fine
        fields = (
            "id", "platform", "vehicle", "sort", "state", "number", "sent_on", "offence_at", "place", "amount", "use",
            "assignment", "trip", "transfer", "job", "designated_on", "contested_on", "paid_on", "paid_amount",
            "charge", "fee_charge", "closed_at", "purged_at", "due_on", "due_step", "papers",
        )  # fmt: skip


class FineIn(serializers.Serializer[Any]):
    vehicle = OfPlatform(queryset=Vehicle.objects.all())
    sort = serializers.ChoiceField(choices=Fine.Sort.choices)
    amount = serializers.DecimalField(**EUROS)
    offence_at = serializers.DateTimeField()
    number = serializers.CharField(max_length=40, required=False, allow_blank=True)
    sent_on = serializers.DateField(required=False, allow_null=True)
    place = serializers.CharField(max_length=200, required=False, allow_blank=True)
    file = Base64File(required=False)


class DriverIn(serializers.Serializer[Any]):
    """Which use it was (`assignment-12`, `trip-3`, `hold-8`, `repairjob-4`, or empty), and who the driver is."""

    use = serializers.CharField(max_length=40, required=False, allow_blank=True)
    last_name = serializers.CharField(max_length=80, required=False, allow_blank=True)
    first_name = serializers.CharField(max_length=80, required=False, allow_blank=True)
    birth_date = serializers.DateField(required=False)
    birth_place = serializers.CharField(max_length=80, required=False, allow_blank=True)
    street = serializers.CharField(max_length=160, required=False, allow_blank=True)
    postcode = serializers.CharField(max_length=10, required=False, allow_blank=True)
    city = serializers.CharField(max_length=80, required=False, allow_blank=True)
    licence_number = serializers.CharField(max_length=30, required=False, allow_blank=True)
    licence_category = serializers.CharField(max_length=3, required=False, allow_blank=True)
    licence_on = serializers.DateField(required=False)


class DesignateIn(DoneIn):
    charge_fee = serializers.BooleanField(default=False)


class PayFineIn(DoneIn):
    amount = serializers.DecimalField(**EUROS, required=False)


class ContestIn(DoneIn):
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)


class NoticeIn(serializers.Serializer[Any]):
    number = serializers.CharField(max_length=40)
    sent_on = serializers.DateField()
    amount = serializers.DecimalField(**EUROS, required=False)
    file = Base64File(required=False)


class WithdrawFineIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)


@extend_schema(parameters=[PLATFORM])
class Fines(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Fine]):
    serializer_class = FineOut
    filterset_fields = ("sort", "state", "vehicle", "use")
    queryset = Fine.objects.none()

    def get_queryset(self) -> Any:
        rows = within(self.request, Fine.objects.visible_to(self.request.user))
        rows = rows.select_related("platform", "vehicle", "assignment__booking__account", "assignment__hold")
        return rows.prefetch_related("papers").order_by("-pk")

    def answer(self, fine: Fine, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=fine.pk)).data, status=code)

    @extend_schema(request=FineIn, responses={201: FineOut})
    def create(self, request: Request) -> Response:
        """Writes a notice down; who drove at that minute is found."""
        told = read(FineIn, request)
        fine = actions.record_fine(told.pop("vehicle"), by=request.user, **told)
        return self.answer(fine, status.HTTP_201_CREATED)

    @extend_schema(request=DriverIn, responses=FineOut)
    @action(detail=True, methods=["post"])
    def name_driver(self, request: Request, pk: str) -> Response:
        return self.answer(actions.name_driver(self.get_object(), by=request.user, **read(DriverIn, request)))

    @extend_schema(request=NoticeIn, responses=FineOut)
    @action(detail=True, methods=["post"])
    def notice_came(self, request: Request, pk: str) -> Response:
        """The notice of a toll that was noted without one; 409 `notice_known`."""
        return self.answer(actions.notice_came(self.get_object(), by=request.user, **read(NoticeIn, request)))

    @extend_schema(request=DesignateIn, responses=FineOut)
    @action(detail=True, methods=["post"])
    def designate(self, request: Request, pk: str) -> Response:
        """The administration was told; 409 `identity_incomplete` says what it needs."""
        return self.answer(actions.designate(self.get_object(), by=request.user, **read(DesignateIn, request)))

    @extend_schema(responses=PDF)
    @action(detail=True, methods=["get"])
    def designation(self, request: Request, pk: str) -> HttpResponse:
        """The sheet with what the administration asks for; for whoever may designate."""
        fine = self.get_object()
        require(case_perms.can_handle(request.user, fine))
        return HttpResponse(designations.sheet_pdf(fine), content_type="application/pdf")

    @extend_schema(request=PayFineIn, responses=FineOut)
    @action(detail=True, methods=["post"])
    def pay(self, request: Request, pk: str) -> Response:
        """409 `not_designated`: an offence is never paid before its driver is named."""
        return self.answer(actions.pay_fine(self.get_object(), by=request.user, **read(PayFineIn, request)))

    @extend_schema(request=None, responses=FineOut)
    @action(detail=True, methods=["post"])
    def rebill(self, request: Request, pk: str) -> Response:
        """Puts a paid parking charge or toll on the account of the loan; 409 `never_charged` for a fine."""
        return self.answer(actions.rebill(self.get_object(), by=request.user))

    @extend_schema(request=ContestIn, responses=FineOut)
    @action(detail=True, methods=["post"])
    def contest(self, request: Request, pk: str) -> Response:
        return self.answer(actions.contest(self.get_object(), by=request.user, **read(ContestIn, request)))

    @extend_schema(request=None, responses=FineOut)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        return self.answer(actions.close_fine(self.get_object(), by=request.user))

    @extend_schema(request=WithdrawFineIn, responses=FineOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """It was written down by mistake."""
        return self.answer(actions.withdraw_fine(self.get_object(), by=request.user, **read(WithdrawFineIn, request)))

    @extend_schema(request=PaperIn, responses=FineOut)
    @action(detail=True, methods=["post"])
    def add_paper(self, request: Request, pk: str) -> Response:
        fine = self.get_object()
        actions.add_paper(fine, by=request.user, **read(PaperIn, request))
        return self.answer(fine)

    @extend_schema(responses=PDF)
    @action(detail=True, methods=["get"], url_path=f"papers/(?P<file>{UUID})")
    def paper(self, request: Request, pk: str, file: str) -> FileResponse:
        return paper_of(self.get_object(), file)


# --- trips -----------------------------------------------------------------------------------------


class TripOut(serializers.ModelSerializer[Trip]):
    class Meta:
        model = Trip
        fields = (
            "id",
            "platform",
            "vehicle",
            "driver",
            "sort",
            "starts_at",
            "ends_at",
            "to_site",
            "reason",
            "noted_at",
        )


class TripIn(serializers.Serializer[Any]):
    vehicle = OfPlatform(queryset=Vehicle.objects.all())
    driver = Colleague(queryset=User.objects.none())
    sort = serializers.ChoiceField(choices=Trip.Sort.choices, default=Trip.Sort.STAFF)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    to_site = OfPlatform(queryset=Site.objects.all(), required=False, allow_null=True)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


@extend_schema(parameters=[PLATFORM])
class Trips(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Trip]):
    serializer_class = TripOut
    filterset_fields = ("vehicle", "driver", "sort")
    queryset = Trip.objects.none()

    def get_queryset(self) -> Any:
        rows = within(self.request, Trip.objects.visible_to(self.request.user))
        return rows.select_related("platform", "vehicle__platform").order_by("-pk")

    @extend_schema(request=TripIn, responses={201: TripOut})
    def create(self, request: Request) -> Response:
        """Notes who of the team drove a vehicle, from when until when."""
        told = read(TripIn, request)
        trip = actions.note_trip(told.pop("vehicle"), by=request.user, **told)
        return Response(TripOut(trip).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: str) -> Response:
        """It was noted by mistake."""
        actions.drop_trip(self.get_object(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


# --- what a platform has decided ---------------------------------------------------------------------------


class IncidentPolicyOut(serializers.ModelSerializer[IncidentPolicy]):
    class Meta:
        model = IncidentPolicy
        fields = ("platform", "fine_fee", "keep_months")


class IncidentPolicyIn(serializers.Serializer[Any]):
    fine_fee = serializers.DecimalField(
        max_digits=6, decimal_places=2, min_value=0, help_text="For a designation, never the fine itself; 0: none."
    )
    keep_months = serializers.IntegerField(help_text="How long a closed fine is kept before it is erased.")


@extend_schema(parameters=[PLATFORM])
class IncidentPolicies(mixins.ListModelMixin, viewsets.GenericViewSet[IncidentPolicy]):
    """What a platform asks for a designation; one that has said nothing has no line."""

    serializer_class = IncidentPolicyOut
    filterset_class = None
    queryset = IncidentPolicy.objects.none()

    def get_queryset(self) -> Any:
        return within(self.request, IncidentPolicy.objects.visible_to(self.request.user)).order_by("-pk")

    @extend_schema(request=IncidentPolicyIn, responses={200: IncidentPolicyOut})
    def create(self, request: Request) -> Response:
        """Takes the place of what was said before."""
        policy = save_policy(platform_of(request), by=request.user, **read(IncidentPolicyIn, request))
        return Response(IncidentPolicyOut(policy).data)


# --- verbs of loans and vehicles ------------------------------------------------------------------------


class NotReturnedIn(serializers.Serializer[Any]):
    why = serializers.ChoiceField(choices=UnreturnedLoan.Why.choices)
    rent_until = serializers.DateField()
    since = serializers.DateTimeField(required=False)
    vehicle = OfPlatform(queryset=Vehicle.objects.all(), required=False, help_text="Which, when two are out.")


class RecoveredIn(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    site = OfPlatform(queryset=Site.objects.all())
    km = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    rolls = serializers.BooleanField(default=True)
    condition = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class LossVerbs:
    """For the viewset of loans."""

    @extend_schema(request=NotReturnedIn, parameters=[PREVIEW])
    @action(detail=True, methods=["post"])
    def end_without_return(self, request: Request, pk: str) -> Response:
        """The vehicle does not come back: the loan ends, its rent stops after `rent_until`, the vehicle is held."""
        booking = self.get_object()  # type: ignore[attr-defined]
        typed = read(NotReturnedIn, request)
        if is_preview(request):
            return self.previewed(booking, EndWithoutReturn(typed["rent_until"]))  # type: ignore[attr-defined]
        actions.end_without_return(booking, by=request.user, **typed)
        return self.answer(booking)  # type: ignore[attr-defined]


class RecoveryVerbs:
    """For the viewset of vehicles."""

    @extend_schema(request=RecoveredIn)
    @action(detail=True, methods=["post"])
    def recovered(self, request: Request, pk: str) -> Response:
        """A vehicle that never came back is found."""
        vehicle = self.get_object()  # type: ignore[attr-defined]
        actions.recovered(vehicle, by=request.user, **read(RecoveredIn, request))
        return self.retrieve(request, pk)  # type: ignore[attr-defined]
