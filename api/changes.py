"""The dates of a loan change, over the API. With `?preview=true` a verb only says what it would cost and what stands
in the way; nothing happens, and a refusal is part of the answer."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.condition_reports import Base64File
from api.fields import OfPlatform, read
from api.passes import BreachOut, PassIn, passes_of
from bookings import actions, perms
from bookings.changes import outcome as changes
from bookings.changes.values import Change, Extend, GiveUp, Move, Renew, Shorten, Wished
from bookings.models import Booking
from core.db import require
from fleet.models import Vehicle

PREVIEW = OpenApiParameter(
    "preview", OpenApiTypes.BOOL, description="Only say what it would cost; nothing happens.", default=False
)


class LineOut(serializers.Serializer[Any]):
    label = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = serializers.DecimalField(max_digits=8, decimal_places=3)
    amount = serializers.DecimalField(max_digits=9, decimal_places=2)


class WhyNotOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField(source="sentence")


class ChangeOut(serializers.Serializer[Any]):
    """What a change would make of the loan."""

    verb = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    before = LineOut(many=True, source="lines_before")
    after = LineOut(many=True, source="lines_after")
    on_top = LineOut(many=True, source="lines_on_top", help_text="Late days, for one that is overdue.")
    total_before = serializers.DecimalField(max_digits=9, decimal_places=2)
    total_after = serializers.DecimalField(max_digits=9, decimal_places=2)
    difference = serializers.DecimalField(
        max_digits=9, decimal_places=2, help_text="To pay in addition; below zero, not due any more. Send it as `seen`."
    )
    deposit_before = serializers.DecimalField(max_digits=7, decimal_places=2)
    deposit_after = serializers.DecimalField(max_digits=7, decimal_places=2)
    needs_signature = serializers.SerializerMethodField(help_text="A new period, whose contract page is to be signed.")
    possible = serializers.BooleanField()
    refusals = WhyNotOut(many=True)
    rules = BreachOut(many=True, source="breaches", help_text="House rules that it breaks; name them in `passes`.")
    warnings = serializers.ListField(child=serializers.CharField())
    free_until = serializers.DateTimeField(allow_null=True, help_text="How far the vehicle's time goes.")
    free_from = serializers.DateTimeField(allow_null=True, help_text="When this vehicle is free for as long as that.")
    instead = serializers.SerializerMethodField(help_text="Equal vehicles, by id.")

    def get_needs_signature(self, change: Change) -> bool:
        return change.to_sign is not None

    def get_instead(self, change: Change) -> list[int]:
        return [vehicle.pk for vehicle in change.instead]


class SeenIn(serializers.Serializer[Any]):
    seen = serializers.DecimalField(
        max_digits=9,
        decimal_places=2,
        required=False,
        allow_null=True,
        help_text="The difference that was shown; when it is another by now, the verb refuses with `price_changed`.",
    )


class PassingIn(SeenIn):
    passes = PassIn(many=True, required=False)


class UntilIn(PassingIn):
    until = serializers.DateTimeField()


class ShortenIn(SeenIn):
    until = serializers.DateTimeField()
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class RenewIn(UntilIn):
    declared_km = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=2_000_000)
    by_telephone = serializers.BooleanField(required=False)


class MoveLoanIn(PassingIn):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    vehicle = OfPlatform(queryset=Vehicle.objects.all(), required=False, allow_null=True)


class ExpectLaterIn(PassingIn):
    starts_at = serializers.DateTimeField()


class NoShowIn(SeenIn):
    charge = serializers.DecimalField(
        max_digits=6, decimal_places=2, required=False, allow_null=True, min_value=0, help_text="Less than the tariff."
    )
    waived_because = serializers.CharField(max_length=200, required=False, allow_blank=True)


class CancelIn(NoShowIn):
    reason = serializers.CharField(max_length=200, help_text="One of `given_up_because`, or words.")
    words = serializers.CharField(max_length=150, required=False, allow_blank=True)


class LongerIn(serializers.Serializer[Any]):
    until = serializers.DateField()
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class RefuseWishIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class SignIn(serializers.Serializer[Any]):
    signature = Base64File(help_text="The drawn signature, a PNG.")
    signer_name = serializers.CharField(max_length=160, required=False, allow_blank=True)


def is_preview(request: Request) -> bool:
    return request.query_params.get("preview", "").lower() in {"1", "true", "yes", "oui"}


class ChangeVerbs:
    """Verbs of the `Bookings` viewset."""

    def changed(self, verb: Any, wished: Wished, typed: dict[str, Any]) -> Response:
        loan: Booking = self.get_object()  # type: ignore[attr-defined]
        request = self.request  # type: ignore[attr-defined]
        if is_preview(request):
            return self.previewed(loan, wished)
        if "passes" in typed:
            typed = typed | {"passes": passes_of(typed)}
        return self.answer(verb(loan, by=request.user, **typed))  # type: ignore[attr-defined]

    def previewed(self, loan: Booking, wished: Wished) -> Response:
        """What it would cost, and what stands in the way."""
        require(perms.can_change(self.request.user, loan))  # type: ignore[attr-defined]
        return Response(ChangeOut(changes.preview(loan, wished)).data)

    @extend_schema(request=UntilIn, parameters=[PREVIEW])
    @action(detail=True, methods=["post"])
    def extend(self, request: Request, pk: str) -> Response:
        """Keeps the vehicle longer; beyond a signed page that is a new period, to be signed. 409 `overlap` says how
        far it goes."""
        typed = read(UntilIn, request)
        return self.changed(actions.extend, Extend(typed["until"]), typed)

    @extend_schema(request=ShortenIn, parameters=[PREVIEW])
    @action(detail=True, methods=["post"])
    def shorten(self, request: Request, pk: str) -> Response:
        """Ends the loan sooner; what the tariff gives back is not due any more."""
        typed = read(ShortenIn, request)
        return self.changed(actions.shorten, Shorten(typed["until"]), typed)

    @extend_schema(request=RenewIn, parameters=[PREVIEW])
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, pk: str) -> Response:
        """A new period with its own quote and contract page; overdue, it starts today at the earliest."""
        typed = read(RenewIn, request)
        return self.changed(actions.renew, Renew(typed["until"]), typed)

    @extend_schema(request=MoveLoanIn, parameters=[PREVIEW])
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Other dates before the keys are given, and another vehicle in the same step if one is named."""
        typed = read(MoveLoanIn, request)
        wished = Move(typed["starts_at"], typed["ends_at"], typed.get("vehicle"))
        return self.changed(actions.move, wished, typed)

    @extend_schema(request=ExpectLaterIn, parameters=[PREVIEW])
    @action(detail=True, methods=["post"])
    def expect_later(self, request: Request, pk: str) -> Response:
        """Somebody who did not come comes later: the vehicle waits for them."""
        typed = read(ExpectLaterIn, request)
        loan = self.get_object()  # type: ignore[attr-defined]
        wished = Move(typed["starts_at"], loan.ends_at, comes_later=True)
        return self.changed(actions.expect_later, wished, typed)

    @extend_schema(request=CancelIn, parameters=[PREVIEW])
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Gives the loan up before the keys; it costs what the tariff says, or less with a reason."""
        typed = read(CancelIn, request)
        sort, _ = actions.giving_up.why(typed["reason"], typed.get("words", ""))
        return self.changed(actions.cancel, GiveUp(sort), typed)

    @extend_schema(request=NoShowIn, parameters=[PREVIEW])
    @action(detail=True, methods=["post"])
    def no_show(self, request: Request, pk: str) -> Response:
        """Somebody who did not come: the vehicle is free again. 409 `not_yet` before the hour of departure."""
        return self.changed(actions.no_show, GiveUp(Booking.GivenUp.NO_SHOW), read(NoShowIn, request))

    @extend_schema(request=LongerIn)
    @action(detail=True, methods=["post"])
    def ask_for_longer(self, request: Request, pk: str) -> Response:
        """The participant's wish to keep the vehicle; the staff find it on their day's page."""
        booking = self.get_object()  # type: ignore[attr-defined]
        actions.ask_for_longer(booking, by=request.user, **read(LongerIn, request))
        return self.answer(booking)  # type: ignore[attr-defined]

    @extend_schema(request=RefuseWishIn)
    @action(detail=True, methods=["post"])
    def refuse_longer(self, request: Request, pk: str) -> Response:
        """No to the participant's open wish; `extend` or `renew` says yes to it."""
        booking = self.get_object()  # type: ignore[attr-defined]
        typed = read(RefuseWishIn, request)
        require(perms.can_change(request.user, booking))
        wish = booking.wishes.open().first()
        if wish is None:
            raise Http404
        actions.refuse_wish(wish, by=request.user, **typed)
        return self.answer(booking)  # type: ignore[attr-defined]

    @extend_schema(request=SignIn)
    @action(detail=True, methods=["post"])
    def sign_contract(self, request: Request, pk: str) -> Response:
        """Signs the page of the oldest period that waits for it: the participant's own, or before the staff."""
        booking = self.get_object()  # type: ignore[attr-defined]
        typed = read(SignIn, request)
        period = booking.periods.to_sign().first()
        if period is None:
            raise Http404
        actions.sign_contract(period, by=request.user, **typed)
        return self.answer(booking)  # type: ignore[attr-defined]
