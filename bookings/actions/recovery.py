"""A vehicle does not come back: who was called, what was written, where a complaint was filed."""

import datetime as dt
from typing import Any

from accounts.models import User
from bookings import perms
from bookings.actions.loan import lock_vehicles
from bookings.models import Booking, RecoveryStep
from bookings.papers import formal_letter
from core import clock
from core.db import action, lock, refuse, require, save
from core.files import forget, store_paper
from core.journal import record

Sort = RecoveryStep.Sort
LATE_ONLY = {Sort.LETTER, Sort.COMPLAINT, Sort.INSURER, Sort.VISIT}
NO_LOAN_OF_OURS = {Booking.State.ACTIVE, Booking.State.NOT_RETURNED}


@action
def contact_made(
    booking: Booking,
    *,
    sort: str,
    by: User,
    result: str = "",
    happened_at: dt.datetime | None = None,
    promised_for: dt.datetime | None = None,
    number: str = "",
    remark: str = "",
    document: Any = None,
) -> RecoveryStep:
    """Notes a call (also before the end), a visit, a complaint or the insurer told, with its date and its paper.

    Refuses with `wrong_state` unless the keys are out, `not_late`, `in_the_future`, `result_missing`, `no_letter`
    (a letter is written by `write_letter`), and a document as `core.files` does.
    """
    require(perms.can_change(by, booking))
    booking = late_enough(booking, sort)
    if sort == Sort.LETTER:
        raise refuse("La lettre recommandée s’écrit avec son propre bouton : Remise la prépare.", "no_letter")
    now = clock.now()
    if happened_at is not None and happened_at > now:
        raise refuse("Ce n’est pas encore arrivé : notez-le quand c’est fait.", "in_the_future")
    step = RecoveryStep(
        platform_id=booking.platform_id,
        booking=booking,
        sort=sort,
        result=result if sort == Sort.CALL else "",
        happened_at=happened_at or now,
        promised_for=promised_for,
        number=number.strip(),
        remark=remark.strip(),
        by=by,
    )
    if document:
        step.document = store_paper(document, platform_id=booking.platform_id, by=by)
    save(step)
    record(by, "booking.contact_made", booking, step=step.pk, sort=sort, result=step.result)
    return step


@action
def write_letter(booking: Booking, *, back_by: dt.date, by: User) -> RecoveryStep:
    """The formal notice as PDF, with the facts as they stand, to be printed and sent by registered post.

    Refuses with `wrong_state`, `not_late`, `in_the_past`.
    """
    require(perms.can_change(by, booking))
    booking = late_enough(booking, Sort.LETTER)
    now = clock.now()
    if back_by <= clock.local_date(now, booking.platform.time_zone):
        raise refuse("Laissez au moins un jour pour rendre le véhicule.", "in_the_past")
    step = RecoveryStep(
        platform_id=booking.platform_id, booking=booking, sort=Sort.LETTER, happened_at=now, back_by=back_by, by=by
    )
    step.document = formal_letter.written(booking, step)
    save(step)
    record(by, "booking.letter_written", booking, step=step.pk, back_by=back_by.isoformat())
    return step


@action
def add_proof(step: RecoveryStep, *, by: User, number: str = "", proof: Any = None) -> RecoveryStep:
    """The tracking number of a letter, and the notice that it arrived; of a complaint, its number and copy.

    A second proof takes the place of the first. Refuses with `nothing_said`.
    """
    require(perms.can_change(by, step.booking))
    step = lock(step)
    if not number.strip() and not proof:
        raise refuse("Donnez le numéro de suivi ou l’avis de réception.", "nothing_said")
    former = None
    if proof:
        former, step.proof = step.proof, store_paper(proof, platform_id=step.platform_id, by=by)
    step.number = number.strip() or step.number
    save(step, "number", "proof")
    if former is not None:
        forget(former)
    record(by, "booking.proof_added", step.booking, step=step.pk)
    return step


# --- steps ------------------------------------------------------------------------------------


def late_enough(booking: Booking, sort: str) -> Booking:
    """The loan, fresh and ours, when this step makes sense for it."""
    lock_vehicles(booking)
    booking = lock(booking)
    if booking.state not in NO_LOAN_OF_OURS:
        raise refuse("Aucune clé de ce prêt n’est sortie : il n’y a rien à réclamer.", "wrong_state")
    if sort in LATE_ONLY and booking.state == Booking.State.ACTIVE and booking.ends_at > clock.now():
        raise refuse("Ce prêt n’est pas en retard.", "not_late")
    return booking
