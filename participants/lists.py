"""The list of people: filtered, sorted, and as a spreadsheet."""

import datetime as dt
from typing import Any

from django.db.models import F, Q, QuerySet

from participants.models import AudienceMembership, Participant


def with_line(people: QuerySet[Participant]) -> QuerySet[Participant]:
    """With all that a line of the list says."""
    return people.select_related("address", "programme", "adviser").prefetch_related("audiences")


def matching(people: QuerySet[Participant], asked: dict[str, Any], today: dt.date) -> QuerySet[Participant]:
    """By programme, adviser, and a public to which they belong today."""
    if asked.get("programme"):
        people = people.filter(programme=asked["programme"])
    if asked.get("adviser"):
        people = people.filter(adviser=asked["adviser"])
    if asked.get("audience"):
        current = AudienceMembership.objects.filter(
            Q(starts_on__isnull=True) | Q(starts_on__lte=today),
            Q(ends_on__isnull=True) | Q(ends_on__gt=today),
            audience=asked["audience"],
        )
        people = people.filter(pk__in=current.values("participant"))
    return people


ORDERS = {
    "name": ("name_key", "pk"),
    "-name": ("-name_key", "-pk"),
    "entered": (F("entered_on").asc(nulls_last=True), "pk"),
    "-entered": (F("entered_on").desc(nulls_last=True), "-pk"),
    "city": (F("address__city").asc(nulls_last=True), "name_key"),
    "-city": (F("address__city").desc(nulls_last=True), "name_key"),
}


def in_order(people: QuerySet[Participant], order: str) -> QuerySet[Participant]:
    return people.order_by(*ORDERS.get(order, ORDERS["name"]))


HEADINGS = (
    "Nom",
    "Prénom",
    "Né·e le",
    "Téléphone",
    "Mail",
    "Commune",
    "Dispositif",
    "Publics",
    "Conseiller·ère",
    "Entrée",
    "Projet",
)


def row(person: Participant, today: dt.date) -> list[Any]:
    publics = [str(membership) for membership in person.audiences.all() if membership.holds_on(today)]
    return [
        person.last_name,
        person.first_name,
        person.birth_date,
        person.phone,
        person.email,
        person.address.city if person.address else "",
        person.programme.name,
        ", ".join(publics),
        str(person.adviser or ""),
        person.entered_on,
        person.project,
    ]
