"""The environment of everything that runs on this computer, and the command line that gives it to a command.

`var/environment` holds what belongs to this installation, one KEY=value a line: the secret key made at the
first start, whether this is a demo, and whatever its owner adds (EMAIL_URL, PUBLIC_URL…). What the shell says
wins over it.

    python -m core.environment COMMAND…          with the database that serves, started if it is not running
    python -m core.environment --test COMMAND…   with a throw-away one, and nothing of this installation's

With DATABASE_URL set, that database is taken instead. `--binaries FOLDER`, after `--test`, takes the server
programs of another PostgreSQL.
"""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from core.local_postgres import FORGETFUL, LocalPostgres, write_secret
from core.problem import Problem

BASE_DIR = Path(__file__).resolve().parent.parent
HEADER = "# What belongs to this installation, one KEY=value a line; docs/deployment.md lists the keys."


def var_dir() -> Path:
    return Path(os.environ.get("VAR_DIR") or BASE_DIR / "var").absolute()


def settled() -> dict[str, str]:
    """The shell's environment over `var/environment` over what a computer alone needs."""
    var = prepare_var()
    kept = read(var / "environment")
    if not (os.environ.get("SECRET_KEY") or kept.get("SECRET_KEY")):
        kept["SECRET_KEY"] = secrets.token_urlsafe(50)
        keep("SECRET_KEY", kept["SECRET_KEY"])
    given = {**kept, **{name: value for name, value in os.environ.items() if value}}
    return {name: value for name, value in given.items() if value} | {"VAR_DIR": str(var)}


def throw_away() -> dict[str, str]:
    """For tests: the same whatever this installation's owner has written into `var/environment`."""
    os.environ["VAR_DIR"] = str(BASE_DIR / "var" / "test")
    ours = {"VAR_DIR": str(prepare_var()), "SECRET_KEY": "only for tests", "DB_POOLED": "false"}
    return {**os.environ, **ours}


def prepare_var() -> Path:
    """`var/` and its folders: for nobody else's eyes, though root's database user must pass through."""
    var = var_dir()
    try:
        if not var.exists():
            var.mkdir(parents=True)
            var.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for name in ("files", "broker", "broker/queue", "broker/control", "broker/processed"):
            (var / name).mkdir(exist_ok=True)
            (var / name).chmod(0o700)
    except PermissionError:
        raise of_another(var) from None
    return var


def read(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    except PermissionError:
        raise of_another(path) from None
    pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def of_another(path: Path) -> Problem:
    return Problem(f"{path} belongs to another user: start Remise as that user, or chown the folder.")


def keep(name: str, value: str) -> None:
    """Writes one key into `var/environment`; its owner's lines and comments stay."""
    path = var_dir() / "environment"
    lines = path.read_text().splitlines() if path.exists() else [HEADER]
    lines = [line for line in lines if line.partition("=")[0].strip() != name]
    write_secret(path, "\n".join([*lines, f"{name}={value}", ""]))


@contextlib.contextmanager
def database(environment: dict[str, str], server: LocalPostgres | None = None) -> Iterator[LocalPostgres | None]:
    """Sets DATABASE_URL where nobody did, to a server of our own that runs while the block does."""
    if environment.get("DATABASE_URL"):
        yield None
        return
    server = server or LocalPostgres(Path(environment["VAR_DIR"]) / "postgres")
    with server.in_use() as url:
        environment["DATABASE_URL"] = url
        environment["PATH"] = f"{environment.get('PATH', os.defpath)}:{server.binaries}"  # psql, for dbshell
        yield server


def main(arguments: list[str]) -> int:
    server = None
    try:
        if arguments[:1] == ["--test"]:
            environment, arguments = throw_away(), arguments[1:]
            server, arguments = test_server(Path(environment["VAR_DIR"]), arguments)
        else:
            # A command's links lead to the server that runs beside it.
            environment = read(var_dir() / "server") | settled()
        with database(environment, server) as ours:
            if ours:
                ours.see(None)  # whatever the command does to the data, the next start looks at them
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command hears it too, and decides
            command = subprocess.Popen(arguments, env=environment, preexec_fn=_hear_interrupts)
            signal.signal(signal.SIGTERM, lambda *_: command.terminate())
            return command.wait()
    except Problem as problem:
        sys.stderr.write(f"{problem}\n")
        return 1


def test_server(var: Path, arguments: list[str]) -> tuple[LocalPostgres, list[str]]:
    """One that never waits for the disk."""
    if arguments[:1] != ["--binaries"]:
        return LocalPostgres(var / "postgres", settings=FORGETFUL), arguments
    binaries = Path(arguments[1])
    return LocalPostgres(var / f"postgres-{binaries.parent.name}", binaries, FORGETFUL), arguments[2:]


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
