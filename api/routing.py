from typing import Any

from rest_framework.routers import SimpleRouter

from api.idempotency import Idempotent


class Router(SimpleRouter):
    """DRF's router; every viewset registered here honours `Idempotency-Key` on its POSTs."""

    def register(self, prefix: str, viewset: Any, basename: str | None = None) -> None:
        safe = type(
            viewset.__name__, (Idempotent, viewset), {"__doc__": viewset.__doc__, "__module__": viewset.__module__}
        )
        super().register(prefix, safe, basename)
