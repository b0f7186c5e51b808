"""The *dépôt de garantie* that nobody gave, once nothing is lent against it. A step: its caller has checked who may,
and written the loan's state."""

from bookings.models import Booking
from core.db import lock
from pricing import ledger
from pricing.models import Account


def no_longer_expected(account: Account | None, why: str) -> None:
    """Nothing is to be received once no loan of this account is promised or out; until then those of a series go on.
    A request has no account."""
    if account is None:
        return
    account = lock(account)  # another date of the series may end, or somebody receive the deposit, at this moment
    if not Booking.objects.filter(account=account, state__in=Booking.OPEN).exists():
        ledger.expect_no_deposit(account, why)
