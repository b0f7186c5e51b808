"""The journal in people's words: who did what to what, when."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models

from bookings.notes import named, names_of, page_of
from core.journal import story_of
from core.models import JournalEntry
from fleet.models import Vehicle
from participants.models import Participant

# What was done, as it reads after a name: « Bruno a remis les clés ».
VERBS = {
    "booking.pass_reviewed": "a relu une règle passée",
    "booking.rule_passed": "a passé outre une règle",
    "booking.booked": "a réservé",
    "booking.drafted": "a préparé une demande",
    "booking.requested": "a demandé un prêt",
    "booking.request_changed": "a changé la demande",
    "booking.submitted": "a envoyé la demande",
    "booking.documents_asked": "a demandé des papiers",
    "booking.approved": "a approuvé la demande",
    "booking.refused": "a refusé la demande",
    "booking.confirmed": "a confirmé le prêt",
    "booking.expired": "a libéré une promesse expirée",
    "booking.waits": "a mis la demande sur la liste d’attente",
    "waiting.joined": "a mis une personne sur la liste d’attente",
    "waiting.changed": "a changé ce qu’une personne attend",
    "waiting.left": "a retiré une personne de la liste d’attente",
    "waiting.proposed": "a gardé un véhicule pour une personne qui attend",
    "waiting.offered": "a écrit une proposition",
    "waiting.accepted": "a accepté la proposition",
    "waiting.declined": "a refusé la proposition",
    "request_policy.saved": "a réglé les demandes et la liste d’attente",
    "booking.cancelled": "a annulé le prêt",
    "booking.closed": "a clos le prêt",
    "booking.handed_over": "a remis les clés",
    "booking.made_room": "a donné un véhicule équivalent, pour faire de la place",
    "booking.pinned": "garde ce véhicule pour ce prêt",
    "booking.unpinned": "ne garde plus ce véhicule pour ce prêt",
    "booking.longer_asked": "voudrait garder le véhicule plus longtemps",
    "booking.longer_refused": "a refusé de prolonger le prêt",
    "booking.contract_signed": "a enregistré la signature du contrat",
    "booking.not_returned": "a fini un prêt sans retour du véhicule",
    "booking.problem_reported": "a signalé un problème",
    "booking.recorded": "a noté un prêt fait sur papier",
    "booking.rehoused": "a donné un autre véhicule au prêt déplacé",
    "booking.contact_made": "a noté une démarche",
    "booking.letter_written": "a écrit une mise en demeure",
    "booking.proof_added": "a joint une preuve",
    "booking.reminded": "a envoyé un rappel",
    "booking.prepared": "a préparé une chose",
    "booking.unprepared": "a repris une chose préparée",
    "booking.site_changed": "a changé le lieu du départ",
    "booking.signed_copy_attached": "a joint le contrat signé",
    "clauses.added": "a ajouté une clause",
    "clauses.reworded": "a changé une clause",
    "clauses.ended": "a arrêté une clause",
    "reminders.added": "a ajouté un rappel",
    "reminders.changed": "a changé un rappel",
    "reminders.dropped": "a supprimé un rappel",
    "reminders.policy_saved": "a réglé les heures des rappels",
    "vehicle.ready": "a dit le véhicule prêt",
    "vehicle.transfer_planned": "a prévu un déplacement",
    "vehicle.transferred": "a déplacé le véhicule",
    "booking.taken_back": "a repris le véhicule",
    "booking.vehicle_corrected": "a corrigé le véhicule",
    "booking.vehicle_replaced": "a donné un autre véhicule",
    "charge.added": "a ajouté un montant à payer",
    "charge.reversed": "a annulé un montant",
    "charge.waived": "a accordé une remise",
    "damage.found": "a constaté un dégât",
    "damage.withdrawn": "a retiré un dégât noté par erreur",
    "deposit.kept": "a gardé le dépôt, en tout ou partie",
    "deposit.received": "a reçu le dépôt de garantie",
    "deposit.returned": "a rendu le dépôt de garantie",
    "deposit.waived": "a dispensé du dépôt de garantie",
    "equipment.added": "a ajouté un équipement",
    "equipment.lost": "a noté un équipement perdu",
    "feed.made": "a fait une adresse d’agenda",
    "feed.revoked": "a fermé un agenda",
    "fine.closed": "a clos une amende",
    "fine.contested": "a contesté une amende",
    "fine.designated": "a désigné un conducteur",
    "fine.driver_named": "a précisé qui conduisait",
    "fine.notice_came": "a noté l’avis d’un péage déjà connu",
    "fine.paid": "a noté une amende payée",
    "fine.paper_added": "a ajouté un papier à une amende",
    "fine.purged": "a effacé les données d’une amende",
    "fine.rebilled": "a refacturé un stationnement ou un péage",
    "fine.recorded": "a noté un avis reçu",
    "fine.withdrawn": "a retiré un avis noté par erreur",
    "garage.added": "a ajouté un garage",
    "garage.changed": "a changé la fiche du garage",
    "garage.link_sent": "a envoyé son lien au garage",
    "garage.member_added": "a noté quelqu’un qui répond pour le garage",
    "garage.member_removed": "a retiré quelqu’un du garage",
    "garage.rate_set": "a noté un tarif horaire",
    "garage.resumed": "travaille de nouveau avec ce garage",
    "garage.stopped": "ne travaille plus avec ce garage",
    "garages.imported": "a importé des garages",
    "incident.closed": "a clos un incident",
    "incident.complaint_lodged": "a noté une plainte",
    "incident.completed": "a complété un incident",
    "incident.declared": "a déclaré un incident à l’assurance",
    "incident.fetched": "a noté la sortie de fourrière",
    "incident.opened": "a signalé un incident",
    "incident.paper_added": "a ajouté un papier à un incident",
    "incident_policy.saved": "a changé les réglages des amendes",
    "job.accepted": "a accepté une réparation",
    "job.cancelled": "a annulé une réparation",
    "job.changed": "a corrigé une réparation",
    "job.collected": "a récupéré le véhicule réparé",
    "job.declined": "a refusé une réparation",
    "job.done": "a terminé une réparation",
    "job.given": "a confié une réparation à un garage",
    "job.invoiced": "a envoyé la facture d’une réparation",
    "job.offer_expired": "a noté le silence d’un garage",
    "job.offered": "a proposé une réparation à un garage",
    "job.paid": "a noté la facture payée",
    "job.photos_added": "a ajouté des photos",
    "job.stay_corrected": "a corrigé les heures au garage",
    "job.prolonged": "a prolongé le blocage du véhicule",
    "job.quote_approved": "a approuvé un devis",
    "job.quote_refused": "a refusé un devis",
    "job.quoted": "a fait un devis",
    "job.reported": "a signalé un défaut",
    "job.rescheduled": "a déplacé un rendez-vous au garage",
    "job.resumed": "a repris une réparation",
    "job.started": "a commencé une réparation",
    "job.waiting_for_parts": "attend des pièces",
    "job.withdrawn": "a retiré une réparation à un garage",
    "job.vehicle_kept": "a gardé le véhicule pour une réparation",
    "insurance.policy_added": "a noté un contrat d’assurance",
    "insurance.policy_changed": "a changé un contrat d’assurance",
    "link.sent": "a envoyé un lien personnel",
    "link.revoked": "a fermé un lien personnel",
    "links.revoked": "a fermé tous les liens de cette personne",
    "loan_rules.ended": "a arrêté des règles de prêt",
    "loan_rules.saved": "a écrit des règles de prêt",
    "member.invited": "a invité quelqu’un dans l’équipe",
    "member.removed": "a retiré quelqu’un de l’équipe",
    "member.role_changed": "a changé un rôle",
    "message.told": "a dit de vive voix un message qui n’était pas parti",
    "note.written": "a écrit une note",
    "participant.audience_added": "a ajouté un public",
    "participant.audience_ended": "a terminé un public",
    "participant.aptitude_tested": "a noté un test d’aptitude",
    "participant.changed": "a changé la fiche",
    "participant.document_forgotten": "a retiré un papier",
    "participant.document_noted": "a noté un papier",
    "participant.document_seen": "a vu un papier",
    "participant.entitlement_recorded": "a noté un permis",
    "participant.entitlement_verified": "a vérifié un permis",
    "participant.registered": "a inscrit cette personne",
    "participants.imported": "a importé des participants",
    "payer.added": "a ajouté un payeur",
    "payer.changed": "a changé un payeur",
    "payment.received": "a reçu un paiement",
    "payment.reversed": "a annulé un paiement",
    "platform.changed": "a changé les coordonnées de la plateforme",
    "platform.created": "a ouvert la plateforme",
    "prescriber.added": "a ajouté un prescripteur",
    "prescriber.changed": "a changé un prescripteur",
    "programme.added": "a ajouté un dispositif",
    "programme.changed": "a changé un dispositif",
    "referent.added": "a ajouté un référent",
    "referent.changed": "a changé un référent",
    "repair_policy.saved": "a changé les réglages des réparations",
    "report.amended": "a complété un état des lieux signé",
    "report.opened": "a commencé un état des lieux",
    "report.signed": "a fait signer l’état des lieux",
    "series.booked": "a réservé un prêt régulier",
    "series.ended": "a arrêté un prêt régulier",
    "site.added": "a ajouté un site",
    "site.changed": "a changé un site",
    "site.closure_added": "a noté une fermeture du site",
    "site.day_removed": "a retiré une fermeture ou une ouverture du site",
    "site.hours_set": "a changé les horaires du site",
    "site.opening_added": "a noté une ouverture exceptionnelle du site",
    "tariff.ended": "a arrêté un tarif",
    "tariff.saved": "a enregistré un tarif",
    "trip.dropped": "a effacé un trajet de l’équipe",
    "trip.noted": "a noté un trajet de l’équipe",
    "token.created": "a fait un jeton pour un logiciel",
    "token.revoked": "a révoqué un jeton",
    "vehicle.added": "a ajouté le véhicule",
    "vehicle.changed": "a changé la fiche du véhicule",
    "vehicle.counter_replaced": "a noté un nouveau compteur",
    "vehicle.damage_found": "a constaté un dégât",
    "vehicle.damage_mended": "a noté un dégât réparé",
    "vehicle.document_added": "a ajouté un papier",
    "vehicle.moved": "a changé le véhicule de site",
    "vehicle.odometer_read": "a relevé les kilomètres",
    "vehicle.put_back": "a remis le véhicule en service",
    "vehicle.reading_settled": "a tranché sur les kilomètres",
    "vehicle.recovered": "a retrouvé le véhicule",
    "vehicle.released": "a libéré le véhicule",
    "vehicle.reserve_changed": "a changé une mise de côté",
    "vehicle.reserved": "a mis le véhicule de côté",
    "vehicle.withdrawn": "a retiré le véhicule du parc",
    "vehicles.imported": "a importé des véhicules",
}

# What it was done to. Names of people and vehicles are looked up; the rest goes by its number.
THINGS = {
    "accounts.apitoken": "jeton",
    "accounts.membership": "équipe",
    "accounts.personallink": "lien",
    "accounts.platform": "plateforme",
    "accounts.user": "personne",
    "bookings.booking": "prêt",
    "bookings.requestpolicy": "demandes",
    "bookings.waitingentry": "attente",
    "bookings.calendarfeed": "agenda",
    "bookings.loanrules": "règles de prêt",
    "bookings.conditionreport": "état des lieux",
    "core.outboxmessage": "message",
    "bookings.fine": "amende",
    "bookings.incident": "incident",
    "fleet.damage": "dégât",
    "fleet.equipment": "équipement",
    "fleet.hold": "mise de côté",
    "fleet.insurancepolicy": "assurance",
    "fleet.site": "site",
    "fleet.vehicle": "véhicule",
    "garages.garage": "garage",
    "maintenance.joboffer": "proposition",
    "maintenance.repairpolicy": "règles des réparations",
    "maintenance.repairjob": "réparation",
    "participants.participant": "personne",
    "participants.prescriberorganization": "prescripteur",
    "participants.programme": "dispositif",
    "participants.referent": "référent",
    "pricing.account": "compte",
    "pricing.charge": "montant",
    "pricing.deposit": "dépôt",
    "pricing.payment": "paiement",
    "pricing.tariff": "tarif",
    "pricing.thirdpartypayer": "payeur",
}

# The journal's subjects, for its filter: what a verb begins with.
SUBJECTS = {
    "": "Tout",
    "booking": "Prêts",
    "report": "États des lieux",
    "incident": "Incidents",
    "fine": "Amendes",
    "vehicle": "Véhicules",
    "job": "Réparations",
    "participant": "Participants",
    "payment": "Paiements",
    "deposit": "Dépôts",
    "charge": "Montants",
    "member": "Équipe",
}


@dataclass
class Line:
    """One entry as a page shows it."""

    who: str
    what: str
    thing: str
    url: str
    at: dt.datetime


def story(thing: models.Model, limit: int) -> list[Line]:
    """What the journal tells of this thing on its own page, where it need not be named: one query."""
    entries = story_of(thing).annotate(actor=named("actor_id"))[:limit]
    return [Line(entry.actor or "Remise", VERBS.get(entry.verb, entry.verb), "", "", entry.at) for entry in entries]


def told(entries: Iterable[JournalEntry]) -> list[Line]:
    """These entries in words: one query for the people who acted, one for vehicles, one for participants."""
    entries = list(entries)
    actors = names_of({entry.actor_id for entry in entries if entry.actor_id})
    things = {
        "fleet.vehicle": _named(Vehicle, entries),
        "participants.participant": _named(Participant, entries),
    }
    return [
        Line(
            who=actors.get(entry.actor_id or 0, "Remise"),
            what=VERBS.get(entry.verb, entry.verb),
            thing=_thing(entry, things),
            url=page_of(entry.target_type, entry.target_id),
            at=entry.at,
        )
        for entry in entries
    ]


def _named(model: type, entries: list[JournalEntry]) -> dict[str, str]:
    label = model._meta.label_lower  # type: ignore[attr-defined]
    ids = {int(entry.target_id) for entry in entries if entry.target_type == label}
    return {str(row.pk): str(row) for row in model.objects.filter(pk__in=ids)} if ids else {}  # type: ignore[attr-defined]


def _thing(entry: JournalEntry, things: dict[str, dict[str, str]]) -> str:
    name = things.get(entry.target_type, {}).get(entry.target_id)
    kind = THINGS.get(entry.target_type, "")
    if name or not kind:
        return name or ""
    return f"{kind} n° {entry.target_id}" if entry.target_id.isdigit() else kind
