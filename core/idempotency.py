"""A creating POST sent twice (a double click, a lost answer, a retry) happens once.

The key's row is written first, in a transaction of its own: of two at once, one inserts and the other
finds it there. That it was done is written by the very transaction that did it: a process that dies before it has
answered leaves a key that is never carried out again.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction

from core import clock
from core.db import ending_with, refuse
from core.models import IdempotencyKey

ABANDONED_AFTER = dt.timedelta(minutes=2)  # the process that held the key died
ANSWERED_WITHIN = dt.timedelta(seconds=10)  # once it is done, only the answer is missing
FORGOTTEN_AFTER = dt.timedelta(days=2)


def fingerprint_of(method: str, path: str, body: bytes) -> str:
    return hashlib.sha256(b"\n".join([method.encode(), path.encode(), body])).hexdigest()


def claim(user_id: int, key: str, fingerprint: str) -> tuple[IdempotencyKey, bool]:
    """The key's row, and whether the request is ours to carry out.

    Refuses with `key_reused` when the same key came with another request, `busy` while the first is still under way,
    and `already_done` when it was carried out and its answer is lost.
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
    if row.done_at is not None and row.done_at < clock.now() - ANSWERED_WITHIN:
        raise refuse(
            "C’est déjà fait, mais la réponse s’est perdue. Rechargez la page pour voir où en sont les choses.",
            "already_done",
        )
    taken_over = IdempotencyKey.objects.filter(
        pk=row.pk,
        status__isnull=True,
        done_at__isnull=True,
        created_at=row.created_at,
        created_at__lt=clock.now() - ABANDONED_AFTER,
    ).update(created_at=clock.now())
    if not taken_over:
        raise refuse("Cette demande est déjà en cours. Attendez un instant.", "busy")
    return row, True


@contextmanager
def carrying_out(row: IdempotencyKey) -> Iterator[None]:
    """What is done within says so on the key's row, in the same transaction."""

    def note_that_it_is_done() -> None:
        IdempotencyKey.objects.filter(pk=row.pk).update(done_at=clock.now())

    with ending_with(note_that_it_is_done):
        yield


def finish(row: IdempotencyKey, *, status: int, answer: Any = None, location: str = "") -> None:
    IdempotencyKey.objects.filter(pk=row.pk).update(status=status, answer=answer, location=location)


def release(row: IdempotencyKey) -> None:
    """The request was refused, and whoever sent it is told so: the same key may be tried again."""
    row.delete()


def give_up(row: IdempotencyKey) -> None:
    """Something broke, and nobody is told what was done: the same key may be tried again if that was nothing."""
    IdempotencyKey.objects.filter(pk=row.pk, done_at__isnull=True).delete()


def forget_old() -> int:
    return IdempotencyKey.objects.filter(created_at__lt=clock.now() - FORGOTTEN_AFTER).delete()[0]
