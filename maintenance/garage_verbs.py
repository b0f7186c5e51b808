"""The garage's verbs as its pages and the staff's (on its behalf) offer them: address, form, words.

One table, so that neither door can offer what the other lacks.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from core import clock
from maintenance import actions, forms
from maintenance.models import RepairJob
from maintenance.working_days import working_days_after

State = RepairJob.State


@dataclass(frozen=True)
class Verb:
    name: str  # of the route: `garage_accept`, `accept`
    slug: str  # in the address
    action: Callable[..., RepairJob]
    form: type[forms.GarageVerbForm]
    label: str  # on the button
    title: str  # of its page
    sign: str  # an icon
    states: tuple[str, ...]  # in which it is offered
    done: str  # said afterwards

    @property
    def route(self) -> str:
        """The staff's page."""
        return f"maintenance:{self.name}"

    @property
    def garage_route(self) -> str:
        return f"maintenance:garage_{self.name}"


VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "accept", "accepter", actions.accept, forms.AcceptForm, "Accepter", "Quand prenez-vous le véhicule ?",
            "check-lg", (State.OFFERED,), "C’est noté : le travail est accepté.",
        ),
        Verb(
            "decline", "refuser", actions.decline, forms.DeclineForm, "Refuser", "Refuser ce travail",
            "x-lg", (State.OFFERED,), "C’est noté : le travail est refusé.",
        ),
        Verb(
            "start", "commencer", actions.start, forms.StartForm, "Commencer", "Le véhicule est au garage",
            "play-circle", (State.APPROVED,), "C’est noté : le travail commence.",
        ),
        Verb(
            "resume", "reprendre", actions.resume, forms.ReadyForm, "Reprendre", "Les pièces sont là",
            "play-circle", (State.WAITING_PARTS,), "C’est noté : le travail reprend.",
        ),
        Verb(
            "done", "termine", actions.done, forms.DoneForm, "Terminé", "Le travail est terminé",
            "check-circle", (State.IN_PROGRESS, State.WAITING_PARTS), "C’est noté : le véhicule est prêt.",
        ),
        Verb(
            "wait_for_parts", "pieces", actions.wait_for_parts, forms.ReadyForm, "Pièces en attente",
            "On attend des pièces", "hourglass-split", (State.IN_PROGRESS,), "C’est noté : on attend des pièces.",
        ),
        Verb(
            "quote", "devis", actions.quote, forms.QuoteForm, "Devis", "Votre devis",
            "calculator", (State.ACCEPTED, State.IN_PROGRESS), "Le devis est envoyé.",
        ),
        Verb(
            "reschedule", "rendez-vous", actions.reschedule, forms.RescheduleForm, "Changer le rendez-vous",
            "Changer le rendez-vous", "calendar-event", (State.ACCEPTED, State.QUOTED, State.APPROVED),
            "Le rendez-vous est déplacé.",
        ),
        Verb(
            "invoice", "facture", actions.invoice, forms.InvoiceForm, "Facture", "Votre facture",
            "receipt", (State.DONE, State.COLLECTED), "La facture est envoyée.",
        ),
    )
}  # fmt: skip


def verbs_for(job: RepairJob) -> list[Verb]:
    """What the garage can do now, the first being the one thing to do."""
    if job.paid_on is not None:
        return []
    return [verb for verb in VERBS.values() if job.state in verb.states]


def one_to_do(job: RepairJob) -> Verb | None:
    """The one thing for the garage to do now; None while it waits for the platform, or owes nothing more."""
    if job.state == State.QUOTED or job.invoiced_at is not None:
        return None
    return next(iter(verbs_for(job)), None)


def first_values(verb: Verb, job: RepairJob, rate: Decimal | None = None) -> dict[str, Any]:
    """What the form already knows."""
    first: dict[str, Any] = {"expected_ready_at": job.expected_ready_at}
    if verb.name == "accept":
        first |= {"appointment_at": next_morning()}
    if verb.name == "quote":
        first |= {"rate": written(rate)}
    if verb.name == "reschedule":
        first |= {"appointment_at": job.appointment_at}
    if verb.name == "invoice":
        first |= {"amount": written(job.invoice_amount or job.quote_total() or None), "number": job.invoice_number}
    return first


def next_morning() -> dt.datetime:
    """The next working day at 9 h, on the wall clock of the page."""
    zone = timezone.get_current_timezone()
    return clock.at(working_days_after(clock.today(zone), 1), dt.time(9), zone)


def written(amount: Decimal | None) -> str:
    """« 39,90 », as people type it."""
    return f"{amount:.2f}".replace(".", ",") if amount is not None else ""
