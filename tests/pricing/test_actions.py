import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from core import clock
from core.models import JournalEntry
from pricing import actions
from pricing.models import Account, Charge, Deposit, Payment, Receipt
from tests.factories import ParticipantFactory
from tests.pricing.factories import AccountFactory, ChargeFactory, DepositFactory, ThirdPartyPayerFactory

TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def account(platform: Any) -> Account:
    return AccountFactory(participant=ParticipantFactory(platform=platform))


@pytest.fixture
def charge(account: Account) -> Charge:
    return ChargeFactory(account=account)


@pytest.fixture
def deposit(account: Account) -> Deposit:
    return DepositFactory(account=account)


def balance(account: Account) -> Decimal:
    return Account.objects.get(pk=account.pk).outstanding


# --- amounts ---------------------------------------------------------------------------------


def test_an_amount_is_added_and_told_to_the_journal(account: Account, bruno: Any) -> None:
    added = actions.add_charge(account, sort="cleaning", label="", unit_price=Decimal("15.00"), by=bruno, due_on=TODAY)
    assert (added.label, added.amount, balance(account)) == ("Nettoyage", Decimal("15.00"), Decimal("15.00"))
    entry = JournalEntry.objects.get(verb="charge.added")
    assert (entry.actor_id, entry.facts["amount"]) == (bruno.pk, "15.00")


