"""How often the same visitor may try, for doors that stand open to everybody. Counted in the cache, by the minute."""

import hashlib

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

from core import clock


def within(limit: int, *parts: object) -> bool:
    """Counts one more try of this kind in this minute; False once there were more than `limit`."""
    minute = int(clock.now().timestamp() // 60)
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:32]
    key = f"tries:{digest}:{minute}"
    if cache.add(key, 1, 120):
        return limit >= 1
    try:
        return cache.incr(key) <= limit
    except ValueError:  # it was forgotten between the two lines
        return True


def visitor(request: HttpRequest) -> str:
    """The address that the request came from (behind `TRUSTED_PROXIES` proxies of ours)."""
    return get_adapter().get_client_ip(request)
