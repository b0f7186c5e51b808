"""Many at once through HTTP: programs that all want the same vehicles, against a web server as it is really run.

Bursts: every program asks for one vehicle and one slot at the same moment, and exactly one may win. Mixes: each does
whatever comes to its mind (book, extend, move, exchange, cancel, block, lift, re-house), often to a loan that
another is changing. A checker then reads the whole history that the database kept (bench/witness.py).
"""

import datetime as dt
import multiprocessing
import time
from collections import Counter
from typing import Any

import psycopg
from django.db import connection

from bench.clients import Attempt, Client, Ground
from bench.crew import crew
from bench.database import connect
from bench.frame import Asked, Option
from bench.pool import Pool, open_pool, overlaps
from bench.report import Report, Target, exactly, say, table
from bench.server import serving
from bench.witness import Checker, History, watch, wrong_afterwards
from core import clock

OPTIONS = {
    "processes": Option([16, 64], [4], "programs at once"),
    "vehicles": Option([1, 36, 1_000], [1, 8], "vehicles that they want"),
    "attempts": Option(20_400, 240, "requests in all, shared by the scenarios"),
}
TARGETS: dict[str, Target] = {
    "bursts_without_one_winner": exactly(0),
    "overlaps": exactly(0),
    "lost": exactly(0),
    "unexplained": exactly(0),
    "errors_5xx": exactly(0),
}
SHARE_OF_BURSTS = 0.3
DAY = dt.timedelta(days=1)
DAYS_WANTED = {1: 150, 36: 30, 1_000: 8}  # over which the wishes are spread: few enough that they collide
TOLD_OF = 5  # of what is wrong, so many are shown


def run(asked: Asked, report: Report) -> None:
    name = connection.settings_dict["NAME"]
    watch(name)
    rows = []
    totals: Counter[str] = Counter()
    share = asked.attempts // (len(asked.processes) * len(asked.vehicles))
    with serving() as port:
        for size in asked.vehicles:
            for processes in asked.processes:
                pool = open_pool(name, size, slug=f"banc-{size}-{processes}")
                began, since = time.perf_counter(), dt.datetime.now(dt.UTC)
                attempts = scenario(pool, port, processes, share)
                took = time.perf_counter() - began
                found = judge(name, pool, attempts, since)
                totals.update(found)
                good = sum(attempt.succeeded for attempt in attempts)
                rows.append((processes, size, len(attempts), good, found["busy"], len(attempts) / took, said(found)))
    table(("processes", "vehicles", "attempts", "succeeded", "busy", "a second", "wrong"), rows)
    with connect(name, autocommit=True) as db:
        broken = wrong_afterwards(db)
    for rule, number in broken.items():
        say(f"  Not so: {rule} ({number} times)")
    report.figure("attempts", totals["attempts"])
    report.figure("bursts", totals["bursts"])
    report.figure("succeeded", totals["succeeded"])
    report.figure("refused", totals["attempts"] - totals["succeeded"])
    report.figure("busy", totals["busy"])
    report.figure("bursts_without_one_winner", totals["bursts_without_one_winner"])
    report.figure("overlaps", overlaps())
    report.figure("lost", totals["lost"] + sum(broken.values()))
    report.figure("unexplained", totals["unexplained"])
    report.figure("errors_5xx", totals["errors_5xx"])


def scenario(pool: Pool, port: int, processes: int, share: int) -> list[Attempt]:
    """So many attempts, a part of them in bursts, by so many programs."""
    ground = Ground(
        port=port,
        vehicles=pool.vehicles,
        participants=pool.participants,
        tokens=[pool.token(f"programme-{pool.platform.slug}-{n}") for n in range(min(8, processes))],
        first=clock.now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=6),
        days=DAYS_WANTED.get(len(pool.vehicles), 20),
    )
    gate = multiprocessing.get_context("fork").Barrier(processes)
    bursts = max(1, round(SHARE_OF_BURSTS * share / processes))
    attempts: list[Attempt] = []
    with crew(processes, program(ground, gate)) as members:
        for burst in range(bursts):
            start = ground.first + (400 + burst) * DAY
            vehicle = pool.vehicles[burst % len(pool.vehicles)]
            wish = {"vehicle": vehicle, "starts_at": start, "ends_at": start + DAY}
            attempts += members.do([("burst", burst, wish)] * processes)
        each = max(1, (share - bursts * processes) // processes)
        for done in members.do([("mix", each, None)] * processes):
            attempts += done
    return attempts


def program(ground: Ground, gate: Any) -> Any:
    """What one process of the crew does."""
    known: dict[int, Client] = {}

    def work(number: int, order: tuple[str, int, Any]) -> Any:
        client = known.setdefault(number, Client(number, ground))
        what, count, wish = order
        if what == "burst":
            gate.wait(60)
            return client.book(wish, burst=count)
        return [client.anything() for _ in range(count)]

    return work


def judge(name: str, pool: Pool, attempts: list[Attempt], since: dt.datetime) -> Counter[str]:
    with connect(name, autocommit=True) as db:
        checker = Checker(History.read(db, since), attempts, pool.vehicles)
        told = journal_of(db, pool)
    bad = checker.bursts_without_one_winner()
    lost, unexplained = checker.lost(told), checker.unexplained()
    for one in lost[:TOLD_OF]:
        say(f"  Lost: {one}")
    for attempt in unexplained[:TOLD_OF]:
        say(f"  Unexplained: {attempt}")
    return Counter(
        attempts=len(attempts),
        bursts=len({attempt.burst for attempt in attempts if attempt.burst is not None}),
        succeeded=sum(attempt.succeeded for attempt in attempts),
        busy=sum(attempt.code == "busy" for attempt in attempts),
        bursts_without_one_winner=len(bad),
        lost=len(lost),
        unexplained=len(unexplained),
        errors_5xx=sum(attempt.status >= 500 for attempt in attempts),
    )


def journal_of(db: psycopg.Connection[Any], pool: Pool) -> Counter[tuple[str, int]]:
    lines = db.execute(
        """SELECT verb, target_id::bigint FROM core_journalentry
           WHERE platform_id = %s AND target_type = 'bookings.booking'""",
        [pool.platform.pk],
    )
    return Counter((verb, loan) for verb, loan in lines)


def said(found: Counter[str]) -> str:
    wrong = ("bursts_without_one_winner", "lost", "unexplained", "errors_5xx")
    return ", ".join(f"{found[what]} {what}" for what in wrong if found[what]) or "nothing"
