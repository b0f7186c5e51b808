"""How money is written into an account. Steps: their caller has checked who may, and journals.

Charges and payments are only ever added. The number of a receipt comes from a counter that is locked last
and given back when the transaction fails, so that a series has no gap.
"""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from accounts.models import User
from core import clock
from core.db import become, create_all, lock, refuse, save
from participants.models import Participant
from pricing.models import Account, Charge, Counter, Deposit, Payment, Receipt, ThirdPartyPayer
from pricing.receipts import receipt_pdf
from pricing.tariffs import CENT, Quote


def open_account(participant: Participant, *, title: str) -> Account:
    account = Account(platform_id=participant.platform_id, participant=participant, title=title)
    return save(account)


def expect_deposit(account: Account, amount: Decimal) -> Deposit | None:
    """Notes that a *dépôt de garantie* is to be received; nothing when the tariff asks for none."""
    if amount <= 0:
        return None
    return save(Deposit(platform_id=account.platform_id, account=account, amount=amount))


def charge(
    account: Account,
    *,
    sort: str,
    label: str,
    unit_price: Decimal,
    due_on: dt.date,
    by: User,
    quantity: Decimal | int = 1,
    payer: ThirdPartyPayer | None = None,
) -> Charge:
    """Adds an amount due on a day, by the participant unless `payer` pays it."""
    return save(_charge(account, sort, label, unit_price, Decimal(quantity), due_on, by, payer))


def charge_quote(
    account: Account, quote: Quote, *, due_on: dt.date, by: User, payer: ThirdPartyPayer | None = None
) -> list[Charge]:
    """The rent, line by line as it was quoted; nothing for what is free."""
    rows = [
        _charge(account, Charge.Sort.RENT, line.label, line.unit_price, Decimal(line.quantity), due_on, by, payer)
        for line in quote.lines
        if line.amount
    ]
    return create_all(Charge, rows) if rows else []


def reverse(rows: list[Charge], *, by: User, reason: str) -> list[Charge]:
    """Charges of the opposite amounts, due on the same days, so that nothing of these was ever due."""
    return create_all(
        Charge,
        [
            Charge(
                platform_id=row.platform_id,
                account_id=row.account_id,
                sort=row.sort,
                label=f"Annulation : {row.label}"[:160],
                quantity=row.quantity,
                unit_price=-row.unit_price,
                amount=-row.amount,
                payer_id=row.payer_id,
                due_on=row.due_on,
                reverses=row,
                reason=reason,
                by=by,
            )
            for row in rows
        ],
    )


def charge_instead(
    former: list[Charge], quote: Quote, account: Account, *, due_on: dt.date, by: User, reason: str
) -> list[Charge]:
    """The rent of a quote that takes the place of another: what stood of it is reversed, the new lines are charged.

    Who paid goes on paying, and what was given up of the former rent is given up of the new one: all of it, or the
    same amount as far as there is as much. A rent that people reversed by hand, line by line, is not brought back.
    The account is locked. Returns the charges that stand for the rent from now on.
    """
    standing = list(Charge.objects.filter(pk__in=[row.pk for row in former]).standing().select_related("payer"))
    if former and not standing:
        return []
    waivers = list(Charge.objects.filter(waives__in=standing).standing())
    if standing:
        reverse([*standing, *waivers], by=by, reason=reason)
    payers = {row.payer_id: row.payer for row in standing}
    payer = next(iter(payers.values())) if len(payers) == 1 else None
    charges = charge_quote(account, quote, due_on=due_on, by=by, payer=payer)
    waived = -sum((row.amount for row in waivers), Decimal(0))
    if waived and waived == sum((row.amount for row in standing), Decimal(0)):
        waived = quote.total
    waive_again(charges, waived, by=by, reason=waivers[0].reason if waivers else "")
    return charges


def waive_again(charges: list[Charge], amount: Decimal, *, by: User, reason: str) -> None:
    """Gives up that much of these charges, the first ones first; no more than there is."""
    for row in charges:
        if amount <= 0:
            return
        waived = min(amount, row.amount)
        give_up(row, waived, by=by, reason=reason)
        amount -= waived


def give_up(charge: Charge, amount: Decimal, *, by: User, reason: str) -> Charge:
    """A waiver: less is asked for, by this much."""
    return save(
        Charge(
            platform_id=charge.platform_id,
            account_id=charge.account_id,
            sort=charge.sort,
            label=f"Remise : {charge.label}"[:160],
            unit_price=-amount,
            amount=-amount,
            payer_id=charge.payer_id,
            due_on=charge.due_on,
            waives=charge,
            reason=reason,
            by=by,
        )
    )


def expect_instead(account: Account, amount: Decimal) -> None:
    """The *dépôt de garantie* that is still to be received becomes this one; one that was received stays as it is."""
    expected = account.deposits.filter(state=Deposit.State.EXPECTED).first()
    if expected is None:
        if not account.deposits.exists():
            expect_deposit(account, amount)
    elif amount > 0:
        expected.amount = amount
        save(expected, "amount")
    else:
        become(expected, Deposit.State.WAIVED)
        expected.settled_at, expected.reason = clock.now(), "Le tarif n’en demande plus"
        save(expected)


def expect_no_deposit(account: Account, why: str) -> None:
    """What was never given of the *dépôt de garantie* is not asked for any more. The account is locked."""
    for deposit in account.deposits.filter(state=Deposit.State.EXPECTED):
        become(deposit, Deposit.State.LAPSED)
        deposit.settled_at, deposit.reason = clock.now(), why
        save(deposit)


def reverse_all(account: Account, *, by: User, reason: str) -> list[Charge]:
    """Reverses every charge and waiver that stands, as for a cancelled loan. Payments stay as they are."""
    account = lock(account)
    standing = list(Charge.objects.filter(account=account).standing())
    return reverse(standing, by=by, reason=reason) if standing else []


def receive(payment: Payment) -> Payment:
    """Writes the payment and its numbered receipt. The account is locked."""
    save(payment)
    now = clock.now()
    year = now.astimezone(ZoneInfo(payment.platform.time_zone)).year
    number = next_number(payment.platform_id, "receipt", year)
    receipt = Receipt(platform_id=payment.platform_id, payment=payment, year=year, number=number, issued_at=now)
    receipt.pdf = receipt_pdf(receipt)
    save(receipt)
    return payment


def next_number(platform_id: int, series: str, year: int) -> int:
    """The next number of the series, ours alone until the transaction ends. The last lock of any transaction."""
    case = {"platform_id": platform_id, "series": series, "year": year}
    counters = Counter.objects.select_for_update(no_key=True)
    counter = counters.filter(**case).first()
    if counter is None:
        Counter.objects.bulk_create([Counter(**case)], ignore_conflicts=True)
        counter = counters.get(**case)
    counter.last += 1
    return save(counter, "last").last


def _charge(
    account: Account,
    sort: str,
    label: str,
    unit_price: Decimal,
    quantity: Decimal,
    due_on: dt.date,
    by: User,
    payer: ThirdPartyPayer | None,
) -> Charge:
    amount = (unit_price * quantity).quantize(CENT, ROUND_HALF_UP)
    if amount < 0:
        raise refuse("Un montant négatif est une annulation ou une remise.", "negative_charge")
    return Charge(
        platform_id=account.platform_id,
        account=account,
        sort=sort,
        label=label,
        quantity=quantity,
        unit_price=unit_price,
        amount=amount,
        payer=payer,
        due_on=due_on,
        by=by,
    )
