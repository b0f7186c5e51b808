"""The smallest set of moves as a linear program, solved by HiGHS.

A column is a loan on a vehicle where it does not stand now, or a loan that is pushed out of its own; each pushed loan
costs one and goes to exactly one other vehicle. A row is a set of loans that all meet each other on one vehicle: at
most one of them comes, and only when the loan that stands there is pushed out. Seen alone, a vehicle whose loans lie
one after the other leaves no use for halves, so the best shares are almost always whole: then the first solution is the
answer and its proof. Where they are not, what would cost too much by its reduced cost is left out, and HiGHS branches
on what remains.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from math import ceil, inf

import highspy
import numpy as np

from bookings.offers.fit.question import Answer, Question, bits

Status = highspy.HighsModelStatus
CLOSE = 1e-6
OPTIONS: dict[str, bool | float | str] = {
    "output_flag": False,
    "presolve": "off",  # it takes longer than it saves
    "threads": 1,
    "parallel": "off",
    "simplex_iteration_limit": 20_000,  # ten times what a pool of 40 takes: an effort, the same on every machine
    "mip_max_nodes": 500,
    "time_limit": 10.0,  # seconds, for a machine that is busy with something else
    "mip_abs_gap": 0.99,  # moves are whole
    "mip_rel_gap": 0.0,
}
FURTHER = 3  # moves beyond the bound of the fractions that are still tried


@dataclass
class Rows:
    """What HiGHS wants to know, row by row."""

    starts: list[int] = field(default_factory=lambda: [0])
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)

    def add(self, one_each: list[int], *, minus: int | None = None, lower: float = -inf, upper: float = 0) -> None:
        self.columns += one_each
        self.values += [1.0] * len(one_each)
        if minus is not None:
            self.columns.append(minus)
            self.values.append(-1.0)
        self.starts.append(len(self.columns))
        self.lower.append(lower)
        self.upper.append(upper)


class Program:
    """The question, among `vehicles`, when only `movers` and the new one go anywhere.

    Whom they push out beyond that costs one and vanishes: a bound. After `close` nobody does: what is found is real.
    """

    def __init__(self, question: Question, vehicles: Collection[int], movers: int) -> None:
        self.question = question
        self.movers = movers | 1 << question.new
        self.by_start = sorted(bits(self.movers), key=lambda number: question.plans[number].start)
        self.costs: list[float] = []
        self.pushed: dict[int, int] = {}  # plan → its column
        self.goes: dict[tuple[int, int], int] = {}  # plan, vehicle → its column
        self.cliques = list(cliques(self.by_start, question.meets))
        rows = Rows()
        coming = self.places(rows, vehicles)
        for vehicle, who in coming.items():
            self.share(rows, vehicle, who)
        self.most = np.ones(len(self.costs))
        self.solver = highspy.Highs()
        for name, value in OPTIONS.items():
            self.solver.setOptionValue(name, value)
        self.solver.passModel(self.linear(rows))

    def column(self, cost: float) -> int:
        self.costs.append(cost)
        return len(self.costs) - 1

    def column_of_pushed(self, number: int) -> int:
        if number not in self.pushed:
            self.pushed[number] = self.column(1)
        return self.pushed[number]

    def places(self, rows: Rows, vehicles: Collection[int]) -> dict[int, int]:
        """Who is pushed out goes to one vehicle, and so does the new one. Returns who may come to each vehicle."""
        coming: dict[int, int] = {}
        for number in self.by_start:
            columns = []
            for vehicle, _ in self.question.ways[number]:
                if vehicle in vehicles:
                    self.goes[number, vehicle] = self.column(0)
                    columns.append(self.goes[number, vehicle])
                    coming[vehicle] = coming.get(vehicle, 0) | 1 << number
            if number == self.question.new:
                rows.add(columns, lower=1, upper=1)
            else:
                rows.add(columns, minus=self.column_of_pushed(number), lower=0)
        return coming

    def share(self, rows: Rows, vehicle: int, who: int) -> None:
        """Of loans that meet each other one comes to the vehicle, and none where another stays."""
        meets = self.question.meets
        together = largest(clique & who for clique in self.cliques)
        standing = [plan for plan in bits(self.question.standing.get(vehicle, 0)) if meets[plan] & who]
        for clique in together:
            if not any(clique & meets[plan] == clique for plan in standing):
                rows.add([self.goes[number, vehicle] for number in bits(clique)], upper=1)
        for plan in standing:
            for clique in largest(clique & meets[plan] for clique in together):
                columns = [self.goes[number, vehicle] for number in bits(clique)]
                rows.add(columns, minus=self.column_of_pushed(plan))

    def linear(self, rows: Rows) -> highspy.HighsLp:
        linear = highspy.HighsLp()
        linear.num_col_, linear.num_row_ = len(self.costs), len(rows.lower)
        linear.col_cost_ = np.array(self.costs)
        linear.col_lower_, linear.col_upper_ = np.zeros(len(self.costs)), self.most
        linear.row_lower_, linear.row_upper_ = np.array(rows.lower), np.array(rows.upper)
        linear.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        linear.a_matrix_.start_ = np.array(rows.starts, dtype=np.int32)
        linear.a_matrix_.index_ = np.array(rows.columns, dtype=np.int32)
        linear.a_matrix_.value_ = np.array(rows.values)
        return linear

    def close(self) -> None:
        """From now on only the movers move."""
        for plan, column in self.pushed.items():
            if not self.movers >> plan & 1:
                self.most[column] = 0
        self.bound(self.most)

    def bound(self, most: np.ndarray) -> None:
        self.solver.changeColsBounds(len(most), np.arange(len(most), dtype=np.int32), np.zeros(len(most)), most)

    def solve(self) -> Answer:
        """A smallest set, or the proof that there is none, or what the limits of effort left open."""
        status = self.run()
        if status == Status.kInfeasible:
            return Answer(None, 0, is_exact=True)
        if status != Status.kOptimal:
            return Answer(None, 1, is_exact=False)
        shares = self.shares()
        if np.all(np.minimum(shares, 1 - shares) < CLOSE):
            return Answer(self.placed(), self.cost(), is_exact=True)
        return self.branch()

    def branch(self) -> Answer:
        """Whole numbers near the fractions: as few moves as their bound allows, then one more, and again."""
        found = self.solver.getInfo().objective_function_value
        dearer = np.array(self.solver.getSolution().col_dual)
        whole = np.full(len(self.costs), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        self.solver.changeColsIntegrality(len(whole), np.arange(len(whole), dtype=np.int32), whole)
        self.solver.setOptionValue("presolve", "on")
        least, best, placed = ceil(found - CLOSE), inf, None
        for _ in range(FURTHER):
            self.bound(np.where(dearer > least - found + CLOSE, 0, self.most))  # who would cost more than `least`
            status = self.run()
            if status == Status.kOptimal and self.cost() < best:
                best, placed = self.cost(), self.placed()
            elif status not in {Status.kOptimal, Status.kInfeasible}:
                break
            if best <= least:
                return Answer(placed, least, is_exact=True)
            least += 1
            if best == least:
                return Answer(placed, least, is_exact=True)
        return Answer(placed, least, is_exact=False)

    def run(self) -> highspy.HighsModelStatus:
        self.solver.run()
        return self.solver.getModelStatus()

    def cost(self) -> int:
        return round(self.solver.getInfo().objective_function_value)

    def shares(self) -> np.ndarray:
        return np.array(self.solver.getSolution().col_value)

    def placed(self) -> dict[int, int]:
        shares = self.shares()
        return {number: vehicle for (number, vehicle), column in self.goes.items() if shares[column] > 1 / 2}


def cliques(by_start: list[int], meets: list[int]) -> Iterator[int]:
    """Sets of plans that all meet each other, in the order of time; every two that meet are together in one."""
    earlier = 0
    for number in by_start:
        rest = earlier & meets[number]
        earlier |= 1 << number
        while True:  # once, but where turnarounds differ
            clique = 0
            for other in bits(rest):
                if clique & meets[other] == clique:
                    clique |= 1 << other
            yield clique | 1 << number
            rest &= ~clique
            if not rest:
                break


def largest(sets: Iterable[int]) -> list[int]:
    """Without those that lie in their neighbour."""
    kept = [0]
    for one in sets:
        if one & kept[-1] == kept[-1]:
            kept[-1] = one
        elif one & kept[-1] != one:
            kept.append(one)
    return [one for one in kept if one]
