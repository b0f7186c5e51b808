"""Room for one more loan, over the API: what would move, then the moves and the booking at once."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import OfPlatform, read
from api.passes import PassIn, passes_of
from bookings import actions, perms
from bookings.models import Assignment, Booking
from bookings.offers.choices import Needs
from bookings.offers.room_making import MadeRoom, room_for
from bookings.rules.turnaround import margins
from core.db import require
from fleet.models import Kind, Site, Vehicle
from participants.models import Participant


class RoomIn(serializers.Serializer[Any]):
    participant = OfPlatform(queryset=Participant.objects.all())
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    needs_automatic = serializers.BooleanField(default=False)
    needs_seats = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=9)
    site = OfPlatform(queryset=Site.objects.all(), required=False, allow_null=True, help_text="This one alone.")


class ShiftOut(serializers.Serializer[Any]):
    assignment = serializers.IntegerField(source="assignment.pk")
    booking = serializers.IntegerField(source="assignment.booking_id")
    was = serializers.IntegerField(source="was.pk")
    becomes = serializers.IntegerField(source="becomes.pk")


class RoomOut(serializers.Serializer[MadeRoom]):
    vehicle = serializers.IntegerField(source="vehicle.pk", default=None, help_text="null: there is no room.")
    moves = ShiftOut(many=True, source="shifts")
    at_least = serializers.IntegerField(help_text="No set of fewer moves exists.")
    is_exact = serializers.BooleanField(help_text="A smallest set, or the proof that there is none.")


class ShiftIn(serializers.Serializer[Any]):
    assignment = OfPlatform(queryset=Assignment.objects.select_related("booking"))
    was = serializers.IntegerField(min_value=1)
    becomes = OfPlatform(queryset=Vehicle.objects.all())


class MakeRoomIn(RoomIn):
    vehicle = OfPlatform(queryset=Vehicle.objects.all())
    moves = ShiftIn(many=True, allow_empty=True)
    passes = PassIn(many=True, required=False, help_text="House rules that the caller passes, each with its reason.")
    purpose = serializers.ChoiceField(choices=Booking.Purpose.choices, required=False)
    destination = serializers.CharField(max_length=200, required=False, allow_blank=True)


class PinIn(serializers.Serializer[Any]):
    assignment = serializers.IntegerField(min_value=1)


class RoomVerbs:
    """Mixed into the loans' viewset."""

    @extend_schema(request=RoomIn, responses=RoomOut)
    @action(detail=False, methods=["post"])
    def find_room(self, request: Request) -> Response:
        """The smallest set of promised loans to move among equal vehicles so that this wish fits. Writes nothing."""
        typed = read(RoomIn, request)
        person = typed["participant"]
        require(perms.can_book(request.user, person.platform))
        site = typed["site"].pk if typed.get("site") else None
        needs = Needs(typed["kind"], typed["needs_automatic"], typed.get("needs_seats"), site)
        needs = needs.around(margins(person.platform, needs.kind, person.programme_id, typed["starts_at"]))
        found = room_for(person.platform, needs, typed["starts_at"], typed["ends_at"], person)
        return Response(RoomOut(found).data)

    @extend_schema(request=MakeRoomIn, responses={201: None})
    @action(detail=False, methods=["post"])
    def make_room(self, request: Request) -> Response:
        """Moves what `find_room` said and books: all of it or nothing; 409 `room_changed` when a loan moved since."""
        typed = read(MakeRoomIn, request)
        del typed["kind"]
        typed.pop("site", None)  # where one looked
        typed["passes"] = passes_of(typed)
        moves = [(move["assignment"], move["was"], move["becomes"]) for move in typed.pop("moves")]
        booking = actions.make_room(typed["participant"].platform, moves=moves, by=request.user, **typed)
        return self.answer(booking, status.HTTP_201_CREATED)  # type: ignore[attr-defined]

    @extend_schema(request=PinIn, responses=None)
    @action(detail=True, methods=["post"])
    def pin(self, request: Request, pk: str) -> Response:
        """This loan keeps this vehicle, whoever looks for room."""
        return self.pinned(request, actions.pin)

    @extend_schema(request=PinIn, responses=None)
    @action(detail=True, methods=["post"])
    def unpin(self, request: Request, pk: str) -> Response:
        return self.pinned(request, actions.unpin)

    def pinned(self, request: Request, verb: Any) -> Response:
        booking = self.get_object()  # type: ignore[attr-defined]
        found = booking.assignments.select_related("booking", "hold")
        assignment = found.filter(pk=read(PinIn, request)["assignment"]).first()
        if assignment is None:
            raise NotFound
        verb(assignment, by=request.user)
        return self.answer(booking)  # type: ignore[attr-defined]
