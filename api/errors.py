"""One handler: every refusal leaves the API in the same shape, `{"code", "detail"}`."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from api.idempotency import Replay


def refuse(error: Exception, context: dict[str, Any]) -> Response | None:
    """An action's ValidationError → 409, PermissionDenied → 403, another's or unknown → 404, bad input → 400."""
    if isinstance(error, Replay):
        return Response(error.row.answer, status=error.row.status)
    if isinstance(error, ValidationError):
        code = getattr(error, "code", None) or _first_code(error)
        answer = {"code": code, "detail": " ".join(error.messages)}
        if hasattr(error, "error_dict"):
            answer["fields"] = error.message_dict
        if hasattr(error, "rules"):  # which house rules, and whether they may be passed
            answer["rules"] = error.rules
        return Response(answer, status=status.HTTP_409_CONFLICT)
    if isinstance(error, Http404):
        error = exceptions.NotFound("Introuvable.")
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied("Vous n’avez pas le droit de faire cela.")
    response = exception_handler(error, context)
    if response is not None and isinstance(error, exceptions.ValidationError):
        response.data = {"code": "invalid", "detail": "Certains champs ne vont pas.", "fields": response.data}
    elif response is not None and isinstance(error, exceptions.APIException):
        response.data = {"code": error.default_code, "detail": str(error.detail)}
    return response


def _first_code(error: ValidationError) -> str:
    errors = error.error_list if hasattr(error, "error_list") else next(iter(error.error_dict.values()))
    return errors[0].code or "invalid"
