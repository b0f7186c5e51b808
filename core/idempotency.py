"""A creating POST sent twice (a double click, a lost answer, a retry) happens once.

The key's row is written first, in a transaction of its own: of two at once, one inserts and the other
finds it there.
"""

import datetime as dt
import hashlib
from typing import Any

from django.db import IntegrityError, transaction

from core import clock
from core.db import refuse
from core.models import IdempotencyKey

ABANDONED_AFTER = dt.timedelta(minutes=2)  # the process that held the key died
FORGOTTEN_AFTER = dt.timedelta(days=2)


def fingerprint_of(method: str, path: str, body: bytes) -> str:
    return hashlib.sha256(b"\n".join([method.encode(), path.encode(), body])).hexdigest()


def claim(user_id: int, key: str, fingerprint: str) -> tuple[IdempotencyKey, bool]:
    """The key's row, and whether the request is ours to carry out.

    Refuses with `key_reused` when the same key came with another request, and `busy` while the first is
    still under way.
    """
    row = None
    while row is None:  # found there and released before we looked: then it is ours after all
        try:
            with transaction.atomic():
                return IdempotencyKey.objects.create(user_id=user_id, key=key, fingerprint=fingerprint), True
        except IntegrityError:
            row = IdempotencyKey.objects.filter(user_id=user_id, key=key).first()
    if row.fingerprint != fingerprint:
        raise refuse("Cette clé d’idempotence a déjà servi pour une autre demande.", "key_reused")
    if row.status is not None:
        return row, False
    taken_over = IdempotencyKey.objects.filter(
        pk=row.pk,
        status__isnull=True,
        created_at=row.created_at,
        created_at__lt=clock.now() - ABANDONED_AFTER,
    ).update(created_at=clock.now())
    if not taken_over:
        raise refuse("Cette demande est déjà en cours. Attendez un instant.", "busy")
    return row, True


def finish(row: IdempotencyKey, *, status: int, answer: Any = None, location: str = "") -> None:
    IdempotencyKey.objects.filter(pk=row.pk).update(status=status, answer=answer, location=location)


def release(row: IdempotencyKey) -> None:
    """The request failed for a reason that may pass: the same key may be tried again."""
    row.delete()


def forget_old() -> int:
    return IdempotencyKey.objects.filter(created_at__lt=clock.now() - FORGOTTEN_AFTER).delete()[0]