@pytest.mark.parametrize("price", ["0", "-3"])
def test_an_amount_to_pay_is_more_than_zero(account: Account, bruno: Any, price: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        actions.add_charge(account, sort="other", label="x", unit_price=Decimal(price), by=bruno)
    assert refusal.value.code == "zero"
    assert not Charge.objects.exists()


def test_a_reversed_charge_is_no_longer_due_and_stays_to_be_read(charge: Charge, bruno: Any) -> None:
    reversal = actions.reverse_charge(charge, by=bruno, reason="Saisi deux fois")
    assert (reversal.amount, reversal.due_on, reversal.reverses) == (Decimal("-90.00"), charge.due_on, charge)
    assert balance(charge.account) == 0
    assert Charge.objects.count() == 2


def test_a_charge_is_reversed_once(charge: Charge, bruno: Any) -> None:
    reversal = actions.reverse_charge(charge, by=bruno, reason="Saisi deux fois")
    for again in (charge, reversal):
        with pytest.raises(ValidationError) as refusal:
            actions.reverse_charge(again, by=bruno, reason="Encore")
        assert refusal.value.code == "already_reversed"
    assert balance(charge.account) == 0


def test_reversing_a_charge_takes_its_waiver_with_it(charge: Charge, bruno: Any) -> None:
    actions.waive(charge, by=bruno, reason="Panne", amount=Decimal(20))
    actions.reverse_charge(charge, by=bruno, reason="Mauvais compte")
    assert balance(charge.account) == 0


def test_a_waiver_alone_can_be_reversed(charge: Charge, bruno: Any) -> None:
    waiver = actions.waive(charge, by=bruno, reason="Panne", amount=Decimal(20))
    actions.reverse_charge(waiver, by=bruno, reason="La panne était une erreur")
    assert balance(charge.account) == 90
    actions.waive(charge, by=bruno, reason="Tout de même")
    assert balance(charge.account) == 0


def test_no_more_is_waived_than_is_left(charge: Charge, bruno: Any) -> None:
    actions.waive(charge, by=bruno, reason="Trois jours de panne", amount=Decimal("9.00"))
    for amount in (Decimal("81.01"), Decimal(0), Decimal(-1)):
        with pytest.raises(ValidationError) as refusal:
            actions.waive(charge, by=bruno, reason="Encore", amount=amount)
        assert refusal.value.code == "waived_too_much"
    assert balance(charge.account) == 81
    actions.waive(charge, by=bruno, reason="Le reste aussi")
    assert balance(charge.account) == 0


def test_what_is_not_to_be_paid_is_not_waived(charge: Charge, bruno: Any) -> None:
    waiver = actions.waive(charge, by=bruno, reason="Panne", amount=Decimal(20))
    reversal = actions.reverse_charge(charge, by=bruno, reason="Mauvais compte")
    for one in (waiver, charge, reversal):
        with pytest.raises(ValidationError) as refusal:
            actions.waive(one, by=bruno, reason="Encore")
        assert refusal.value.code == "not_waivable"
    assert balance(charge.account) == 0


def test_a_reversal_and_a_waiver_say_why(charge: Charge, bruno: Any) -> None:
    for verb in (actions.reverse_charge, actions.waive):
        with pytest.raises(ValidationError) as refusal:
            verb(charge, by=bruno, reason="  ")
        assert refusal.value.code == "reason_missing"
    assert Charge.objects.count() == 1


# --- payments --------------------------------------------------------------------------------


def test_a_payment_has_a_numbered_receipt_as_pdf(charge: Charge, bruno: Any) -> None:
    payment = actions.pay(charge.account, amount=Decimal("93.00"), means="cash", by=bruno)
    receipt = payment.receipt
    assert receipt.label == f"R{clock.today().year}-0001"
    assert receipt.pdf.name == f"recu-{receipt.label}.pdf"
    with receipt.pdf.file.open() as pdf:
        assert pdf.read().startswith(b"%PDF-1.7")
    assert balance(charge.account) == -3


@pytest.mark.parametrize("amount", ["0", "-5"])
def test_a_payment_is_more_than_zero(account: Account, bruno: Any, amount: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        actions.pay(account, amount=Decimal(amount), means="cheque", by=bruno)
    assert refusal.value.code == "not_positive"
    assert not Receipt.objects.exists()


def test_a_refused_payment_leaves_no_gap_in_the_numbers(account: Account, bruno: Any) -> None:
    actions.pay(account, amount=Decimal(5), means="cheque", by=bruno)
    with pytest.raises(ValidationError):
        actions.pay(account, amount=Decimal(0), means="cheque", by=bruno)
    assert actions.pay(account, amount=Decimal(5), means="cheque", by=bruno).receipt.number == 2


def test_nothing_is_received_in_the_future(account: Account, bruno: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        actions.pay(
            account, amount=Decimal(5), means="cheque", by=bruno, received_at=clock.now() + dt.timedelta(hours=1)
        )
    assert refusal.value.code == "in_the_future"


def test_the_law_limits_cash_for_one_debt(account: Account, bruno: Any) -> None:
    actions.pay(account, amount=Decimal(800), means="cash", by=bruno)
    with pytest.raises(ValidationError) as refusal:
        actions.pay(account, amount=Decimal("200.01"), means="cash", by=bruno)
    assert refusal.value.code == "cash_ceiling"
    assert "200,00" in refusal.value.message
    actions.pay(account, amount=Decimal(200), means="cash", by=bruno)
    actions.pay(account, amount=Decimal(5000), means="transfer", by=bruno)


def test_the_law_of_a_day_begins_with_that_day_on_the_wall(account: Account, bruno: Any) -> None:
    midnight = dt.datetime(2015, 8, 31, 22, 30, tzinfo=dt.UTC)  # 1 September in Paris
    with pytest.raises(ValidationError) as refusal:
        actions.pay(account, amount=Decimal(1001), means="cash", by=bruno, received_at=midnight)
    assert refusal.value.code == "cash_ceiling"
    before = midnight - dt.timedelta(hours=1)
    actions.pay(account, amount=Decimal(1001), means="cash", by=bruno, received_at=before)
    cheque = Deposit(means="cheque", received_at=midnight)
    assert cheque.cheque_ends_on == dt.date(2016, 9, 8)


def test_cash_that_was_given_back_counts_no_longer(account: Account, bruno: Any) -> None:
    payment = actions.pay(account, amount=Decimal(1000), means="cash", by=bruno)
    actions.reverse_payment(payment, by=bruno, reason="Rendu, il paie par virement")
    actions.pay(account, amount=Decimal(1000), means="cash", by=bruno)


def test_the_ceiling_of_the_day_holds(account: Account, bruno: Any) -> None:
    actions.pay(
        account,
        amount=Decimal(3000),
        means="cash",
        by=bruno,
        received_at=dt.datetime(2014, 5, 1, tzinfo=dt.UTC),
    )
    assert balance(account) == -3000


def test_a_reversed_payment_is_due_again_and_keeps_its_receipt(charge: Charge, bruno: Any) -> None:
    payment = actions.pay(charge.account, amount=Decimal(90), means="cheque", by=bruno, reference="1234567")
    reversal = actions.reverse_payment(payment, by=bruno, reason="Chèque sans provision")
    assert (reversal.amount, balance(charge.account)) == (Decimal(-90), 90)
    assert Receipt.objects.get().payment == payment
    for again in (payment, reversal):
        with pytest.raises(ValidationError) as refusal:
            actions.reverse_payment(again, by=bruno, reason="Encore")
        assert refusal.value.code == "already_reversed"


def test_somebody_else_pays_a_part(account: Account, bruno: Any) -> None:
    payer = ThirdPartyPayerFactory(platform=account.platform, name="Département")
    actions.add_charge(account, sort="rent", label="Part", unit_price=Decimal(81), by=bruno, payer=payer)
    actions.pay(account, amount=Decimal(81), means="transfer", by=bruno, payer=payer)
    assert balance(account) == 0


def test_another_platforms_payer_pays_nothing_here(account: Account, other_platform: Any, bruno: Any) -> None:
    payer = ThirdPartyPayerFactory(platform=other_platform)
    with pytest.raises(ValidationError) as refusal:
        actions.pay(account, amount=Decimal(5), means="transfer", by=bruno, payer=payer)
    assert refusal.value.code == "other_platform"
    assert not Payment.objects.exists()


# --- deposits --------------------------------------------------------------------------------


def test_a_deposit_is_received_and_given_back(deposit: Deposit, farid: Any) -> None:
    held = actions.receive_deposit(deposit, by=farid, means="cheque", cheque_number="7654321", bank="La Banque Postale")
    assert (held.state, held.cheque_number) == ("held", "7654321")
    assert held.received_at is not None
    returned = actions.return_deposit(deposit, by=farid)
    assert returned.state == "returned"
    assert balance(deposit.account) == 0


def test_a_cheque_has_a_number(deposit: Deposit, bruno: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        actions.receive_deposit(deposit, by=bruno, means="cheque")
    assert refusal.value.code == "cheque_number_missing"
    deposit.refresh_from_db()
    assert deposit.state == "expected"


def test_a_held_deposit_has_a_means(deposit: Deposit, bruno: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        actions.receive_deposit(deposit, by=bruno, means="")
    assert refusal.value.code == "means_missing"


def test_a_deposit_is_kept_in_part_for_a_reason(deposit: Deposit, bruno: Any) -> None:
    actions.receive_deposit(deposit, by=bruno, means="cash")
    for amount, reason, code in ((Decimal(60), "", "reason_missing"), (Decimal(0), "Rayure", "not_positive")):
        with pytest.raises(ValidationError) as refusal:
            actions.keep_deposit(deposit, by=bruno, amount=amount, reason=reason)
        assert refusal.value.code == code
    with pytest.raises(ValidationError) as refusal:
        actions.keep_deposit(deposit, by=bruno, amount=Decimal(151), reason="Rayure")
    assert refusal.value.code == "kept_too_much"
    kept = actions.keep_deposit(deposit, by=bruno, amount=Decimal(60), reason="Rétroviseur cassé")
    assert (kept.state, kept.kept_amount) == ("kept", 60)
    assert balance(deposit.account) == 0, "a deposit is never a payment"


def test_a_deposit_goes_its_way_once(deposit: Deposit, bruno: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        actions.return_deposit(deposit, by=bruno)
    assert refusal.value.code == "wrong_state"
    actions.waive_deposit(deposit, by=bruno, reason="Minima sociaux")
    with pytest.raises(ValidationError):
        actions.waive_deposit(deposit, by=bruno, reason="Encore")
    assert actions.receive_deposit(deposit, by=bruno, means="fund").state == "held"


# --- who -------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["eve", "nobody"])
def test_a_stranger_touches_no_money(
    request: pytest.FixtureRequest, charge: Charge, deposit: Deposit, bruno: Any, who: str
) -> None:
    stranger = request.getfixturevalue(who)
    payment = actions.pay(charge.account, amount=Decimal(1), means="cheque", by=bruno)
    for verb in (
        lambda: actions.add_charge(charge.account, sort="other", label="x", unit_price=Decimal(1), by=stranger),
        lambda: actions.reverse_charge(charge, by=stranger, reason="x"),
        lambda: actions.waive(charge, by=stranger, reason="x"),
        lambda: actions.pay(charge.account, amount=Decimal(1), means="cheque", by=stranger),
        lambda: actions.reverse_payment(payment, by=stranger, reason="x"),
        lambda: actions.receive_deposit(deposit, by=stranger, means="cash"),
        lambda: actions.waive_deposit(deposit, by=stranger, reason="x"),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    deposit.refresh_from_db()
    assert (Charge.objects.count(), Payment.objects.count(), deposit.state) == (1, 1, "expected")


def test_the_fleet_manager_takes_deposits_and_no_payments(charge: Charge, deposit: Deposit, farid: Any) -> None:
    actions.receive_deposit(deposit, by=farid, means="cash")
    for verb in (
        lambda: actions.pay(charge.account, amount=Decimal(1), means="cash", by=farid),
        lambda: actions.waive(charge, by=farid, reason="x"),
        lambda: actions.keep_deposit(deposit, by=farid, amount=Decimal(1), reason="x"),
    ):
        with pytest.raises(PermissionDenied):
            verb()


def test_a_participant_sees_their_own_accounts_only(account: Account, eve: Any) -> None:
    other = AccountFactory(participant=ParticipantFactory(platform=account.platform))
    seen = Account.objects.visible_to(account.participant.user)
    assert account in seen
    assert other not in seen
    assert not Account.objects.visible_to(eve).exists()
