"""Real connections at once: exactly one wins. And the control, which shows what lock and constraint are for."""

import collections
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections

from accounts.models import ApiToken
from accounts.secrets import hash_of
from bookings.actions import approve, book, cancel, extend, loan, move, replace_vehicle, request_loan
from bookings.models import Booking
from core import clock
from fleet import holds
from fleet.models import Hold, Vehicle
from pricing.models import Account
from tests.bookings.conftest import DAY, MONDAY, SUNDAY, car_tariff
from tests.factories import ParticipantFactory, VehicleFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

AT_ONCE = 16
BURSTS = int(os.environ.get("RACE_BURSTS", "20"))  # CI asks for 200

CONSTRAINT = "one_hold_at_a_time"
RESTORE = f"""
    ALTER TABLE fleet_hold ADD CONSTRAINT {CONSTRAINT}
    EXCLUDE USING gist (vehicle_id WITH =, tstzrange(starts_at, ends_at) WITH &&) DEFERRABLE INITIALLY IMMEDIATE
"""


@pytest.fixture
def car(platform: Any) -> Any:
    return VehicleFactory(site__platform=platform)


@pytest.fixture
def ana(platform: Any) -> Any:
    return ParticipantFactory(platform=platform)


@pytest.fixture
def tariff(platform: Any) -> Any:
    return car_tariff(platform)


@pytest.fixture(autouse=True)
def sunday() -> Iterator[None]:
    with clock.travel(to=SUNDAY):
        yield


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Runs these on as many connections, let go together; a refusal counts as its code."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return call()
        except ValidationError as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def overlaps() -> int:
    """How many pairs of holds take one vehicle at the same time."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM fleet_hold a JOIN fleet_hold b ON a.vehicle_id = b.vehicle_id AND a.id < b.id
               AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"""
        )
        return cursor.fetchone()[0]


def test_of_many_requests_over_http_for_one_slot_exactly_one_is_promised(
    live_server: Any, bruno: Any, ana: Any, car: Any, tariff: Any
) -> None:
    ApiToken.objects.create(user=bruno, name="course", prefix="course", secret_hash=hash_of("course"))
    start = MONDAY
    with (
        ThreadPoolExecutor(AT_ONCE) as pool,
        httpx.Client(
            base_url=live_server.url,
            headers={"Authorization": "Bearer course"},
            timeout=60,
            limits=httpx.Limits(max_connections=AT_ONCE),
        ) as client,
    ):
        for burst in range(BURSTS):
            wish = {
                "participant": ana.pk,
                "vehicle": car.pk,
                "starts_at": (start + burst * DAY).isoformat(),
                "ends_at": (start + (burst + 1) * DAY).isoformat(),
            }
            answers = list(pool.map(lambda _, wish=wish: client.post("/api/v1/bookings/", json=wish), range(AT_ONCE)))
            counted = collections.Counter(
                (answer.status_code, "" if answer.status_code == 201 else answer.json()["code"]) for answer in answers
            )
            assert counted[201, ""] == 1, counted
            assert set(counted) <= {(201, ""), (409, "overlap"), (409, "busy")}, counted
    assert overlaps() == 0
    assert Hold.objects.count() == BURSTS


def test_of_many_who_ask_for_a_kind_as_many_are_served_as_there_are_vehicles(
    platform: Any, bruno: Any, ana: Any, car: Any, tariff: Any
) -> None:
    VehicleFactory.create_batch(4, site=car.site)

    def wish() -> Any:
        return book(platform, participant=ana, kind="car", starts_at=MONDAY, ends_at=MONDAY + DAY, by=bruno)

    answers = at_once(*[wish] * 8)
    assert sorted(a for a in answers if isinstance(a, str)) == ["none_free"] * 3
    assert (overlaps(), Hold.objects.count()) == (0, 5)


def test_a_cancellation_and_a_booking_of_one_slot_leave_at_most_one_hold(
    platform: Any, bruno: Any, ana: Any, car: Any, tariff: Any
) -> None:
    when = {"starts_at": MONDAY, "ends_at": MONDAY + DAY, "by": bruno}
    for _ in range(6):
        loan = book(platform, participant=ana, vehicle=car, **when)
        answers = at_once(
            lambda loan=loan: cancel(loan, by=bruno, reason="Renonce"),
            lambda: book(platform, participant=ana, vehicle=car, **when),
        )
        assert set(map(str, (a for a in answers if isinstance(a, str)))) <= {"overlap", "busy"}
        assert overlaps() == 0
        Hold.objects.all().delete()


