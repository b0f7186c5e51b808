"""The steps of the machine: a verb each."""

import datetime as dt
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from bookings import tasks
from bookings.actions import (
    approve,
    ask_for_documents,
    book,
    cancel,
    close,
    confirm,
    correct_vehicle,
    end_without_return,
    expect_later,
    expire,
    extend,
    make_room,
    move,
    no_show,
    record_loan,
    recovered,
    refuse_request,
    rehouse,
    renew,
    replace_vehicle,
    request_loan,
    shorten,
    submit,
)
from bookings.actions.at_once import with_report
from bookings.models import Assignment
from bookings.offers.choices import Needs
from bookings.offers.room_making import room_for
from core.db import action
from fleet import holds
from fleet.actions import put_back, release_hold, reserve, withdraw
from fleet.models import Hold, Vehicle
from fleet.yard import ready
from tests.bookings.reports import signature
from tests.machine.machine import (
    HOUR,
    STEP,
    Base,
    ahead,
    cars,
    chosen_cars,
    lengths,
    often,
    vehicle_of,
    whiches,
)
from tests.machine.model import OPEN, REQUESTS, ZONE, Loan, Part
from tests.machine.steps import STEPS, any_step, step

people = st.sampled_from([0, 0, 0, 1, 1, 2])
reserves = st.sampled_from([None, None, None, 4, 20])  # hours for which a promise is kept, where it is not firm


def is_reserved(loan: Loan) -> bool:
    return loan.state == "reserved"


def is_open(loan: Loan) -> bool:
    return loan.state in OPEN


def is_active(loan: Loan) -> bool:
    return loan.state == "active"


def is_request(loan: Loan) -> bool:
    return loan.state in REQUESTS


