"""What is free at these dates: the product's search over the same question in raw SQL, in the same run.

`whole` is every free vehicle of a pool with since when and until when it is free; `page` the first twenty that the
booking page offers a participant, the nearest first, with what each may drive; `soonest` the same for nobody yet. All
pools stand in one database, each with its holds before and after the wished days; some vehicles are late, some have
left the pool. What the search finds is compared with the naive question (no hold overlaps, none is late), vehicle by
vehicle, for wishes that touch holds exactly.
"""

import datetime as dt
import statistics
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connection

from bench.database import connect
from bench.frame import Asked, Option
from bench.measure import exponent, interleaved, ratio, seconds
from bench.pool import DAY, Pool, fill_holds, open_pool
from bench.report import Report, Target, at_most, exactly, table
from bookings.offers.choices import Needs, choices
from core import clock
from fleet.models import Hold, Vehicle
from participants.models import Participant

OPTIONS = {
    "vehicles": Option([36, 1_000, 10_000], [36, 120], "sizes of the pools; 100000 on request"),
    "holds": Option(100, 20, "holds of each vehicle"),
    "rounds": Option(9, 5, "rounds that count"),
}
PAGE = 20
TARGETS: dict[str, Target] = {
    "whole_over_raw": at_most(1.5),
    "page_exponent": at_most(0.25),
    "differences": exactly(0),
    "pages_that_differ": exactly(0),
}

# By hand, and with no step too many: one backwards in the index a vehicle, one forwards for those that are free.
FREE = """
    SELECT v.id, before.ends_at, (SELECT starts_at FROM fleet_hold h WHERE h.vehicle_id = v.id
                                  AND h.starts_at >= %(end)s ORDER BY h.starts_at LIMIT 1)
    FROM fleet_vehicle v
    LEFT JOIN LATERAL (SELECT ends_at FROM fleet_hold h WHERE h.vehicle_id = v.id AND h.starts_at < %(end)s
                       ORDER BY h.starts_at DESC LIMIT 1) before ON true
    WHERE v.platform_id = %(platform)s AND v.kind = 'car' AND v.withdrawn_on IS NULL
    AND (before.ends_at IS NULL OR before.ends_at <= %(start)s)
    AND v.id NOT IN (SELECT o.vehicle_id FROM fleet_hold o WHERE o.platform_id = %(platform)s
                     AND o.out_at IS NOT NULL AND o.back_at IS NULL AND o.ends_at <= %(now)s)
"""
NAIVE = """
    SELECT v.id, (SELECT max(ends_at) FROM fleet_hold h WHERE h.vehicle_id = v.id AND h.starts_at < %(end)s),
           (SELECT min(starts_at) FROM fleet_hold h WHERE h.vehicle_id = v.id AND h.starts_at >= %(end)s)
    FROM fleet_vehicle v
    WHERE v.platform_id = %(platform)s AND v.kind = 'car' AND v.withdrawn_on IS NULL
    AND v.id NOT IN (SELECT vehicle_id FROM fleet_hold
                     WHERE platform_id = %(platform)s AND starts_at < %(end)s AND ends_at > %(start)s)
    AND v.id NOT IN (SELECT vehicle_id FROM fleet_hold WHERE platform_id = %(platform)s
                     AND out_at IS NOT NULL AND back_at IS NULL AND ends_at <= %(now)s)
"""


def run(asked: Asked, report: Report) -> None:
    name = connection.settings_dict["NAME"]
    pools = {size: open_pool(name, size, slug=f"banc-{size}") for size in asked.vehicles}
    for pool in pools.values():
        fill_holds(name, pool, asked.holds, since=3 * asked.holds)
        spoil(name, pool)
    with connect(name, autocommit=True) as db:
        db.execute("SET jit = off")  # as in the database that we bring: compiling takes longer than answering
        differences = sum(found_wrongly(db, pool) for pool in pools.values())
        report.figure("differences", differences)
        report.figure("pages_that_differ", sum(pages_that_differ(pool) for pool in pools.values()))
        gave = interleaved(sides_of(db, pools), asked.rounds)
    tell(report, list(pools), gave)


def spoil(name: str, pool: Pool) -> None:
    """One vehicle in fifty is out past its plan, one in ninety has left the pool."""
    with connect(name, autocommit=True) as db:
        db.execute(
            """UPDATE fleet_hold SET back_at = NULL, ready_at = NULL WHERE id IN (
                   SELECT DISTINCT ON (vehicle_id) id FROM fleet_hold
                   WHERE platform_id = %s AND vehicle_id %% 50 = 7 AND ends_at < now()
                   ORDER BY vehicle_id, starts_at DESC)""",
            [pool.platform.pk],
        )
        db.execute(
            """UPDATE fleet_vehicle SET withdrawn_on = current_date, withdrawn_reason = 'Vendu'
               WHERE platform_id = %s AND id %% 90 = 11""",
            [pool.platform.pk],
        )
        db.execute("VACUUM (ANALYZE) fleet_hold, fleet_vehicle")


