"""Mails and SMS: which left and which did not, and the one verb of the staff on those that did not."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import unsent
from core.models import OutboxMessage


class MessageOut(serializers.ModelSerializer[OutboxMessage]):
    to = serializers.CharField(source="payload.to")
    subject = serializers.CharField(source="payload.subject", default="")
    text = serializers.CharField(source="payload.text")
    why = serializers.SerializerMethodField(help_text="Why it has not left, in a few French words.")

    class Meta:
        model = OutboxMessage
        fields = (
            "id", "topic", "to", "subject", "text", "target_type", "target_id", "created_at", "due_at", "useful_until",
            "done_at", "waiting_since", "given_up_at", "told_at", "why",
        )  # fmt: skip

    def get_why(self, message: OutboxMessage) -> str:
        return unsent.why(message)


class MessageFilter(django_filters.FilterSet):
    not_gone = django_filters.BooleanFilter(method="only_not_gone", help_text="Those that somebody must see to.")

    class Meta:
        model = OutboxMessage
        fields = ("topic",)

    def only_not_gone(self, rows: Any, name: str, wanted: bool) -> Any:
        return unsent.not_gone(rows) if wanted else rows


class Messages(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[OutboxMessage]):
    """What the caller's platforms wrote; for staff."""

    queryset = OutboxMessage.objects.none()
    serializer_class = MessageOut
    filterset_class = MessageFilter

    def get_queryset(self) -> QuerySet[OutboxMessage]:
        return unsent.readable_by(self.request.user)

    @extend_schema(request=None, responses=MessageOut)
    @action(detail=True, methods=["post"])
    def told(self, request: Request, pk: str) -> Response:
        """Its reader was told by word of mouth: it does not leave any more."""
        return Response(MessageOut(unsent.told_otherwise(self.get_object(), by=request.user)).data)
