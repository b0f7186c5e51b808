"""Receipts are numbered 1, 2, 3… whoever pays at the same moment; and the control that shows the race."""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from pricing import actions, ledger
from pricing.models import Account, Counter, Receipt
from tests.factories import ParticipantFactory
from tests.pricing.factories import AccountFactory

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

AT_ONCE, EACH = 6, 5


@pytest.fixture
def accounts(platform: Any) -> list[Account]:
    participants = ParticipantFactory.create_batch(AT_ONCE, platform=platform)
    return [AccountFactory(participant=participant) for participant in participants]


def all_at_once(work: Callable[[int], None]) -> list[Exception]:
    """Runs `work(n)` in AT_ONCE threads, each with a connection of its own; returns what went wrong."""
    start = threading.Barrier(AT_ONCE)
    wrong: list[Exception] = []

    def run(n: int) -> None:
        try:
            start.wait()
            work(n)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test judges it
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def numbers() -> list[int]:
    return sorted(Receipt.objects.values_list("number", flat=True))


def test_simultaneous_payments_leave_no_gap_and_no_double(accounts: list[Account], bruno: Any) -> None:
    def pay(n: int) -> None:
        for _ in range(EACH):
            actions.pay(accounts[n], amount=Decimal(3), means="cheque", by=bruno)

    assert all_at_once(pay) == []
    assert numbers() == list(range(1, AT_ONCE * EACH + 1))


def test_payments_that_fail_half_way_give_their_number_back(accounts: list[Account], bruno: Any) -> None:
    @transaction.atomic
    def pay_and_fail(n: int) -> None:
        actions.pay(accounts[n], amount=Decimal(3), means="cheque", by=bruno)
        raise ZeroDivisionError

    def pay(n: int) -> None:
        for turn in range(EACH):
            if (n + turn) % 2:
                with pytest.raises(ZeroDivisionError):
                    pay_and_fail(n)
            actions.pay(accounts[n], amount=Decimal(3), means="cheque", by=bruno)

    assert all_at_once(pay) == []
    assert numbers() == list(range(1, AT_ONCE * EACH + 1))


def test_one_account_paid_by_many_at_once_adds_up(accounts: list[Account], bruno: Any) -> None:
    def pay(n: int) -> None:
        for _ in range(EACH):
            actions.pay(accounts[0], amount=Decimal(3), means="cheque", by=bruno)

    assert all_at_once(pay) == []
    accounts[0].refresh_from_db()
    assert accounts[0].outstanding == -3 * AT_ONCE * EACH


def test_the_ceiling_of_cash_holds_against_two_desks(accounts: list[Account], bruno: Any) -> None:
    def pay(n: int) -> None:
        actions.pay(accounts[0], amount=Decimal(600), means="cash", by=bruno)

    refusals = all_at_once(pay)
    assert {error.code for error in refusals if isinstance(error, ValidationError)} == {"cash_ceiling"}
    assert len(refusals) == AT_ONCE - 1
    assert numbers() == [1]


def test_control_without_the_lock_numbers_collide(
    accounts: list[Account], bruno: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same payments with a number that is read and written without a lock: the database must refuse some."""
    reading = threading.Barrier(AT_ONCE)

    def unlocked(platform_id: int, series: str, year: int) -> int:
        case = {"platform_id": platform_id, "series": series, "year": year}
        last = Counter.objects.filter(**case).values_list("last", flat=True).first() or 0
        reading.wait(timeout=20)
        Counter.objects.update_or_create(**case, defaults={"last": last + 1})
        return last + 1

    monkeypatch.setattr(ledger, "next_number", unlocked)
    wrong = all_at_once(lambda n: actions.pay(accounts[n], amount=Decimal(3), means="cheque", by=bruno))
    assert len(wrong) == AT_ONCE - 1
    assert numbers() == [1]
