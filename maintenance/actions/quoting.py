"""The garage's quote, and who approves it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from accounts.models import User
from core.db import action, become, create_all, refuse, require, save
from core.journal import record
from maintenance import defects, messages, perms
from maintenance.actions.offering import withdraw
from maintenance.models import QuoteLine, RepairJob
from maintenance.steps import expect_ready, lock_job, policy_of, speak_for

State = RepairJob.State


@action
def quote(
    job: RepairJob,
    lines: Iterable[Mapping[str, Any]] = (),
    *,
    by: User,
    total: Decimal | None = None,
    photos: Iterable[Any] = (),
    note: str = "",
    expected_ready_at: dt.datetime | None = None,
    on_behalf: str = "",
) -> RepairJob:
    """What the repair will cost, in lines (`sort`, `label`, `quantity`, `unit_price`) or as a total with a photo.

    A new quote replaces the former one. Up to the platform's ceiling it approves itself. Refuses with
    `empty_quote`, `two_totals` or `wrong_state`.
    """
    job = lock_job(job)
    speak_for(job.garage, job, by, on_behalf, "Devis")
    lines = [dict(line) for line in lines]
    if lines and total is not None:
        raise refuse("Écrivez les lignes du devis, ou son total avec une photo, pas les deux.", "two_totals")
    if total is not None:
        lines = [
            {"sort": QuoteLine.Sort.OTHER, "label": "Devis du garage", "quantity": Decimal(1), "unit_price": total}
        ]
    if not lines:
        raise refuse("Un devis a au moins une ligne, ou un total.", "empty_quote")
    become(job, State.QUOTED)
    job.quote_lines.all().delete()
    rows = [QuoteLine(platform_id=job.platform_id, job=job, **line) for line in lines]
    create_all(QuoteLine, rows)
    defects.add_photos(job, photos, by=by, is_quote=True)
    job.quote_note, job.quote_refused_reason = note.strip()[:300], ""
    expect_ready(job, expected_ready_at)
    save(job)
    amount = sum((row.total for row in rows), Decimal(0))
    record(by, "job.quoted", job, total=str(amount))
    ceiling = policy_of(job.platform_id).quote_ceiling
    if ceiling and amount <= ceiling:
        _approve(job, job.platform.machine_user, by_itself=True)
    return job


@action
def approve_quote(job: RepairJob, *, by: User) -> RepairJob:
    """The garage may begin."""
    job = lock_job(job)
    require(perms.can_decide(by, job))
    return _approve(job, by)


@action
def refuse_quote(job: RepairJob, *, by: User, reason: str, ask_again: bool = True) -> RepairJob:
    """Too dear, or not what was asked: the garage quotes again, or (`ask_again=False`) is relieved of the job."""
    job = lock_job(job)
    require(perms.can_decide(by, job))
    reason = reason.strip()[:200]
    if not reason:
        raise refuse("Dites au garage pourquoi le devis est refusé.", "reason_missing")
    if job.state != State.QUOTED:
        raise refuse("Il n’y a pas de devis à refuser en ce moment.", "wrong_state")
    record(by, "job.quote_refused", job, ask_again=ask_again)
    if not ask_again:
        return withdraw(job, by=by)
    become(job, State.ACCEPTED)
    job.quote_refused_reason = reason
    save(job)
    messages.quote_refused(job)
    return job


def _approve(job: RepairJob, by: User, *, by_itself: bool = False) -> RepairJob:
    become(job, State.APPROVED)
    save(job, "state")
    messages.quote_approved(job)
    record(by, "job.quote_approved", job, by_itself=by_itself)
    return job
