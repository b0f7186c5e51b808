"""`kill -9` of the web server, the worker and the database, in the middle of a stream of bookings.

What was acknowledged is there; what was not is absent or complete; mails go out as often as they should (one more for
a crash at most, and then with the same Message-ID); nobody has to do anything.
"""

import email
import json
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.core.servers import Smtp, serving
from tests.scripts.servers import Server

pytestmark = [pytest.mark.xdist_group("script/server"), pytest.mark.long]
PROGRAMS = 4
BETWEEN = 4.0  # seconds of the stream before and after each kill


class Stream:
    """Programs that book through the API, each its own days of its own cars, and note what they were told."""

    def __init__(self, server: Server, world: dict[str, Any]) -> None:
        self.server, self.world = server, world
        self.asked: set[str] = set()
        self.acknowledged: set[str] = set()
        self.refused: list[str] = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.book, args=(number,)) for number in range(PROGRAMS)]

    def __enter__(self) -> "Stream":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(30)

    def book(self, number: int) -> None:
        cars = self.world["vehicles"][number::PROGRAMS]
        people = self.world["participants"]
        for n in range(10_000):
            if self.over.is_set():
                return
            car, day = cars[n % len(cars)], n // len(cars)
            name = f"{number}-{n}"
            self.asked.add(name)
            wish = {
                "participant": people[n % len(people)],
                "vehicle": car,
                "starts_at": f"{2030 + day // 300}-{day // 25 % 12 + 1:02}-{day % 25 + 1:02}T09:00:00Z",
                "ends_at": f"{2030 + day // 300}-{day // 25 % 12 + 1:02}-{day % 25 + 1:02}T17:00:00Z",
                "destination": name,
            }
            self.post(name, wish)

    def post(self, name: str, wish: dict[str, Any]) -> None:
        request = urllib.request.Request(
            f"http://localhost:{self.server.port}/api/v1/bookings/",
            json.dumps(wish).encode(),
            {"Authorization": f"Bearer {self.world['token']}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                if answer.status == 201:
                    self.acknowledged.add(name)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429:
                self.refused.append(f"{name}: {error.code} {error.read()[:200]!r}")
            time.sleep(0.2)
        except OSError:
            time.sleep(0.2)  # nobody there; whether that one was carried out is not known here

    def goes_on(self, patience: float = 60) -> None:
        """Bookings are acknowledged again, and nobody did anything for it."""
        before, deadline = len(self.acknowledged), time.monotonic() + patience
        while len(self.acknowledged) < before + PROGRAMS:
            assert time.monotonic() < deadline, f"nothing is booked any more:\n{self.server.said()[-3000:]}"
            time.sleep(0.1)


def pids_of(server: Server, *words: str) -> list[int]:
    """The processes of this checkout whose command has these words, the oldest first."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(server.checkout) in command and all(word in command for word in words):
            found.append(int(process.name))
    return sorted(found)


def kill_web(server: Server) -> None:
    os.kill(pids_of(server, "granian")[0], signal.SIGKILL)


def kill_one_web_process(server: Server) -> None:
    """One of those that the web server keeps: they have the same command, and are younger."""
    os.kill(pids_of(server, "granian")[-1], signal.SIGKILL)


def kill_worker(server: Server) -> None:
    os.kill(pids_of(server, "celery", "worker")[0], signal.SIGKILL)


def kill_database(server: Server) -> None:
    data = Path(server.extra["VAR_DIR"]) / "postgres" / "data"
    os.kill(int((data / "postmaster.pid").read_text().split("\n", 1)[0]), signal.SIGKILL)


KILLS: list[Callable[[Server], None]] = [kill_worker, kill_web, kill_database, kill_one_web_process]


def asked(server: Server, verb: str) -> dict[str, Any]:
    answer = server.manage("shell", "-c", f"from tests.scripts import crash_world; crash_world.{verb}()")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout.strip().splitlines()[-1])


def settled(server: Server) -> dict[str, Any]:
    """How it stands once no mail waits any more."""
    deadline = time.monotonic() + 120
    while (told := asked(server, "tell"))["waiting"]:
        assert time.monotonic() < deadline, "mails still wait"
        time.sleep(1)
    return told


def test_what_was_acknowledged_survives_every_kill(server: Server, open_folder: Path) -> None:
    with serving(Smtp()) as smtp:
        host, port = smtp.server_address
        server.extra = {"EMAIL_URL": f"smtp://{host}:{port}", "VAR_DIR": str(open_folder / "var")}
        server.start()
        with Stream(server, asked(server, "open")) as stream:
            stream.goes_on()
            for kill in KILLS:
                time.sleep(BETWEEN)
                kill(server)
                stream.goes_on()
            time.sleep(BETWEEN)
        told = settled(server)
        received = Counter(str(email.message_from_bytes(mail)["Message-ID"]) for mail in smtp.received)

    there = told["bookings"]
    assert stream.refused == []
    assert len(stream.acknowledged) > 50
    assert stream.acknowledged <= set(there), "acknowledged, and lost"
    assert set(there) <= stream.asked
    assert {name for name, booking in there.items() if not booking["complete"]} == set()
    assert told["holds"] == len(there), "a hold without its loan"
    expected = {f"<remise-{booking['mail']}@" for booking in there.values()}
    assert {message.partition("@")[0] + "@" for message in received} == expected, "lost, or to nobody"
    assert sum(received.values()) - len(received) <= len(KILLS)
