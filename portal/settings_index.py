"""The index of settings: what can be set up, and where. A line whose page a room does not have, or does
not open to this person, is left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from accounts.models import Platform
from accounts.perms import can_change_platform
from bookings.cases.perms import can_set_policy
from bookings.perms import can_set_request_policy
from fleet.perms import can_import_vehicles
from garages.perms import can_import as can_import_garages
from maintenance.perms import can_change_policy as can_change_repair_policy
from participants.perms import can_register


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


# Pages that not all of the staff may open.
MAY: dict[str, Callable[[Any, Platform], bool]] = {
    "accounts:platform": can_change_platform,
    "bookings:request_policy": can_set_request_policy,
    "bookings:incident_policy": can_set_policy,
    "maintenance:policy": lambda user, platform: can_change_repair_policy(user, platform.pk),
    "fleet:import": can_import_vehicles,
    "participants:import": can_register,
    "garages:import": lambda user, platform: can_import_garages(user, platform.pk),
}


def lines(request: HttpRequest) -> list[tuple[str, list[Line]]]:
    groups = []
    for title, group in LINES.items():
        known = [
            Line(name, detail, url, icon)
            for name, detail, where, icon in group
            if (url := address(where)) and (where not in MAY or MAY[where](request.user, request.platform))
        ]
        if known:
            groups.append((title, known))
    return groups


@cache
def address(name: str) -> str:
    """Of a page that needs no number, the same as long as the process runs; nothing where there is no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
