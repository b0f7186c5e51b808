"""What happened to a job, for people to read: the journal in sentences."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Subquery

from accounts.models import User
from core import words
from core.journal import story_of
from core.models import JournalEntry
from maintenance.models import JobOffer, RepairJob

HAPPENED = {
    "job.reported": ("flag", "Signalé"),
    "job.changed": ("pencil", "Corrigé"),
    "job.photos_added": ("camera", "Photos ajoutées"),
    "job.offered": ("send", "Proposé à {garage}"),
    "job.accepted": ("check-lg", "Accepté par {garage}, rendez-vous {appointment}"),
    "job.declined": ("x-lg", "Refusé par {garage}"),
    "job.offer_expired": ("clock", "{garage} n’a pas répondu"),
    "job.withdrawn": ("arrow-counterclockwise", "Retiré à {garage}"),
    "job.given": ("shop", "Confié à {garage}, rendez-vous {appointment}"),
    "job.rescheduled": ("calendar-event", "Rendez-vous déplacé : {appointment}"),
    "job.quoted": ("calculator", "Devis de {total}"),
    "job.quote_approved": ("patch-check", "Devis approuvé"),
    "job.quote_refused": ("x-circle", "Devis refusé"),
    "job.started": ("play-circle", "Au garage, travail commencé"),
    "job.waiting_for_parts": ("hourglass-split", "Pièces en attente"),
    "job.resumed": ("play-circle", "Travail repris"),
    "job.done": ("check-circle", "Terminé par le garage"),
    "job.invoiced": ("receipt", "Facture de {amount}"),
    "job.paid": ("cash-coin", "Facture payée"),
    "job.stay_corrected": ("pencil", "Heures au garage corrigées"),
    "job.collected": ("key", "Véhicule récupéré"),
    "job.cancelled": ("x-circle", "Annulé"),
    "job.vehicle_kept": ("lock", "Véhicule gardé pour la réparation"),
    "job.prolonged": ("calendar-plus", "Blocage prolongé"),
}


@dataclass(frozen=True)
class Event:
    at: dt.datetime
    sign: str  # an icon
    words: str
    by: str


def story_of_job(job: RepairJob, offers: list[JobOffer]) -> list[Event]:
    """Latest first; one query, whatever happened."""
    garages = {offer.garage_id: offer.garage.name for offer in offers}
    if job.garage is not None:
        garages[job.garage.pk] = job.garage.name
    actor = Subquery(User.objects.filter(pk=OuterRef("actor_id")).values("name")[:1])
    entries = story_of(job).filter(verb__in=HAPPENED).annotate(actor=actor)
    return [event_of(entry, garages) for entry in entries]


def event_of(entry: JournalEntry, garages: dict[Any, str]) -> Event:
    sign, sentence = HAPPENED[entry.verb]
    facts = entry.facts
    said = {"garage": garages.get(facts.get("garage"), "un garage")}
    if facts.get("appointment"):
        said["appointment"] = words.moment(dt.datetime.fromisoformat(facts["appointment"]))
    for amount in ("total", "amount"):
        if facts.get(amount) not in (None, "None"):
            said[amount] = words.euros(Decimal(facts[amount]))
    if facts.get("by_itself"):
        sentence += " tout seul : il est sous le plafond"
    return Event(entry.at, sign, sentence.format_map(_Said(said)), entry.actor or "")  # type: ignore[attr-defined]


class _Said(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"
