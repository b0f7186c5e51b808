"""Bytes whose transaction was rolled back go after a day; what a row names, or what is not ours, never."""

import os
import time
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core import files, orphans, tasks
from core.models import StoredFile

NAME = "0b6f6dba-6a4f-4b3f-9c55-{:012d}.jpg"


def store(platform: Any) -> StoredFile:
    return files.store(b"bytes", kind="photo", name="photo.jpg", media_type="image/jpeg", platform_id=platform.pk)


def storage() -> Any:
    return StoredFile._meta.get_field("file").storage


def age(path: str, days: float) -> None:
    then = time.time() - days * 86_400
    os.utime(storage().path(path), (then, then))


def rolled_back(platform: Any) -> str:
    """The name of a file whose row never came to be."""
    name = ""

    def refused() -> None:
        nonlocal name
        with transaction.atomic():
            name = store(platform).file.name
            raise RuntimeError("a rule of the trade says no")

    with pytest.raises(RuntimeError):
        refused()
    return name


def put(folder: str, name: str, days: float = 2) -> str:
    path = storage().save(f"{folder}/{name}", ContentFile(b"bytes"))
    age(path, days)
    return path


def test_what_a_transaction_left_behind_goes_after_a_day(platform: Any) -> None:
    left = rolled_back(platform)
    assert tasks.remove_orphans() == 0, "its row might still come"
    assert storage().exists(left)
    age(left, 2)
    assert tasks.remove_orphans() == 1
    assert not storage().exists(left)
    assert tasks.remove_orphans() == 0, "three schedulers do no more harm than one"


def test_what_a_row_names_stays(platform: Any) -> None:
    kept = store(platform)
    age(kept.file.name, 400)
    assert orphans.remove(every_month=True) == 0
    assert storage().exists(kept.file.name)


def test_a_second_file_under_the_id_of_a_row_goes(platform: Any) -> None:
    """An action that was tried again with the same id: only the file that its row names is kept."""
    kept = store(platform)
    twin = put(kept.file.name.rpartition("/")[0], f"{kept.pk}.jpg")
    assert twin != kept.file.name
    assert orphans.remove() == 1
    assert storage().exists(kept.file.name)


@pytest.mark.parametrize("name", ["lisezmoi.txt", "photo.jpg", "0b6f6dba.jpg", "demo-clock"])
def test_what_is_not_ours_is_left_alone(platform: Any, name: str) -> None:
    [folder] = orphans.recent_folders()[-1:]
    path = put(folder, name)
    elsewhere = put("other", NAME.format(1))
    assert orphans.remove(every_month=True) == 0
    assert storage().exists(path)
    assert storage().exists(elsewhere)


def test_older_months_are_looked_at_when_asked(platform: Any, capsys: Any) -> None:
    old = put("2020/03", NAME.format(1), days=2000)
    assert orphans.remove() == 0
    call_command("remove_orphans", "--all", "--dry-run")
    assert capsys.readouterr().out == "1 files would be removed.\n"
    assert storage().exists(old)
    call_command("remove_orphans", "--all")
    assert capsys.readouterr().out == "1 files were removed.\n"
    assert not storage().exists(old)


def test_queries_do_not_grow_with_the_files_but_by_the_thousand(platform: Any, monkeypatch: Any) -> None:
    [folder] = orphans.recent_folders()[-1:]
    names = [NAME.format(n) for n in range(2500)]
    monkeypatch.setattr(orphans, "listed", lambda storage, wanted: ([], names if wanted == folder else []))
    monkeypatch.setattr(orphans, "is_old", lambda storage, path: True)
    with CaptureQueriesContext(connection) as asked:
        assert orphans.remove(pretend=True) == 2500
    assert len(asked) == 3


def test_a_file_that_another_sweep_removed_meanwhile_harms_nobody(platform: Any, monkeypatch: Any) -> None:
    [folder] = orphans.recent_folders()[-1:]
    monkeypatch.setattr(orphans, "listed", lambda storage, wanted: ([], [NAME.format(1)] if wanted == folder else []))
    assert orphans.remove() == 0
