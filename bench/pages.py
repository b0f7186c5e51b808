"""Every page and API list with 36 vehicles and 50,000 past loans, then with 500,000, in one growing database.

The addresses are those that a coordinator may GET in the access table (tests/access/), so that a new page is measured
from its first day. Each is asked for in this process, through every middleware and its template; those that answer htmx
with a fragment are asked for that too. Two doors of booking, the page and the API, are timed as well.
"""

import datetime as dt
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import ApiToken
from accounts.secrets import hash_of
from bench.frame import Asked, Option
from bench.loans import fill_loans
from bench.measure import p95
from bench.pool import fill_more_people, fill_more_vehicles, set_tariff
from bench.report import Report, Target, at_most, exactly, say, table
from core import clock
from participants.models import Participant

OPTIONS = {
    "vehicles": Option(36, 36, "vehicles of the pool"),
    "loans": Option([50_000, 500_000], [1_200, 2_400], "past loans, growing"),
    "times": Option(20, 2, "how often each address is asked for"),
    "bookings": Option(60, 3, "bookings through each door"),
}
TARGETS: dict[str, Target] = {
    "page_p95_ms": at_most(60),
    "fragment_p95_ms": at_most(25),
    "booking_p95_ms": at_most(80),
    "pages_over": at_most(0),
    "fragments_over": at_most(0),
    "more_queries_when_grown": exactly(0),
    "too_many_queries": at_most(0),  # of small sizes tests/test_growth.py judges
}
EVERY_PAGE = 3  # session, user, memberships; for the API: token with user, memberships
DAY = dt.timedelta(days=1)
TOKEN = "bench"
PROGRAM = {"Authorization": f"Bearer {TOKEN}"}
SLOWEST_SHOWN = 12
LATELY = 24  # loans of a vehicle in the last three months and the next, of a real length; those before are short


@dataclass
class Address:
    """One thing to ask for, and what asking gave at each size."""

    name: str
    url: str
    query: dict[str, Any] | None
    most: int
    is_fragment: bool = False
    queries: list[int] = field(default_factory=list)
    took: list[list[float]] = field(default_factory=list)

    @property
    def sort(self) -> str:
        return "fragment" if self.is_fragment else ""

    @property
    def p95(self) -> float:
        """In milliseconds, at the size at which it was slowest."""
        return 1_000 * max(p95(times) for times in self.took)

    def ask(self, browser: Client) -> Any:
        if self.name.startswith("api:"):  # a program has a token, and no session
            answer = Client(SERVER_NAME="localhost").get(self.url, self.query, headers=PROGRAM)
        else:
            answer = browser.get(self.url, self.query, headers={"HX-Request": "true"} if self.is_fragment else {})
        if answer.streaming:
            b"".join(answer.streaming_content)
        assert answer.status_code in {200, 302}, f"{self.url}: {answer.status_code}"
        return answer


