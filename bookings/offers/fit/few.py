"""Few moves, found by trying 0, then 1, then 2 …: the first set that is found is a smallest one. Pure.

Moving a loan to a vehicle pushes out those that it meets there, each of which must move in turn. Two things keep it
short. The loan with the fewest vehicles left is placed first. Loans that meet each other need different vehicles, and
what stands on different vehicles is pushed out separately: so the fewest that each would push out add up, and too many
end that branch. Effort is counted in ways looked at, not seconds, so that the same question always has the same answer.
"""

from bookings.offers.fit.question import Answer, Question, bits


class OutOfBudget(Exception):
    pass


def few_moves(question: Question, budget: int) -> Answer:
    """A smallest set, or the proof that there is none, or how many moves do not suffice."""
    search = Search(question, budget)
    allowed = 0
    while True:
        try:
            placed = search.within(allowed)
        except OutOfBudget:
            return Answer(None, allowed, is_exact=False)
        if placed is not None:
            return Answer(dict(placed), allowed, is_exact=True)
        if not search.was_cut:
            return Answer(None, allowed, is_exact=True)  # nothing was left untried
        allowed += 1


class Search:
    def __init__(self, question: Question, budget: int) -> None:
        self.question = question
        self.budget = budget

    def within(self, allowed: int) -> list[tuple[int, int]] | None:
        """Where each plan goes that must move, with at most `allowed` moves beside the new one; None: nowhere."""
        self.arrived: dict[int, int] = {}
        self.allowed, self.was_cut = allowed, False
        return self.place(1 << self.question.new, 0)

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
        self.budget -= len(self.question.ways[number])
        if self.budget < 0:
            raise OutOfBudget
        ways = []
        for vehicle, met in self.question.ways[number]:
            if self.question.meets[number] & self.arrived.get(vehicle, 0):
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
                together &= self.question.meets[number]
        return total
