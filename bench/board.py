"""The planning board: the month of pools of 40, 200 and 1,000 vehicles, each with loans of a real length.

The page is asked for as the staff's browser does, through every middleware and its template, in this process. Queries
are counted beyond those of every page (session, user, membership).
"""

import datetime as dt
import statistics
from functools import partial
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

from bench.frame import Asked, Option
from bench.loans import fill_loans
from bench.measure import exponent, interleaved
from bench.pages import EVERY_PAGE, asked_of_the_database, collect_static_files, timed
from bench.pool import Pool, open_pool
from bench.report import Report, Target, at_most, table

OPTIONS = {
    "vehicles": Option([40, 200, 1_000], [10, 40], "sizes of the pools"),
    "times": Option(5, 1, "how often the page is asked for in a round"),
    "rounds": Option(9, 5, "rounds that count"),
}
TARGETS: dict[str, Target] = {
    "queries": at_most(4, timed=False),
    "page_ms": at_most(60),
    "exponent": at_most(1.1),
}
DAY = dt.timedelta(days=1)


def run(asked: Asked, report: Report) -> None:
    name = connection.settings_dict["NAME"]
    collect_static_files()
    clients = {}
    for size in asked.vehicles:
        pool = open_pool(name, size, slug=f"banc-{size}")
        fill_loans(name, pool.platform, pool.coordinator.pk, 24, step=5 * DAY, busy=4 * DAY, until=45 * DAY)
        clients[size] = signed_in(pool)
    queries = {
        size: len(asked_of_the_database(partial(month, client))) - EVERY_PAGE for size, client in clients.items()
    }
    sides = {f"{size}": partial(mean, client, asked.times) for size, client in clients.items()}
    gave = interleaved(sides, asked.rounds)
    middle = {size: 1_000 * statistics.median(gave[f"{size}"]) for size in clients}
    shown = {size: month(client).content.count(b'<th scope="row"') for size, client in clients.items()}
    weights = {size: len(month(client).content) / 1_000 for size, client in clients.items()}
    rows = [(size, queries[size], middle[size], weights[size], shown[size]) for size in clients]
    table(("vehicles", "queries", "ms", "kB", "rows shown"), rows)
    for size in clients:
        report.figure(f"page_{size}_ms", middle[size])
        report.figure(f"queries_{size}", queries[size])
        report.figure(f"rows_{size}", shown[size])
    report.figure("queries", max(queries.values()))
    report.figure("page_ms", middle[asked.vehicles[0]])
    report.figure("exponent", exponent(list(middle), list(middle.values())))


def signed_in(pool: Pool) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(pool.coordinator)
    return client


def month(client: Client) -> Any:
    answer = client.get(reverse("bookings:board"), {"vue": "mois"})
    assert answer.status_code == 200, answer.status_code
    return answer


def mean(client: Client, times: int, _: int) -> float:
    return statistics.mean(timed(partial(month, client)) for _ in range(times))
