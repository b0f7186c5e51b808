"""Programs that use the API all at once: each a process with one connection, choosing at random what to do next.

What one made is left where the others find it (`Shared`), so that several change one loan at the same moment.
"""

import datetime as dt
import http.client
import json
import multiprocessing
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

UTC = dt.UTC
PATIENCE = 60  # seconds that a client waits for an answer
HOUR = dt.timedelta(hours=1)


@dataclass
class Attempt:
    """One request and what came of it; times are those of the machine's clock, in seconds."""

    verb: str
    asked: dict[str, Any]
    sent: float
    answered: float
    status: int  # 0: no answer at all
    code: str = ""
    row: int | None = None  # the id that the request named, or that its answer gave
    burst: int | None = None

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300


class Shared:
    """The ids of what was made lately, for all processes: the loans to change, what blocks a vehicle to lift."""

    def __init__(self, size: int = 400) -> None:
        context = multiprocessing.get_context("fork")
        self.loans = context.Array("q", size)
        self.jobs = context.Array("q", size)
        self.reserves = context.Array("q", size)

    @staticmethod
    def put(where: Any, number: int, rng: random.Random) -> None:
        where[rng.randrange(len(where))] = number

    @staticmethod
    def look(where: Any, rng: random.Random) -> int | None:
        return rng.choice([number for number in where[:] if number] or [None])

    @staticmethod
    def take(where: Any, rng: random.Random) -> int | None:
        """For what only one may lift."""
        with where.get_lock():
            places = [place for place, number in enumerate(where[:]) if number]
            if not places:
                return None
            place = rng.choice(places)
            number, where[place] = where[place], 0
            return number


@dataclass(frozen=True)
class Ground:
    """Where the clients of one scenario meet."""

    port: int
    vehicles: list[int]
    participants: list[int]
    tokens: list[str]
    first: dt.datetime
    days: int
    shared: Shared = field(default_factory=Shared)


class Client:
    def __init__(self, number: int, ground: Ground) -> None:
        self.ground = ground
        self.number = number
        self.rng = random.Random(f"client {number} of {len(ground.vehicles)}")
        self.headers = {
            "Authorization": f"Bearer {ground.tokens[number % len(ground.tokens)]}",
            "Content-Type": "application/json",
            "Host": f"127.0.0.1:{ground.port}",
        }
        self.line: http.client.HTTPConnection | None = None

    def post(self, verb: str, path: str, asked: dict[str, Any], row: int | None = None) -> tuple[Attempt, Any]:
        body = json.dumps(asked, default=dt.datetime.isoformat).encode()
        sent = time.time()
        try:
            status, raw = self.exchange(path, body)
        except (OSError, http.client.HTTPException):
            self.line = None
            return Attempt(verb, asked, sent, time.time(), 0, "no_answer", row), None
        attempt = Attempt(verb, asked, sent, time.time(), status, "", row)
        answer = json.loads(raw) if raw and raw[:1] in b"{[" else None
        if not attempt.succeeded:
            attempt.code = answer.get("code", "") if isinstance(answer, dict) else ""
            attempt.asked = {**asked, "answer": raw[:300].decode(errors="replace")}
        return attempt, answer

    def exchange(self, path: str, body: bytes) -> tuple[int, bytes]:
        if self.line is None:
            self.line = http.client.HTTPConnection("127.0.0.1", self.ground.port, timeout=PATIENCE)
        self.line.request("POST", f"/api/v1/{path}", body, self.headers)
        answer = self.line.getresponse()
        return answer.status, answer.read()

    # --- what a client may do ---------------------------------------------------------------------

    def slot(self) -> dict[str, dt.datetime]:
        """One to five days, beginning at a whole hour."""
        start = self.ground.first + self.rng.randrange(self.ground.days * 24) * HOUR
        return {"starts_at": start, "ends_at": start + self.rng.randrange(24, 120) * HOUR}

    def vehicle(self) -> int:
        return self.rng.choice(self.ground.vehicles)

    def book(self, wish: dict[str, Any] | None = None, burst: int | None = None) -> Attempt:
        if wish is None:
            wish = self.slot() | ({"vehicle": self.vehicle()} if self.rng.random() < 0.6 else {"kind": "car"})
        asked = wish | {"participant": self.rng.choice(self.ground.participants)}
        attempt, answer = self.post("book", "bookings/", asked)
        attempt.burst = burst
        if attempt.succeeded:
            attempt.row = answer["id"]
            self.ground.shared.put(self.ground.shared.loans, answer["id"], self.rng)
        return attempt

    def change(self, verb: str, asked: Callable[[], dict[str, Any]]) -> Attempt:
        loan = self.ground.shared.look(self.ground.shared.loans, self.rng)
        if loan is None:
            return self.book()
        return self.post(verb, f"bookings/{loan}/{verb}/", asked(), loan)[0]

    def cancel(self) -> Attempt:
        return self.change("cancel", lambda: {"reason": "Renonce"})

    def extend(self) -> Attempt:
        return self.change("extend", lambda: {"until": self.slot()["ends_at"]})

    def move(self) -> Attempt:
        return self.change("move", self.slot)

    def move_to_another(self) -> Attempt:
        return self.change("move", lambda: self.slot() | {"vehicle": self.vehicle()})

    def exchange_vehicle(self) -> Attempt:
        return self.change("replace_vehicle", lambda: {"vehicle": self.vehicle(), "reason": "Échange"})

    def rehouse(self) -> Attempt:
        return self.change("rehouse", dict)

    def block(self) -> Attempt:
        """A breakdown: the vehicle is kept from now on, and the loans in its way are displaced."""
        asked = {"vehicle": self.vehicle(), "title": "Ne démarre plus", "block_now": True}
        attempt, answer = self.post("block", "repair_jobs/", asked)
        if attempt.succeeded:
            attempt.row = answer["id"]
            self.ground.shared.put(self.ground.shared.jobs, answer["id"], self.rng)
        return attempt

    def unblock(self) -> Attempt:
        job = self.ground.shared.take(self.ground.shared.jobs, self.rng)
        if job is None:
            return self.book()
        return self.post("unblock", f"repair_jobs/{job}/cancel/", {"reason": "Démarre"}, job)[0]

    def reserve(self) -> Attempt:
        vehicle = self.vehicle()
        attempt, answer = self.post("reserve", f"vehicles/{vehicle}/reserve/", self.slot() | {"reason": "Salon"})
        attempt.asked["vehicle"] = vehicle
        if attempt.succeeded:
            attempt.row = answer["id"]
            self.ground.shared.put(self.ground.shared.reserves, answer["id"], self.rng)
        return attempt

    def release(self) -> Attempt:
        hold = self.ground.shared.take(self.ground.shared.reserves, self.rng)
        if hold is None:
            return self.book()
        return self.post("release", f"holds/{hold}/release/", {}, hold)[0]

    MIX = (
        (book, 36), (cancel, 14), (extend, 11), (move, 9), (move_to_another, 5), (exchange_vehicle, 10), (rehouse, 5),
        (block, 2), (unblock, 3), (reserve, 3), (release, 2),
    )  # fmt: skip

    def anything(self) -> Attempt:
        verbs, weights = zip(*self.MIX, strict=True)
        return self.rng.choices(verbs, weights)[0](self)
