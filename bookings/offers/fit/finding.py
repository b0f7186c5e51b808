"""How room for one more is found: each pool apart, as a whole where it is small enough, else in its best part.

A pool is what loans may change among: a site's vehicles, or some of them. Placing intervals of which some may not move
is NP-hard in general, but hardly ever in a pool: up to `WHOLE` vehicles the linear program (`program.py`) finds a
smallest set or proves that there is none. It reckons with as many loans as `COLUMNS` allows, those nearest to the wish
(300 for 40 vehicles); what farther ones might spare is in its bound. In a larger pool few moves are tried on all of it
(`few.py`), then any number on the part that has most room. What is found can always be done, and `at_least` says how
much better it could be.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bookings.offers.fit.few import few_moves
from bookings.offers.fit.part import nearest, roomiest
from bookings.offers.fit.question import Answer, Plan, Question, collide, vehicles_of

WHOLE = 60  # vehicles of a pool that is looked at as a whole
PART = 40  # and of the part of a larger one
COLUMNS = 12_000  # of the program: loans that may move, times vehicles
WAYS = 200_000  # looked at for few moves in a large pool, about a fifth of a second


@dataclass(frozen=True)
class Room:
    """What was found. `vehicle` for the new one and `moves` (plan → vehicle), or None when there is no room.

    No set of fewer than `at_least` moves exists; `is_exact`: the set is a smallest one, or there is none at all.
    """

    vehicle: int | None
    moves: Mapping[int, int] = field(default_factory=dict)
    at_least: int = 0
    is_exact: bool = True


def find_room(
    new: Plan, plans: Sequence[Plan], *, columns: int = COLUMNS, whole: int = WHOLE, ways: int = WAYS
) -> Room:
    """Room for `new` among the vehicles that it fits. `plans` do not collide with each other where they stand."""
    free = new.fits - {plan.vehicle for plan in plans if collide(plan, new)}
    if free:
        return Room(min(free))
    return best_of([room_in_pool(one, there, columns, whole, ways) for one, there in pools(new, plans)])


def pools(new: Plan, plans: Sequence[Plan]) -> Iterator[tuple[Plan, list[Plan]]]:
    """The new one as it fits each pool, and what stands there. Nobody goes from one pool to another."""
    together = {vehicle: {vehicle} for vehicle in vehicles_of([*plans, new])}
    for fits in {plan.fits | {plan.vehicle} for plan in plans}:
        joined = set[int]().union(*(together[vehicle] for vehicle in fits))  # type: ignore[index]
        together |= dict.fromkeys(joined, joined)
    for first, pool in sorted(together.items()):
        if first == min(pool) and not pool.isdisjoint(new.fits):
            yield replace(new, fits=new.fits & pool), [plan for plan in plans if plan.vehicle in pool]


def best_of(rooms: Sequence[Room]) -> Room:
    """Of what was found in each pool the fewest moves; the bound is that of the pool where least is known."""
    hopeful = [room for room in rooms if room.vehicle is not None or not room.is_exact]
    if not hopeful:
        return Room(None)
    at_least = min(room.at_least for room in hopeful)
    best = min(hopeful, key=lambda room: (room.vehicle is None, len(room.moves)))
    is_exact = best.vehicle is not None and len(best.moves) == at_least
    return replace(best, at_least=at_least, is_exact=is_exact)


def room_in_pool(new: Plan, plans: Sequence[Plan], columns: int, whole: int, ways: int) -> Room:
    """Room for `new`, which finds no free vehicle here."""
    if full_throughout(new, plans):
        return Room(None)
    question = Question(new, plans)
    if not question.ways[question.new]:
        return Room(None)
    if len(question.vehicles) <= whole:
        return room_of(question, by_program(question, question.vehicles, columns))
    answer = few_moves(question, ways)
    if not answer.is_exact:
        answer = by_program(question, roomiest(question, PART), columns, answer.at_least)
    return room_of(question, answer)


def full_throughout(new: Plan, plans: Sequence[Plan]) -> bool:
    """At some instant of the wish there are as many plans as vehicles: a proof that no move helps."""
    vehicles = vehicles_of([*plans, new])
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


def by_program(question: Question, vehicles: set[int], columns: int, at_least: int | None = None) -> Answer:
    """What the program finds. With `at_least`, `vehicles` are a part of the pool, and that bound is known already."""
    from bookings.offers.fit.program import Program  # 25 MB and 0.2 s, for those who look for room

    movers = nearest(question, vehicles, columns // len(vehicles))
    program = Program(question, vehicles, movers)
    if at_least is None:
        answer = program.solve()
        if answer.placed is None or not question.pushed(answer.placed) & ~movers:
            return answer
        at_least = answer.at_least
    program.close()
    answer = program.solve()
    moves = None if answer.placed is None else len(answer.placed) - 1
    return Answer(answer.placed, at_least, is_exact=moves == at_least)


def room_of(question: Question, answer: Answer) -> Room:
    if answer.placed is None:
        return Room(None, at_least=answer.at_least, is_exact=answer.is_exact)
    where = {question.plans[number].key: vehicle for number, vehicle in answer.placed.items()}
    vehicle = where.pop(question.plans[question.new].key)
    return Room(vehicle, where, answer.at_least, answer.is_exact)
