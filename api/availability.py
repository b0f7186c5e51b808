"""Dates first, then what is free: per kind and site, the vehicles that fit, and what could be had instead."""

import datetime as dt
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import OfPlatform, clean
from api.platforms import PLATFORM, platform_of
from bookings import perms
from bookings.offers import alternatives
from bookings.offers import choices as offers
from bookings.offers.choices import Choice, Needs
from bookings.rules.turnaround import margins_by_kind
from core.db import require
from fleet.models import Kind, Site
from participants.models import Participant

MOST = 100


class AvailabilityIn(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    site = OfPlatform(queryset=Site.objects.all(), required=False)
    participant = OfPlatform(queryset=Participant.objects.all(), required=False)
    needs_automatic = serializers.BooleanField(default=False)
    needs_seats = serializers.IntegerField(required=False, min_value=1, max_value=9)
    limit = serializers.IntegerField(default=50, min_value=1, max_value=MOST)

    def validate(self, typed: dict[str, Any]) -> dict[str, Any]:
        if typed["starts_at"] >= typed["ends_at"]:
            raise serializers.ValidationError("« ends_at » doit venir après « starts_at ».")
        return typed


class KindOut(serializers.Serializer[Any]):
    kind = serializers.CharField(source="kind.value")
    total = serializers.IntegerField()
    free = serializers.IntegerField()


class SiteOfferOut(serializers.Serializer[Any]):
    site = serializers.IntegerField(source="site_id")
    free = serializers.IntegerField()


class ChoiceOut(serializers.Serializer[Any]):
    vehicle = serializers.IntegerField(source="vehicle.pk")
    site = serializers.IntegerField(source="vehicle.site_id")
    distance_km = serializers.FloatField(allow_null=True)
    free_from = serializers.DateTimeField(source="vehicle.free_from", allow_null=True)
    free_until = serializers.DateTimeField(source="vehicle.free_until", allow_null=True)
    possible = serializers.BooleanField()
    refusals = serializers.ListField(child=serializers.CharField())
    warnings = serializers.ListField(child=serializers.CharField())


class FreeSpanOut(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    vehicle = serializers.IntegerField(source="vehicle_id")


class AlternativesOut(serializers.Serializer[Any]):
    earlier = FreeSpanOut(allow_null=True)
    later = FreeSpanOut(allow_null=True)
    kinds = KindOut(many=True)
    sites = SiteOfferOut(many=True)


class TakenOut(serializers.Serializer[Any]):
    vehicle = serializers.IntegerField(source="vehicle.pk")
    why = serializers.CharField()
    can_be_passed = serializers.BooleanField(
        source="tight", help_text="Only the time to make it ready is missing: name `turnaround` in `passes`."
    )


class AvailabilityOut(serializers.Serializer[Any]):
    kinds = KindOut(many=True)
    sites = SiteOfferOut(many=True, help_text="Where vehicles of the kind are free.")
    vehicles = ChoiceOut(many=True, help_text="Of the kind, the best first.")
    taken = TakenOut(many=True, help_text="Some that are not free then, and why.")
    alternatives = AlternativesOut(allow_null=True, help_text="When no vehicle of the kind can be had.")


@extend_schema(parameters=[PLATFORM])
class Availability(viewsets.ViewSet):
    @extend_schema(
        parameters=[
            OpenApiParameter("starts_at", dt.datetime, required=True),
            OpenApiParameter("ends_at", dt.datetime, required=True),
            OpenApiParameter("kind", str, enum=Kind.values),
            OpenApiParameter("site", int),
            OpenApiParameter("participant", int, description="Says what this person may drive, and how far they live."),
            OpenApiParameter("needs_automatic", bool),
            OpenApiParameter("needs_seats", int),
            OpenApiParameter("limit", int),
        ],
        responses=AvailabilityOut,
    )
    def list(self, request: Request) -> Response:
        """What is free in [starts_at, ends_at): counts by kind, with each kind's turnaround; with `kind`, vehicles,
        sites, and alternatives."""
        platform = platform_of(request)
        require(perms.can_book(request.user, platform))
        typed = clean(AvailabilityIn(data=request.query_params, context={"request": request}))
        start, end, person, site = (typed.get(name) for name in ("starts_at", "ends_at", "participant", "site"))
        needs = Needs(
            typed.get("kind", ""), typed["needs_automatic"], typed.get("needs_seats"), site.pk if site else None
        )
        margins = margins_by_kind(platform, person.programme_id if person else None, start)  # type: ignore[arg-type]
        kinds = offers.kinds_with_counts(platform, start, end, needs, margins)  # type: ignore[arg-type]
        found: dict[str, Any] = {"kinds": kinds, "sites": [], "vehicles": [], "taken": [], "alternatives": None}
        if kind := typed.get("kind"):
            needs = needs.around(margins(kind))
            wish = (platform, needs, start, end)
            vehicles: list[Choice] = offers.choices(*wish, person, limit=typed["limit"], with_law=True)  # type: ignore[arg-type]
            found |= {"sites": alternatives.free_sites(*wish), "vehicles": vehicles}  # type: ignore[arg-type]
            found["taken"] = offers.why_not(*wish)
            if not any(choice.possible for choice in vehicles):
                found["alternatives"] = alternatives.instead_of(*wish, kinds, person)  # type: ignore[arg-type]
        return Response(AvailabilityOut(found).data)
