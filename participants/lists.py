"""The list of people: filtered, sorted, and as a spreadsheet."""

import datetime as dt
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import JSONObject

from participants.models import AudienceMembership, Participant


def with_line(people: QuerySet[Participant]) -> QuerySet[Participant]:
    """With all that a line of the list says; `publics_on` reads the last of it."""
    publics = Prefetch("audiences", to_attr="memberships")  # a list: it spares each person a manager of their own
    return people.select_related("address", "programme", "adviser").prefetch_related(publics)


def publics_on(person: Participant, day: dt.date) -> list[AudienceMembership]:
    """Those to which the person belongs on that day. Needs `with_line`."""
    return [one for one in person.memberships if one.holds_on(day)]  # type: ignore[attr-defined]


def with_publics(people: QuerySet[Participant]) -> QuerySet[Participant]:
    """Adds each person's publics to the same query, the current ones first; `publics_of` reads them."""
    memberships = AudienceMembership.objects.filter(participant=OuterRef("pk"))
    fields = {name: name for name in ("id", "audience", "starts_on", "ends_on", "proof_seen_on")}
    rows = memberships.order_by(F("ends_on").desc(nulls_first=True), "pk").values(json=JSONObject(**fields))
    return people.annotate(public_rows=ArraySubquery(rows))


def publics_of(person: Participant) -> list[AudienceMembership]:
    """Needs `with_publics`."""
    return [
        AudienceMembership(
            **{
                name: dt.date.fromisoformat(value) if value and name.endswith("_on") else value
                for name, value in row.items()
            }
        )
        for row in person.public_rows  # type: ignore[attr-defined]
    ]


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
    "city": (F("address__city_key").asc(nulls_last=True), "name_key", "pk"),
    "-city": (F("address__city_key").desc(nulls_last=True), "name_key", "pk"),
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
    return [
        person.last_name,
        person.first_name,
        person.birth_date,
        person.phone,
        person.email,
        person.address.city if person.address else "",
        person.programme.name,
        ", ".join(map(str, publics_on(person, today))),
        str(person.adviser or ""),
        person.entered_on,
        person.project,
    ]
