"""A backup is what a restore gives back: every row, constraint, trigger and sequence, and every file."""

import errno
import io
import json
import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from core import backup, environment
from core.problem import Problem

SHAPE = """
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger
               WHERE NOT tgisinternal
    UNION ALL SELECT 'sequence', sequencename, last_value::text, increment_by::text FROM pg_sequences
    UNION ALL SELECT 'extension', extname, '', '' FROM pg_extension
    ORDER BY 1, 2, 3, 4
"""
# PostgreSQL spells the casts in an IN (…) otherwise once it has read its own words again.
RESPELT = re.compile(r"::(text|character varying)(\[\])?|[()]")


def restored() -> str:
    """The name of a second database, one for each process of the tests."""
    return f"{connection.settings_dict['NAME']}_restored"


def url_of(database: str) -> str:
    parts = {"dbname": database}
    for name, key in {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}.items():
        if connection.settings_dict[name]:
            parts[key] = str(connection.settings_dict[name])
    return psycopg.conninfo.make_conninfo(**parts)


def content(database: str) -> tuple[list, dict[str, tuple]]:
    with psycopg.connect(url_of(database)) as reader:
        shape = [[RESPELT.sub("", str(word)) for word in line] for line in reader.execute(SHAPE).fetchall()]
        tables = reader.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = "SELECT count(*), md5(string_agg(t::text, '\n' ORDER BY t::text)) FROM {} t"
        return shape, {
            table: reader.execute(sql.SQL(rows).format(sql.Identifier(table))).fetchone() for (table,) in tables
        }


