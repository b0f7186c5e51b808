"""Spreadsheets sent by other programs: the same verbs as the pages and the shell, and the same report."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import read
from api.platforms import PLATFORM, platform_of
from core.db import require
from core.imports import Report
from core.sheets import bytes_of
from fleet import perms as fleet_perms
from fleet.imports import import_vehicles
from garages import perms as garages_perms
from garages.imports import import_garages
from participants import perms as participants_perms
from participants.imports import import_participants


class SheetIn(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="CSV (UTF-8 or Windows-1252; semicolons, commas or tabs) or XLSX")
    dry_run = serializers.BooleanField(default=False, help_text="say what would happen, write nothing")


class PoolIn(SheetIn):
    create_sites = serializers.BooleanField(default=False, help_text="create the sites that do not exist yet")


class WarningOut(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    reason = serializers.CharField()


class RefusedOut(serializers.Serializer[Any]):
    line = serializers.IntegerField(help_text="as a spreadsheet program numbers it")
    field = serializers.CharField(help_text="the first field that is wrong")
    reason = serializers.CharField(help_text="all that is wrong, in French")


class ReportOut(serializers.Serializer[Any]):
    notes = serializers.ListField(child=serializers.CharField(), help_text="about the whole file")
    warnings = WarningOut(many=True)
    new = serializers.IntegerField()
    known = serializers.IntegerField()
    refused = RefusedOut(many=True)
    blank = serializers.IntegerField()


def answer(report: Report) -> Response:
    """201 when something was written."""
    created = report.entry_id is not None
    return Response(report.as_json(), status=status.HTTP_201_CREATED if created else status.HTTP_200_OK)


ANSWERS = {200: ReportOut, 201: ReportOut}


class FleetImport(viewsets.ViewSet):
    """The pool from a spreadsheet. What is known already is left as it is."""

    @extend_schema(request={"multipart/form-data": PoolIn}, responses=ANSWERS, parameters=[PLATFORM])
    def create(self, request: Request) -> Response:
        platform = platform_of(request)
        require(fleet_perms.can_import_vehicles(request.user, platform))  # before a file is looked at
        asked = read(PoolIn, request)
        return answer(import_vehicles(platform, bytes_of(asked.pop("file")), by=request.user, **asked))


class ParticipantsImport(viewsets.ViewSet):
    """Participants from a spreadsheet. Who is known already is left as they are."""

    @extend_schema(request={"multipart/form-data": SheetIn}, responses=ANSWERS, parameters=[PLATFORM])
    def create(self, request: Request) -> Response:
        platform = platform_of(request)
        require(participants_perms.can_register(request.user, platform))  # before a file is looked at
        asked = read(SheetIn, request)
        return answer(import_participants(platform, bytes_of(asked.pop("file")), by=request.user, **asked))


class GaragesImport(viewsets.ViewSet):
    """Garages from a spreadsheet. What is known already is left as it is."""

    @extend_schema(request={"multipart/form-data": SheetIn}, responses=ANSWERS, parameters=[PLATFORM])
    def create(self, request: Request) -> Response:
        platform = platform_of(request)
        require(garages_perms.can_import(request.user, platform.pk))  # before a file is looked at
        asked = read(SheetIn, request)
        return answer(import_garages(platform, bytes_of(asked.pop("file")), by=request.user, **asked))