def test_two_loans_that_want_each_others_vehicle_do_not_deadlock(
    platform: Any, bruno: Any, ana: Any, car: Any, tariff: Any
) -> None:
    other = VehicleFactory(site=car.site)
    for day in range(6):
        when = {"starts_at": MONDAY + day * DAY, "ends_at": MONDAY + (day + 1) * DAY, "by": bruno}
        one = book(platform, participant=ana, vehicle=car, **when)
        two = book(platform, participant=ana, vehicle=other, **when)
        answers = at_once(
            lambda one=one: replace_vehicle(one, vehicle=other, by=bruno, reason="Échange"),
            lambda two=two: replace_vehicle(two, vehicle=car, by=bruno, reason="Échange"),
        )
        assert all(answer == "overlap" for answer in answers), answers
        assert overlaps() == 0


def test_an_extension_and_a_booking_of_the_same_days_leave_exactly_one(
    platform: Any, bruno: Any, ana: Any, car: Any, tariff: Any
) -> None:
    for day in range(0, 18, 3):
        loan = book(
            platform, participant=ana, vehicle=car, starts_at=MONDAY + day * DAY,
            ends_at=MONDAY + (day + 1) * DAY, by=bruno,
        )  # fmt: skip
        after = {"starts_at": MONDAY + (day + 1) * DAY, "ends_at": MONDAY + (day + 2) * DAY}
        answers = at_once(
            lambda loan=loan, after=after: extend(loan, until=after["ends_at"], by=bruno),
            lambda after=after: book(platform, participant=ana, vehicle=car, by=bruno, **after),
        )
        refused = [answer for answer in answers if isinstance(answer, str)]
        assert refused in (["overlap"], ["busy"]), answers
        assert overlaps() == 0


def test_two_extensions_of_one_loan_at_once_charge_one_rent(
    platform: Any, bruno: Any, ana: Any, car: Any, tariff: Any
) -> None:
    loan = book(platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=MONDAY + DAY, by=bruno)
    until = MONDAY + 5 * DAY
    answers = at_once(*[lambda: extend(loan, until=until, by=bruno)] * 6)
    assert sorted(a for a in answers if isinstance(a, str)) == ["not_longer"] * 5
    assert loan.periods.get().total == 15


def test_a_move_and_a_cancellation_at_once_leave_a_loan_that_is_one_or_the_other(
    platform: Any, bruno: Any, ana: Any, car: Any, tariff: Any
) -> None:
    for _ in range(5):
        loan = book(platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=MONDAY + DAY, by=bruno)
        at_once(
            lambda loan=loan: move(loan, starts_at=MONDAY + 2 * DAY, ends_at=MONDAY + 3 * DAY, by=bruno),
            lambda loan=loan: cancel(loan, by=bruno, reason="mistake"),
        )
        loan.refresh_from_db()
        assert loan.state == "cancelled"
        assert not Hold.objects.exists()


