"""What `check --deploy` says of an installation beyond Django's own checks."""

from typing import Any

from django.conf import settings
from django.core.checks import Tags, Warning, register

OF_ONE_PROCESS = ("LocMemCache", "DummyCache", "FileBasedCache")


@register(Tags.security, deploy=True)
def limits_are_shared(**kwargs: Any) -> list[Warning]:
    """Counted in each process, a limit of three tries is one of three tries for every process there is."""
    if not settings.CACHES["default"]["BACKEND"].endswith(OF_ONE_PROCESS):
        return []
    return [
        Warning(
            "CACHE_URL names a cache that web processes do not share: limits on log-ins and API calls are counted in"
            " each of them, and a one-time code can be used once in each.",
            hint="Leave CACHE_URL empty (they are then counted in the database), or name a cache that all share.",
            id="core.W001",
        )
    ]
