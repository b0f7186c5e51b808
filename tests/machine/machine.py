"""The state machine: any verb, at any moment, in any state; after each the database and the model agree.

A verb that the model refuses must be refused, with a code that the model gives; one that it does not must happen.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from bookings.models import Assignment, Booking
from core import clock
from tests.machine.agree import agree
from tests.machine.loans import Loans
from tests.machine.model import Car, Codes, Loan
from tests.machine.world import START, World

HOUR = dt.timedelta(hours=1)
STEP = dt.timedelta(hours=6)  # plans lie on this grid, so that they touch and collide

whiches = st.integers(0, 11)
lengths = st.integers(1, 16).map(lambda steps: steps * STEP)
ahead = st.integers(-1, 14)
chosen_cars = st.sampled_from([None, 0, 1, 2])
cars = st.integers(0, 2)
often = st.sampled_from([True, True, True, False])


class Base(RuleBasedStateMachine):
    """An example lives in a transaction that is rolled back; its clock stands still between the rules."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(rolled_back())
        self.stack.enter_context(mock.patch.object(clock, "now", self.now))
        sites = {car.pk: Car(car.site_id) for car in self.world.cars}
        self.model = Loans(START, sites, [self.world.minor.pk])
        self.known: dict[int, Loan] = {}

    def teardown(self) -> None:
        try:
            connection.check_constraints()  # those that are deferred: nothing is ever committed
        finally:
            self.stack.close()

    @invariant()
    def the_database_agrees(self) -> None:
        agree(self.model, self.known)

    # --- what the rules share -----------------------------------------------------------------------

    def attempt(self, why: Codes, verb: Callable[[], Any]) -> Any:
        """What the verb gives, or None where it was refused as the model says."""
        codes: Codes = set()
        refusal, done = None, None
        try:
            done = verb()
        except ValidationError as error:
            refusal, codes = error, {str(one.code) for one in error.error_list}
        if refusal is not None:
            assert codes <= why, f"refused with {codes}, the model gives {why or 'no reason'}: {refusal.messages}"
            return None
        assert not why, f"it happened, and should have been refused: {why}"
        return done if done is not None else True

    def now(self) -> dt.datetime:
        return self.model.now

    def moment(self, steps: int) -> dt.datetime:
        """So many steps after the last one of the grid."""
        since = self.model.now - START
        return START + (since // STEP + steps) * STEP

    def car(self, index: int | None) -> Any:
        return None if index is None else self.world.cars[index]

    def pk(self, index: int | None) -> int | None:
        return None if index is None else self.world.cars[index].pk

    def pick(
        self, which: int, wanted: Callable[[Loan], bool], mostly: bool
    ) -> tuple[Booking, Loan] | tuple[None, None]:
        """One of the loans, mostly one of which the verb makes sense; with its row, fresh."""
        found = [(pk, loan) for pk, loan in self.known.items() if mostly and wanted(loan)]
        if not (found := found or list(self.known.items())):
            return None, None
        pk, loan = found[-1 - which % len(found)]
        rows = Booking.objects.select_related("platform__machine_user", "participant", "programme", "account")
        return rows.get(pk=pk), loan

    def learn(self, booking: Booking, loan: Loan) -> None:
        self.known[booking.pk] = loan


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def vehicle_of(booking: Booking) -> int:
    return Assignment.objects.filter(booking=booking).order_by("pk").last().vehicle_id  # type: ignore[union-attr]
