"""What a fine tells of somebody is erased when it is no longer needed (GDPR, art. 10); so is who drove.

The amount, its day and what was charged on the account stay: they are accounts, and say nothing of an offence. Each
row in a transaction of its own; run twice, nothing happens twice.
"""

import datetime as dt
from typing import Any

from bookings.cases.deadlines import OFFENCE_LAPSES_MONTHS
from bookings.cases.policies import policy_of
from bookings.models import Assignment, CasePaper, Fine, IncidentPolicy
from core import clock
from core.days import months_later
from core.db import action, lock, one_by_one, save
from core.files import forget
from core.journal import name_of, record
from core.models import Note

MARGIN_MONTHS = 2  # after the offence has lapsed: a notice travels, and 45 days run
NOTHING: dict[str, Any] = {
    "number": "",
    "place": "",
    "use": "",
    "driver": {},
    "offence_at": None,
    "assignment": None,
    "trip": None,
    "transfer": None,
    "job": None,
    "charge": None,
    "fee_charge": None,
}


def purge_fines() -> int:
    """Closed for as many months as the platform says: what it tells of the driver is erased. How many were."""
    months = [*IncidentPolicy.objects.values_list("keep_months", flat=True).distinct(), IncidentPolicy().keep_months]
    before = months_ago(clock.now(), min(months))
    old = Fine.objects.filter(closed_at__isnull=False, purged_at__isnull=True, closed_at__lte=before)
    return one_by_one(_purge, old.select_related("platform__machine_user").order_by("pk"))


@action
def _purge(fine: Fine) -> bool:
    fine = lock(fine)
    if fine.purged_at is not None or fine.closed_at is None:
        return False
    if fine.closed_at > months_ago(clock.now(), policy_of(fine.platform).keep_months):
        return False
    for name, value in NOTHING.items():
        setattr(fine, name, value)
    fine.purged_at = clock.now()
    save(fine)
    for paper in CasePaper.objects.filter(fine=fine).select_related("file"):
        file = paper.file
        paper.delete()
        forget(file)
    target_type, target_id = name_of(fine)
    Note.objects.filter(target_type=target_type, target_id=target_id).delete()
    record(fine.platform.machine_user, "fine.purged", fine)
    return True


def purge_drivers() -> int:
    """Who drove is kept until no notice of that loan can come any more, unless one is being treated."""
    before = months_ago(clock.now(), OFFENCE_LAPSES_MONTHS + MARGIN_MONTHS)
    over = Assignment.objects.filter(ended_at__lte=before).exclude(driver_identity={})
    over = over.exclude(fines__in=Fine.objects.filter(purged_at__isnull=True))
    return one_by_one(_forget_driver, over.order_by("pk"))


@action
def _forget_driver(assignment: Assignment) -> bool:
    assignment = lock(assignment)
    assignment.driver_identity = {}
    save(assignment, "driver_identity")
    return True


def months_ago(now: dt.datetime, months: int) -> dt.datetime:
    return dt.datetime.combine(months_later(now.date(), -months), now.timetz())
