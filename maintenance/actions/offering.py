"""Finding a garage: a job is offered to one at a time, which accepts, declines or stays silent; or it is given."""

import datetime as dt
from typing import Any

from accounts.models import User
from core import clock
from core.db import action, become, one_by_one, refuse, require, save
from core.journal import record
from garages import newcomers
from garages.messages import can_be_written_to
from garages.models import Garage
from maintenance import immobilisation, messages, perms
from maintenance.candidates import candidates, reasons_for
from maintenance.models import JobOffer, RepairJob
from maintenance.steps import expect_ready, lock_job, policy_of, require_near_future, speak_for

State, Answer = RepairJob.State, JobOffer.Answer


@action
def offer(job: RepairJob, garage: Garage, *, by: User) -> JobOffer:
    """Asks this garage, by mail and SMS with its link, until the platform's time to answer has passed.

    Refuses with `already_offered`, `stopped`, `other_platform` or `wrong_state`.
    """
    job = lock_job(job)
    require(perms.can_place(by, job))
    return _offer(job, garage, by)


@action
def offer_next(job: RepairJob, *, by: User) -> JobOffer:
    """Asks the first garage of the ranking that was not asked yet. Refuses with `no_garage_left`."""
    job = lock_job(job)
    require(perms.can_place(by, job))
    refuse_if_asked(job)
    able, _ = candidates(job)
    if not able:
        raise refuse(
            "Aucun autre garage ne peut faire ce travail. Confiez-le directement à un garage.", "no_garage_left"
        )
    return _offer(job, able[0].garage, by)


@action
def withdraw(job: RepairJob, *, by: User) -> RepairJob:
    """Takes the job back from the garage that was asked, or that has it and has not begun: to decide again."""
    job = lock_job(job)
    asked = pending(job)
    require(perms.can_place(by, job) if asked else perms.can_decide(by, job))
    garage = asked.garage if asked else job.garage
    become(job, State.TO_DECIDE)
    if asked:
        _answer(asked, Answer.WITHDRAWN)
    _forget_garage(job)
    if garage is not None:
        messages.withdrawn(job, garage)
    record(by, "job.withdrawn", job, garage=garage.pk if garage else None)
    return job


@action
def accept(
    job: RepairJob,
    *,
    by: User,
    appointment_at: dt.datetime,
    expected_ready_at: dt.datetime | None = None,
    on_behalf: str = "",
) -> RepairJob:
    """The garage that is asked takes the job, for this appointment. Promised loans in the way are displaced.

    Refuses with `offer_closed` when it is asked no more: withdrawn, expired, or answered a moment before.
    """
    job = lock_job(job)
    asked = pending(job)
    if asked is None:
        require(perms.can_answer(by, job) or perms.was_asked(by, job))
        raise offer_closed()
    asked.on_behalf = speak_for(asked.garage, job, by, on_behalf, "Accepté")
    if asked.expires_at <= clock.now() and not asked.on_behalf:
        raise offer_closed()
    _answer(asked, Answer.ACCEPTED)
    _has_garage(job, asked.garage, appointment_at, expected_ready_at)
    record(by, "job.accepted", job, garage=asked.garage_id, appointment=appointment_at.isoformat())
    return job


@action
def decline(job: RepairJob, *, by: User, reason: str = "", on_behalf: str = "") -> RepairJob:
    """The garage that is asked does not take it; the next one is asked at once where the platform wants that."""
    job = lock_job(job)
    asked = pending(job)
    if asked is None:
        require(perms.can_answer(by, job) or perms.was_asked(by, job))
        raise offer_closed()
    asked.on_behalf = speak_for(asked.garage, job, by, on_behalf, "Refusé")
    asked.decline_reason = reason.strip()[:200]
    _says_no(job, asked, Answer.DECLINED)
    record(by, "job.declined", job, garage=asked.garage_id)
    _next_by_itself(job)
    return job


@action
def give(job: RepairJob, garage: Garage, *, by: User, appointment_at: dt.datetime) -> RepairJob:
    """Gives the job straight to a garage with which it was agreed otherwise; whoever was asked is relieved."""
    job = lock_job(job)
    require(perms.can_place(by, job))
    return _give(job, garage, by, appointment_at)


@action
def give_to_new_garage(job: RepairJob, *, name: str, by: User, appointment_at: dt.datetime, **facts: Any) -> RepairJob:
    """The same, to a garage that nobody had written down yet (see `garages.newcomers.enrol` for its facts)."""
    job = lock_job(job)
    require(perms.can_place(by, job))
    garage = newcomers.enrol(job.platform, name=name, **facts)
    record(by, "garage.added", garage, job=job.pk)
    return _give(job, garage, by, appointment_at)


def expire_silent_offers() -> int:
    """Closes every offer whose time has passed, as the platform's machine user; how many it closed itself.

    Each is its own transaction, under the lock of its job: any number of schedulers may do this at once.
    """
    silent = JobOffer.objects.filter(answer=Answer.PENDING, expires_at__lte=clock.now()).order_by("expires_at")
    return one_by_one(expire, silent.select_related("job"))


