"""Fit one more: the smallest set of promised loans to move among equal vehicles, so that one more has room. Pure.

Moving a loan to a vehicle pushes out those that it meets there, each of which must move in turn. A search that allows
0 moves, then 1, then 2 … is exact: the first set that it finds is a smallest one. Three things keep it short. The loan
with the fewest vehicles left is placed first. Loans that meet each other need different vehicles, and what stands on
different vehicles is pushed out separately: so the fewest that each would push out add up, and too many end that
branch. And when at some instant of the wish every vehicle is taken, no move helps.

Half-open spans; between two plans on a vehicle the longer of the two turnarounds counts, once (as in fleet/holds.py).
Sets of loans are the bits of an int. Effort is counted in ways looked at, not seconds, so that the same question always
has the same answer. Placing intervals of which some may not move is NP-hard in general: what the budget does not decide
is said (`at_least`), and the best set that was found is given.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

MOST_MOVES = 12  # nobody explains more of them to a colleague
BUDGET = 280_000  # ways looked at, about a fifth of a second
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
class Room:
    """What was found. `vehicle` for the new one and `moves` (plan → vehicle), or None when there is no room.

    No set of fewer than `at_least` moves exists; `is_exact`: the set is a smallest one, or there is none at all.
    """

    vehicle: int | None
    moves: Mapping[int, int] = field(default_factory=dict)
    at_least: int = 0
    is_exact: bool = True


class OutOfBudget(Exception):
    pass


def find_room(new: Plan, plans: Sequence[Plan], *, budget: int = BUDGET) -> Room:
    """Room for `new` among the vehicles that it fits. `plans` do not collide with each other where they stand."""
    if full_throughout(new, plans):
        return Room(None)
    search = Search(new, plans)
    allowed = 0
    while allowed <= MOST_MOVES:
        try:
            placed = search.within(allowed, budget)
        except OutOfBudget:
            return best_effort(search, allowed, budget)
        if placed is not None:
            return room_of(search, placed, allowed, is_exact=True)
        if not search.was_cut:
            return Room(None)  # nothing was left untried
        allowed += 1
    return Room(None, at_least=allowed, is_exact=False)


def full_throughout(new: Plan, plans: Sequence[Plan]) -> bool:
    """At some instant of the wish there are as many plans as vehicles: a proof that no move helps."""
    vehicles = {plan.vehicle for plan in plans} | new.fits
    steps = sorted(
        step
        for plan in plans
        if plan.start < new.end and plan.end > new.start
        for step in ((max(plan.start, new.start), 1), (plan.end, -1))
    )
    taken = 0
    for at, step in steps:
        taken += step
        if taken >= len(vehicles) and at < new.end:
            return True
    return False


def best_effort(search: "Search", at_least: int, budget: int) -> Room:
    """A set that need not be the smallest, looked for with more moves allowed and half the effort."""
    for allowed in (at_least + 2, MOST_MOVES):
        try:
            placed = search.within(allowed, budget // 4)
        except OutOfBudget:
            continue
        if placed is not None:
            return room_of(search, placed, at_least, is_exact=False)
    return Room(None, at_least=at_least, is_exact=False)


def room_of(search: "Search", placed: list[tuple[int, int]], at_least: int, *, is_exact: bool) -> Room:
    vehicle_of = dict(placed)
    vehicle = vehicle_of.pop(len(search.plans) - 1)
    moves = {search.plans[number].key: where for number, where in vehicle_of.items()}
    return Room(vehicle, moves, at_least, is_exact)


class Search:
    """The question in bits: which plans meet which, and what stands where."""

    def __init__(self, new: Plan, plans: Sequence[Plan]) -> None:
        self.plans = [*plans, new]
        self.meets = meetings(self.plans)
        standing: dict[int, int] = {}
        stays = 0
        for number, plan in enumerate(plans):
            assert plan.vehicle is not None
            standing[plan.vehicle] = standing.get(plan.vehicle, 0) | 1 << number
            if not plan.fits:
                stays |= 1 << number
        self.ways = [  # for each plan: the vehicles it may go to, and whom it would push out there
            [
                (vehicle, met)
                for vehicle in sorted(plan.fits - {plan.vehicle})
                if not (met := self.meets[number] & standing.get(vehicle, 0)) & stays
            ]
            for number, plan in enumerate(self.plans)
        ]
        self.was_cut = False

    def within(self, allowed: int, budget: int) -> list[tuple[int, int]] | None:
        """Where each plan goes that must move, with at most `allowed` moves beside the new one; None: nowhere."""
        self.arrived: dict[int, int] = {}
        self.allowed, self.budget, self.was_cut = allowed, budget, False
        return self.place(1 << len(self.plans) - 1, 0)

    def place(self, homeless: int, pushed: int) -> list[tuple[int, int]] | None:
        if not homeless:
            return []
        room = self.allowed - pushed.bit_count()
        choices = [(number, self.ways_left(number, pushed, room)) for number in bits(homeless)]
        if any(not ways for _, ways in choices):
            return None
        if self.fewest_pushed(choices) > room:
            self.was_cut = True
            return None
        number, ways = min(choices, key=lambda choice: len(choice[1]))
        for _, vehicle, met in sorted(ways):
            self.arrived[vehicle] = self.arrived.get(vehicle, 0) | 1 << number
            rest = self.place(homeless & ~(1 << number) | met, pushed | met)
            self.arrived[vehicle] &= ~(1 << number)
            if rest is not None:
                return [*rest, (number, vehicle)]
        return None

    def ways_left(self, number: int, pushed: int, room: int) -> list[tuple[int, int, int]]:
        """(how many it pushes out, vehicle, whom), within the moves that are left; nobody moves twice."""
        self.budget -= len(self.ways[number])
        if self.budget < 0:
            raise OutOfBudget
        ways = []
        for vehicle, met in self.ways[number]:
            if self.meets[number] & self.arrived.get(vehicle, 0):
                continue
            still_there = met & ~pushed
            count = still_there.bit_count()
            if count <= room:
                ways.append((count, vehicle, still_there))
            else:
                self.was_cut = True
        return ways

    def fewest_pushed(self, choices: list[tuple[int, list[tuple[int, int, int]]]]) -> int:
        """What plans that all meet each other push out at least, each on a vehicle of its own."""
        least = sorted(((min(ways)[0], number) for number, ways in choices), reverse=True)
        total, together = 0, -1
        for count, number in least:
            if together >> number & 1:
                total += count
                together &= self.meets[number]
        return total


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
