"""Which loans there were, are and will be: one life per vehicle, from a year ago until a month ahead. No database.

What happens around this moment is set by hand (late, back today, leaving today…), so that every page has something
to show whatever the hour; the rest is diced.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fleet.models import Kind, Vehicle
from participants.entitlements import Driver, Title, ToDrive, can_drive
from participants.models import Participant
from portal.demo.cast import World

DAY = dt.timedelta(days=1)
LENGTHS = {  # in days, with how often
    Kind.CAR: ((7, 14, 28, 30, 56, 84), (14, 20, 22, 24, 14, 6)),
    Kind.VAN: ((1, 2, 3), (50, 30, 20)),
}
USUAL_LENGTHS = ((7, 14, 28, 30, 60), (20, 28, 24, 18, 10))
GAPS = {Kind.CAR: (1, 9), Kind.VAN: (4, 20), Kind.MICROCAR: (2, 12), Kind.MOPED: (3, 26), Kind.E_BIKE: (4, 30)}
RETURNED, ACTIVE, RESERVED, CANCELLED = "returned", "active", "reserved", "cancelled"


@dataclass
class Loan:
    vehicle: Vehicle
    participant: Participant
    starts_at: dt.datetime
    ends_at: dt.datetime
    booked_at: dt.datetime
    state: str
    out_at: dt.datetime | None = None
    back_at: dt.datetime | None = None
    absent: bool = False  # the keys were in the box
    unpaid: bool = False


@dataclass
class Stay:
    """A vehicle at the garage, over and done with."""

    vehicle: Vehicle
    starts_at: dt.datetime
    ends_at: dt.datetime


class Planner:
    def __init__(self, world: World) -> None:
        self.world, self.rng = world, world.rng
        self.loans: list[Loan] = []
        self.stays: list[Stay] = []
        self.in_repair: list[Vehicle] = []
        self.engaged: dict[int, list[tuple[dt.datetime, dt.datetime]]] = {}
        self.drivers = {
            person.pk: Driver(
                person.birth_date,
                person.licence_declared,
                tuple(Title.of(row) for row in world.entitlements.get(person.pk, [])),
            )
            for person in world.participants
        }

    def run(self) -> "Planner":
        fates = self.fates()
        for vehicle in self.world.vehicles:
            self.live(vehicle, fates.get(vehicle.pk, ""))
        return self

    def fates(self) -> dict[int, str]:
        """What this very day holds for some of the vehicles."""
        many = len(self.world.vehicles) > 30
        wanted = [
            "late",
            "late",
            "returns",
            "returns",
            "leaves",
            "leaves",
            "missed",
            "back",
            "back",
            "repair",
            "repair",
        ]
        wanted += ["repair"] * 2
        if many:
            wanted += ["late", "returns", "leaves", "leaves", "back", *["repair"] * 6]
        order = sorted(self.world.vehicles, key=lambda one: (int(one.fleet_number[1:]), one.kind))
        # Bikes have no place in the queue of the garages here; cars and scooters take turns.
        order = [one for one in order if one.kind not in (Kind.E_BIKE, Kind.VAN)]
        self.rng.shuffle(wanted)
        return {one.pk: fate for one, fate in zip(order, wanted, strict=False)}

    def live(self, vehicle: Vehicle, fate: str) -> None:
        today, rng = self.world.today, self.rng
        low, high = GAPS[Kind(vehicle.kind)]
        self.eligible = self.who_may_drive(vehicle)
        first = today - dt.timedelta(days=365 - rng.randint(0, 25))
        horizon = today + dt.timedelta(days=31)
        if not fate:
            self.stretch(vehicle, first, horizon, until_they_start=True)
            return
        if fate == "repair":
            self.stretch(vehicle, first, today - dt.timedelta(days=12))
            self.in_repair.append(vehicle)
            return
        starts, ends = self.around_now(fate)
        self.stretch(vehicle, first, starts.date() - 3 * DAY)  # somebody may be late by two
        if self.add(vehicle, starts, ends, fate):
            after = max(ends.date(), today) + dt.timedelta(days=rng.randint(low, high))
            self.stretch(vehicle, after, horizon, until_they_start=True)

    def around_now(self, fate: str) -> tuple[dt.datetime, dt.datetime]:
        rng, now = self.rng, self.world.now
        length = dt.timedelta(days=rng.choice((7, 14, 28)))
        local = now.astimezone(self.world.zone)
        soon = quarter(local + dt.timedelta(hours=1, minutes=rng.randint(0, 180)))
        if soon.date() != local.date():  # it is late in the evening
            soon = local.replace(hour=23, minute=45, second=0, microsecond=0)
        ago = quarter(local - dt.timedelta(hours=1, minutes=rng.randint(30, 200)))
        if fate == "returns":
            return self.earlier(soon, length), soon
        if fate == "leaves":
            return soon, self.later(soon, length)
        if fate == "missed":
            return ago, self.later(ago, length)
        if fate == "back":
            return self.earlier(ago, length), ago
        ended = self.earlier(ago, dt.timedelta(days=rng.choice((0, 1, 2))))
        return self.earlier(ended, length), ended

    def earlier(self, at: dt.datetime, by: dt.timedelta) -> dt.datetime:
        return at.astimezone(self.world.zone) - by  # on the wall clock: the same hour

    def later(self, at: dt.datetime, by: dt.timedelta) -> dt.datetime:
        return at.astimezone(self.world.zone) + by

    def stretch(self, vehicle: Vehicle, first: dt.date, last: dt.date, *, until_they_start: bool = False) -> None:
        """Loans with pauses that end (or only start) by the last day; sometimes the garage in a pause."""
        rng, day = self.rng, first
        low, high = GAPS[Kind(vehicle.kind)]
        lengths, weights = LENGTHS.get(Kind(vehicle.kind), USUAL_LENGTHS)
        while True:
            day = working(day)
            if rng.random() < 0.11 and day < min(self.world.today - 20 * DAY, last - 10 * DAY):
                day = self.to_the_garage(vehicle, day)
            starts = self.world.at(day, rng.choice((9, 9, 10, 11, 14, 15, 16)), rng.choice((0, 0, 15, 30, 45)))
            days = rng.choices(lengths, weights)[0]
            until = working(day + dt.timedelta(days=days))
            ends = starts.astimezone(self.world.zone) + (until - day)
            if abs(starts - self.world.now) < DAY:  # this very day is set by hand
                day += dt.timedelta(days=2)
                continue
            while abs(ends - self.world.now) < 1.5 * DAY or ends.weekday() > 4:
                ends += DAY
            if (starts if until_they_start else ends).date() > last:
                return
            loan = self.add(vehicle, starts, ends, "")
            after = loan.back_at if loan and loan.back_at else ends
            if loan is None or loan.state == CANCELLED:
                after = starts
            day = max(after, starts).astimezone(self.world.zone).date() + dt.timedelta(days=rng.randint(low, high))

    def to_the_garage(self, vehicle: Vehicle, day: dt.date) -> dt.date:
        back = working(day + dt.timedelta(days=self.rng.randint(1, 5)))
        self.stays.append(Stay(vehicle, self.world.at(day, 9), self.world.at(back, 16)))
        return working(back + DAY)

    def add(self, vehicle: Vehicle, starts: dt.datetime, ends: dt.datetime, fate: str) -> Loan | None:
        participant = self.somebody(starts, ends)
        if participant is None:
            return None
        rng, now = self.rng, self.world.now
        booked = min(
            starts - dt.timedelta(days=rng.randint(1, 16), hours=rng.randint(0, 6)), now - dt.timedelta(hours=3)
        )
        loan = Loan(vehicle, participant, starts, ends, booked, RESERVED)
        if not fate and starts > now - 300 * DAY and rng.random() < 0.05:
            loan.state = CANCELLED
            loan.booked_at = min(booked, now - DAY)
        elif fate in ("leaves", "missed") or starts > now:
            pass
        else:
            loan.out_at = starts + dt.timedelta(minutes=rng.randint(2, 25))
            loan.state = ACTIVE
            back = self.when_back(loan, fate)
            if back < now and fate not in ("late", "returns"):
                loan.back_at, loan.state = back, RETURNED
                loan.absent = rng.random() < 0.03
                loan.unpaid = fate == "back" or (back > now - 75 * DAY and rng.random() < 0.16)
        if loan.state != CANCELLED:
            self.engaged.setdefault(participant.pk, []).append((starts, max(ends, loan.back_at or ends)))
        self.loans.append(loan)
        return loan

    def when_back(self, loan: Loan, fate: str) -> dt.datetime:
        rng = self.rng
        if fate == "back":
            return loan.ends_at - dt.timedelta(minutes=rng.randint(1, 20))
        dice = rng.random()
        if dice < 0.07:
            return loan.ends_at + dt.timedelta(hours=rng.choice((2, 5, 20, 26, 47)))
        early = loan.ends_at - loan.starts_at
        if dice < 0.18 and early > 6 * DAY:
            return loan.ends_at - dt.timedelta(days=rng.randint(1, 4), hours=rng.randint(0, 4))
        return loan.ends_at - dt.timedelta(minutes=rng.randint(1, 50))

    def who_may_drive(self, vehicle: Vehicle) -> list[Participant]:
        wanted, today = ToDrive.of(vehicle), self.world.today
        return [one for one in self.world.participants if can_drive(self.drivers[one.pk], wanted, today).allowed]

    def somebody(self, starts: dt.datetime, ends: dt.datetime) -> Participant | None:
        """Who may drive it, was there already, and has no other loan then."""
        day = (starts - 18 * DAY).date()
        for person in self.rng.sample(self.eligible, min(len(self.eligible), 40)):
            if person.entered_on is not None and person.entered_on > day:
                continue
            if all(end + DAY <= starts or begin >= ends + DAY for begin, end in self.engaged.get(person.pk, [])):
                return person
        return None

    def by_vehicle(self) -> Iterator[tuple[Any, list[Loan]]]:
        lives: dict[int, list[Loan]] = {}
        for loan in self.loans:
            lives.setdefault(loan.vehicle.pk, []).append(loan)
        for vehicle in self.world.vehicles:
            yield vehicle, sorted(lives.get(vehicle.pk, []), key=lambda loan: loan.starts_at)


def working(day: dt.date) -> dt.date:
    """That day, or the Monday after."""
    return day + dt.timedelta(days=7 - day.weekday()) if day.weekday() > 4 else day


def quarter(at: dt.datetime) -> dt.datetime:
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
