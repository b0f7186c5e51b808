"""House rules over the API: what a platform asks, what a wish would break, what was passed and why."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role
from api.fields import OfPlatform, read
from api.passes import BreachOut, PassIn, passes_of
from api.platforms import PLATFORM, platform_of, within
from bookings import actions, perms
from bookings.models import LoanRules, RulePass
from bookings.rules import reads as rule_reads
from bookings.rules.words import in_words
from core.db import require
from fleet.models import Kind, Vehicle
from participants.models import Participant, Programme
from participants.papers import PaperSort

ROLES = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices), required=False, allow_null=True)


class LoanRulesOut(serializers.ModelSerializer[LoanRules]):
    words = serializers.SerializerMethodField(help_text="The same in short French sentences.")

    class Meta:
        model = LoanRules
        fields = ("id", "platform", "programme", "kind", "valid_from", "valid_until", *actions.rules.SAID, "words")

    def get_words(self, rules: LoanRules) -> list[str]:
        return in_words(rules)


class LoanRulesIn(serializers.ModelSerializer[LoanRules]):
    """What is left out, or null, is as the more general rules say."""

    programme = OfPlatform(queryset=Programme.objects.all(), required=False, allow_null=True)
    documents = serializers.ListField(
        child=serializers.ChoiceField(choices=PaperSort.choices), required=False, allow_null=True
    )
    approved_by = ROLES
    passed_by = ROLES

    class Meta:
        model = LoanRules
        fields = ("programme", "kind", "valid_from", *actions.rules.SAID)
        validators: list[Any] = []


class EndRulesIn(serializers.Serializer[Any]):
    valid_until = serializers.DateField(help_text="The first day on which they no longer hold.")


@extend_schema(parameters=[PLATFORM])
class LoanRulesets(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[LoanRules]):
    """By programme and kind, from a day until a day; the most particular that says something answers."""

    serializer_class = LoanRulesOut
    filterset_fields = ("programme", "kind")

    def get_queryset(self) -> QuerySet[LoanRules]:
        rows = LoanRules.objects.visible_to(self.request.user).select_related("programme", "platform")
        return within(self.request, rows)

    @extend_schema(request=LoanRulesIn, responses={201: LoanRulesOut})
    def create(self, request: Request) -> Response:
        """A new version closes the one before."""
        rules = actions.save_rules(platform_of(request), by=request.user, **read(LoanRulesIn, request))
        return Response(LoanRulesOut(rules).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=EndRulesIn, responses=LoanRulesOut)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        return Response(
            LoanRulesOut(actions.end_rules(self.get_object(), by=request.user, **read(EndRulesIn, request))).data
        )


class RulePassOut(serializers.ModelSerializer[RulePass]):
    class Meta:
        model = RulePass
        fields = ("id", "platform", "booking", "rule", "message", "reason", "by", "at", "reviewed_by", "reviewed_at")


@extend_schema(parameters=[PLATFORM])
class RulePasses(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[RulePass]):
    """Which house rules were passed, by whom, why."""

    serializer_class = RulePassOut
    filterset_fields = ("rule", "reason", "booking")

    def get_queryset(self) -> QuerySet[RulePass]:
        rows = RulePass.objects.visible_to(self.request.user).select_related("booking", "platform")
        return within(self.request, rows)

    @extend_schema(request=None, responses=RulePassOut)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: str) -> Response:
        """« Vu », by whoever coordinates."""
        return Response(RulePassOut(actions.review_pass(self.get_object(), by=request.user)).data)


class CheckIn(serializers.Serializer[Any]):
    participant = OfPlatform(queryset=Participant.objects.all())
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    vehicle = OfPlatform(queryset=Vehicle.objects.all(), required=False)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    programme = OfPlatform(queryset=Programme.objects.all(), required=False)

    def validate(self, typed: dict[str, Any]) -> dict[str, Any]:
        if "vehicle" not in typed and "kind" not in typed:
            raise serializers.ValidationError("Donnez « vehicle » ou « kind ».")
        if typed["starts_at"] >= typed["ends_at"]:
            raise serializers.ValidationError("La fin doit venir après le début.")
        return typed


class PassesIn(serializers.Serializer[Any]):
    passes = PassIn(many=True)


class RuleVerbs:
    """The verbs of a loan that have to do with rules."""

    @extend_schema(request=CheckIn, responses=BreachOut(many=True), filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def check(self, request: Request) -> Response:
        """Which house rules a loan would break (nothing is written); what the law will refuse at the hand-over, too,
        where a vehicle is named."""
        typed = read(CheckIn, request)
        person, vehicle = typed["participant"], typed.get("vehicle")
        require(perms.can_book(request.user, person.platform))
        programme = typed.get("programme") or person.programme_id
        found = rule_reads.breaches_of(
            person.platform, person, vehicle or typed["kind"], typed["starts_at"], typed["ends_at"], programme
        )
        if vehicle is not None:
            dates = (typed["starts_at"], typed["ends_at"])
            found += rule_reads.law_when_promised(person.platform, person, vehicle, *dates)
        return Response(BreachOut(found, many=True).data)

    @extend_schema(responses=BreachOut(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def before_keys(self, request: Request, pk: str) -> Response:
        """What stands between a promised loan and its keys; what does not bind is only said."""
        return Response(BreachOut(rule_reads.before_loan(self.get_object()), many=True).data)

    @extend_schema(request=PassesIn, responses=BreachOut(many=True))
    @action(detail=True, methods=["post"], pagination_class=None)
    def pass_rules(self, request: Request, pk: str) -> Response:
        """Passes papers or aptitude test for a loan that is promised already; answers what is left."""
        booking = self.get_object()
        actions.pass_rules(booking, by=request.user, passes=passes_of(read(PassesIn, request)))
        return Response(BreachOut(rule_reads.before_loan(booking), many=True).data)
