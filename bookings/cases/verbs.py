"""What can be done now with an incident or a fine: the next step first, which its page shows as primary button."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from bookings.cases import perms as case_perms
from bookings.identity import Identity
from bookings.models import Assignment, Booking, Fine, Incident


@dataclass(frozen=True)
class Verb:
    label: str
    url: str
    icon: str
    is_post: bool = False
    is_grave: bool = False
    confirm: str = ""


def verbs_of_incident(incident: Incident, user: Any) -> list[Verb]:
    """The next step first. Reads whether the loan's vehicle is out: one query."""
    if not case_perms.can_handle(user, incident):
        return []
    paper = verb("Ajouter un papier", "incident_paper", incident, "paperclip")
    if incident.state == Incident.State.CLOSED:
        return [paper]
    steps, sort = [], incident.sort
    if sort == Incident.Sort.THEFT and incident.complaint_on is None:
        steps.append(verb("Noter la plainte", "incident_complaint", incident, "shield-exclamation"))
    insurable = sort == Incident.Sort.ACCIDENT or (sort == Incident.Sort.THEFT and incident.complaint_on is not None)
    if insurable and incident.state == Incident.State.OPEN:
        steps.append(verb("Déclarer à l’assurance", "incident_declare", incident, "shield-check"))
    if sort == Incident.Sort.IMPOUND and incident.fetched_on is None:
        steps.append(verb("Noter la sortie de fourrière", "incident_fetch", incident, "unlock"))
    steps += verbs_of_its_loan(incident)
    close = verb("Clore", "incident_close", incident, "check-circle", is_grave=bool(steps))
    return [*steps, *([] if steps else [close]), verb("Compléter", "incident_complete", incident, "pencil"), paper,
            *([close] if steps else [])]  # fmt: skip


def verbs_of_its_loan(incident: Incident) -> list[Verb]:
    """While the loan goes on: another vehicle, or its end without return."""
    loan = incident.booking
    if loan is None or loan.state != Booking.State.ACTIVE:
        return []
    out = Assignment.objects.out().filter(booking=loan, vehicle=incident.vehicle_id)
    if not out.exists():
        return []
    promised = Assignment.objects.current().filter(booking=loan, hold__out_at__isnull=True)
    steps = []
    if not promised.exists():
        replace = reverse("bookings:replace_vehicle", args=[loan.pk])
        steps.append(Verb("Donner un autre véhicule", replace, "arrow-left-right"))
    if incident.sort != Incident.Sort.BREAKDOWN:
        ended = f"{reverse('bookings:not_returned', args=[loan.pk])}?vehicule={incident.vehicle_id}"
        steps.append(Verb("Finir le prêt sans retour", ended, "slash-circle", is_grave=True))
    return steps


def verbs_of_fine(fine: Fine, user: Any) -> list[Verb]:
    """The next step first; no query."""
    may = case_perms.can_handle(user, fine)
    steps: list[Verb] = []
    if fine.purged_at is not None:
        return steps
    if fine.state in (Fine.State.RECEIVED, Fine.State.CONTESTED):
        steps += undecided(fine, user, may)
    elif fine.state == Fine.State.DESIGNATED:
        if may:
            steps.append(contest_verb(fine))
        steps += pay_verb(fine, user)
    if fine.state not in (Fine.State.RECEIVED, *Fine.OVER):
        steps = [*settle(fine, user), *steps]
    if may:
        steps.append(verb("Ajouter un papier", "fine_paper", fine, "paperclip"))
        if fine.state == Fine.State.RECEIVED:
            steps.append(verb("Noté par erreur", "fine_withdraw", fine, "trash", is_grave=True))
    return steps


def undecided(fine: Fine, user: Any, may: bool) -> list[Verb]:
    """A notice that was not answered yet, or was contested: the driver first where one is to be named, else payment."""
    steps = []
    name = verb("Dire qui conduisait", "fine_driver", fine, "person-check")
    designate = verb("Désigner le conducteur", "fine_designate", fine, "send")
    if fine.sort == Fine.Sort.OFFENCE:
        ready = not Identity.from_json(fine.driver).missing
        if may:
            steps += [designate, name] if ready else [name]
        if fine.designated_on is not None:
            steps += pay_verb(fine, user)
    else:
        steps += pay_verb(fine, user)
        if may:
            steps += [name, designate] if fine.sort == Fine.Sort.STOPPING else [name]
    if may and fine.state == Fine.State.RECEIVED:
        if fine.sent_on is None:
            steps.append(verb("L’avis est arrivé", "fine_notice", fine, "envelope"))
        steps.append(contest_verb(fine))
    return steps


def settle(fine: Fine, user: Any) -> list[Verb]:
    """It was answered: what was paid is passed on where it may be, and it is closed."""
    steps = []
    if fine.is_to_rebill and case_perms.can_rebill(user, fine):
        ask = "Mettre ce montant sur le compte de la personne ? Elle est prévenue."
        steps.append(verb("Refacturer à la personne", "fine_rebill", fine, "receipt", is_post=True, confirm=ask))
    if fine.driver_may_change and fine.state == Fine.State.PAID and case_perms.can_handle(user, fine):
        steps.append(verb("Dire qui conduisait", "fine_driver", fine, "person-check"))
    if case_perms.can_close_fine(user, fine):
        steps.append(verb("Clore", "fine_close", fine, "check-circle", is_post=True))
    return steps


def pay_verb(fine: Fine, user: Any) -> list[Verb]:
    if not case_perms.can_pay(user, fine):
        return []
    return [verb("Noter le paiement", "fine_pay", fine, "cash-coin")]


def contest_verb(fine: Fine) -> Verb:
    return verb("Contester", "fine_contest", fine, "flag")


def verb(label: str, name: str, case: Incident | Fine, icon: str, **more: Any) -> Verb:
    return Verb(label, reverse(f"bookings:{name}", args=[case.pk]), icon, **more)