def run(asked: Asked, report: Report) -> None:
    name = connection.settings_dict["NAME"]
    collect_static_files()
    world, addresses = made_world(name, asked)
    by = world.people["coordinator"]
    client = Client(SERVER_NAME="localhost")
    client.force_login(by)
    bookings: dict[str, list[float]] = {}
    cars = world.platform.vehicles.filter(kind="car", withdrawn_on=None).count()
    fill_more_people(name, world.platform, 200)
    loans = fill_loans(name, world.platform, by.pk, LATELY, step=5 * DAY, busy=4 * DAY, until=30 * DAY)
    for size in asked.loans:
        began = time.monotonic()
        fill_more_people(name, world.platform, (size - loans) // 20)
        each = (size - loans) // cars
        step = dt.timedelta(hours=6)
        loans += fill_loans(name, world.platform, by.pk, each, step=step, busy=step * 5 / 6, until=-DAY)
        say(f"  {loans:,} loans after {time.monotonic() - began:.0f} s")
        measure(client, addresses, asked.times)
        for door, took in book_through_doors(world, client, asked.bookings).items():
            bookings.setdefault(door, []).extend(took)
    tell(report, addresses, bookings, list(asked.loans))


def made_world(name: str, asked: Asked) -> tuple[Any, list[Address]]:
    """The access table's world with some of everything in it, its pool filled up, and its addresses."""
    from tests.access.world import World
    from tests.test_access import value_of
    from tests.test_growth import GETS, MOST, MOST_OF, fill

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # as in the tests
    world = World()
    user = world.people["coordinator"]
    ApiToken.objects.create(user=user, name=TOKEN, prefix=TOKEN, secret_hash=hash_of(TOKEN), last_used_at=clock.now())
    addresses = []
    for line in GETS:
        url = reverse(line.name, kwargs={key: value_of(world, value) for key, value in line.kwargs.items()})
        query = line.data(world) if callable(line.data) else line.data
        most = EVERY_PAGE + MOST_OF.get(line.name, MOST)
        addresses.append(Address(line.name, url, query if isinstance(query, dict) else None, most))
    fill(world, range(12))
    set_tariff_unless_there(world)
    fill_more_vehicles(name, world.platform, asked.vehicles)
    return world, addresses


def set_tariff_unless_there(world: Any) -> None:
    from pricing.models import Tariff

    if not Tariff.objects.filter(platform=world.platform, kind="car", programme=None, audience="").exists():
        set_tariff(world.platform, world.people["coordinator"])


def measure(client: Client, addresses: list[Address], times: int) -> None:
    """Each once to warm up and to count, then all of them in turn, so often; in no order that favours any."""
    for address in list(addresses):
        answer: list[Any] = []
        asked = asked_of_the_database(lambda address=address, answer=answer: answer.append(address.ask(client)))  # type: ignore[misc]
        address.queries.append(len(asked))
        address.took.append([])
        if not address.is_fragment and len(address.queries) == 1 and (partial_of := fragment(client, address)):
            addresses.append(partial_of)
    order = list(addresses)
    shuffled = random.Random("remise")
    for _ in range(times):
        shuffled.shuffle(order)
        for address in order:
            if not address.queries:
                address.queries.append(len(asked_of_the_database(partial(address.ask, client))))
                address.took.append([])
            address.took[-1].append(timed(partial(address.ask, client)))


def fragment(client: Client, page: Address) -> Address | None:
    """The same address for htmx, if it answers with less than a whole page."""
    if page.name.startswith("api:"):
        return None
    part = Address(page.name, page.url, page.query, page.most, is_fragment=True)
    answer = part.ask(client)
    html = answer.get("Content-Type", "").startswith("text/html") and answer.status_code == 200
    return part if html and b"<html" not in answer.content else None


def book_through_doors(world: Any, client: Client, count: int) -> dict[str, list[float]]:
    """As many loans booked on the page as over the API, by kind: the most that a booking can be asked to do."""
    people = list(Participant.objects.filter(platform=world.platform).order_by("-pk")[: 2 * count])
    first = clock.now().replace(minute=0, second=0, microsecond=0) + 45 * DAY  # nobody has gone as far yet
    took: dict[str, list[float]] = {"page": [], "api": []}
    program = Client(SERVER_NAME="localhost")
    for n, (one, other) in enumerate(zip(people[::2], people[1::2], strict=False)):
        start = first + n * DAY / 2
        wish = {"kind": "car", "starts_at": start.isoformat(), "ends_at": (start + DAY / 4).isoformat()}
        local = {name: moment.strftime("%Y-%m-%dT%H:%M") for name, moment in
                 (("starts_at", start), ("ends_at", start + DAY / 4))}  # fmt: skip
        posted = partial(client.post, reverse("bookings:book"), {"participant": one.pk, "kind": "car", **local})
        took["page"].append(timed(partial(expect, posted, 302)))
        sent = partial(
            program.post,
            reverse("api:booking-list"),
            {"participant": other.pk, **wish},
            content_type="application/json",
            headers=PROGRAM,
        )
        took["api"].append(timed(partial(expect, sent, 201)))
    return took


def expect(ask: Callable[[], Any], status: int) -> None:
    answer = ask()
    assert answer.status_code == status, f"{answer.status_code}: {answer.content[:2000].decode(errors='replace')}"


def tell(report: Report, addresses: list[Address], bookings: dict[str, list[float]], sizes: list[int]) -> None:
    sorts = {
        "page": [one for one in addresses if not one.is_fragment],
        "fragment": [one for one in addresses if one.is_fragment],
    }
    limits = {"page": 60, "fragment": 25}
    slowest = sorted(addresses, key=lambda one: one.p95, reverse=True)[:SLOWEST_SHOWN]
    table(
        ("slowest", "", *(f"p95 at {size:,}" for size in sizes), "queries"),
        [(one.name, one.sort, *(1_000 * p95(times) for times in one.took), one.queries[-1]) for one in slowest],
    )
    for sort, asked in sorts.items():
        every = [1_000 * took for one in asked for times in one.took for took in times]
        report.figure(f"{sort}s", len(asked))
        report.figure(f"{sort}_p95_ms", p95(every) if every else 0.0)
        report.figure(f"{sort}_median_ms", statistics.median(every) if every else 0.0)
        report.figure(f"{sort}_slowest_ms", max((one.p95 for one in asked), default=0.0))
        report.figure(f"{sort}s_over", sum(one.p95 > limits[sort] for one in asked))
    for door, took in bookings.items():
        report.figure(f"booking_{door}_p95_ms", 1_000 * p95(took))
    report.figure("booking_p95_ms", max(1_000 * p95(took) for took in bookings.values()))
    grown = [one for one in addresses if one.queries[-1] > one.queries[0]]
    many = [one for one in addresses if one.queries[-1] > one.most]
    for one in grown:
        say(f"  {one.name}: {one.queries[0]} queries, then {one.queries[-1]}")
    for one in many:
        say(f"  {one.name}: {one.queries[-1]} queries, {one.most} are enough")
    report.figure("more_queries_when_grown", len(grown))
    report.figure("too_many_queries", len(many))


# --- what other benches of pages need too -----------------------------------------------------------


def collect_static_files() -> None:
    """Pages name them by their hashes, as where they are served."""
    call_command("collectstatic", interactive=False, verbosity=0)


def timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def asked_of_the_database(call: Callable[[], Any]) -> list[str]:
    """Without how often somebody tried, which one call in a hundred tells the other processes (accounts/limits.py)."""
    with CaptureQueriesContext(connection) as asked:
        call()
    said = [one["sql"] for one in asked.captured_queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    return [sql for sql in said if "core_cacheentry" not in sql]
