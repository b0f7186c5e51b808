"""Calendar feeds: one's own, and those that one may close."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import OfPlatform, read
from api.platforms import PLATFORM, platform_of, within
from bookings import actions
from bookings.feeds import reads as calendar_feeds
from bookings.models import CalendarFeed
from fleet.models import Site, Vehicle


class FeedIn(serializers.Serializer[Any]):
    """`vehicle` or `site` with the `of` that needs it; neither for `adviser`, one's own departures and returns."""

    of = serializers.ChoiceField(choices=["adviser", "site", "vehicle"])
    vehicle = OfPlatform(queryset=Vehicle.objects.all(), required=False)
    site = OfPlatform(queryset=Site.objects.all(), required=False)
    with_names = serializers.BooleanField(default=False)
    name = serializers.CharField(max_length=80, required=False)


class FeedOut(serializers.ModelSerializer[CalendarFeed]):
    class Meta:
        model = CalendarFeed
        fields = (
            "id", "of", "vehicle", "site", "participant", "owner", "name", "with_names", "prefix", "created_at",
            "revoked_at",
        )  # fmt: skip


class FeedMade(FeedOut):
    address = serializers.CharField(help_text="Shown once: only its hash is kept.")

    class Meta(FeedOut.Meta):
        fields = (*FeedOut.Meta.fields, "address")


@extend_schema(parameters=[PLATFORM])
class CalendarFeeds(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[CalendarFeed]):
    """Secret addresses that calendar programs read."""

    queryset = CalendarFeed.objects.none()
    serializer_class = FeedOut
    filterset_fields = ("of", "vehicle", "site", "participant")
    SHOWN_ONCE = ("address",)  # also to a program that asks twice with one `Idempotency-Key`

    def get_queryset(self) -> QuerySet[CalendarFeed]:
        return within(self.request, CalendarFeed.objects.visible_to(self.request.user))

    @extend_schema(request=FeedIn, responses={201: FeedMade})
    def create(self, request: Request) -> Response:
        feed, secret = actions.make_feed(platform_of(request), by=request.user, **read(FeedIn, request))
        feed.address = calendar_feeds.address_of(secret)  # type: ignore[attr-defined]
        return Response(FeedMade(feed).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=FeedOut)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        return Response(FeedOut(actions.revoke_feed(self.get_object(), by=request.user)).data)
