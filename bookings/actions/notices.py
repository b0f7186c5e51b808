"""A notice comes after the toll was known; and what is learned afterwards answers notices that wait."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import Q

from accounts.models import User
from bookings.actions.fines import put_use, refuse_impossible
from bookings.actions.incidents import keep_paper
from bookings.cases import perms as case_perms
from bookings.cases import uses
from bookings.cases.steps import mark_due
from bookings.models import Assignment, CasePaper, Fine
from core.db import action, lock, lock_all, refuse, require, save
from core.journal import record
from fleet.models import Vehicle


@action
def notice_came(
    fine: Fine, *, number: str, sent_on: dt.date, by: User, amount: Decimal | None = None, file: Any = None
) -> Fine:
    """The notice of a toll that was noted without one, with what it asks by now: the delay runs from its day.

    Refuses with `wrong_state` once it was treated, `notice_known`, and as `record_fine` does.
    """
    require(case_perms.can_handle(by, fine))
    fine = lock(fine)
    if fine.state != Fine.State.RECEIVED or fine.offence_at is None:
        raise refuse("Ce passage est déjà traité : notez plutôt un autre avis.", "wrong_state")
    if fine.sent_on is not None:
        raise refuse("L’avis de ce passage est déjà noté.", "notice_known")
    refuse_impossible(fine.vehicle, number.strip(), sent_on, fine.offence_at, by_post=True)
    fine.number, fine.sent_on = number.strip(), sent_on
    fine.amount = fine.amount if amount is None else amount
    mark_due(fine)
    save(fine)
    if file:
        keep_paper(fine, CasePaper.Sort.NOTICE, file, by)
    record(by, "fine.notice_came", fine)
    return fine


@action
def was_at_garage(vehicle: Vehicle) -> int:
    """The hours for which a garage had it were put right: notices that name nobody may name it now; how many did."""
    return look_again(lock(vehicle), vehicle.platform.machine_user)


# --- steps ------------------------------------------------------------------------------------


def look_again(vehicle: Vehicle, by: User) -> int:
    """Notices of this vehicle that name nobody, or a loan whose keys were another vehicle's, name whom the facts name
    now; how many did. A driver whom somebody has typed stays: what contradicts them is shown beside. Its caller holds
    the lock of the vehicle."""
    mistaken = Q(assignment__end_reason=Assignment.EndReason.CORRECTED, assignment__hold__isnull=True)
    waiting = Fine.objects.filter(mistaken | Q(use="", driver={}), vehicle=vehicle, offence_at__isnull=False)
    fines = lock_all(Fine, waiting.values_list("pk", flat=True))
    minutes = {fine: fine.offence_at for fine in fines if fine.offence_at is not None}  # as they stand under the lock
    if not minutes:
        return 0
    known = uses.Uses.of(vehicle, min(minutes.values()), max(minutes.values()))
    named = 0
    for fine, minute in minutes.items():
        use = known.driver_at(minute)
        noted = f"assignment-{fine.assignment_id}" if fine.assignment_id else ""
        if not fine.driver_may_change or use.key == noted:
            continue
        put_use(fine, use)
        save(fine, "use", "assignment", "trip", "transfer", "job", "driver")
        record(by, "fine.driver_named", fine, use=fine.use)
        named += 1
    return named