class Promises(Base):
    """Asked for, promised, given up."""

    @step(6, person=people, start=ahead, length=lengths, car=chosen_cars, reserve=reserves)
    def book(self, person: int, start: int, length: dt.timedelta, car: int | None, reserve: int | None) -> None:
        who, starts, ends = self.world.people[person], self.moment(start), self.moment(start) + length
        until = self.model.now + reserve * HOUR if reserve else None
        why = self.model.book_refused(who.pk, starts, ends, self.pk(car), until)
        free = self.model.fitting(who.pk, starts, ends)
        wish: dict[str, Any] = {"vehicle": self.car(car)} if car is not None else {"kind": "car"}
        wish |= {"participant": who, "starts_at": starts, "ends_at": ends, "promised_until": until}
        if booking := self.attempt(why, lambda: book(self.world.platform, by=self.world.desk, **wish)):
            given = vehicle_of(booking)
            assert given == self.pk(car) if car is not None else given in free
            self.learn(booking, self.model.book(who.pk, starts, ends, given, until))

    @step(1, person=people, start=ahead, length=lengths)
    def make_room(self, person: int, start: int, length: dt.timedelta) -> None:
        """What the search shows can be done as it was shown."""
        who, starts, ends = self.world.people[person], self.moment(start), self.moment(start) + length
        found = room_for(self.world.platform, Needs("car"), starts, ends, who)
        if found.vehicle is None:
            assert not self.model.fitting(who.pk, starts, ends)
            return
        moves = [(one.assignment, one.was.pk, one.becomes) for one in found.shifts]
        wish = {"participant": who, "starts_at": starts, "ends_at": ends}
        why = self.model.possible_dates(starts, ends)
        verb = lambda: make_room(  # noqa: E731
            self.world.platform, moves=moves, vehicle=found.vehicle, by=self.world.desk, **wish
        )
        rows = {one.pk: self.part(one) for one, _, _ in moves}
        if booking := self.attempt(why, verb):
            self.model.make_room([(rows[one.pk], to.pk) for one, _, to in moves])
            assert self.model.is_free(found.vehicle.pk, starts, ends)
            self.learn(booking, self.model.book(who.pk, starts, ends, found.vehicle.pk, None))

    def part(self, row: Assignment) -> Part:
        before = Assignment.objects.filter(booking=row.booking_id, pk__lt=row.pk).count()
        return self.known[row.booking_id].parts[before]

    @step(1, which=whiches, mostly=often)
    def cancel(self, which: int, mostly: bool) -> None:
        booking, loan = self.pick(which, lambda loan: is_reserved(loan) or is_request(loan), mostly)
        if booking is None:
            return
        why = set() if is_reserved(loan) or is_request(loan) else {"wrong_state"}
        if self.attempt(why, lambda: cancel(booking, by=self.world.desk, reason="Renonce")):
            self.model.give_up(loan, "cancelled", "cancelled")

    @step(1, which=whiches, mostly=often)
    def no_show(self, which: int, mostly: bool) -> None:
        booking, loan = self.pick(which, is_reserved, mostly)
        if booking is None or is_request(loan):
            return
        why = {"not_yet"} if loan.start > self.model.now else set()
        why |= set() if is_reserved(loan) else {"wrong_state"}
        if self.attempt(why, lambda: no_show(booking, by=self.world.desk)):
            self.model.give_up(loan, "cancelled", "cancelled")
            loan.stayed_away = loan.until is None  # a promise « sous réserve » costs nothing

    @step(2, person=people, start=ahead, length=lengths, draft=st.booleans())
    def request_loan(self, person: int, start: int, length: dt.timedelta, draft: bool) -> None:
        who, starts, ends = self.world.people[person], self.moment(start), self.moment(start) + length
        why = self.model.request_refused(who.pk, starts, ends)
        wish = {"participant": who, "kind": "car", "starts_at": starts, "ends_at": ends, "as_draft": draft}
        if booking := self.attempt(why, lambda: request_loan(self.world.platform, by=self.world.desk, **wish)):
            loan = Loan(who.pk, starts, ends, "draft" if draft else "awaiting_approval")
            self.model.loans.append(loan)
            self.learn(booking, loan)

    @step(1, which=whiches, mostly=often, papers=st.booleans())
    def answer_with_papers(self, which: int, mostly: bool, papers: bool) -> None:
        booking, loan = self.pick(which, is_request, mostly)
        if booking is None:
            return
        if papers:
            why = set() if is_request(loan) else {"not_a_request"}
            verb = lambda: ask_for_documents(booking, ["licence"], by=self.world.desk)  # noqa: E731
        else:
            why = set() if loan.state in {"draft", "awaiting_documents"} else {"wrong_state"}
            verb = lambda: submit(booking, by=self.world.desk)  # noqa: E731
        if self.attempt(why, verb):
            loan.state = "awaiting_documents" if papers else "awaiting_approval"

    @step(2, which=whiches, mostly=often, car=chosen_cars, reserve=reserves)
    def approve(self, which: int, mostly: bool, car: int | None, reserve: int | None) -> None:
        booking, loan = self.pick(which, is_request, mostly)
        if booking is None:
            return
        until = self.model.now + reserve * HOUR if reserve else None
        why = self.model.approve_refused(loan, self.pk(car), until)
        free = self.model.fitting(loan.person, loan.start, loan.end)
        said = {"vehicle": self.car(car), "promised_until": until}
        if self.attempt(why, lambda: approve(booking, by=self.world.desk, **said)):
            given = vehicle_of(booking)
            assert given == self.pk(car) if car is not None else given in free
            self.model.promise(loan, given, until)

    @step(1, which=whiches, mostly=often)
    def refuse_request(self, which: int, mostly: bool) -> None:
        booking, loan = self.pick(which, is_request, mostly)
        if booking is None:
            return
        possible = {"draft": {"wrong_state"}}.get(loan.state, set())
        why = possible if is_request(loan) else {"not_a_request"}
        if self.attempt(why, lambda: refuse_request(booking, by=self.world.desk, reason="no_vehicle")):
            loan.state = "refused"

    @step(1, which=whiches, mostly=often)
    def confirm(self, which: int, mostly: bool) -> None:
        booking, loan = self.pick(which, lambda loan: is_reserved(loan) and loan.until is not None, mostly)
        if booking is not None and self.attempt(
            self.model.firm_refused(loan), lambda: confirm(booking, by=self.world.desk)
        ):
            loan.until = None

    @step(1, which=whiches, mostly=often)
    def expire(self, which: int, mostly: bool) -> None:
        booking, loan = self.pick(which, lambda loan: is_reserved(loan) and loan.until is not None, mostly)
        if booking is None:
            return
        machine = self.world.platform.machine_user
        if self.attempt(self.model.expire_refused(loan), lambda: expire(booking, by=machine)):
            self.model.give_up(loan, "expired", "expired")


