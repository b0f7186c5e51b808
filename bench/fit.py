"""Fit one more: pools of 10, 40 and 200 equal vehicles, 90 to 97 % of whose time is taken over a quarter.

Loans of one to four weeks follow each other with gaps; those that run now are out, and one in twenty-five later ones
is pinned. Then somebody wishes for one, two or four weeks. Counted for each wish: first-fit finds a free vehicle; a
smallest set of moves is found where first-fit finds none; a set is found that may not be the smallest; it is proved
that no moves help, however many; or nothing is known. What is neither a smallest set nor a proof counts as undecided.
What is found is checked: nobody stands twice, nobody moves who may not. On pools of at most `COMPARED` vehicles the
number of moves is compared with what trying 0 moves, then 1, then 2 … comes to, where that comes to an end.
"""

import datetime as dt
import random
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field

from bench.frame import Asked, Option
from bench.measure import p95
from bench.report import Report, Target, at_most, exactly, table
from bookings.offers.fit import Plan, Room, collide, find_room
from bookings.offers.fit.few import few_moves
from bookings.offers.fit.finding import WAYS, full_throughout
from bookings.offers.fit.question import Question

OPTIONS = {
    "vehicles": Option([10, 40, 200], [10], "sizes of the pools"),
    "use": Option([90, 94, 97], [90], "per cent of the time that is taken"),
    "wishes": Option(100, 10, "wishes for each pool and use"),
}
TARGETS: dict[str, Target] = {
    "p95_ms_40": at_most(300),
    "undecided_percent_40": at_most(0),
    "wrong": exactly(0),
    "moves_too_many": exactly(0),
}
BEGAN = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
QUARTER = 91
LENGTHS = (7, 14, 14, 21, 28)
PINNED = 0.04
COMPARED = 40  # vehicles
NEW = -1


@dataclass
class Outcome:
    """What became of the wishes on pools of one size and use."""

    answers: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    moves: list[int] = field(default_factory=list)
    wrong: int = 0
    too_many: int = 0


def run(asked: Asked, report: Report) -> None:
    outcomes = {
        (size, use): outcome_of(size, use / 100, asked.wishes, compare=size <= COMPARED)
        for size in asked.vehicles
        for use in asked.use
    }
    rows = []
    for (size, use), one in outcomes.items():
        milliseconds = 1_000 * p95(one.times)
        moves = statistics.mean(one.moves) if one.moves else 0
        rows.append((size, f"{use} %", *(one.answers[word] for word in WORDS), moves, milliseconds))
    table(("vehicles", "use", *WORDS, "moves", "p95 ms"), rows)
    for size in asked.vehicles:
        of_size = [one for (there, _), one in outcomes.items() if there == size]
        counted = sum((one.answers for one in of_size), Counter[str]())
        all_moves = [number for one in of_size for number in one.moves]
        report.figure(f"p95_ms_{size}", 1_000 * p95([taken for one in of_size for taken in one.times]))
        report.figure(f"room_by_first_fit_{size}", counted["first fit"])
        report.figure(f"room_by_moves_{size}", counted["smallest"] + counted["found"])
        report.figure(f"no_room_{size}", counted["no room"])
        undecided = sum(counted[word] for word in UNDECIDED)
        report.figure(f"undecided_percent_{size}", 100 * undecided / counted.total())
        report.figure(f"nothing_known_percent_{size}", 100 * counted["nothing known"] / counted.total())
        report.figure(f"moves_{size}", statistics.mean(all_moves) if all_moves else 0)
    report.figure("wrong", sum(one.wrong for one in outcomes.values()))
    report.figure("moves_too_many", sum(one.too_many for one in outcomes.values()))


WORDS = ("first fit", "smallest", "found", "no room", "nothing known")
UNDECIDED = ("found", "nothing known")


def outcome_of(size: int, use: float, wishes: int, *, compare: bool) -> Outcome:
    outcome = Outcome()
    for seed in range(wishes):
        new, plans = question(size, use, random.Random(f"{size} {use} {seed}"))
        began = time.perf_counter()
        room = find_room(new, plans)
        outcome.times.append(time.perf_counter() - began)
        outcome.answers[word_of(room)] += 1
        if room.vehicle is not None:
            outcome.wrong += not stands(room, new, plans)
            if room.moves:
                outcome.moves.append(len(room.moves))
        if compare:
            outcome.too_many += too_many(room, new, plans)
    return outcome


def word_of(room: Room) -> str:
    if room.vehicle is None:
        return "no room" if room.is_exact else "nothing known"
    if not room.moves:
        return "first fit"
    return "smallest" if room.is_exact else "found"


def too_many(room: Room, new: Plan, plans: list[Plan]) -> bool:
    """Trying few moves, which is exact too, gives another number."""
    if full_throughout(new, plans):
        return room.vehicle is not None
    answer = few_moves(Question(new, plans), WAYS)
    if answer.placed is None:
        return room.vehicle is not None and (answer.is_exact or len(room.moves) < answer.at_least)
    return room.vehicle is None or len(room.moves) != answer.at_least


def question(size: int, use: float, drawn: random.Random) -> tuple[Plan, list[Plan]]:
    """A pool as it stands at `BEGAN`, and a wish within its quarter."""
    everywhere = frozenset(range(size))
    plans: list[Plan] = []
    for vehicle in everywhere:
        at = -drawn.random() * max(LENGTHS)
        while at < QUARTER:
            length = drawn.choice(LENGTHS)
            stays = at <= 0 or drawn.random() < PINNED
            fits = frozenset[int]() if stays else everywhere
            plans.append(Plan(len(plans), moment(at), moment(at + length), vehicle, fits))
            at += length + drawn.expovariate(use / (length * (1 - use)))
    start = drawn.uniform(3, QUARTER - 30)
    return Plan(NEW, moment(start), moment(start + drawn.choice((7, 14, 28))), None, everywhere), plans


def moment(days: float) -> dt.datetime:
    """Loans begin and end at hours of the day, not at any instant."""
    return BEGAN + round(days * 8) * dt.timedelta(hours=3)


def stands(room: Room, new: Plan, plans: list[Plan]) -> bool:
    """Whether what was found can be done, looked at plan by plan."""
    where = {plan.key: room.moves.get(plan.key, plan.vehicle) for plan in plans}
    if any(where[plan.key] not in plan.fits for plan in plans if plan.key in room.moves):
        return False
    by_vehicle: dict[int | None, list[Plan]] = {}
    for plan in plans:
        by_vehicle.setdefault(where[plan.key], []).append(plan)
    by_vehicle.setdefault(room.vehicle, []).append(new)
    return not any(
        collide(one, other)
        for of_vehicle in by_vehicle.values()
        for number, one in enumerate(of_vehicle)
        for other in of_vehicle[:number]
    )
