"""A spreadsheet that was sent waits for its confirmation, a day at most; only whoever sent it can go on with it."""

import datetime as dt
import re
import uuid
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from core import clock
from core.db import action
from core.files import store
from core.models import StoredFile

WAITS = dt.timedelta(days=1)
MEDIA_TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@action
def keep(content: bytes, *, name: str, platform_id: int, by: Any) -> StoredFile:
    extension = "xlsx" if content.startswith(b"PK") else "csv"
    stem = re.sub(r"[^\w .()-]", "_", name.rpartition(".")[0] or name)[:80] or "tableau"
    return store(
        content,
        kind=StoredFile.Kind.SHEET,
        name=f"{stem}.{extension}",
        media_type=MEDIA_TYPES[extension],
        platform_id=platform_id,
        by=by,
    )


def find(pk: uuid.UUID, *, platform_id: int, user: Any) -> StoredFile | None:
    """The sheet, if this person sent it for this platform less than a day ago."""
    return StoredFile.objects.filter(
        pk=pk,
        kind=StoredFile.Kind.SHEET,
        platform_id=platform_id,
        created_by_id=user.pk,
        created_at__gt=clock.now() - WAITS,
    ).first()


def content_of(stored: StoredFile) -> bytes:
    with stored.file.open("rb") as file:
        return file.read()


@action
def forget(stored: StoredFile) -> None:
    """The row goes now, its bytes once that is certain."""
    name = stored.file.name
    stored.delete()
    transaction.on_commit(lambda: default_storage.delete(name), robust=True)


def forget_old() -> int:
    """Those that nobody confirmed. Safe to run any number of times."""
    old = StoredFile.objects.filter(kind=StoredFile.Kind.SHEET, created_at__lte=clock.now() - WAITS)
    count = 0
    for stored in old[:500]:
        forget(stored)
        count += 1
    return count