class Keys(Base):
    """Given, and brought back."""

    said = {
        "identity_seen": True,
        "licence_seen": True,
        "km_state": "unreadable",
        "checklist": "ok",
        "equipment": "ok",
        "photos_reason": "Il fait nuit",
        "signer_name": "Ana Dupouy",
    }

    def report(self, **more: Any) -> dict[str, Any]:
        return self.said | {"participant_signature": signature(), "agent_signature": signature()} | more

    @step(5, which=whiches, mostly=often, ago=st.sampled_from([0, 0, 0, 1, 7]))
    def hand_over(self, which: int, mostly: bool, ago: int) -> None:
        booking, loan = self.pick(which, lambda loan: bool(loan.waiting), mostly)
        if booking is None:
            return
        at = self.model.now - ago * HOUR
        said = self.report(happened_at=at, is_clean=True)
        verb = lambda: with_report(booking, direction="out", by=self.world.desk, said=said)  # noqa: E731
        if self.attempt(self.model.hand_over_refused(loan, at), verb):
            self.model.hand_over(loan, at)

    @step(
        5,
        which=whiches,
        mostly=often,
        ago=st.sampled_from([0, 0, 0, 1, 7]),
        site=st.sampled_from([None, None, 0, 1]),
        clean=st.booleans(),
    )
    def take_back(self, which: int, mostly: bool, ago: int, site: int | None, clean: bool) -> None:
        booking, loan = self.pick(which, lambda loan: bool(loan.out), mostly)
        if booking is None:
            return
        at = self.model.now - ago * HOUR
        said = self.report(happened_at=at, is_clean=clean)
        stands = None
        if loan.out:
            stands = self.world.sites[site] if site is not None else None
            said |= {"site": stands} if stands else {}
        verb = lambda: with_report(booking, direction="in", by=self.world.desk, said=said)  # noqa: E731
        why = self.model.take_back_refused(loan, at)
        if self.attempt(why, verb):
            there = stands.pk if stands else self.model.cars[loan.out[-1].car].site
            self.model.take_back(loan, at, there, clean=clean)

    @step(1, which=whiches, mostly=often)
    def close(self, which: int, mostly: bool) -> None:
        booking, loan = self.pick(which, lambda loan: is_active(loan) and not loan.out, mostly)
        if booking is None:
            return
        verb = lambda: close(booking, by=self.world.desk, reason="Rendu")  # noqa: E731
        if self.attempt(self.model.close_refused(loan), verb):
            self.model.give_up(loan, "returned", "cancelled")
            self.model.settle_return(loan)

    @step(1, car=cars)
    def ready(self, car: int) -> None:
        pk = self.world.cars[car].pk
        out = any(hold.is_out for hold in self.model.of(pk))
        waiting = any(hold.purpose == "loan" and hold.back and not hold.ready for hold in self.model.of(pk))
        why = {"vehicle_out"} if out else set() if waiting else {"ready_already"}
        if self.attempt(why, lambda: ready(self.car(car), by=self.world.desk)):
            self.model.make_ready(pk, self.model.now)

    @step(1, person=people, car=cars, start=st.integers(-12, 1), length=lengths, back=st.integers(-1, 12))
    def record_loan(self, person: int, car: int, start: int, length: dt.timedelta, back: int) -> None:
        who, starts, ends = self.world.people[person], self.moment(start), self.moment(start) + length
        back_at = starts + back * STEP if back < 10 else None
        pk = self.world.cars[car].pk
        said = {"participant": who, "vehicle": self.car(car), "starts_at": starts, "ends_at": ends, "back_at": back_at}
        why = self.model.record_refused(pk, starts, ends, back_at)
        if booking := self.attempt(why, lambda: record_loan(self.world.platform, by=self.world.desk, **said)):
            self.learn(booking, self.model.record(who.pk, pk, starts, ends, back_at))


