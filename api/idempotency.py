"""`Idempotency-Key`: a creating POST sent again gets the first one's answer, and nothing is made twice.

The router (api/routing.py) puts this under every viewset, so that none can forget it. What succeeded is remembered
for two days; a refused request made nothing and may be sent again as it is.
"""

import json
from contextlib import ExitStack
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.perms import zone_of
from core import idempotency
from core.models import IdempotencyKey

HEADER = "Idempotency-Key"
LONGEST = 100  # characters of a key


class Replay(Exception):
    """The request was carried out before; `row` holds its answer. Turned into that answer by api/errors.py."""

    def __init__(self, row: IdempotencyKey) -> None:
        self.row = row


class Idempotent:
    """Between the viewset and its checks: claims the key once the caller is known, keeps the answer at the end."""

    _claimed: IdempotencyKey | None = None
    _carrying: ExitStack

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if zone := zone_of(request.user):
            timezone.activate(ZoneInfo(zone))  # the platform's day, until CurrentPlatformMiddleware sets its own again
        key = request.headers.get(HEADER, "")
        if request.method != "POST" or not key:
            return
        if len(key) > LONGEST:
            raise ValidationError({HEADER: [f"Une clé a au plus {LONGEST} caractères."]})
        row, ours = idempotency.claim(request.user.pk, f"api:{key}", fingerprint_of(request))
        if not ours:
            raise Replay(row)
        self._claimed, self._carrying = row, ExitStack()
        self._carrying.enter_context(idempotency.carrying_out(row))

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        row, self._claimed = self._claimed, None
        if row is not None:
            self._carrying.close()
            if 200 <= response.status_code < 300:
                idempotency.finish(row, status=response.status_code, answer=plain(self.remembered(response.data)))
            else:
                idempotency.release(row)
        return super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]

    def remembered(self, answer: Any) -> Any:
        """What a repeated request is answered: the same, without the secrets of the viewset's `SHOWN_ONCE`."""
        hidden = getattr(self, "SHOWN_ONCE", ())
        return {name: value for name, value in answer.items() if name not in hidden} if hidden else answer

    def handle_exception(self, error: Exception) -> Response:
        try:
            return super().handle_exception(error)  # type: ignore[misc]
        except BaseException:
            if self._claimed is not None:  # what no handler knows leaves as a 500
                self._carrying.close()
                idempotency.give_up(self._claimed)
            raise


def fingerprint_of(request: Request) -> str:
    """Of method, path, query and what was sent."""
    data = request.data
    files = sorted((name, f.name, f.size) for name, values in request.FILES.lists() for f in values)
    fields = sorted(data.lists()) if hasattr(data, "lists") else data
    if files:
        fields = [(name, values) for name, values in fields if name not in request.FILES]
    body = JSONRenderer().render([fields, files])
    return idempotency.fingerprint_of("POST", request.get_full_path(), body)


def plain(data: Any) -> Any:
    """The answer as JSON would carry it: decimals and dates written out."""
    return json.loads(JSONRenderer().render(data)) if data is not None else None
