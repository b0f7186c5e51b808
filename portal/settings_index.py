"""The index of settings: what can be set up, and where. A line whose page a room does not have is left out."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse


@dataclass
class Line:
    title: str
    detail: str
    url: str
    icon: str


LINES = {
    "La plateforme": [
        ("Coordonnées", "Nom, téléphones, SIRET, ce que disent les papiers", "accounts:platform", "building"),
        ("Équipe", "Qui travaille ici, et son rôle", "accounts:team", "people"),
        ("Sites", "Où sont les véhicules, horaires d’ouverture", "fleet:sites", "geo-alt"),
        ("Règles de prêt", "Durées, papiers, préparation, qui approuve", "bookings:rules", "sliders"),
        ("Assurances", "Contrats de la flotte, conditions de l’assureur", "fleet:policies", "shield-check"),
        (
            "Demandes et liste d’attente",
            "Qui peut demander, qui est servi d’abord, combien de temps pour répondre",
            "bookings:request_policy",
            "hourglass-split",
        ),
        ("Tarifs", "Prix par véhicule et par public, dépôts, retards", "pricing:tariffs", "cash-coin"),
        ("Payeurs", "Département, employeurs, autres tiers", "pricing:payers", "bank"),
        (
            "Dispositifs",
            "Sous quoi l’on accompagne, pour qui, avec quel financeur",
            "participants:programmes",
            "bookmark",
        ),
        (
            "Prescripteurs et référents",
            "Qui nous envoie des personnes",
            "participants:prescribers",
            "person-lines-fill",
        ),
        ("Rappels", "Ce que l’on rappelle aux participants, et quand", "bookings:reminders", "clock-history"),
        ("Clauses", "Ce que disent les contrats", "bookings:clauses", "file-earmark-text"),
        ("Garages", "Qui répare, quoi, à quel prix", "garages:garages", "wrench"),
        ("Réparations", "Plafond des devis, délai de réponse des garages", "maintenance:policy", "sliders"),
        ("Amendes", "Frais de dossier, durée avant d’effacer", "bookings:incident_policy", "envelope"),
    ],
    "Ce qui s’est passé": [
        ("Journal", "Qui a fait quoi, quand", "portal:journal", "clock-history"),
        ("Messages", "E-mails et SMS envoyés", "portal:messages", "envelope"),
    ],
    "Importer des tableaux": [
        ("Véhicules", "Depuis un tableur", "fleet:import", "file-earmark-spreadsheet"),
        ("Participants", "Depuis un tableur", "participants:import", "file-earmark-spreadsheet"),
        ("Garages", "Depuis un tableur", "garages:import", "file-earmark-spreadsheet"),
    ],
    "Vous": [
        ("Mon compte", "Nom, mot de passe, deuxième preuve, jetons de l’API", "accounts:me", "person"),
        ("Agendas", "Vos remises et vos retours dans votre téléphone", "bookings:feeds", "calendar3"),
        ("API", "Pour relier un autre logiciel", "api:docs", "plug"),
    ],
}


def lines(request: HttpRequest) -> list[tuple[str, list[Line]]]:
    groups = []
    for title, group in LINES.items():
        known = [Line(name, detail, url, icon) for name, detail, where, icon in group if (url := address(where))]
        if known:
            groups.append((title, known))
    return groups


def address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