@action
def expire(silent: JobOffer) -> bool:
    """Silence is an answer too. False when somebody answered, or another scheduler came by, meanwhile."""
    job = lock_job(silent.job)
    asked = pending(job)
    if asked is None or asked.pk != silent.pk or asked.expires_at > clock.now():
        return False
    _says_no(job, asked, Answer.EXPIRED)
    record(job.platform.machine_user, "job.offer_expired", job, garage=asked.garage_id)
    _next_by_itself(job)
    return True


# --- steps --------------------------------------------------------------------------------------


def pending(job: RepairJob) -> JobOffer | None:
    """The offer to the garage that is asked now; the job is locked, so it cannot be answered meanwhile."""
    return job.offers.filter(answer=Answer.PENDING).select_related("garage").first()


def offer_closed() -> Exception:
    return refuse("Cette proposition n’est plus ouverte. Rien n’a été changé.", "offer_closed")


def refuse_if_asked(job: RepairJob) -> None:
    if job.state == State.OFFERED:
        raise refuse(
            "Ce travail est déjà proposé à un garage qui n’a pas encore répondu. Retirez-le-lui d’abord.",
            "already_offered",
        )


def require_working_with(job: RepairJob, garage: Garage) -> None:
    if garage.platform_id != job.platform_id:
        raise refuse("Ce garage appartient à une autre plateforme.", "other_platform")
    if not garage.is_active:
        raise refuse(f"La plateforme ne travaille plus avec {garage.name} : choisissez un autre garage.", "stopped")


def _answer(asked: JobOffer, answer: str) -> None:
    asked.answer, asked.answered_at = answer, clock.now()
    save(asked, "answer", "answered_at", "on_behalf", "decline_reason")


def _offer(job: RepairJob, garage: Garage, by: User) -> JobOffer:
    require_working_with(job, garage)
    refuse_if_asked(job)
    become(job, State.OFFERED)
    save(job, "state")
    now = clock.now()
    made = save(
        JobOffer(
            platform=job.platform,
            job=job,
            garage=garage,
            reasons=reasons_for(job, garage),
            offered_at=now,
            expires_at=now + dt.timedelta(hours=policy_of(job.platform_id).offer_hours),
        )
    )
    messages.offered(job, made)
    record(by, "job.offered", job, garage=garage.pk)
    return made


def _says_no(job: RepairJob, asked: JobOffer, answer: str) -> None:
    become(job, State.TO_DECIDE)
    save(job, "state")
    _answer(asked, answer)


def _next_by_itself(job: RepairJob) -> None:
    """The machine asks the next garage that can be written to, where the platform wants it."""
    if not policy_of(job.platform_id).offers_by_itself:
        return
    able, _ = candidates(job)
    reachable = [candidate.garage for candidate in able if can_be_written_to(candidate.garage)]
    if reachable:
        _offer(job, reachable[0], job.platform.machine_user)


def _give(job: RepairJob, garage: Garage, by: User, appointment_at: dt.datetime) -> RepairJob:
    require_working_with(job, garage)
    if job.garage is not None:
        raise refuse(f"{job.garage.name} a déjà ce travail. Retirez-le-lui d’abord.", "wrong_state")
    asked = pending(job)
    if asked:
        _answer(asked, Answer.WITHDRAWN)
        if asked.garage_id != garage.pk:
            messages.withdrawn(job, asked.garage)
    now = clock.now()
    made = save(
        JobOffer(
            platform=job.platform,
            job=job,
            garage=garage,
            answer=Answer.ACCEPTED,
            offered_at=now,
            expires_at=now,
            answered_at=now,
            on_behalf="confié directement",
        )
    )
    _has_garage(job, garage, appointment_at, None)
    messages.given(job, made)
    record(by, "job.given", job, garage=garage.pk, appointment=appointment_at.isoformat())
    return job


def _has_garage(job: RepairJob, garage: Garage, at: dt.datetime, ready_at: dt.datetime | None) -> None:
    become(job, State.ACCEPTED)
    require_near_future(job, at)
    if ready_at is not None and ready_at <= at:
        raise refuse("Le véhicule ne peut pas être prêt avant le rendez-vous.", "ends_before_start")
    job.garage, job.appointment_at = garage, at
    expect_ready(job, ready_at)
    save(job)
    # A vehicle that is kept already (it does not roll) stays kept until then; any other is given up that day.
    start = min(at, job.hold.starts_at) if job.hold is not None else at
    immobilisation.immobilise(job, from_at=start, until=immobilisation.expected_end(job, at))


def _forget_garage(job: RepairJob) -> None:
    """The next garage starts afresh: it sees nothing of what this one agreed or quoted."""
    job.garage = job.appointment_at = job.expected_ready_at = None
    job.quote_note = job.quote_refused_reason = ""
    job.quote_lines.all().delete()
    if job.hold is not None and job.hold.starts_at > clock.now():
        immobilisation.free(job, clock.now())
    save(job)
