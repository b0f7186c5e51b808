"""The contract as it was signed on paper: a scan beside the contract that Remise made."""

from typing import Any

from accounts.models import User
from bookings import perms
from bookings.models import Period
from core.db import action, lock, refuse, require, save
from core.files import forget, store_paper
from core.journal import record


@action
def attach_signed_copy(period: Period, *, scan: Any, by: User) -> Period:
    """Keeps the scan, with its SHA-256, in place of a former one. Refuses `no_contract`, `no_paper`, `too_large`."""
    require(perms.can_change(by, period.booking))
    period = lock(period)
    if period.contract_id is None:
        raise refuse("Le contrat est fait à la remise des clés : on le joint ensuite.", "no_contract")
    former, period.signed_copy = period.signed_copy, store_paper(scan, platform_id=period.platform_id, by=by)
    save(period, "signed_copy")
    if former is not None:
        forget(former)
    record(by, "booking.signed_copy_attached", period.booking, period=period.pk, sha256=period.signed_copy.sha256)
    return period
