"""The pool and its loans in plain Python: what every verb does, and why it is refused. It knows no Django.

It is written from the rules, not from the code: no turnaround but the half hour of a dirty return, sites that are
always open, one tariff (a price a started day, a fee a started late day, unused days given back).
`…_refused` gives the codes with which a verb may be refused; none: it must happen.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Paris")
HOUR, DAY, NO_TIME = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta()
DAY_PRICE, LATE_FEE, NO_SHOW_FEE = 3, 5, 4
DIRTY = dt.timedelta(minutes=30)
OPEN, REQUESTS = {"reserved", "active"}, {"draft", "awaiting_documents", "awaiting_approval"}

Codes = set[str]


@dataclass
class Car:
    site: int
    in_service: bool = True


@dataclass(eq=False)
class Hold:
    car: int
    start: dt.datetime
    end: dt.datetime
    purpose: str = "loan"
    out: dt.datetime | None = None
    back: dt.datetime | None = None
    ready: bool = False
    after: dt.timedelta = NO_TIME
    pk: int | None = None  # of a hold that is nobody's loan

    @property
    def plan_end(self) -> dt.datetime:
        return self.end - self.after

    @property
    def is_out(self) -> bool:
        return self.out is not None and self.back is None


@dataclass(eq=False)
class Part:
    """One vehicle for one part of a loan."""

    car: int
    start: dt.datetime
    end: dt.datetime
    hold: Hold | None
    ended: str = ""
    told: bool = False  # the participant expects this very vehicle


@dataclass(eq=False)
class Period:
    start: dt.datetime
    end: dt.datetime
    signed: bool = True
    given_up: bool = False

    @property
    def total(self) -> int:
        return 0 if self.given_up else DAY_PRICE * days(self.start, self.end)


@dataclass(eq=False)
class Loan:
    person: int
    start: dt.datetime
    end: dt.datetime
    state: str = "reserved"
    until: dt.datetime | None = None
    parts: list[Part] = field(default_factory=list)
    periods: list[Period] = field(default_factory=list)
    late: int = 0  # late days that were charged
    charged: bool = False
    stayed_away: bool = False

    @property
    def current(self) -> list[Part]:
        return [part for part in self.parts if not part.ended]

    @property
    def serving(self) -> Part | None:
        return self.current[-1] if self.current else None

    @property
    def out(self) -> list[Part]:
        return [part for part in self.current if part.hold and part.hold.is_out]

    @property
    def waiting(self) -> list[Part]:
        """Whose keys may be given."""
        return [part for part in self.current if part.hold and part.hold.out is None]

    @property
    def standing(self) -> list[Period]:
        return sorted((one for one in self.periods if not one.given_up), key=lambda one: one.start)

    @property
    def due(self) -> int:
        rent = sum(one.total for one in self.periods) if self.charged else 0
        return rent + LATE_FEE * self.late + (NO_SHOW_FEE if self.stayed_away else 0)

    @property
    def brought_back(self) -> dt.datetime | None:
        """When the vehicle whose keys were given last came back."""
        back = [part.hold for part in reversed(self.parts) if part.hold and part.hold.back]  # of one moment: the later
        return max(back, key=lambda hold: hold.out).back if back else None  # type: ignore[return-value, arg-type]


def days(start: dt.datetime, end: dt.datetime) -> int:
    """Started 24 hours of the wall clock."""
    wall = end.astimezone(ZONE).replace(tzinfo=None) - start.astimezone(ZONE).replace(tzinfo=None)
    return max(1, -(-wall // DAY))


def late_days(end: dt.datetime, back: dt.datetime) -> int:
    return days(end, back) if back > end else 0


class Pool:
    """Vehicles and what takes them."""

    def __init__(self, now: dt.datetime, cars: dict[int, Car], minors: Iterable[int]) -> None:
        self.now = now
        self.cars = cars
        self.minors = set(minors)
        self.holds: list[Hold] = []
        self.loans: list[Loan] = []

    def of(self, car: int) -> list[Hold]:
        return [hold for hold in self.holds if hold.car == car]

    def late(self, car: int, but: Iterable[Hold] = ()) -> bool:
        return any(hold.is_out and hold.plan_end <= self.now for hold in self.of(car) if hold not in [*but])

    def near(self, car: int, start: dt.datetime, end: dt.datetime, but: Iterable[Hold] = ()) -> list[Hold]:
        return [hold for hold in self.of(car) if hold.start < end and hold.end > start and hold not in [*but]]

    def is_free(self, car: int, start: dt.datetime, end: dt.datetime) -> bool:
        return self.cars[car].in_service and not self.late(car) and not self.near(car, start, end)

    # --- steps ----------------------------------------------------------------------------------

    def taken(
        self,
        car: int,
        start: dt.datetime,
        end: dt.datetime,
        *,
        but: Iterable[Hold] = (),
        turnaround: str = "turnaround",
    ) -> Codes:
        """Why the vehicle cannot be promised then."""
        why = set()
        if not self.cars[car].in_service:
            why.add("withdrawn")
        if start >= end:
            return why | {"ends_before_start"}
        if self.late(car, but):
            why.add("late")
        return why | self.in_the_way(car, start, end, but=but, turnaround=turnaround)

    def in_the_way(
        self,
        car: int,
        start: dt.datetime,
        end: dt.datetime,
        *,
        but: Iterable[Hold] = (),
        turnaround: str = "turnaround",
    ) -> Codes:
        near = self.near(car, start, end, but)
        if any(hold.start < end and hold.plan_end > start for hold in near):
            return {"overlap"}
        return {turnaround} if near else set()

    def taken_away(self, car: int, start: dt.datetime, end: dt.datetime, *, but: Iterable[Hold] = ()) -> Codes:
        """Why it cannot be taken from the loans that are promised."""
        why = set()
        if not self.cars[car].in_service:
            why.add("withdrawn")
        if start >= end:
            why.add("ends_before_start")
        if self.late(car, but):
            why.add("late")
        return why | self.immovable(car, start, end, but=but)

    def immovable(self, car: int, start: dt.datetime, end: dt.datetime, *, but: Iterable[Hold] = ()) -> Codes:
        why = set()
        for hold in self.near(car, start, end, but):
            if hold.plan_end > start and hold.is_out:
                why.add("vehicle_out")
            elif hold.plan_end > start and (hold.purpose != "loan" or hold.out):
                why.add("overlap")
        return why

    def take(self, car: int, start: dt.datetime, end: dt.datetime, **more: object) -> Hold:
        """Promised loans in the way lose their hold; what a plan leaves to cleaning is cut."""
        for hold in self.near(car, start, end):
            if hold.plan_end <= start:
                hold.after -= hold.end - start
                hold.end = start
            else:
                self.forget(hold)
        hold = Hold(car, start, end, **more)  # type: ignore[arg-type]
        self.holds.append(hold)
        return hold

    def forget(self, hold: Hold) -> None:
        """Whoever it was promised to is displaced."""
        self.holds.remove(hold)
        for part in (part for loan in self.loans for part in loan.parts if part.hold is hold):
            part.hold = None

    def displaced(self) -> list[tuple[Loan, Part]]:
        return [(loan, part) for loan in self.loans for part in loan.current if part.hold is None]

    def end(self, part: Part, how: str) -> None:
        """A promise is dropped, and its vehicle is free."""
        part.ended = how
        if part.hold is not None:
            hold, part.hold = part.hold, None
            self.holds.remove(hold)

    def make_ready(self, car: int, at: dt.datetime) -> bool:
        waiting = [hold for hold in self.of(car) if hold.purpose == "loan" and hold.back and not hold.ready]
        for hold in waiting:
            since = max(at, hold.back)  # type: ignore[type-var]
            hold.ready = True
            if hold.start < since < hold.end:  # type: ignore[operator]
                hold.after = max(hold.after - (hold.end - since), NO_TIME)  # type: ignore[operator]
                hold.end = since  # type: ignore[assignment]
        return bool(waiting)

    # --- what sets a vehicle aside ----------------------------------------------------------------

    def block(self, car: int, start: dt.datetime, end: dt.datetime) -> None:
        self.take(car, start, end, purpose="maintenance")

    def withdraw_refused(self, car: int) -> Codes:
        if not self.cars[car].in_service:
            return {"already_withdrawn"}
        why = set()
        if any(hold.is_out and hold.purpose != "missing" for hold in self.of(car)):
            why.add("vehicle_out")
        if any(hold.purpose == "maintenance" and hold.end > self.now for hold in self.of(car)):
            why.add("in_repair")
        return why

    def withdraw(self, car: int) -> None:
        self.cars[car].in_service = False
        for hold in self.of(car):
            if hold.out is None and hold.end > self.now:
                self.forget(hold)
