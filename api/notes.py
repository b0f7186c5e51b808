"""Notes, each on a thing that is named as the journal names it: `target_type`, `target_id`."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import read
from bookings import notes
from core.models import Note


class NoteIn(serializers.Serializer[Any]):
    target_type = serializers.ChoiceField(choices=list(notes.TARGETS))
    target_id = serializers.RegexField(r"^\d{1,18}$")
    text = serializers.CharField(max_length=1000)


class NoteOut(serializers.ModelSerializer[Note]):
    class Meta:
        model = Note
        fields = ("id", "target_type", "target_id", "author_id", "text", "at")


class Notes(viewsets.GenericViewSet[Note]):
    """Only on something that the caller may see; staff write."""

    serializer_class = NoteOut
    queryset = Note.objects.none()
    filter_backends = ()

    @extend_schema(
        parameters=[OpenApiParameter("target_type", required=True), OpenApiParameter("target_id", required=True)],
        responses=NoteOut(many=True),
    )
    def list(self, request: Request) -> Response:
        """The notes of one thing, latest first; 404 without a thing."""
        asked = request.query_params
        thing = notes.found(request.user, asked.get("target_type", ""), asked.get("target_id", ""))
        page = self.paginate_queryset(notes.readable_by(request.user, thing))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=NoteIn, responses={201: NoteOut})
    def create(self, request: Request) -> Response:
        given = read(NoteIn, request)
        thing = notes.found(request.user, given["target_type"], given["target_id"])
        note = notes.write_note(thing, text=given["text"], by=request.user)  # type: ignore[arg-type]
        return Response(NoteOut(note).data, status=status.HTTP_201_CREATED)
