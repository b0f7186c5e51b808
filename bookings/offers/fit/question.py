"""What is asked when one more is to fit, in bits: which plans meet which, and whom each would push out where. Pure.

Half-open spans; between two plans on a vehicle the longer of the two turnarounds counts, once (as in fleet/holds.py).
Sets of plans are the bits of an int; a plan is known by its number, the new one by the last.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

NONE = dt.timedelta()


@dataclass(frozen=True)
class Plan:
    """A span of a vehicle's time: a loan that may move to the vehicles in `fits`, or whatever may not move."""

    key: int
    start: dt.datetime
    end: dt.datetime
    vehicle: int | None  # None: the one that looks for room
    fits: frozenset[int] = frozenset()  # where it may go; empty: it stays
    before: dt.timedelta = NONE
    after: dt.timedelta = NONE


@dataclass(frozen=True)
class Answer:
    """`placed`: where each plan goes that must move, and the new one; None: nowhere, or not known unless `is_exact`.

    No set of fewer than `at_least` moves exists; `is_exact`: the set is a smallest one, or there is none at all.
    """

    placed: dict[int, int] | None
    at_least: int
    is_exact: bool


class Question:
    """`plans` do not collide with each other where they stand; `new` looks for room among the vehicles that it fits."""

    def __init__(self, new: Plan, plans: Sequence[Plan]) -> None:
        self.plans = [*plans, new]
        self.new = len(plans)
        self.vehicles = vehicles_of(self.plans)
        self.meets = meetings(self.plans)
        self.standing: dict[int, int] = {}
        stays = 0
        for number, plan in enumerate(plans):
            assert plan.vehicle is not None
            self.standing[plan.vehicle] = self.standing.get(plan.vehicle, 0) | 1 << number
            if not plan.fits:
                stays |= 1 << number
        self.ways = [  # for each plan: the vehicles it may go to, and whom it would push out there
            [
                (vehicle, met)
                for vehicle in sorted(plan.fits - {plan.vehicle})
                if not (met := self.meets[number] & self.standing.get(vehicle, 0)) & stays
            ]
            for number, plan in enumerate(self.plans)
        ]

    def pushed(self, placed: dict[int, int]) -> int:
        """Who must move for these."""
        together = 0
        for number, vehicle in placed.items():
            together |= self.meets[number] & self.standing.get(vehicle, 0)
        return together


def vehicles_of(plans: Iterable[Plan]) -> set[int]:
    """Where something stands, or may go."""
    standing = {plan.vehicle for plan in plans if plan.vehicle is not None}
    return standing.union(*{plan.fits for plan in plans})


def meetings(plans: Sequence[Plan]) -> list[int]:
    """For each plan the set of those with which it cannot share a vehicle."""
    meets = [0] * len(plans)
    turns = any(plan.before or plan.after for plan in plans)
    longest = max((max(plan.before, plan.after) for plan in plans), default=NONE)
    order = sorted((plan.start, number) for number, plan in enumerate(plans))
    for place, (_, one) in enumerate(order, start=1):
        over = plans[one].end + longest
        for start, other in islice(order, place, None):
            if start >= over:
                break
            if not turns or collide(plans[one], plans[other]):
                meets[one] |= 1 << other
                meets[other] |= 1 << one
    return meets


def collide(one: Plan, other: Plan) -> bool:
    first, second = (one, other) if one.start <= other.start else (other, one)
    return second.start < first.end + max(first.after, second.before)


def bits(numbers: int) -> Iterator[int]:
    while numbers:
        lowest = numbers & -numbers
        yield lowest.bit_length() - 1
        numbers ^= lowest
