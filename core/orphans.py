"""Files that no row names: a transaction that stored them was rolled back, or a process died before it committed.

A file is written before its row commits, so a young one may still get its row: only what is older than a day goes.
Only names that Remise itself gives are looked at (`2026/03/<id of the row>.jpg`): whatever else lies in the folder or
in the bucket is somebody else's. Works with every storage that can list a folder.
"""

import datetime as dt
import logging
import re
from collections.abc import Iterator

from django.core.files.storage import Storage
from django.utils import timezone

from core import clock
from core.models import StoredFile

log = logging.getLogger(__name__)

OLD = dt.timedelta(days=1)  # no transaction of ours lives so long
AT_ONCE = 1000  # names that are asked of the database in one query
OURS = re.compile(r"(?P<id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(_\w{7})?\.\w+")
YEAR, MONTH = re.compile(r"[0-9]{4}"), re.compile(r"[0-9]{2}")


def remove(*, every_month: bool = False, pretend: bool = False) -> int:
    """How many went (or would have, if we `pretend`). Without `every_month`, of this month and the one before."""
    storage = StoredFile._meta.get_field("file").storage
    count = 0
    for folder in every_folder(storage) if every_month else recent_folders():
        for name in orphans(storage, folder):
            count += 1
            if not pretend:
                storage.delete(name)
    if count and not pretend:
        log.info("%s files that no row named were removed", count)
    return count


def orphans(storage: Storage, folder: str) -> Iterator[str]:
    """One listing of the folder, one query for a thousand names, and a look at the date of those that have no row."""
    names = [name for name in listed(storage, folder)[1] if OURS.fullmatch(name)]
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        rows = StoredFile.objects.filter(pk__in=[OURS.fullmatch(name)["id"] for name in some])  # type: ignore[index]
        named = set(rows.values_list("file", flat=True))
        for name in some:
            path = f"{folder}/{name}"
            if path not in named and is_old(storage, path):
                yield path


def is_old(storage: Storage, path: str) -> bool:
    """By the true clock, which the demo does not move."""
    try:
        return storage.get_modified_time(path) < clock.true_now() - OLD
    except FileNotFoundError:  # another sweep was faster
        return False


def listed(storage: Storage, folder: str) -> tuple[list[str], list[str]]:
    try:
        return storage.listdir(folder)
    except FileNotFoundError:  # nothing was stored that month
        return [], []


def recent_folders() -> list[str]:
    """Each sweep looks at two months, so that it costs the same however many years are kept."""
    today = timezone.localdate(clock.true_now())
    return sorted({f"{day:%Y/%m}" for day in (today, today.replace(day=1) - dt.timedelta(days=1))})


def every_folder(storage: Storage) -> Iterator[str]:
    for year in filter(YEAR.fullmatch, sorted(listed(storage, "")[0])):
        for month in filter(MONTH.fullmatch, sorted(listed(storage, year)[0])):
            yield f"{year}/{month}"