def wishes(pool: Pool) -> list[tuple[dt.datetime, dt.datetime]]:
    """Some days; and some that begin when one hold ends or end when another begins, or a microsecond beside."""
    now = clock.now()
    taken = list(Hold.objects.filter(platform=pool.platform, starts_at__gt=now).order_by("starts_at")[5:25:5])
    little = dt.timedelta(microseconds=1)
    found = [(now + n * DAY, now + (n + 3) * DAY) for n in (1, 20, 4000)]
    for hold in taken:
        found += [(hold.ends_at, hold.ends_at + DAY), (hold.ends_at - little, hold.ends_at + DAY)]
        found += [(hold.starts_at - DAY, hold.starts_at), (hold.starts_at - DAY, hold.starts_at + little)]
    return found


def found_wrongly(db: psycopg.Connection[Any], pool: Pool) -> int:
    """Vehicles that the search finds and the naive question does not, or the other way round, or with other dates."""
    wrong = 0
    for start, end in wishes(pool):
        now = clock.now()
        naive = set(db.execute(NAIVE, {"platform": pool.platform.pk, "start": start, "end": end, "now": now}))
        wrong += len(naive ^ set(whole(pool, start, end)))
    return wrong


def whole(pool: Pool, start: dt.datetime, end: dt.datetime) -> Any:
    cars = Vehicle.objects.filter(platform=pool.platform, kind="car").order_by()
    return cars.free(start, end, clock.now()).values_list("pk", "free_from", "free_until")


def pages_that_differ(pool: Pool) -> int:
    """First pages that are not the beginning of the whole list, for people here and there and for nobody."""
    people = [None, *(pool.participant(n) for n in (0, 7, 31))]
    start, end = wishes(pool)[1]
    wrong = 0
    for person in people:
        page = [choice.vehicle.pk for choice in first_page(pool, start, end, person)]
        every = [choice.vehicle.pk for choice in choices(pool.platform, Needs("car"), start, end, person)]
        wrong += page != every[:PAGE]
    return wrong


def first_page(pool: Pool, start: dt.datetime, end: dt.datetime, person: Participant | None) -> Any:
    return choices(pool.platform, Needs("car"), start, end, person, limit=PAGE)


def sides_of(db: psycopg.Connection[Any], pools: dict[int, Pool]) -> dict[str, Callable[[int], float]]:
    sides: dict[str, Callable[[int], float]] = {}
    for size, pool in pools.items():
        start, end = wishes(pool)[1]
        asked = {"platform": pool.platform.pk, "start": start, "end": end, "now": clock.now()}
        person = pool.participant(7).pk
        times = max(1, 20_000 // (size + 1_000))
        calls: dict[str, Callable[[], Any]] = {
            "raw": lambda asked=asked: db.execute(FREE, asked).fetchall(),  # type: ignore[misc]
            "whole": lambda pool=pool, start=start, end=end: list(whole(pool, start, end)),  # type: ignore[misc]
            "raw page": lambda asked=asked: db.execute(f"{FREE} LIMIT {PAGE}", asked).fetchall(),  # type: ignore[misc]
            "page": lambda pool=pool, start=start, end=end, person=person: first_page(  # type: ignore[misc]
                pool, start, end, Participant.objects.get(pk=person)
            ),
            "soonest": lambda pool=pool, start=start, end=end: first_page(pool, start, end, None),  # type: ignore[misc]
        }
        for what, call in calls.items():
            sides[f"{what} {size}"] = lambda _, call=call, times=times: seconds(call, times)  # type: ignore[misc]
    return sides


def tell(report: Report, sizes: list[int], gave: dict[str, list[float]]) -> None:
    middle = {side: 1_000 * statistics.median(values) for side, values in gave.items()}
    rows = []
    for size in sizes:
        over = ratio(gave[f"whole {size}"], gave[f"raw {size}"])
        for what in ("raw", "whole", "raw page", "page", "soonest"):
            report.figure(f"{what.replace(' ', '_')}_{size}_ms", middle[f"{what} {size}"])
        report.figure(f"whole_over_raw_{size}", over)
        rows.append((size, *(middle[f"{what} {size}"] for what in ("raw", "whole")), over,
                     *(middle[f"{what} {size}"] for what in ("raw page", "page", "soonest"))))  # fmt: skip
    table(("vehicles", "raw ms", "whole ms", "whole/raw", "raw page ms", "page ms", "soonest ms"), rows)
    report.figure("whole_over_raw", report.figures[f"whole_over_raw_{sizes[-1]}"])
    for what in ("page", "soonest", "whole", "raw"):
        report.figure(f"{what}_exponent", exponent(sizes, [middle[f"{what} {size}"] for size in sizes]))