class TestWithoutLockAndConstraint:
    """The control: the same race, unprotected, does book twice; each protection alone prevents it."""

    @pytest.fixture
    def no_constraint(self, db: None) -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE fleet_hold DROP CONSTRAINT {CONSTRAINT}")
        yield
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE fleet_hold CASCADE")
            cursor.execute(RESTORE)

    @pytest.fixture
    def no_lock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nobody waits for anybody, and all have looked before anybody writes."""
        seen = threading.Barrier(2)
        write = holds.save

        def save_when_all_have_looked(row: Any, *fields: str) -> Any:
            if isinstance(row, Hold) and row.pk is None:
                seen.wait(timeout=30)
            return write(row, *fields)

        monkeypatch.setattr(holds, "lock", lambda row, *joined: type(row).objects.get(pk=row.pk))
        monkeypatch.setattr(holds, "save", save_when_all_have_looked)

    @pytest.fixture
    def race(self, platform: Any, bruno: Any, ana: Any, car: Any, tariff: Any) -> Callable[[], list[Any]]:
        def wish() -> Any:
            return book(platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=MONDAY + DAY, by=bruno)

        return lambda: at_once(wish, wish)

    @pytest.mark.usefixtures("no_constraint", "no_lock")
    def test_without_both_the_vehicle_is_promised_twice(self, race: Callable[[], list[Any]]) -> None:
        assert not any(isinstance(answer, str) for answer in race())
        assert overlaps() == 1

    @pytest.mark.usefixtures("no_constraint")
    def test_the_lock_alone_keeps_order(self, race: Callable[[], list[Any]]) -> None:
        assert [a for a in race() if isinstance(a, str)] == ["overlap"]
        assert overlaps() == 0

    @pytest.mark.usefixtures("no_lock")
    def test_the_constraint_alone_gives_certainty(self, race: Callable[[], list[Any]]) -> None:
        refused = [a for a in race() if isinstance(a, str)]
        assert refused in (["overlap"], ["busy"])
        assert overlaps() == 0

    @pytest.fixture
    def prolonged(self, platform: Any, bruno: Any, ana: Any, car: Any, tariff: Any) -> Callable[[], list[Any]]:
        loan = book(platform, participant=ana, vehicle=car, starts_at=MONDAY, ends_at=MONDAY + DAY, by=bruno)
        after = {"starts_at": MONDAY + DAY, "ends_at": MONDAY + 2 * DAY}
        return lambda: at_once(
            lambda: extend(loan, until=after["ends_at"], by=bruno),
            lambda: book(platform, participant=ana, vehicle=car, by=bruno, **after),
        )

    @pytest.fixture
    def no_lock_for_changes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nobody waits for a vehicle, and both have looked before either writes its hold."""
        seen = threading.Barrier(2)
        write = holds.save

        def save_when_both_have_looked(row: Any, *fields: str) -> Any:
            if isinstance(row, Hold):
                seen.wait(timeout=30)
            return write(row, *fields)

        monkeypatch.setattr(holds, "lock", lambda row, *_: type(row).objects.get(pk=row.pk))
        monkeypatch.setattr("bookings.actions.changes.lock_vehicles", lambda booking: [])
        monkeypatch.setattr(holds, "save", save_when_both_have_looked)

    @pytest.mark.usefixtures("no_constraint")
    def test_without_both_a_prolonged_loan_takes_a_promised_vehicle(
        self, prolonged: Callable[[], list[Any]], no_lock_for_changes: None
    ) -> None:
        assert not any(isinstance(answer, str) for answer in prolonged())


class TestTwoApprovalsForOneSlot:
    """Two requests, one car: exactly one is approved; the control shows what lock and constraint are for."""

    @pytest.fixture
    def race(self, platform: Any, bruno: Any, driss: Any, car: Any, tariff: Any) -> Callable[[], list[Any]]:
        wish = {"kind": "car", "starts_at": MONDAY, "ends_at": MONDAY + DAY, "by": bruno}
        one, two = (
            request_loan(platform, participant=person, **wish)
            for person in ParticipantFactory.create_batch(2, platform=platform)
        )
        return lambda: at_once(lambda: approve(one, by=bruno), lambda: approve(two, by=driss))

    def test_exactly_one_succeeds(self, race: Callable[[], list[Any]]) -> None:
        assert [a for a in race() if isinstance(a, str)] == ["none_free"]
        states = sorted(Booking.objects.values_list("state", flat=True))
        assert states == ["awaiting_approval", "reserved"]
        assert (overlaps(), Hold.objects.count(), Account.objects.count()) == (0, 1, 1)

    def test_two_approvals_of_one_request_take_one_vehicle(
        self, platform: Any, bruno: Any, driss: Any, ana: Any, car: Any, tariff: Any
    ) -> None:
        VehicleFactory(site=car.site)
        wish = {"kind": "car", "starts_at": MONDAY, "ends_at": MONDAY + DAY, "by": bruno}
        asked = request_loan(platform, participant=ana, **wish)
        answers = at_once(lambda: approve(asked, by=bruno), lambda: approve(asked, by=driss))
        assert [a for a in answers if isinstance(a, str)] in (["wrong_state"], ["not_a_request"])
        assert (Hold.objects.count(), Account.objects.count()) == (1, 1)

    no_constraint = TestWithoutLockAndConstraint.no_constraint
    no_lock = TestWithoutLockAndConstraint.no_lock

    @pytest.mark.usefixtures("no_constraint", "no_lock")
    def test_without_both_the_slot_is_given_twice(
        self, race: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(loan, "lock_unless_taken", lambda pk: Vehicle.objects.get(pk=pk))
        assert not any(isinstance(answer, str) for answer in race())
        assert overlaps() == 1
