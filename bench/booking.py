"""The whole action `book` (rules, quote, journal, outbox) over the same rows written by raw SQL, in the same run.

At 1 and at 8 connections, each a process of its own. Every booking takes a free day of one of the vehicles, so that
all succeed; both sides lock the vehicle, and meet the same constraints and indexes on the same filled tables.
"""

import datetime as dt
import statistics
import time
from collections import Counter
from copy import copy
from typing import Any

from django.db import connection, connections

from bench import raw
from bench.crew import Crew, crew
from bench.database import connect
from bench.frame import Asked, Option
from bench.measure import interleaved, ratio
from bench.pool import STEP, Pool, fill_holds, open_pool, overlaps
from bench.raw import Wish
from bench.report import Report, Target, at_least, exactly, say, table
from bookings.actions import book
from bookings.models import Booking
from core import clock
from fleet.models import Vehicle
from participants.models import Participant

OPTIONS = {
    "vehicles": Option(36, 6, "vehicles of the pool"),
    "holds": Option(100, 5, "holds that each vehicle has already"),
    "bookings": Option(200, 16, "bookings a side and round, shared by the connections"),
    "rounds": Option(7, 5, "rounds that count"),
}
TARGETS: dict[str, Target] = {
    "ratio_1": at_least(0.15),
    "ratio_8": at_least(0.15),
    "deadlocks": exactly(0),
    "overlaps": exactly(0),
    "missing": exactly(0),
}
AT_ONCE = (1, 8)
DAY = dt.timedelta(days=1)


class Slots:
    """Days that nobody has: the nth booking gets a vehicle, a person and a day that no other one gets."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.first = clock.now().replace(hour=8, minute=0, second=0, microsecond=0) + DAY
        self.used = 0

    def take(self, count: int) -> range:
        self.used += count
        return range(self.used - count, self.used)

    def wish(self, n: int) -> Wish:
        vehicles, people = self.pool.vehicles, self.pool.participants
        start = self.first + (n // len(vehicles)) * DAY
        return Wish(vehicles[n % len(vehicles)], people[n % len(people)], start, start + DAY / 2)


def run(asked: Asked, report: Report) -> None:
    name = connection.settings_dict["NAME"]
    pool = open_pool(name, asked.vehicles, participants=20 * asked.vehicles)
    fill_holds(name, pool, asked.holds, since=STEP * (asked.holds + 1))
    slots = Slots(pool)
    first = slots.wish(slots.take(1)[0])
    statements = raw.written_by(lambda: by_action(Read(pool), first), first)
    counted = Counter(statement.model._meta.label for statement in statements)
    say(f"  A booking writes {len(statements)} rows:")
    say("  " + ", ".join(f"{number} {what}" for what, number in sorted(counted.items())))
    rows = []
    for size in AT_ONCE:
        with crew(size, worker(name, pool, slots, statements)) as members:
            gave = interleaved(
                {
                    "raw": lambda _, members=members: a_second(members, slots, "raw", asked.bookings),  # type: ignore[misc]
                    "action": lambda _, members=members: a_second(members, slots, "action", asked.bookings),  # type: ignore[misc]
                },
                asked.rounds,
            )
        middle = {side: statistics.median(values) for side, values in gave.items()}
        report.figure(f"raw_{size}_per_second", middle["raw"])
        report.figure(f"action_{size}_per_second", middle["action"])
        report.figure(f"ratio_{size}", ratio(gave["action"], gave["raw"]))
        rows.append((size, middle["raw"], middle["action"], report.figures[f"ratio_{size}"]))
    table(("connections", "raw/s", "book/s", "ratio"), rows)
    report.figure("rows", len(statements))
    report.figure("deadlocks", deadlocks(name))
    report.figure("overlaps", overlaps())
    report.figure("missing", slots.used - Booking.objects.count())


def a_second(members: Crew, slots: Slots, side: str, count: int) -> float:
    """Bookings a second, from the first order to the last answer."""
    numbers = slots.take(count)
    size = len(members.pipes)
    orders = [(side, list(numbers[part::size])) for part in range(size)]
    began = time.perf_counter()
    members.do(orders)
    return count / (time.perf_counter() - began)


def worker(name: str, pool: Pool, slots: Slots, statements: list[raw.Statement]) -> Any:
    kept: dict[str, Any] = {}
    read = Read(pool)

    def work(_: int, order: tuple[str, list[int]]) -> None:
        side, numbers = order
        if side == "action":
            for n in numbers:
                by_action(read, slots.wish(n))
            return
        if "db" not in kept:
            kept["db"] = connect(name, autocommit=True)
        for n in numbers:
            raw.write(kept["db"], statements, slots.wish(n))

    return work


class Read:
    """What a door has read before it calls the action; a copy each time, for an action keeps what it reads there."""

    def __init__(self, pool: Pool) -> None:
        self.platform = pool.platform
        self.by = pool.coordinator
        self.vehicles = Vehicle.objects.select_related("site").in_bulk(pool.vehicles)
        self.people = Participant.objects.select_related("programme").in_bulk(pool.participants)


def by_action(read: Read, wish: Wish) -> None:
    book(
        copy(read.platform),
        participant=copy(read.people[wish.participant]),
        vehicle=copy(read.vehicles[wish.vehicle]),
        starts_at=wish.start,
        ends_at=wish.end,
        by=read.by,
    )


def deadlocks(name: str) -> int:
    connections.close_all()
    with connect(name, autocommit=True) as db:
        db.execute("SELECT pg_stat_clear_snapshot()")
        row = db.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = %s", [name]).fetchone()
    return row[0] if row else 0
