"""One vehicle that two people want at once: what stands ready for each verb, and what is left afterwards.

Every verb wants the van for the same two days from now on. What it needs for that (a loan to extend, a request to
approve) is made for it alone, on new vehicles and new people, so that nothing must be wiped between two races.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bookings.actions import (
    approve,
    book,
    book_series,
    cancel,
    extend,
    make_room,
    move,
    record_loan,
    rehouse,
    replace_vehicle,
    request_loan,
)
from bookings.actions.at_once import with_report
from bookings.models import Assignment, Booking
from bookings.series.recurrence import Pattern
from core.db import action
from fleet import holds
from fleet.actions import reserve, withdraw
from fleet.models import Hold
from participants.models import DrivingEntitlement
from tests.bookings.reports import signature
from tests.factories import ParticipantFactory, VehicleFactory

NOW = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)  # Monday, nine o'clock in Paris
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
END = NOW + 2 * DAY
Verb = Callable[[], Any]


@dataclass
class Scene:
    """The wanted vehicle, others of its kind, and whatever the verbs need."""

    platform: Any
    by: Any
    site: Any
    wanted: Any = None
    others: list[Any] = field(default_factory=list)
    people: list[Any] = field(default_factory=list)
    made: int = 0  # loans on the wanted vehicle that stand ready; they never overlap

    def __post_init__(self) -> None:
        self.wanted = VehicleFactory(site=self.site)

    def other(self) -> Any:
        self.others.append(VehicleFactory(site=self.site))
        return self.others[-1]

    def person(self) -> Any:
        person = ParticipantFactory(platform=self.platform)
        DrivingEntitlement.objects.create(
            platform=self.platform, participant=person, category="B", obtained_on=dt.date(2015, 6, 1)
        )
        self.people.append(person)
        return person

    def loan(self, vehicle: Any, start: dt.datetime, end: dt.datetime) -> Booking:
        wish = {"participant": self.person(), "vehicle": vehicle, "starts_at": start, "ends_at": end}
        return book(self.platform, by=self.by, **wish)

    def on_wanted(self, start: dt.datetime, length: dt.timedelta) -> Booking:
        """The second such one stands after the first."""
        start += self.made * length
        self.made += 1
        return self.loan(self.wanted, start, start + length)

    # --- the verbs: each prepares what it needs, and gives the call ----------------------------------

    def book(self) -> Verb:
        person = self.person()
        wish = {"participant": person, "vehicle": self.wanted, "starts_at": NOW, "ends_at": END}
        return lambda: book(self.platform, by=self.by, **wish)

    def extend(self) -> Verb:
        """Somebody who has not come yet, and will keep it longer."""
        loan = self.on_wanted(NOW - HOUR, HOUR / 4)
        return lambda: extend(fresh(loan), until=END, by=self.by)

    def move(self) -> Verb:
        loan = self.loan(self.other(), NOW + 5 * DAY, NOW + 6 * DAY)
        return lambda: move(fresh(loan), starts_at=NOW, ends_at=END, vehicle=self.wanted, by=self.by)

    def replace_vehicle(self) -> Verb:
        loan = self.loan(self.other(), NOW, END)
        return lambda: replace_vehicle(fresh(loan), vehicle=self.wanted, by=self.by, reason="Freins")

    def rehouse(self) -> Verb:
        taken = self.other()
        part = self.loan(taken, NOW, END).assignments.get()
        block(taken)
        assert Assignment.objects.get(pk=part.pk).hold is None
        return lambda: rehouse(Assignment.objects.get(pk=part.pk), vehicle=self.wanted, by=self.by)

    def make_room(self) -> Verb:
        """The loan of next week goes to another vehicle, and a long one gets this."""
        part = self.on_wanted(NOW + 9 * DAY, DAY).assignments.get()
        moves = [(part, self.wanted.pk, self.other())]
        wish = {"participant": self.person(), "starts_at": NOW, "ends_at": NOW + 11 * DAY}
        return lambda: make_room(self.platform, moves=moves, vehicle=self.wanted, by=self.by, **wish)

    def approve(self) -> Verb:
        wish = {"participant": self.person(), "kind": "car", "starts_at": NOW, "ends_at": END}
        asked = request_loan(self.platform, by=self.by, **wish)
        return lambda: approve(fresh(asked), vehicle=self.wanted, by=self.by)

    def hand_over_early(self) -> Verb:
        loan = self.on_wanted(END, DAY)
        said = {
            "happened_at": NOW,
            "identity_seen": True,
            "licence_seen": True,
            "km_state": "unreadable",
            "is_clean": True,
            "checklist": "ok",
            "equipment": "ok",
            "photos_reason": "Il fait nuit",
            "signer_name": "Ana Dupouy",
        }
        signed = lambda: {"participant_signature": signature(), "agent_signature": signature()}  # noqa: E731
        return lambda: with_report(fresh(loan), direction="out", by=self.by, said=said | signed())

    def cancel(self) -> Verb:
        loan = self.on_wanted(END + 2 * DAY, DAY)
        return lambda: cancel(fresh(loan), by=self.by, reason="Renonce")

    def record_loan(self) -> Verb:
        wish = {"participant": self.person(), "vehicle": self.wanted, "starts_at": NOW - HOUR / 4, "ends_at": END}
        return lambda: record_loan(self.platform, by=self.by, **wish)

    def book_series(self) -> Verb:
        """By day, from ten until five."""
        first = NOW.date()
        pattern = Pattern((0, 1), dt.time(10), dt.time(17), first, first + DAY)
        wish = {"participant": self.person(), "pattern": pattern, "vehicle": self.wanted}
        return lambda: book_series(self.platform, by=self.by, **wish)

    def block_for_maintenance(self) -> Verb:
        return lambda: block(self.wanted)

    def reserve(self) -> Verb:
        return lambda: reserve(self.wanted, starts_at=NOW, ends_at=END, reason="Salon", by=self.by)

    def withdraw(self) -> Verb:
        return lambda: withdraw(self.wanted, reason="Vendu", by=self.by)

    # --- what is left -----------------------------------------------------------------------------------

    def left(self) -> list[Any]:
        """The rows of these vehicles and people, without their ids."""
        vehicles = [self.wanted, *self.others]
        places = {vehicle.pk: place for place, vehicle in enumerate(vehicles)}
        taken = Hold.objects.filter(vehicle__in=vehicles)
        held = {
            one.pk: (places[one.vehicle_id], one.starts_at, one.ends_at, one.purpose, str(one.out_at)) for one in taken
        }
        loans = Booking.objects.filter(participant__in=self.people).select_related("account")
        whose = {person.pk: place for place, person in enumerate(self.people)}
        told = [
            (
                whose[loan.participant_id],
                loan.state,
                loan.starts_at,
                loan.ends_at,
                [(places[one.vehicle_id], held.get(one.hold_id), one.end_reason) for one in loan.assignments.all()],
                [(one.starts_at, one.ends_at, one.total) for one in loan.periods.all()],
                sum(charge.amount for charge in loan.account.charges.all()) if loan.account else None,
            )
            for loan in loans
        ]
        self.wanted.refresh_from_db()
        return [sorted(held.values()), sorted(told, key=str), self.wanted.in_service]


VERBS = (
    "book",
    "extend",
    "move",
    "replace_vehicle",
    "rehouse",
    "make_room",
    "approve",
    "hand_over_early",
    "cancel",
    "record_loan",
    "book_series",
    "block_for_maintenance",
    "reserve",
    "withdraw",
)


def block(vehicle: Any) -> Hold:
    """As a repair does that takes the vehicle from the loans that are promised."""
    return action(holds.take)(vehicle, NOW, END, purpose=Hold.Purpose.MAINTENANCE, displacing=True)


def fresh(loan: Booking) -> Booking:
    return Booking.objects.select_related("platform", "participant", "programme").get(pk=loan.pk)
