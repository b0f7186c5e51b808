"""How often the same visitor may try, for doors that stand open to everybody.

Counted by the minute in the cache, which all processes share. A large limit, of a program that works, is not worth a
statement for each call: every process tells the others after a hundredth of it, so that it is exact but for so much.
"""

import hashlib
import ipaddress
import threading

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

from core import clock

TOLD_AFTER = 100  # the part of a limit that a process may count for itself
KEPT = 120  # seconds


def within(limit: int, *parts: object) -> bool:
    """Counts one more try of this kind in this minute; False once there were more than `limit`."""
    minute = int(clock.now().timestamp() // 60)
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:32]
    return _tally.tries(f"tries:{digest}:{minute}", minute, at_once=max(1, limit // TOLD_AFTER)) <= limit


class Tally:
    """What this process has counted in this minute and not told the others, and what all had counted by then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._untold: dict[str, int] = {}
        self._told: dict[str, int] = {}

    def tries(self, key: str, minute: int, at_once: int) -> int:
        if at_once == 1:
            return counted(key, 1)
        with self._lock:
            if minute != self._minute:
                self._minute, self._untold, self._told = minute, {}, {}
            mine = self._untold.get(key, 0) + 1
            tell = mine >= at_once
            self._untold[key] = 0 if tell else mine
            known = self._told.get(key, 0) + mine
        if tell:
            known = counted(key, mine)
            with self._lock:
                self._told[key] = max(known, self._told.get(key, 0))
        return known


def counted(key: str, more: int) -> int:
    """How many there are with these, of all processes."""
    if tally := getattr(cache, "tally", None):
        return tally(key, more, KEPT)
    try:
        return cache.incr(key, more)
    except ValueError:  # the first of this minute
        if cache.add(key, more, KEPT):
            return more
    try:
        return cache.incr(key, more)  # somebody else was the first
    except ValueError:  # and it was forgotten between the two lines
        return more


_tally = Tally()


def visitor(request: HttpRequest) -> str:
    """Where the request came from (behind `TRUSTED_PROXIES` proxies of ours). Of IPv6 the network: a visitor has all
    its addresses."""
    address = get_adapter().get_client_ip(request)
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((address, 64), strict=False)) if known.version == 6 else address
