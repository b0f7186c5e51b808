"""The invoice, the vehicle's way back, and jobs that are given up."""

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from core import clock
from core.db import action, become, refuse, require, save
from core.files import store_paper
from core.journal import record
from fleet import damages
from fleet.models import Site
from maintenance import immobilisation, messages, perms, stays
from maintenance.actions.offering import pending
from maintenance.actions.working import read_counter
from maintenance.models import JobOffer, RepairJob
from maintenance.steps import lock_job, speak_for

State = RepairJob.State


@action
def invoice(
    job: RepairJob,
    *,
    by: User,
    amount: Decimal,
    number: str = "",
    file: Any = None,
    on_behalf: str = "",
) -> RepairJob:
    """The garage's invoice, once the work is done; sent again it replaces the former one, until it is paid.

    `file` is a PDF or a photo. Refuses with `wrong_state`, `paid`, `not_positive` or `no_paper`.
    """
    job = lock_job(job)
    speak_for(job.garage, job, by, on_behalf, "Facture")
    if job.state not in (State.DONE, State.COLLECTED):
        raise refuse("La facture vient quand le travail est terminé.", "wrong_state")
    if job.paid_on is not None:
        raise refuse("Cette facture est déjà payée : elle ne change plus.", "paid")
    if amount < 0:
        raise refuse("Le montant d’une facture n’est pas négatif.", "not_positive")
    if file is not None:
        job.invoice_file = store_paper(file, platform_id=job.platform_id, by=by)
    job.invoice_number, job.invoice_amount, job.invoiced_at = number.strip(), amount, clock.now()
    save(job)
    record(by, "job.invoiced", job, amount=str(amount))
    return job


@action
def mark_paid(job: RepairJob, *, by: User, on: dt.date | None = None) -> RepairJob:
    """The platform has paid the garage. Refuses with `not_invoiced`, `paid` or `in_the_future`."""
    job = lock_job(job)
    require(perms.can_pay(by, job))
    if job.invoiced_at is None:
        raise refuse("Il n’y a pas encore de facture à payer.", "not_invoiced")
    if job.paid_on is not None:
        raise refuse("Cette facture est déjà payée.", "paid")
    today = clock.today(ZoneInfo(job.platform.time_zone))
    if on is not None and on > today:
        raise refuse("Cette date est à venir : notez le paiement quand il est fait.", "in_the_future")
    job.paid_on = on or today
    save(job, "paid_on")
    record(by, "job.paid", job, on=str(job.paid_on), amount=str(job.invoice_amount))
    return job


@action
def collect(job: RepairJob, *, by: User, site: Site | None = None, km: int | None = None) -> RepairJob:
    """The vehicle is back: its hold ends now, it stands at `site` (where it stood before, when none is said)."""
    job = lock_job(job)
    require(perms.can_collect(by, job))
    become(job, State.COLLECTED)
    job.collected_at = clock.now()
    save(job)
    damages.repaired(job.damages.all(), job.collected_at)
    vehicle = job.vehicle
    if vehicle is not None and site is not None and site.pk != vehicle.site_id:
        vehicle.site = site
        save(vehicle, "site")
    read_counter(job, km, by)
    stays.left(job.stays.all(), job.collected_at)
    immobilisation.vehicle_back(job, job.collected_at, by)
    record(by, "job.collected", job, km=km, site=site.pk if site else None)
    return job


@action
def cancel(job: RepairJob, *, by: User, reason: str) -> RepairJob:
    """Not to be repaired, or not now. The vehicle is free again, and back if it was at the garage."""
    job = lock_job(job)
    require(perms.can_decide(by, job))
    reason = reason.strip()[:200]
    if not reason:
        raise refuse("Dites pourquoi ce travail est annulé.", "reason_missing")
    become(job, State.CANCELLED)
    job.cancelled_reason = reason
    asked = pending(job)
    if asked is not None:
        asked.answer, asked.answered_at = JobOffer.Answer.WITHDRAWN, clock.now()
        save(asked, "answer", "answered_at")
    save(job)
    if garage := job.garage or (asked.garage if asked else None):
        messages.withdrawn(job, garage)
    stays.left(job.stays.all(), clock.now())
    immobilisation.vehicle_back(job, clock.now(), by)
    record(by, "job.cancelled", job)
    return job
