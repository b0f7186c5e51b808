"""What can happen to an account: amounts, payments, deposits. Tariffs are in `tariff_actions.py`."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Sum

from accounts.models import User
from core import clock
from core.db import action, become, lock, refuse, require, save
from core.journal import record
from core.words import euros
from pricing import law, ledger, perms
from pricing.models import Account, Charge, Deposit, Payment, ThirdPartyPayer

CLOCKS_MAY_DIFFER_BY = dt.timedelta(minutes=5)


@action
def add_charge(
    account: Account,
    *,
    sort: str,
    label: str,
    unit_price: Decimal,
    by: User,
    quantity: Decimal | int = 1,
    due_on: dt.date | None = None,
    payer: ThirdPartyPayer | None = None,
) -> Charge:
    """Adds an amount to pay, today when no day is given. It is more than zero: less is a waiver (`waive`)."""
    account = lock(account)
    require(perms.can_charge(by, account))
    if unit_price * quantity <= 0:
        raise refuse("Le montant à payer est plus grand que zéro. Pour faire payer moins, faites une remise.", "zero")
    charge = ledger.charge(
        account,
        sort=sort,
        label=label or Charge.Sort(sort).label,
        unit_price=unit_price,
        quantity=quantity,
        due_on=due_on or _today(account),
        by=by,
        payer=payer,
    )
    record(by, "charge.added", account, charge=charge.pk, sort=sort, amount=str(charge.amount))
    return charge


@action
def reverse_charge(charge: Charge, *, by: User, reason: str) -> Charge:
    """Undoes a charge or a waiver by its opposite; both stay to be read. What was waived of a charge goes with it."""
    account = lock(charge.account)
    require(perms.can_charge(by, account))
    _refuse_without(reason)
    charge = Charge.objects.get(pk=charge.pk)
    if charge.reverses_id or hasattr(charge, "reversed_by"):
        raise refuse("Ce montant est déjà annulé.", "already_reversed")
    waivers = list(charge.waivers.standing())
    reversal = ledger.reverse([charge, *waivers], by=by, reason=reason)[0]
    record(by, "charge.reversed", account, charge=charge.pk, amount=str(charge.amount))
    return reversal


@action
def waive(charge: Charge, *, by: User, reason: str, amount: Decimal | None = None) -> Charge:
    """Asks for less: all that is left of a charge, or `amount` of it. Returns the waiver, a negative charge."""
    account = lock(charge.account)
    require(perms.can_waive(by, account))
    _refuse_without(reason)
    charge = Charge.objects.get(pk=charge.pk)
    if charge.reverses_id or charge.waives_id or hasattr(charge, "reversed_by"):
        raise refuse("Une remise se fait sur un montant qui est encore à payer.", "not_waivable")
    left = charge.amount + (charge.waivers.standing().aggregate(sum=Sum("amount"))["sum"] or 0)
    amount = left if amount is None else amount
    if amount <= 0 or amount > left:
        raise refuse(
            f"La remise est plus grande que zéro, et de {euros(left)} au plus pour ce montant.", "waived_too_much"
        )
    waiver = ledger.give_up(charge, amount, by=by, reason=reason)
    record(by, "charge.waived", account, charge=charge.pk, amount=str(amount))
    return waiver


@action
def pay(
    account: Account,
    *,
    amount: Decimal,
    means: str,
    by: User,
    received_at: dt.datetime | None = None,
    reference: str = "",
    payer: ThirdPartyPayer | None = None,
) -> Payment:
    """Notes money received, and gives it a numbered receipt. More than is due is a credit, not an error.

    Refuses with `in_the_future`, or `cash_ceiling` when the law wants another means.
    """
    account = lock(account, "platform")
    require(perms.can_take_payment(by, account))
    now = clock.now()
    received_at = received_at or now
    if received_at > now + CLOCKS_MAY_DIFFER_BY:
        raise refuse("Un paiement ne peut pas avoir été reçu dans l’avenir. Corrigez la date.", "in_the_future")
    if means == Payment.Means.CASH:
        _refuse_too_much_cash(account, amount, received_at)
    payment = Payment(
        platform=account.platform,
        account=account,
        means=means,
        amount=amount,
        payer=payer,
        reference=reference,
        received_at=received_at,
        by=by,
    )
    ledger.receive(payment)
    facts = {"payment": payment.pk, "means": means, "amount": str(amount), "receipt": payment.receipt.label}
    record(by, "payment.received", account, **facts)
    return payment


@action
def reverse_payment(payment: Payment, *, by: User, reason: str) -> Payment:
    """Undoes a payment by its opposite, received now: the receipt keeps its number and reads « annulé »."""
    account = lock(payment.account)
    require(perms.can_take_payment(by, account))
    _refuse_without(reason)
    payment = Payment.objects.get(pk=payment.pk)
    if payment.reverses_id or hasattr(payment, "reversed_by"):
        raise refuse("Ce paiement est déjà annulé.", "already_reversed")
    reversal = Payment(
        platform_id=account.platform_id,
        account=account,
        means=payment.means,
        amount=-payment.amount,
        payer_id=payment.payer_id,
        reference=payment.reference,
        received_at=clock.now(),
        reverses=payment,
        reason=reason,
        by=by,
    )
    save(reversal)
    record(by, "payment.reversed", account, payment=payment.pk, amount=str(payment.amount))
    return reversal


@action
def receive_deposit(
    deposit: Deposit,
    *,
    by: User,
    means: str,
    amount: Decimal | None = None,
    received_at: dt.datetime | None = None,
    cheque_number: str = "",
    bank: str = "",
    cheque_dated_on: dt.date | None = None,
) -> Deposit:
    """The *dépôt de garantie* was given: a cheque that is kept, cash, or a fund that answers for it."""
    account = lock(deposit.account)
    deposit = lock(deposit)
    require(perms.can_hold_deposit(by, deposit))
    become(deposit, Deposit.State.HELD)
    if means == Deposit.Means.CHEQUE and not cheque_number:
        raise refuse("Notez le numéro du chèque : c’est lui qu’il faudra rendre.", "cheque_number_missing")
    deposit.means, deposit.amount = means, deposit.amount if amount is None else amount
    deposit.cheque_number, deposit.bank, deposit.cheque_dated_on = cheque_number, bank, cheque_dated_on
    deposit.received_at, deposit.settled_at, deposit.reason = received_at or clock.now(), None, ""
    save(deposit)
    record(by, "deposit.received", account, deposit=deposit.pk, means=means, amount=str(deposit.amount))
    return deposit


@action
def return_deposit(deposit: Deposit, *, by: User, at: dt.datetime | None = None) -> Deposit:
    """Given back whole."""
    account = lock(deposit.account)
    deposit = lock(deposit)
    require(perms.can_hold_deposit(by, deposit))
    become(deposit, Deposit.State.RETURNED)
    deposit.settled_at = at or clock.now()
    save(deposit)
    record(by, "deposit.returned", account, deposit=deposit.pk)
    return deposit


@action
def keep_deposit(deposit: Deposit, *, by: User, amount: Decimal, reason: str) -> Deposit:
    """Keeps all or a part, and says why. It pays nothing by itself: cashed, it is noted as a payment (`pay`)."""
    account = lock(deposit.account)
    deposit = lock(deposit)
    require(perms.can_settle_deposit(by, deposit))
    _refuse_without(reason)
    become(deposit, Deposit.State.KEPT)
    if amount <= 0:
        raise refuse("Dites combien vous gardez. Si vous ne gardez rien, le dépôt est rendu.", "not_positive")
    deposit.kept_amount, deposit.reason, deposit.settled_at = amount, reason, clock.now()
    save(deposit)
    record(by, "deposit.kept", account, deposit=deposit.pk, amount=str(amount))
    return deposit


@action
def waive_deposit(deposit: Deposit, *, by: User, reason: str) -> Deposit:
    """Does without one, and says why."""
    account = lock(deposit.account)
    deposit = lock(deposit)
    require(perms.can_settle_deposit(by, deposit))
    _refuse_without(reason)
    become(deposit, Deposit.State.WAIVED)
    deposit.reason, deposit.settled_at = reason, clock.now()
    save(deposit)
    record(by, "deposit.waived", account, deposit=deposit.pk)
    return deposit


def _refuse_too_much_cash(account: Account, amount: Decimal, received_at: dt.datetime) -> None:
    ceiling = law.cash_ceiling(clock.local_date(received_at, account.platform.time_zone))
    if ceiling is None:
        return
    cash = account.payments.filter(means=Payment.Means.CASH).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    if cash + amount > ceiling:
        left = max(ceiling - cash, Decimal(0))
        raise refuse(
            f"La loi limite les espèces à {euros(ceiling)} pour une même dette. Encore possible en espèces : "
            f"{euros(left)}. Pour le reste, demandez un chèque, un virement ou une carte.",
            "cash_ceiling",
        )


def _refuse_without(reason: str) -> None:
    if not reason.strip():
        raise refuse("Dites pourquoi.", "reason_missing")


def _today(account: Account) -> dt.date:
    return clock.today(ZoneInfo(account.platform.time_zone))
