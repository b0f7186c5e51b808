"""Requests and the waiting list over the API: asked for, answered, kept for who waits."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.perms import is_staff
from api.fields import OfPlatform, read
from api.passes import PassIn, passes_of
from api.platforms import PLATFORM, platform_of, within
from bookings import actions
from bookings.models import Booking, LoanRequest, Proposal, RequestPolicy, WaitingEntry
from bookings.requests import promises
from bookings.waiting import reads as waiting_reads
from core.db import require
from fleet.models import Kind, Site, Vehicle
from participants.models import Audience, Participant, Programme
from participants.papers import ASKED


class RequestOut(serializers.ModelSerializer[LoanRequest]):
    class Meta:
        model = LoanRequest
        fields = (
            "asked_by", "submitted_at", "why", "work_starts_on", "site", "papers", "papers_asked_at", "decided_at",
            "decided_by", "answer", "pattern",
        )  # fmt: skip


class WishIn(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    needs_automatic = serializers.BooleanField(default=False)
    needs_seats = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=9)
    purpose = serializers.ChoiceField(choices=Booking.Purpose.choices, required=False)
    destination = serializers.CharField(max_length=200, required=False, allow_blank=True)
    work_starts_on = serializers.DateField(required=False, allow_null=True)
    site = OfPlatform(queryset=Site.objects.all(), required=False, allow_null=True)


class LoanRequestIn(WishIn):
    participant = OfPlatform(
        queryset=Participant.objects.all(), required=False, help_text="Not said: the caller, for themself."
    )
    programme = OfPlatform(queryset=Programme.objects.all(), required=False)
    why = serializers.CharField(max_length=300, required=False, allow_blank=True)
    as_draft = serializers.BooleanField(default=False)


class DocumentsIn(serializers.Serializer[Any]):
    documents = serializers.ListField(child=serializers.ChoiceField(choices=ASKED))


class ApproveIn(serializers.Serializer[Any]):
    vehicle = OfPlatform(queryset=Vehicle.objects.all(), required=False)
    promised_until = serializers.DateTimeField(required=False, help_text="« Sous réserve »: freed by itself then.")
    passes = PassIn(many=True, required=False)


class RefuseIn(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=[one for one in Booking.Refusal.choices if one[0]])
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class LatestIn(serializers.Serializer[Any]):
    latest_on = serializers.DateField(required=False, allow_null=True)


class WaitingEntryOut(serializers.ModelSerializer[WaitingEntry]):
    class Meta:
        model = WaitingEntry
        fields = (
            "id", "platform", "participant", "programme", "state", "kind", "needs_automatic", "needs_seats", "site",
            "earliest_at", "days", "latest_on", "work_starts_on", "purpose", "destination", "asked_at", "left_at",
            "left_reason",
        )  # fmt: skip


class ProposalOut(serializers.ModelSerializer[Proposal]):
    expires_at = serializers.DateTimeField(source="booking.promised_until", help_text="Null once it is accepted.")
    state = serializers.CharField(source="booking.state", help_text="That of its loan.")

    class Meta:
        model = Proposal
        fields = ("id", "platform", "entry", "booking", "vehicle", "created_at", "told_at", "expires_at", "state")


class PlaceOut(serializers.Serializer[Any]):
    entry = serializers.IntegerField(source="entry.pk")
    number = serializers.IntegerField()
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Why this place, in order.")
    vehicle = serializers.IntegerField(source="vehicle.pk", default=None, help_text="What they could have now.")
    starts_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)
    why_not = serializers.CharField(help_text="Why none, where there is none.")
    proposal = serializers.IntegerField(source="proposal.pk", default=None, help_text="That waits for an answer.")


class RequestVerbs:
    """The verbs of a loan that is asked for."""

    @extend_schema(request=LoanRequestIn)
    @action(detail=False, methods=["post"])
    def request_loan(self: Any, request: Request) -> Response:
        """Asks for a loan: nothing is taken before it is approved."""
        typed = read(LoanRequestIn, request)
        person = typed.pop("participant", None) or own(request)
        booking = actions.request_loan(person.platform, participant=person, by=request.user, **typed)
        return self.answer(booking, status.HTTP_201_CREATED)

    @extend_schema(request=WishIn)
    @action(detail=True, methods=["post"])
    def change_request(self: Any, request: Request, pk: str) -> Response:
        return self.answer(actions.change_request(self.get_object(), by=request.user, **read(WishIn, request)))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def submit(self: Any, request: Request, pk: str) -> Response:
        """Sends a draft, or says that the missing papers are there."""
        return self.answer(actions.submit(self.get_object(), by=request.user))

    @extend_schema(request=DocumentsIn)
    @action(detail=True, methods=["post"])
    def ask_for_documents(self: Any, request: Request, pk: str) -> Response:
        return self.answer(actions.ask_for_documents(self.get_object(), by=request.user, **read(DocumentsIn, request)))

    @extend_schema(request=ApproveIn)
    @action(detail=True, methods=["post"])
    def approve(self: Any, request: Request, pk: str) -> Response:
        """Takes a vehicle for the request: 409 `overlap` or `none_free` when somebody was quicker."""
        booking, typed = self.get_object(), read(ApproveIn, request)
        passes = passes_of(typed)
        typed.pop("passes", None)
        return self.answer(actions.approve(booking, by=request.user, passes=passes, **typed))

    @extend_schema(request=RefuseIn)
    @action(detail=True, methods=["post"])
    def refuse(self: Any, request: Request, pk: str) -> Response:
        return self.answer(actions.refuse_request(self.get_object(), by=request.user, **read(RefuseIn, request)))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def confirm(self: Any, request: Request, pk: str) -> Response:
        """A promise « sous réserve » becomes firm."""
        return self.answer(actions.confirm(self.get_object(), by=request.user))

    @extend_schema(request=LatestIn, responses={201: WaitingEntryOut})
    @action(detail=True, methods=["post"])
    def wait(self: Any, request: Request, pk: str) -> Response:
        """The request becomes a place on the waiting list."""
        entry = actions.wait_for_vehicle(self.get_object(), by=request.user, **read(LatestIn, request))
        return Response(WaitingEntryOut(entry).data, status=status.HTTP_201_CREATED)


def own(request: Request) -> Participant:
    person = Participant.objects.filter(user=request.user).select_related("platform").first()
    if person is None:
        raise serializers.ValidationError({"participant": ["Dites pour qui."]})
    return person


class WaitIn(serializers.Serializer[Any]):
    earliest_at = serializers.DateTimeField()
    days = serializers.IntegerField(min_value=1, max_value=366)
    latest_on = serializers.DateField(required=False, allow_null=True)
    site = OfPlatform(queryset=Site.objects.all(), required=False, allow_null=True)
    work_starts_on = serializers.DateField(required=False, allow_null=True)
    needs_automatic = serializers.BooleanField(default=False)
    needs_seats = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=9)
    purpose = serializers.ChoiceField(choices=Booking.Purpose.choices, required=False)
    destination = serializers.CharField(max_length=200, required=False, allow_blank=True)


class JoinIn(WaitIn):
    participant = OfPlatform(queryset=Participant.objects.all())
    kind = serializers.ChoiceField(choices=Kind.choices)
    programme = OfPlatform(queryset=Programme.objects.all(), required=False)


class ProposeIn(serializers.Serializer[Any]):
    vehicle = OfPlatform(queryset=Vehicle.objects.all())
    starts_at = serializers.DateTimeField(required=False)
    passes = PassIn(many=True, required=False)


class LeaveIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)


@extend_schema(parameters=[PLATFORM])
class WaitingEntries(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[WaitingEntry]):
    serializer_class = WaitingEntryOut
    filterset_fields = ("state", "kind", "site", "participant")
    queryset = WaitingEntry.objects.none()

    def get_queryset(self) -> QuerySet[WaitingEntry]:
        rows = within(self.request, WaitingEntry.objects.visible_to(self.request.user))
        return rows.select_related("participant", "platform", "programme", "site").order_by("-pk")

    @extend_schema(request=JoinIn, responses={201: WaitingEntryOut})
    def create(self, request: Request) -> Response:
        typed = read(JoinIn, request)
        entry = actions.join_waiting_list(typed["participant"].platform, by=request.user, **typed)
        return Response(WaitingEntryOut(entry).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=WaitIn, responses=WaitingEntryOut)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        """What they wait for is put right; they keep their place."""
        entry = actions.change_waiting(self.get_object(), by=request.user, **read(WaitIn, request))
        return Response(WaitingEntryOut(entry).data)

    @extend_schema(responses=PlaceOut(many=True), filters=False)
    @action(detail=False, methods=["get"], pagination_class=None)
    def places(self, request: Request) -> Response:
        """Everybody who waits, in the order in which they are served: why, and what each could have now."""
        platform = platform_of(request)
        require(is_staff(request.user, platform.pk))
        found = waiting_reads.places_of(platform, promises.policy_of(platform.pk), greedy=True)
        return Response(PlaceOut(found, many=True).data)

    @extend_schema(request=ProposeIn, responses={201: ProposalOut})
    @action(detail=True, methods=["post"])
    def propose(self, request: Request, pk: str) -> Response:
        """Keeps a vehicle for this person; nothing is written to them before `offer`."""
        entry, typed = self.get_object(), read(ProposeIn, request)
        passes = passes_of(typed)
        typed.pop("passes", None)
        proposal = actions.propose(entry, by=request.user, passes=passes, **typed)
        return Response(ProposalOut(proposal).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=LeaveIn, responses=WaitingEntryOut)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str) -> Response:
        entry = actions.leave_waiting_list(self.get_object(), by=request.user, **read(LeaveIn, request))
        return Response(WaitingEntryOut(entry).data)


@extend_schema(parameters=[PLATFORM])
class Proposals(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Proposal]):
    serializer_class = ProposalOut
    filterset_fields = ("entry", "vehicle")
    queryset = Proposal.objects.none()

    def get_queryset(self) -> QuerySet[Proposal]:
        rows = within(self.request, Proposal.objects.visible_to(self.request.user))
        return rows.select_related("booking__platform", "entry__participant", "entry__platform").order_by("-pk")

    def answer(self, proposal: Proposal) -> Response:
        return Response(ProposalOut(self.get_queryset().get(pk=proposal.pk)).data)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def offer(self, request: Request, pk: str) -> Response:
        """Writes to the person, who says yes or no on their page."""
        return self.answer(actions.offer(self.get_object(), by=request.user))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        proposal = self.get_object()
        actions.accept_proposal(proposal, by=request.user)
        return self.answer(proposal)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:
        proposal = self.get_object()
        actions.decline_proposal(proposal, by=request.user)
        return self.answer(proposal)


class RequestPolicyOut(serializers.ModelSerializer[RequestPolicy]):
    class Meta:
        model = RequestPolicy
        fields = (
            "id", "platform", "participants_may_ask", "offers_by_itself", "answer_hours", "order",
            "priority_audiences", "changed_at",
        )  # fmt: skip


class RequestPolicyIn(serializers.Serializer[Any]):
    participants_may_ask = serializers.BooleanField()
    offers_by_itself = serializers.BooleanField()
    answer_hours = serializers.IntegerField(min_value=1, max_value=336)
    order = serializers.ListField(child=serializers.ChoiceField(choices=RequestPolicy.Order.choices))
    priority_audiences = serializers.ListField(child=serializers.ChoiceField(choices=Audience.choices))


@extend_schema(parameters=[PLATFORM])
class RequestPolicies(mixins.ListModelMixin, viewsets.GenericViewSet[RequestPolicy]):
    """How requests come in and the waiting list is served; a platform that has said nothing has no line."""

    serializer_class = RequestPolicyOut
    filterset_class = None
    queryset = RequestPolicy.objects.none()

    def get_queryset(self) -> QuerySet[RequestPolicy]:
        return within(self.request, RequestPolicy.objects.visible_to(self.request.user)).order_by("-pk")

    @extend_schema(request=RequestPolicyIn, responses=RequestPolicyOut)
    def create(self, request: Request) -> Response:
        """Takes the place of what was said before."""
        said = read(RequestPolicyIn, request)
        policy = actions.save_request_policy(platform_of(request), by=request.user, **said)
        return Response(RequestPolicyOut(policy).data)
