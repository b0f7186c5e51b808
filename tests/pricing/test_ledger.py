import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from core import clock
from pricing import ledger
from pricing.models import Account, Charge, Payment, Receipt
from pricing.tariffs import Band, Terms, quote
from tests.factories import ParticipantFactory
from tests.pricing.factories import AccountFactory, ChargeFactory, ThirdPartyPayerFactory

TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def account(platform: Any) -> Account:
    return AccountFactory(participant=ParticipantFactory(platform=platform))


def test_a_quote_becomes_charges_line_by_line(account: Account, bruno: Any) -> None:
    terms = Terms(bands=(Band(1, Decimal("3.00")), Band(31, Decimal("3.50"))), deposit=Decimal(150))
    start = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
    price = quote(terms, start, start + dt.timedelta(days=40), "Europe/Paris")
    charges = ledger.charge_quote(account, price, due_on=TODAY, by=bruno)
    assert [(c.sort, c.amount) for c in charges] == [("rent", Decimal("90.00")), ("rent", Decimal("35.00"))]
    assert Account.objects.with_balance(TODAY).get().due == Decimal("125.00")


def test_what_is_free_is_not_charged(account: Account, bruno: Any) -> None:
    start = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
    free = quote(Terms(bands=(Band(1, Decimal(0)),)), start, start + dt.timedelta(days=4), "Europe/Paris")
    assert ledger.charge_quote(account, free, due_on=TODAY, by=bruno) == []
    assert ledger.expect_deposit(account, Decimal(0)) is None


def test_a_price_per_kilometre_is_rounded_once(account: Account, bruno: Any) -> None:
    over = ledger.charge(
        account,
        sort=Charge.Sort.EXCESS_KM,
        label="35 km en plus",
        unit_price=Decimal("0.125"),
        quantity=35,
        due_on=TODAY,
        by=bruno,
    )
    assert over.amount == Decimal("4.38")


def test_balances_do_not_multiply_charges_by_payments(account: Account, bruno: Any) -> None:
    for amount in (90, 3):
        ChargeFactory(account=account, amount=Decimal(amount))
    for amount in (20, 30, 1):
        Payment.objects.create(
            platform=account.platform,
            account=account,
            means="cash",
            amount=amount,
            by=bruno,
            received_at=clock.now(),
        )
    row = Account.objects.with_balance(TODAY).get()
    assert (row.charged, row.paid, row.balance, row.due, row.own_due) == (93, 51, 42, 42, 42)


def test_what_is_not_yet_due_is_not_unpaid(account: Account, bruno: Any) -> None:
    ChargeFactory(account=account, due_on=TODAY + dt.timedelta(days=1))
    row = Account.objects.with_balance(TODAY).get()
    assert (row.balance, row.due) == (90, 0)
    assert not Account.objects.unpaid(TODAY).exists()
    assert Account.objects.unpaid(TODAY + dt.timedelta(days=1)).get() == account


def test_a_payment_in_advance_is_never_a_negative_debt(account: Account, bruno: Any) -> None:
    Payment.objects.create(
        platform=account.platform, account=account, means="cash", amount=50, by=bruno, received_at=clock.now()
    )
    row = Account.objects.with_balance(TODAY).get()
    assert (row.balance, row.due) == (-50, 0)


def test_what_somebody_else_pays_is_not_the_participants_debt(account: Account) -> None:
    ChargeFactory(account=account, amount=Decimal(9))
    ChargeFactory(account=account, amount=Decimal(81), payer=ThirdPartyPayerFactory(platform=account.platform))
    row = Account.objects.with_balance(TODAY).get()
    assert (row.due, row.own_due) == (90, 9)


def test_reversing_all_leaves_nothing_due_and_can_be_done_twice(account: Account, bruno: Any) -> None:
    charge = ChargeFactory(account=account)
    ChargeFactory(account=account, amount=Decimal(-30), waives=charge, reason="Geste")
    ChargeFactory(account=account, amount=Decimal(10), due_on=TODAY + dt.timedelta(days=30))
    assert len(ledger.reverse_all(account, by=bruno, reason="Prêt annulé")) == 3
    assert ledger.reverse_all(account, by=bruno, reason="Prêt annulé") == []
    for day in (TODAY, TODAY + dt.timedelta(days=60)):
        row = Account.objects.with_balance(day).get()
        assert (row.charged if day > TODAY else row.due, row.balance) == (0, 0)


def test_outstanding_follows_every_writer(account: Account, bruno: Any) -> None:
    Charge.objects.bulk_create(
        [
            Charge(
                platform=account.platform,
                account=account,
                sort="rent",
                label="x",
                unit_price=amount,
                amount=amount,
                due_on=TODAY,
                by=bruno,
            )
            for amount in (10, 20)
        ]
    )
    Payment.objects.create(
        platform=account.platform, account=account, means="cash", amount=5, by=bruno, received_at=clock.now()
    )
    account.refresh_from_db()
    assert account.outstanding == 25


@pytest.mark.parametrize("statement", ["UPDATE {} SET platform_id = platform_id", "DELETE FROM {}"])
@pytest.mark.parametrize("model", [Charge, Payment, Receipt])
def test_the_database_refuses_to_change_the_ledger(account: Account, bruno: Any, model: Any, statement: str) -> None:
    from pricing import actions

    ChargeFactory(account=account)
    actions.pay(account, amount=Decimal(5), means="cash", by=bruno)
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(model._meta.db_table))
    assert model.objects.count() == 1


def test_a_series_begins_again_each_year_and_for_each_platform(platform: Any, other_platform: Any) -> None:
    with transaction.atomic():
        given = [
            ledger.next_number(platform.pk, "receipt", 2026),
            ledger.next_number(platform.pk, "receipt", 2026),
            ledger.next_number(platform.pk, "receipt", 2027),
            ledger.next_number(other_platform.pk, "receipt", 2026),
        ]
    assert given == [1, 2, 1, 1]
