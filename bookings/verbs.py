"""Which verbs the page of a loan offers now, beside the keys: one table, the most usual first.

A verb stands here when it makes sense in the loan's state; who may is asked once for all of them (`perms.can_change`),
and the action itself judges again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bookings.models import Booking
from core import clock

State = Booking.State


@dataclass(frozen=True)
class Now:
    """What the page knows of the loan already; no verb makes a query of its own."""

    loan: Booking
    out: list[Any]  # its assignments whose keys are given
    promised: list[Any]  # and those whose keys are not


@dataclass(frozen=True)
class Verb:
    label: str
    url_name: str  # an address that takes the loan's `pk`
    icon: str
    when: Callable[[Now], bool]
    is_grave: bool = False  # ends or undoes something


def is_asked(now: Now) -> bool:
    return now.loan.is_request


def is_for_one_loan(now: Now) -> bool:
    """Asked for, and not for a recurring loan."""
    asked = getattr(now.loan, "request", None)
    return now.loan.is_request and not (asked and asked.pattern)


VERBS = [
    Verb(
        "Demander des papiers", "bookings:ask_for_documents", "file-earmark-text",
        lambda now: now.loan.state in {State.DRAFT, State.AWAITING_APPROVAL},
    ),
    Verb("Changer la demande", "bookings:change_request", "pencil", is_for_one_loan),
    Verb("Mettre sur la liste d’attente", "bookings:wait_for_vehicle", "hourglass-split", is_for_one_loan),
    Verb(
        "Refuser la demande", "bookings:refuse_request", "x-circle",
        lambda now: now.loan.state in {State.AWAITING_APPROVAL, State.AWAITING_DOCUMENTS}, is_grave=True,
    ),
    Verb("Annuler la demande", "bookings:cancel", "x-circle", is_asked, is_grave=True),
    Verb("Changer les dates", "bookings:move", "calendar-event", lambda now: now.loan.state == State.RESERVED),
    Verb("Prolonger, renouveler", "bookings:renew", "calendar-plus", lambda now: now.loan.state == State.ACTIVE),
    Verb(
        "Raccourcir", "bookings:shorten", "calendar-x",
        lambda now: now.loan.state == State.ACTIVE and not now.loan.is_late(clock.now()),
    ),
    Verb("Préparer", "bookings:prepare", "card-checklist", lambda now: bool(now.promised)),
    Verb(
        "Appels et relances", "bookings:recovery", "telephone",
        lambda now: bool(now.out) or now.loan.state == State.NOT_RETURNED,
    ),
    Verb(
        "Donner un autre véhicule", "bookings:replace_vehicle", "arrow-left-right",
        lambda now: now.loan.state in Booking.OPEN,
    ),
    Verb("Changer le lieu du départ", "bookings:meet_at", "geo-alt", lambda now: bool(now.promised)),
    Verb("Corriger le véhicule", "bookings:correct_vehicle", "pencil", lambda now: bool(now.out)),
    Verb(
        "La personne n’est pas venue", "bookings:no_show", "person-x",
        lambda now: now.loan.state == State.RESERVED and now.loan.starts_at <= clock.now(),
    ),
    Verb(
        "Annuler le prêt", "bookings:cancel", "x-circle",
        lambda now: now.loan.state == State.RESERVED, is_grave=True,
    ),
    Verb(
        "Finir sans retour", "bookings:not_returned", "slash-circle",
        lambda now: now.loan.state == State.ACTIVE and bool(now.out), is_grave=True,
    ),
    Verb(
        "Clore le prêt", "bookings:close", "x-circle",
        lambda now: now.loan.state == State.ACTIVE and not now.out, is_grave=True,
    ),
]  # fmt: skip


def verbs_for(now: Now) -> list[Verb]:
    return [verb for verb in VERBS if verb.when(now)]
