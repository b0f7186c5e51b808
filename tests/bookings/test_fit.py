"""Fit one more, against the plainest search there is: every way to place every loan."""

import datetime as dt
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookings.offers.fit import Plan, Room, collide, find_room
from bookings.offers.fit.few import few_moves
from bookings.offers.fit.finding import best_of
from bookings.offers.fit.program import Program
from bookings.offers.fit.question import Question

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
    room = find_room(plan(NEW, 4, 6, None, "123456789"), plans, columns=0)
    assert (room.vehicle, room.is_exact) == (None, True)


def test_touching_loans_share_a_vehicle_unless_turnaround_lies_between() -> None:
    new = plan(NEW, 5, 10, None, "1")
    assert find_room(new, [plan(1, 0, 5, 1)]).vehicle == 1
    assert find_room(new, [plan(1, 0, 5, 1, turn=0.1)]).vehicle is None


def test_an_idle_vehicle_takes_who_makes_room() -> None:
    room = find_room(plan(NEW, 0, 10, None, "1"), [plan(1, 0, 10, 1, "12")])
    assert (room.vehicle, room.moves) == (1, {1: 2})


def test_what_was_not_looked_at_is_said() -> None:
    plans = [plan(1, 0, 5, 1, "12"), plan(2, 5, 10, 2, "12")]
    assert find_room(plan(NEW, 0, 10, None, "12"), plans, columns=0) == Room(None, {}, at_least=1, is_exact=False)


def test_of_a_large_pool_few_moves_are_tried_then_the_best_part_is_looked_at() -> None:
    plans = [plan(1, 0, 5, 1, "12"), plan(2, 5, 10, 2, "12")]
    new = plan(NEW, 0, 10, None, "12")
    for ways in (1_000, 2):
        room = find_room(new, plans, whole=1, ways=ways)
        assert (len(room.moves), room.at_least, room.is_exact) == (1, 1, True)


def test_pools_are_looked_at_apart_and_the_fewest_moves_win() -> None:
    """Vehicles 1 to 3 need two moves, 4 and 5 one; nobody goes from one site to the other, whatever is free there."""
    two = [plan(1, 0, 4, 1, "123"), plan(2, 6, 10, 1, "123"), plan(3, 4, 10, 2, "123"), plan(4, 0, 6, 3, "123")]
    one = [plan(5, 0, 5, 4, "45"), plan(6, 5, 10, 5, "45")]
    wish = plan(NEW, 0, 10, None, "12345")
    for plans, moves in (two, 2), ([*two, *one], 1):
        new = wish if moves == 1 else replace(wish, fits=frozenset({1, 2, 3}))
        room = find_room(new, plans, whole=3)
        assert (len(room.moves), room.at_least, room.is_exact) == (moves, moves, True)
        check(room, new, plans)
    assert find_room(plan(NEW, 0, 10, None, "1"), [plan(1, 0, 5, 1, "12"), plan(2, 0, 10, 2)]) == Room(None)


def test_what_one_pool_leaves_open_bounds_what_another_has() -> None:
    """Nothing is known of the pool of two, where one move might do; two moves were found elsewhere."""
    two = [plan(1, 0, 4, 1, "123"), plan(2, 6, 10, 1, "123"), plan(3, 4, 10, 2, "123"), plan(4, 0, 6, 3, "123")]
    assert best_of([find_room(plan(NEW, 0, 10, None, "123"), two), Room(None, {}, 1, False)]).is_exact is False
    assert best_of([Room(None), Room(None)]) == Room(None)


HALVES = (  # (start, end, where it may go) by vehicle: the best shares here come to four moves and a half
    ((0, 6, "12345"), (8, 13, "12345"), (13, 16, "12345")),
    ((6, 10, "12345"), (11, 14, "")),
    ((1, 6, ""), (7, 11, "12345"), (13, 15, "12345")),
    ((2, 8, "2345"), (10, 14, "12345"), (15, 17, "")),
    ((1, 3, "12345"), (4, 7, "12345"), (9, 12, "12345"), (15, 21, "")),
)


def test_half_moves_are_made_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    branched, branch = [], Program.branch
    monkeypatch.setattr(Program, "branch", lambda program: branched.append(1) or branch(program))
    standing = [(vehicle, one) for vehicle, here in enumerate(HALVES, start=1) for one in here]
    plans = [plan(key, start, end, vehicle, fits) for key, (vehicle, (start, end, fits)) in enumerate(standing)]
    new = plan(NEW, 6, 11, None, "12345")
    room = find_room(new, plans)
    assert branched
    assert (len(room.moves), room.is_exact) == (5, True)
    check(room, new, plans)
    assert few_moves(Question(new, plans), 10**6).at_least == 5


VEHICLES = ("123", "123", "123", "12", "13", "23", "")
spans = st.tuples(
    st.integers(0, 11),
    st.integers(1, 6),
    st.sampled_from(VEHICLES),
    st.sampled_from([(0, 0), (0, 0), (0.5, 0.5), (0, 1), (1, 0)]),
)


def turned(key: int, start: int, length: int, vehicle: int | None, fits: str, turns: tuple[float, float]) -> Plan:
    one = plan(key, start, start + length, vehicle, fits)
    return replace(one, before=turns[0] * DAY, after=turns[1] * DAY)


@st.composite
def pools(draw: st.DrawFn) -> tuple[Plan, list[Plan]]:
    """Loans of which some stay, some fit two vehicles alone, some turn slowly."""
    plans: list[Plan] = []
    for key, (start, length, fits, turns) in enumerate(draw(st.lists(spans, max_size=7))):
        for vehicle in range(1, 4):
            one = turned(key, start, length, vehicle, fits, turns)
            if not any(other.vehicle == vehicle and collide(one, other) for other in plans):
                plans.append(one)
                break
    start, length, fits, turns = draw(spans)
    return turned(NEW, start, length, None, fits or "123", turns), plans


@settings(max_examples=400, deadline=None)
@given(pools())
def test_it_finds_the_smallest_set_or_proves_that_there_is_none(question: tuple[Plan, list[Plan]]) -> None:
    new, plans = question
    room, expected = find_room(new, plans), smallest(new, plans)
    assert room.is_exact
    assert (None if room.vehicle is None else len(room.moves)) == expected
    if room.vehicle is not None:
        check(room, new, plans)


@settings(max_examples=100, deadline=None)
@given(pools(), st.sampled_from([3, 6, 9]), st.sampled_from([1, 60]), st.sampled_from([0, 10, 10_000]))
def test_with_less_effort_what_it_says_is_still_true(
    question: tuple[Plan, list[Plan]], columns: int, whole: int, ways: int
) -> None:
    new, plans = question
    room, expected = find_room(new, plans, columns=columns, whole=whole, ways=ways), smallest(new, plans)
    if room.vehicle is not None:
        check(room, new, plans)
        assert expected is not None
        assert room.at_least <= expected <= len(room.moves)
    if room.is_exact:
        assert (None if room.vehicle is None else len(room.moves)) == expected
    elif expected is not None:
        assert room.at_least <= expected