class Dates(Base):
    """Longer, shorter, later; and time passes."""

    @step(4, hours=st.sampled_from([1, 2, 6, 6, 12, 24, 24, 60]))
    def time_passes(self, hours: int) -> None:
        self.model.now += hours * HOUR

    @step(4, which=whiches, mostly=often, steps=st.integers(-2, 8), renewing=st.booleans())
    def keep_longer(self, which: int, mostly: bool, steps: int, renewing: bool) -> None:
        booking, loan = self.pick(which, is_active if renewing else is_open, mostly)
        if booking is None:
            return
        until = max(loan.end, self.moment(0)) + steps * STEP
        verb = renew if renewing else extend
        why = self.model.longer_refused(loan, until, renewing=renewing)
        if self.attempt(why, lambda: verb(booking, until=until, by=self.world.desk)):
            self.model.lengthen(loan, until, renewing=renewing)

    @step(2, which=whiches, mostly=often, steps=st.integers(-1, 8))
    def shorten(self, which: int, mostly: bool, steps: int) -> None:
        booking, loan = self.pick(which, is_open, mostly)
        if booking is None:
            return
        until = loan.end - steps * STEP
        why = self.model.shorten_refused(loan, until)
        if self.attempt(why, lambda: shorten(booking, until=until, by=self.world.desk)):
            self.model.shorten(loan, until)

    @step(3, which=whiches, mostly=often, steps=st.integers(-6, 6), longer=st.integers(-3, 3), car=chosen_cars)
    def move(self, which: int, mostly: bool, steps: int, longer: int, car: int | None) -> None:
        booking, loan = self.pick(which, is_reserved, mostly)
        if booking is None:
            return
        start, end = loan.start + steps * STEP, loan.end + (steps + longer) * STEP
        why = self.model.move_refused(loan, start, end, self.pk(car))
        wish = {"starts_at": start, "ends_at": end, "vehicle": self.car(car)}
        if self.attempt(why, lambda: move(booking, by=self.world.desk, **wish)):
            self.model.move(loan, start, end, self.pk(car))

    @step(1, which=whiches, mostly=often, steps=st.integers(-1, 4))
    def expect_later(self, which: int, mostly: bool, steps: int) -> None:
        booking, loan = self.pick(which, is_reserved, mostly)
        if booking is None:
            return
        start = max(loan.start, self.moment(0)) + steps * STEP
        why = self.model.move_refused(loan, start, loan.end, None)
        if self.attempt(why, lambda: expect_later(booking, starts_at=start, by=self.world.desk)):
            self.model.move(loan, start, loan.end, None)


class Vehicles(Base):
    """Another vehicle; and what sets one aside."""

    @step(3, which=whiches, mostly=often, car=cars)
    def replace_vehicle(self, which: int, mostly: bool, car: int) -> None:
        booking, loan = self.pick(which, is_open, mostly)
        if booking is None:
            return
        pk = self.world.cars[car].pk
        verb = lambda: replace_vehicle(booking, vehicle=self.car(car), by=self.world.desk, reason="Freins")  # noqa: E731
        if self.attempt(self.model.replace_refused(loan, pk), verb):
            self.model.replace(loan, pk)

    @step(2, which=whiches, mostly=often, car=cars)
    def correct_vehicle(self, which: int, mostly: bool, car: int) -> None:
        booking, loan = self.pick(which, lambda loan: bool(loan.out), mostly)
        if booking is None:
            return
        pk = self.world.cars[car].pk
        verb = lambda: correct_vehicle(booking, vehicle=self.car(car), by=self.world.desk, reason="Clés")  # noqa: E731
        if self.attempt(self.model.correct_refused(loan, pk), verb):
            self.model.correct(loan, pk)

    @step(2, which=whiches, mostly=often, car=chosen_cars)
    def rehouse(self, which: int, mostly: bool, car: int | None) -> None:
        booking, loan = self.pick(which, lambda loan: any(part.hold is None for part in loan.current), mostly)
        if booking is None or not loan.parts:
            return
        part = next((part for part in loan.current if part.hold is None), loan.parts[-1])
        row = Assignment.objects.filter(booking=booking).order_by("pk")[loan.parts.index(part)]
        self.rehouse_one(loan, part, row, car, self.world.desk)

    def rehouse_one(self, loan: Loan, part: Any, row: Assignment, car: int | None, by: Any) -> None:
        why = self.model.rehouse_refused(loan, part, self.pk(car))
        free = self.model.fitting(loan.person, max(part.start, self.model.now), part.end)
        if done := self.attempt(why, lambda: rehouse(row, vehicle=self.car(car), by=by)):
            assert done.vehicle_id == self.pk(car) if car is not None else done.vehicle_id in free
            self.model.rehouse(part, done.vehicle_id)

    @step(1)
    def the_sweep_rehouses(self) -> None:
        """In the order of their start; whichever vehicle each got was free."""
        waiting = [one for one in self.model.displaced() if one[1].end > self.model.now]
        done = tasks.rehouse_displaced()
        rows = {pk: list(Assignment.objects.filter(booking=pk).order_by("pk")) for pk in self.known}
        pks = {id(loan): pk for pk, loan in self.known.items()}
        housed = [(loan, part, rows[pks[id(loan)]][loan.parts.index(part)]) for loan, part in waiting]
        housed = [one for one in housed if one[2].hold_id is not None]
        assert done == len(housed)
        for loan, part, row in sorted(housed, key=lambda one: one[1].start):
            assert row.vehicle_id in self.model.fitting(loan.person, max(part.start, self.model.now), part.end)
            self.model.rehouse(part, row.vehicle_id)
        for loan, part in self.model.displaced():
            assert not self.model.fitting(loan.person, max(part.start, self.model.now), part.end) or (
                part.end <= self.model.now
            ), "a displaced loan was not re-housed although a vehicle is free for it"

    @step(2, car=cars, start=ahead, length=lengths)
    def block_for_maintenance(self, car: int, start: int, length: dt.timedelta) -> None:
        pk, starts = self.world.cars[car].pk, self.moment(start)
        why = self.model.taken_away(pk, starts, starts + length)
        keep = action(holds.take)
        if self.attempt(
            why, lambda: keep(self.car(car), starts, starts + length, purpose="maintenance", displacing=True)
        ):
            self.model.block(pk, starts, starts + length)

    @step(1, car=cars, start=ahead, length=lengths)
    def reserve(self, car: int, start: int, length: dt.timedelta) -> None:
        pk, starts, ends = self.world.cars[car].pk, self.moment(start), self.moment(start) + length
        why = self.model.taken(pk, starts, ends) | ({"in_the_past"} if ends <= self.model.now else set())
        verb = lambda: reserve(self.car(car), starts_at=starts, ends_at=ends, reason="Salon", by=self.world.desk)  # noqa: E731
        if hold := self.attempt(why, verb):
            self.model.take(pk, starts, ends, purpose="reserve", pk=hold.pk)

    @step(1, which=whiches)
    def release_hold(self, which: int) -> None:
        kept = [hold for hold in self.model.holds if hold.purpose == "reserve"]
        if not kept:
            return
        hold = kept[which % len(kept)]
        release_hold(Hold.objects.get(pk=hold.pk), by=self.world.desk)
        self.model.forget(hold)

    @step(1, car=cars)
    def withdraw(self, car: int) -> None:
        pk = self.world.cars[car].pk
        if len([one for one in self.model.cars.values() if one.in_service]) == 1:
            return  # a pool has a vehicle
        verb = lambda: withdraw(self.car(car), reason="Vendu", by=self.world.desk)  # noqa: E731
        if self.attempt(self.model.withdraw_refused(pk), verb):
            self.model.withdraw(pk)

    @step(2, car=cars, mostly=often)
    def put_back(self, car: int, mostly: bool) -> None:
        away = [place for place, one in enumerate(self.world.cars) if not self.model.cars[one.pk].in_service]
        car = away[0] if away and mostly else car
        pk = self.world.cars[car].pk
        why = {"not_withdrawn"} if self.model.cars[pk].in_service else set()
        if self.attempt(why, lambda: put_back(self.car(car), by=self.world.desk)):
            self.model.cars[pk].in_service = True


