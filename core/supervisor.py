"""What `script/server` runs: the database, the web server, Celery's worker and its scheduler, as one thing.

    python -m core.supervisor [--no-demo]

They start in that order and stop in the other. What dies is started again, the database too; what dies again
and again stops the whole. Ctrl-C and SIGTERM stop everything, children of children included. Should the
supervisor itself be killed, the kernel tells its children to end (Linux), and the next start takes over the
database that stayed.
"""

import contextlib
import ctypes
import errno
import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.environment import BASE_DIR, database, keep, settled, var_dir
from core.local_postgres import LocalPostgres, write_secret
from core.problem import Problem

SECONDS_TO_ANSWER = 180  # a busy computer; a server that dies is noticed at once
SECONDS_TO_STOP = 10
DEATHS_ALLOWED, WITHIN = 3, 60  # seconds
TOO_LITTLE = 1024 * 1024  # bytes of free disk, with which nothing can go on
EMPTY = 3  # the status of `manage.py prepare` when there is no platform yet
PDEATHSIG = 1  # prctl's PR_SET_PDEATHSIG


@dataclass
class Process:
    """A child in a session of its own, so that a Ctrl-C reaches the supervisor alone."""

    name: str
    command: list[str]
    environment: dict[str, str]
    child: subprocess.Popen | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self) -> None:
        self.child = subprocess.Popen(
            self.command,
            cwd=BASE_DIR,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )

    def is_running(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def revive(self) -> None:
        now = time.monotonic()
        self.deaths = [death for death in self.deaths if now - death < WITHIN] + [now]
        if len(self.deaths) > DEATHS_ALLOWED:
            is_full = shutil.disk_usage(var_dir()).free < TOO_LITTLE
            raise Problem(no_room() if is_full else f"The {self.name} keeps stopping; the lines above say why.")
        say(f"The {self.name} stopped (status {self.child.returncode}); starting it again.")
        self.kill_rest()
        self.start()

    def ask_to_stop(self) -> None:
        if self.is_running():
            self.child.terminate()

    def wait_for_end(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.child.wait(SECONDS_TO_STOP)
        self.kill_rest()
        self.child.wait()

    def kill_rest(self) -> None:
        """What is left of the child and its children: they share its session."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)


def end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGTERM)


class Stopped(Exception):
    """Somebody asked for the end."""


@dataclass
class Address:
    bind: str
    port: int
    public: str

    @classmethod
    def of(cls, environment: dict[str, str]) -> "Address":
        port = environment.get("PORT", "8000")
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise Problem(f"PORT={port} is no port: give a number from 1 to 65535, for example PORT=8123.")
        bind = environment.get("BIND", "127.0.0.1")
        public = environment.get("PUBLIC_URL") or f"http://localhost:{port}"
        return cls(bind, int(port), public)

    def must_be_free(self, patience: float = 0) -> None:
        """`patience`, in seconds, is for the processes of a killed run, which are about to end."""
        family = socket.AF_INET6 if ":" in self.bind else socket.AF_INET
        deadline = time.monotonic() + patience
        while True:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    return probe.bind((self.bind, self.port))
                except OSError as error:
                    if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                        raise Problem(self._why_not(error)) from None
            time.sleep(0.1)

    def _why_not(self, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            other = self.port + 1 if self.port < 65535 else 8000
            return (
                f"Port {self.port} is taken by another program: stop it, or choose another port: "
                f"PORT={other} script/server"
            )
        if error.errno == errno.EACCES:
            return f"Port {self.port} is for root: choose one above 1023, and a reverse proxy in front of it."
        return f"Remise cannot listen on {self.bind}, port {self.port}: {error.strerror}. See BIND and PORT."

    def answer(self) -> int | None:
        """The status of /readyz, asked as a proxy would: perhaps only the public name is an allowed host."""
        here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.bind, self.bind)
        host = f"[{here}]" if ":" in here else here
        public = urllib.parse.urlsplit(self.public)
        headers = {"Host": public.netloc, "X-Forwarded-Proto": public.scheme}
        request = urllib.request.Request(f"http://{host}:{self.port}/readyz", headers=headers)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None


@dataclass
class Supervisor:
    environment: dict[str, str]
    address: Address
    demo: bool
    postgres: LocalPostgres | None = None
    processes: list[Process] = field(default_factory=list)

    def run(self) -> None:
        self.prepare()
        web = self.start("web server", web_command(self.address, self.environment))
        self.wait_for_answer(web)
        self.start("worker", celery_command("worker", *THREADS, *QUIET))
        self.start("scheduler", celery_command("beat", "--pidfile="))
        self.greet()
        while True:
            time.sleep(1)
            if self.postgres and self.postgres.pid() is None:
                say("The database stopped; starting it again.")
                self.postgres.revive()
            for process in self.processes:
                if not process.is_running():
                    process.revive()

    def prepare(self) -> None:
        """Skipped where our own database has seen this very code, and no command since: it takes seconds."""
        if self.postgres and self.postgres.seen() == fingerprint():
            return
        status = self.manage("prepare")
        if status == EMPTY and self.demo and "DEMO" not in self.environment:
            keep("DEMO", "true")  # for script/manage too
            self.environment["DEMO"] = "true"
        if status == EMPTY and self.demo and self.is_demo():
            say("Loading the demo…")
            status = self.manage("demo")
        elif status == EMPTY:
            say("No platform yet: script/manage create_platform NAME --coordinator EMAIL")
        if status not in (0, EMPTY):
            raise Problem("Remise's data could not be prepared; the lines above say why.")
        if self.postgres and status == 0:
            self.postgres.see(fingerprint())

    def is_demo(self) -> bool:
        return self.environment.get("DEMO", "").lower() in ("true", "1", "on", "yes")

    def manage(self, *words: str) -> int:
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(
            command, cwd=BASE_DIR, env=self.environment, stdin=subprocess.DEVNULL, start_new_session=True
        ).returncode

    def start(self, name: str, command: list[str]) -> Process:
        process = Process(name, command, {**self.environment, **SILENCED})
        process.start()
        self.processes.append(process)
        return process

    def wait_for_answer(self, web: Process) -> None:
        deadline = time.monotonic() + SECONDS_TO_ANSWER
        while (answer := self.address.answer()) != 200:
            if not web.is_running() or answer == 500:
                raise Problem("The web server does not start; the lines above say why.")
            if answer == 400:
                name = urllib.parse.urlsplit(self.address.public).hostname
                raise Problem(f"ALLOWED_HOSTS does not name {name}, the host of PUBLIC_URL: add it there.")
            if time.monotonic() > deadline:
                raise Problem(f"No answer on port {self.address.port} after {SECONDS_TO_ANSWER} seconds.")
            time.sleep(0.05)

    def greet(self) -> None:
        say(f"\nRemise answers at {self.address.public}/\n")
        if self.is_demo():
            self.manage("demo", "--logins")
        say("Ctrl-C stops it.")

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.ask_to_stop()
        for process in reversed(self.processes):
            process.wait_for_end()


SILENCED = {"PYTHONWARNINGS": "ignore:You're running the worker"}  # as root; docs/deployment.md says it better
THREADS = ("--pool", "threads", "--concurrency", "4")  # its work is waiting for others
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat", "-n", "remise@%h")


def web_command(address: Address, environment: dict[str, str]) -> list[str]:
    """As many threads as the process's pool has connections, so that none waits for one."""
    options = {
        "--interface": "wsgi",
        "--host": address.bind,
        "--port": str(address.port),
        "--workers": environment.get("WEB_WORKERS", "2"),
        "--blocking-threads": environment.get("DB_POOL", "8"),
        "--workers-kill-timeout": "8",
        "--log-level": "error",
    }
    words = [word for option in options.items() for word in option]
    return [sys.executable, "-m", "granian", *words, "--respawn-failed-workers", "config.wsgi:application"]


def celery_command(*words: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "config", "--quiet", *words, "--loglevel", "WARNING"]


@contextlib.contextmanager
def only_one(environment: dict[str, str], address: Address) -> Iterator[bool]:
    """One server a folder: two would share a broker and a scheduler's file. True if the last was killed."""
    place = Path(environment["VAR_DIR"]) / "server"
    with place.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = place.read_text().strip().partition("=")[2] if place.exists() else "another port"
            raise Problem(
                f"Remise already runs from this folder, at {where}: stop that one first, or use a second "
                "checkout for a second Remise."
            ) from None
        was_killed = place.exists()
        write_secret(place, f"PUBLIC_URL={address.public}\n")
        try:
            yield was_killed
        finally:
            place.unlink(missing_ok=True)


def fingerprint() -> str:
    """Of all that `manage.py prepare` looks at, and of the packages: each file's name, size and time."""
    files = [BASE_DIR / "requirements.txt", BASE_DIR / "config" / "settings.py", var_dir() / "static" / ".collected"]
    found = hashlib.sha256()
    for file in [*files, *sorted(BASE_DIR.glob("*/migrations/*.py")), *sorted(BASE_DIR.glob("*/static/**/*"))]:
        with contextlib.suppress(FileNotFoundError):
            status = file.stat()
            found.update(f"{file} {status.st_size} {status.st_mtime_ns}\n".encode())
    return found.hexdigest()


def forget_calls(broker: Path) -> None:
    """Wake-up calls of an earlier run, perhaps half written: the sweep finds what they were for."""
    for message in (*broker.glob("queue/*"), *broker.glob("processed/*")):
        message.unlink(missing_ok=True)


def no_room() -> str:
    return f"The disk that holds {var_dir()} is full: free at least 300 MB, then start again."


def say(words: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(words + "\n")
        sys.stdout.flush()


def interrupted(*_: object) -> None:
    for order in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(order, signal.SIG_IGN)  # once is enough; stopping takes its time
    raise Stopped


def main(arguments: list[str]) -> int:
    unknown = [word for word in arguments if word != "--no-demo"]
    if unknown:
        say(f"Unknown: {' '.join(unknown)}. Usage: [PORT=8000] script/server [--no-demo]")
        return 2
    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGTERM, interrupted)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means it
        signal.signal(signal.SIGHUP, interrupted)
    try:
        serve(demo="--no-demo" not in arguments)
    except Stopped:
        say("Remise has stopped.")
        return 0
    except Problem as problem:
        say(str(problem))
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        say(no_room())
        return 1
    return 0


def serve(*, demo: bool) -> None:
    environment = settled()
    address = Address.of(environment)
    environment |= {"PUBLIC_URL": address.public}
    with only_one(environment, address) as last_was_killed:
        address.must_be_free(patience=SECONDS_TO_STOP if last_was_killed else 0)
        forget_calls(Path(environment["VAR_DIR"]) / "broker")
        with database(environment) as postgres:
            supervisor = Supervisor(environment, address, demo, postgres)
            try:
                supervisor.run()
            finally:
                supervisor.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
