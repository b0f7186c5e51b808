from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts import limits

TOKEN_A_MINUTE = 12_000  # for programs that work; it stops a loop gone mad
NOBODY_A_MINUTE = 60  # without a token: the schema, and guesses


class TokenThrottle(BaseThrottle):
    """Counts by the minute: one number in the cache, whatever the rate."""

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.user.is_authenticated:
            return limits.within(TOKEN_A_MINUTE, "api", request.user.pk)
        return limits.within(NOBODY_A_MINUTE, "api", limits.visitor(request))

    def wait(self) -> float:
        return 60
