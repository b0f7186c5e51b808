"""What the loans cost and who has paid: charges, payments, deposits, and receipts numbered in the order of payment."""

import datetime as dt
import hashlib
from collections import Counter as Tally
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile

from bookings.models import Period
from core.models import StoredFile
from portal.demo.cast import World
from portal.demo.loans import Written
from portal.demo.plan import CANCELLED, RETURNED
from pricing.models import Charge, Counter, Deposit, Payment, Receipt
from pricing.receipts import drawn
from pricing.tariffs import late_days

Means = Payment.Means
MEANS = (Means.CASH, Means.CHEQUE, Means.DESK_CARD, Means.TRANSFER)
HOW_OFTEN = (46, 18, 26, 10)
BANKS = ("La Banque Postale", "Crédit agricole", "Caisse d’épargne", "Crédit mutuel")
PAPERS_SINCE = dt.timedelta(days=45)  # receipts of the demo before that are drawn when somebody opens them


class Bookkeeper:
    def __init__(self, world: World) -> None:
        self.world, self.rng = world, world.rng
        self.charges: list[Charge] = []
        self.payments: list[Payment] = []
        self.deposits: list[Deposit] = []

    def run(self, written: list[Written]) -> list[Payment]:
        for one in written:
            self.keep_deposit_of(one)
            if one.loan.out_at is not None:
                self.settle(one)
        self.let_somebody_else_pay(written)
        Charge.objects.bulk_create(self.charges)
        self.link_rents(written)
        self.write_waivers()
        self.payments.sort(key=lambda payment: payment.received_at)
        Payment.objects.bulk_create(self.payments)
        Deposit.objects.bulk_create(self.deposits)
        self.write_receipts()
        return self.payments

    def link_rents(self, written: list[Written]) -> None:
        """Which charges are the rent of which period, so that it can change."""
        period_of = {one.account.pk: one.period.pk for one in written}
        rents = Period.charges.through
        rents.objects.bulk_create(
            rents(period_id=period_of[row.account_id], charge_id=row.pk) for row in self.charges if row.sort == "rent"
        )

    # --- charges and payments -----------------------------------------------------------------

    def settle(self, one: Written) -> None:
        """Rent when the keys leave, what came on top when they are back; paid, but for a few."""
        loan, rng, zone = one.loan, self.rng, self.world.zone
        assert loan.out_at is not None
        due_on = loan.ends_at.astimezone(zone).date()
        for line in one.price.lines:
            if line.amount:
                self.charge(one, "rent", line.label, line.quantity, line.unit_price, due_on, loan.out_at)
        total = one.price.total
        advance = Decimal(0)
        if one.price.days >= 28 and rng.random() < 0.4:
            advance = (total / 2).quantize(Decimal("1"))
            self.pay(one, advance, loan.out_at + dt.timedelta(minutes=6))
        if loan.back_at is None:
            return
        total += self.charge_what_came_on_top(one)
        if not loan.unpaid:
            self.pay(one, total - advance, min(loan.back_at + dt.timedelta(minutes=9), self.world.now))
        elif rng.random() < 0.4 and total - advance > 20:
            self.pay(one, Decimal(20), min(loan.back_at + dt.timedelta(minutes=9), self.world.now))

    def charge_what_came_on_top(self, one: Written) -> Decimal:
        loan, price, zone = one.loan, one.price, self.world.zone
        assert loan.back_at is not None
        on, added = loan.back_at.astimezone(zone).date(), Decimal(0)
        late = late_days(loan.ends_at, loan.back_at, zone)
        if late and price.late_fee_per_day:
            label = f"{late} {'jour' if late == 1 else 'jours'} de retard"
            added += self.charge(one, "late", label, late, price.late_fee_per_day, on, loan.back_at)
        if excess := price.excess_km(one.km_driven):
            added += self.charge(one, "excess_km", excess.label, excess.quantity, excess.unit_price, on, loan.back_at)
        if one.new_damages and self.rng.random() < 0.3:
            label = f"{one.new_damages[0].get_sort_display()} constatée au retour"
            added += self.charge(one, "damage", label, 1, Decimal(self.rng.choice((25, 40, 60))), on, loan.back_at)
        return added

    def charge(
        self, one: Written, sort: str, label: str, quantity: int, price: Decimal, due_on: dt.date, at: dt.datetime
    ) -> Decimal:
        amount = (price * quantity).quantize(Decimal("0.01"))
        self.charges.append(
            Charge(
                platform=self.world.platform,
                account=one.account,
                sort=sort,
                label=label,
                quantity=quantity,
                unit_price=price,
                amount=amount,
                due_on=due_on,
                by=one.agent,
                created_at=at,
            )
        )
        return amount

    def pay(self, one: Written, amount: Decimal, at: dt.datetime, payer: Any = None) -> None:
        if amount <= 0:
            return
        means = Means.TRANSFER if payer else self.rng.choices(MEANS, HOW_OFTEN)[0]
        numbered = means in (Means.CHEQUE, Means.TRANSFER)
        self.payments.append(
            Payment(
                platform=self.world.platform,
                account=one.account,
                means=means,
                amount=amount,
                payer=payer,
                reference=str(self.rng.randint(10**6, 10**7 - 1)) if numbered else "",
                received_at=at,
                recorded_at=at,
                by=one.agent,
            )
        )

    def let_somebody_else_pay(self, written: list[Written]) -> None:
        """A third-party payer takes over the rent of a few loans; one of the shares is still to come."""
        of_account: dict[int, list[Charge]] = {}
        for charge in self.charges:
            of_account.setdefault(charge.account_id, []).append(charge)
        paying: dict[int, list[Payment]] = {}
        for payment in self.payments:
            paying.setdefault(payment.account_id, []).append(payment)
        over = [
            one for one in written if one.loan.state == RETURNED and not one.loan.unpaid and one.account.pk in paying
        ]
        for number, one in enumerate(over[-40::5]):
            payer = self.rng.choice(self.world.payers)
            for charge in of_account[one.account.pk]:
                charge.payer = payer
            for payment in paying[one.account.pk]:
                payment.payer, payment.means = payer, Means.TRANSFER
                payment.reference = payment.reference or str(self.rng.randint(10**6, 10**7 - 1))
                if number == 0:
                    self.payments.remove(payment)

    def write_waivers(self) -> None:
        """Now and then a late day is not asked for."""
        late = [charge for charge in self.charges if charge.sort == "late"]
        paid = {payment.account_id for payment in self.payments}
        waived = [charge for charge in late if charge.account_id not in paid][:3]
        Charge.objects.bulk_create(
            [
                Charge(
                    platform=self.world.platform,
                    account_id=charge.account_id,
                    sort=charge.sort,
                    label=f"Remise : {charge.label}",
                    unit_price=-charge.amount,
                    amount=-charge.amount,
                    due_on=charge.due_on,
                    waives=charge,
                    reason="Retard prévenu par téléphone",
                    by=charge.by,
                    created_at=charge.created_at,
                )
                for charge in waived
            ]
        )

    # --- deposits -----------------------------------------------------------------------------

    def keep_deposit_of(self, one: Written) -> None:
        loan, rng, states = one.loan, self.rng, Deposit.State
        if not one.price.deposit:
            return
        deposit = Deposit(platform=self.world.platform, account=one.account, amount=one.price.deposit)
        if loan.state == CANCELLED:
            deposit.state, deposit.reason = states.LAPSED, "Prêt annulé"
            deposit.settled_at = loan.booked_at + dt.timedelta(hours=20)
        elif loan.out_at is not None:
            self.hand_over_deposit(deposit, one, waived=rng.random() < 0.12)
        self.deposits.append(deposit)

    def hand_over_deposit(self, deposit: Deposit, one: Written, *, waived: bool) -> None:
        loan, rng, states = one.loan, self.rng, Deposit.State
        if waived:
            deposit.state, deposit.reason, deposit.settled_at = states.WAIVED, "Minima sociaux", loan.booked_at
            return
        deposit.state, deposit.received_at = states.HELD, loan.out_at
        deposit.means = rng.choices(list(Deposit.Means), (70, 15, 5, 10))[0]
        if deposit.means == Deposit.Means.CHEQUE:
            deposit.cheque_number = str(rng.randint(10**6, 10**7 - 1))
            deposit.bank = rng.choice(BANKS)
            deposit.cheque_dated_on = loan.out_at.astimezone(self.world.zone).date() if loan.out_at else None
        if loan.back_at is None or (loan.unpaid and rng.random() < 0.7):
            return
        deposit.settled_at = min(loan.back_at + dt.timedelta(minutes=12), self.world.now)
        deposit.state = states.RETURNED
        if any(charge.sort == "damage" and charge.account_id == one.account.pk for charge in self.charges[-4:]):
            deposit.state, deposit.kept_amount, deposit.reason = states.KEPT, Decimal(25), "Dégât au retour"

    # --- receipts -----------------------------------------------------------------------------

    def write_receipts(self) -> None:
        numbers: Tally[int] = Tally()
        receipts = []
        for payment in self.payments:
            year = payment.received_at.astimezone(self.world.zone).year
            numbers[year] += 1
            receipt = Receipt(
                platform=self.world.platform,
                payment=payment,
                year=year,
                number=numbers[year],
                issued_at=payment.received_at,
            )
            receipts.append(receipt)
        recent = [one for one in receipts if one.issued_at > self.world.now - PAPERS_SINCE]
        for receipt, paper in zip(recent, self.papers(recent), strict=True):
            receipt.pdf = paper
        Receipt.objects.bulk_create(receipts)
        Counter.objects.bulk_create(
            [
                Counter(platform=self.world.platform, series="receipt", year=year, last=last)
                for year, last in sorted(numbers.items())
            ]
        )

    def papers(self, receipts: list[Receipt]) -> list[StoredFile]:
        kept = []
        for receipt in receipts:
            content = drawn(receipt)
            paper = StoredFile(
                platform_id=self.world.platform.pk,
                kind=StoredFile.Kind.DOCUMENT,
                name=f"recu-{receipt.label}.pdf",
                media_type="application/pdf",
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                created_at=receipt.issued_at,
                created_by_id=receipt.payment.by_id,
            )
            paper.file.save(f"{paper.pk}.pdf", ContentFile(content), save=False)
            kept.append(paper)
        return StoredFile.objects.bulk_create(kept)
