from celery import shared_task
from django.core.cache import cache

from core import idempotency, orphans, outbox, waiting_sheets


@shared_task(name="core.sweep_outbox")
def sweep_outbox() -> int:
    return outbox.sweep()


@shared_task(name="core.forget_old_keys")
def forget_old_keys() -> int:
    return idempotency.forget_old()


@shared_task(name="core.forget_old_sheets")
def forget_old_sheets() -> int:
    return waiting_sheets.forget_old()


@shared_task(name="core.forget_old_counts")
def forget_old_counts() -> int:
    """Where another cache is named, it forgets by itself."""
    return getattr(cache, "forget_old", int)()


@shared_task(name="core.remove_orphans")
def remove_orphans() -> int:
    return orphans.remove()
