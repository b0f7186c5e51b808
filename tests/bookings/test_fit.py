"""Fit one more, against the plainest search there is: every way to place every loan."""

import datetime as dt
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from bookings.offers.fit import Plan, Room, collide, find_room

NEW = -1
DAY_ONE = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def plan(key: int, start: float, end: float, vehicle: int | None, fits: str = "", turn: float = 0) -> Plan:
    """`fits`: the vehicles as digits."""
    where = frozenset(int(digit) for digit in fits)
    return Plan(key, DAY_ONE + start * DAY, DAY_ONE + end * DAY, vehicle, where, turn * DAY, turn * DAY)


def smallest(new: Plan, plans: list[Plan]) -> int | None:
    """The fewest moves, by trying everything; None when nothing works."""
    found = None
    homes = [sorted(one.fits | {one.vehicle}) for one in plans]
    for *where, at in product(*homes, sorted(new.fits)):
        placed = [*zip(plans, where, strict=True), (new, at)]
        if any(
            there == here and collide(one, other)
            for number, (one, here) in enumerate(placed)
            for other, there in placed[:number]
        ):
            continue
        moves = sum(one.vehicle != here for one, here in placed[:-1])
        found = moves if found is None else min(found, moves)
    return found


def check(room: Room, new: Plan, plans: list[Plan]) -> None:
    """What was found can be done: nobody stands twice, nobody moves who may not."""
    where = {one.key: room.moves.get(one.key, one.vehicle) for one in plans} | {new.key: room.vehicle}
    for one in [*plans, new]:
        assert where[one.key] == one.vehicle or where[one.key] in one.fits
    both = [*plans, new]
    assert not any(
        where[one.key] == where[other.key] and collide(one, other)
        for number, one in enumerate(both)
        for other in both[:number]
    )


def test_a_free_vehicle_needs_no_move() -> None:
    room = find_room(plan(NEW, 0, 5, None, "12"), [plan(1, 0, 5, 1, "12")])
    assert (room.vehicle, room.moves) == (2, {})


def test_one_move_joins_two_half_gaps() -> None:
    plans = [plan(1, 0, 5, 1, "12"), plan(2, 5, 10, 2, "12")]
    room = find_room(plan(NEW, 0, 10, None, "12"), plans)
    assert len(room.moves) == 1
    assert room.is_exact
    check(room, plan(NEW, 0, 10, None, "12"), plans)


def test_what_may_not_move_stays() -> None:
    plans = [plan(1, 0, 5, 1), plan(2, 5, 10, 2)]
    assert find_room(plan(NEW, 0, 10, None, "12"), plans) == Room(None)


def test_a_full_pool_is_proof_enough() -> None:
    plans = [plan(number, 0, 10, number, "123456789") for number in range(1, 10)]
    room = find_room(plan(NEW, 4, 6, None, "123456789"), plans, budget=0)
    assert (room.vehicle, room.is_exact) == (None, True)


def test_touching_loans_share_a_vehicle_unless_turnaround_lies_between() -> None:
    new = plan(NEW, 5, 10, None, "1")
    assert find_room(new, [plan(1, 0, 5, 1)]).vehicle == 1
    assert find_room(new, [plan(1, 0, 5, 1, turn=0.1)]).vehicle is None


def test_an_exhausted_budget_says_how_far_it_looked() -> None:
    plans = [plan(1, 0, 5, 1, "12"), plan(2, 5, 10, 2, "12")]
    room = find_room(plan(NEW, 0, 10, None, "12"), plans, budget=2)
    assert not room.is_exact
    assert room.at_least == 1


VEHICLES = "123"
spans = st.tuples(st.integers(0, 11), st.integers(1, 6), st.booleans(), st.sampled_from([0, 0.5]))


@st.composite
def pools(draw: st.DrawFn) -> tuple[Plan, list[Plan]]:
    plans: list[Plan] = []
    for key, (start, length, moves, turn) in enumerate(draw(st.lists(spans, max_size=6))):
        for vehicle in range(1, 4):
            one = plan(key, start, start + length, vehicle, VEHICLES if moves else "", turn)
            if not any(other.vehicle == vehicle and collide(one, other) for other in plans):
                plans.append(one)
                break
    start, length = draw(st.integers(0, 11)), draw(st.integers(1, 6))
    return plan(NEW, start, start + length, None, VEHICLES), plans


@settings(max_examples=400, deadline=None)
@given(pools())
def test_it_finds_the_smallest_set_or_proves_that_there_is_none(question: tuple[Plan, list[Plan]]) -> None:
    new, plans = question
    room, expected = find_room(new, plans), smallest(new, plans)
    assert room.is_exact
    assert (None if room.vehicle is None else len(room.moves)) == expected
    if room.vehicle is not None:
        check(room, new, plans)