class Losses(Base):
    """A vehicle never comes back, and is found."""

    @step(1, which=whiches, mostly=often, days=st.integers(-1, 4), why=st.sampled_from(["stolen", "kept"]),
          named=st.integers(-1, 1))  # fmt: skip
    def end_without_return(self, which: int, mostly: bool, days: int, why: str, named: int) -> None:
        booking, loan = self.pick(which, lambda loan: bool(loan.out), mostly)
        if booking is None:
            return
        rent_until = self.model.now.astimezone(ZONE).date() - dt.timedelta(days=days)
        out = loan.out  # which of them is named where there are two, or nothing
        part = out[named % len(out)] if out and named >= 0 else out[0] if len(out) == 1 else None
        told = {"vehicle": Vehicle.objects.get(pk=part.car)} if part and named >= 0 else {}
        verb = lambda: end_without_return(booking, by=self.world.desk, why=why, rent_until=rent_until, **told)  # noqa: E731
        why_not = {"which_vehicle"} if out and part is None else self.model.lost_refused(loan, part, rent_until)
        if self.attempt(why_not, verb):
            self.model.lose(loan, part, rent_until)

    @step(1, car=cars, site=st.integers(0, 1))
    def recovered(self, car: int, site: int) -> None:
        lost = [place for place, one in enumerate(self.world.cars) if self.model.missing(one.pk)]
        car = lost[0] if lost else car
        pk, there = self.world.cars[car].pk, self.world.sites[site]
        verb = lambda: recovered(self.car(car), at=self.model.now, site=there, by=self.world.desk)  # noqa: E731
        if self.attempt(set() if self.model.missing(pk) else {"not_missing"}, verb):
            self.model.recover(pk, there.pk)


class LoanMachine(Promises, Keys, Dates, Vehicles, Losses):
    """All of it."""

    @rule(verb=any_step(), data=st.data())
    def a_step(self, verb: str, data: Any) -> None:
        _, given = STEPS[verb]
        getattr(self, verb)(**{name: data.draw(some, label=name) for name, some in given.items()})