@pytest.fixture
def here(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """This test's database and files, as script/backup finds them."""
    (tmp_path / "here" / "files" / "2026").mkdir(parents=True)
    (tmp_path / "here" / "files" / "2026" / "éraflure.jpg").write_bytes(os.urandom(3000))
    return {
        "DATABASE_URL": url_of(connection.settings_dict["NAME"]),
        "VAR_DIR": str(tmp_path / "here"),
        "SECRET_KEY": "the key that signed the printed codes",
    }


@pytest.fixture
def there(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A new, empty installation."""
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "there"))
    environment.prepare_var()
    environment.keep("SECRET_KEY", "another")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {restored()}")
        cursor.execute(f"CREATE DATABASE {restored()} TEMPLATE template0")
    yield {
        "DATABASE_URL": url_of(restored()),
        "VAR_DIR": str(tmp_path / "there"),
        "SECRET_KEY": "another",
    }
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {restored()}")


def files_in(var: str) -> dict[str, bytes]:
    folder = Path(var) / "files"
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_what_is_restored_is_what_was_backed_up(
    here: dict[str, str], there: dict[str, str], tmp_path: Path, driss: object
) -> None:
    archive = tmp_path / "sauvegarde du soir.tar"
    assert "1 file," in backup.back_up(archive, here)
    assert archive.stat().st_mode & 0o077 == 0
    backup.restore(archive, there, replace=False)

    before, after = content(connection.settings_dict["NAME"]), content(restored())
    assert before[0] == after[0]
    assert before[1] == after[1]
    assert after[1]["accounts_platform"][0] == 1
    assert files_in(here["VAR_DIR"]) == files_in(there["VAR_DIR"]) != {}
    kept = environment.read(Path(there["VAR_DIR"]) / "environment")
    assert kept["SECRET_KEY"] == here["SECRET_KEY"]


def test_what_is_stored_and_forgotten_meanwhile_does_no_harm(
    here: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A photo that the dump knows is in the archive; one that goes while the archive is written stops nothing."""
    files = Path(here["VAR_DIR"]) / "files"
    dump, add_words = backup.Database.dump, backup.add_words

    def dump_late(database: backup.Database, file: Path) -> None:
        (files / "during.jpg").write_bytes(b"during")
        (files / "gone.jpg").write_bytes(b"gone")
        dump(database, file)

    def forget(*words: object) -> None:
        (files / "gone.jpg").unlink(missing_ok=True)
        add_words(*words)

    monkeypatch.setattr(backup.Database, "dump", dump_late)
    monkeypatch.setattr(backup, "add_words", forget)
    backup.back_up(tmp_path / "a.tar", here)
    with tarfile.open(tmp_path / "a.tar") as tar:
        assert [name for name in tar.getnames() if name.startswith("files/")] == [
            "files/2026/éraflure.jpg",
            "files/during.jpg",
        ]


def test_data_that_is_there_is_replaced_only_when_asked(
    here: dict[str, str], there: dict[str, str], tmp_path: Path, driss: object
) -> None:
    archive = tmp_path / "a.tar"
    backup.back_up(archive, here)
    with psycopg.connect(there["DATABASE_URL"], autocommit=True) as writer:
        writer.execute("CREATE TABLE precious AS SELECT 1")
    (Path(there["VAR_DIR"]) / "files" / "old.jpg").write_bytes(b"old")
    with pytest.raises(Problem, match=r"There is data here already\. .* --replace"):
        backup.restore(archive, there, replace=False)
    assert "precious" in content(restored())[1]

    backup.restore(archive, there, replace=True)
    assert content(restored()) == content(connection.settings_dict["NAME"])
    assert [file.read_bytes() for file in Path(there["VAR_DIR"]).glob("files.before-*/old.jpg")] == [b"old"]


def test_a_backup_never_overwrites_one(here: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_text("yesterday's")
    with pytest.raises(Problem, match="exists already"):
        backup.back_up(tmp_path / "a.tar", here)
    assert (tmp_path / "a.tar").read_text() == "yesterday's"


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (errno.ENOENT, r"There is no folder .*: make it first"),
        (errno.EACCES, r"is not this user's to write: name another folder"),
        (errno.ENOSPC, r"The disk is full: free some room, then try again; nothing has changed\."),
        (errno.EROFS, r"takes no file: .*Read-only"),
    ],
)
def test_why_an_archive_cannot_be_written_is_said_in_a_sentence(
    here: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int, why: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(backup, "add_words", refuse)
    with pytest.raises(Problem, match=why):
        backup.back_up(tmp_path / "a.tar", here)
    assert [path.name for path in tmp_path.iterdir() if path.name != "here"] == []


def test_a_full_disk_changes_nothing(
    here: dict[str, str], there: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup.back_up(tmp_path / "a.tar", here)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(backup.shutil, "copyfileobj", refuse)
    with pytest.raises(Problem, match="The disk is full"):
        backup.restore(tmp_path / "a.tar", there, replace=False)
    assert content(restored())[1] == {}


def test_files_in_a_bucket_stay_there(here: dict[str, str], tmp_path: Path) -> None:
    said = backup.back_up(tmp_path / "a.tar", here | {"FILES_URL": "s3://prets/photos"})
    assert "the files stay in s3://prets/photos" in said
    with tarfile.open(tmp_path / "a.tar") as tar:
        assert tar.getnames() == ["manifest.json", "secret_key", "database.dump"]


def archive_of(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, words in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(words)
            tar.addfile(member, io.BytesIO(words))
    return path


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"../outside": b"x"}, "no backup of Remise: it holds ../outside"),
        ({"manifest.json": json.dumps({"format": 99}).encode()}, "another format"),
        ({"letter.odt": b"x"}, "cannot be read as a backup"),
        ({"manifest.json": b'{"format": 1, "files": 0}', "database.dump": b"broken"}, "pg_restore failed"),
    ],
)
def test_what_is_no_backup_changes_nothing(
    there: dict[str, str], tmp_path: Path, members: dict[str, bytes], why: str
) -> None:
    with pytest.raises(Problem, match=why):
        backup.restore(archive_of(tmp_path / "a.tar", members), there, replace=True)
    assert not (tmp_path / "outside").exists()
    assert content(restored())[1] == {}
    assert [file.name for file in Path(there["VAR_DIR"]).iterdir() if file.name.startswith(".")] == []


def test_a_database_that_does_not_answer_is_said_in_a_sentence(here: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(Problem, match="The database does not answer"):
        backup.back_up(tmp_path / "a.tar", here | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"})
    assert list(tmp_path.glob("*.tar")) == []
