"""Who the driver is, as the designation of a driver asks for it: frozen when the keys leave.

A later change of address must not alter it: what counts is who and where they were on the day.
"""

import datetime as dt
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from django.utils.dateparse import parse_date

from participants.entitlements import COVERS
from participants.models import DrivingEntitlement, Participant

NEEDED = {  # without these nobody can be designated (Code de la route, art. L121-6 and A121-2)
    "last_name": "le nom",
    "first_name": "le prénom",
    "birth_date": "la date de naissance",
    "street": "la rue",
    "postcode": "le code postal",
    "city": "la commune",
}
WANTED = {  # asked for on the form, when there is one
    "birth_place": "le lieu de naissance",
    "licence_number": "le numéro du permis",
    "licence_on": "la date du permis",
}


@dataclass(frozen=True)
class Identity:
    """Plain values; days are ISO dates, and what is not known is empty."""

    last_name: str = ""
    first_name: str = ""
    birth_date: str = ""
    birth_place: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    licence_number: str = ""
    licence_category: str = ""
    licence_on: str = ""

    def as_json(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        known = {field.name for field in fields(cls)}
        return cls(**{name: as_text(value) for name, value in plain.items() if name in known})

    def completed(self, typed: dict[str, Any]) -> "Identity":
        """What was typed takes the place of what was known; what was left empty does not."""
        return Identity.from_json(asdict(self) | {name: value for name, value in typed.items() if value})

    @property
    def born(self) -> dt.date | None:
        return parse_date(self.birth_date) if self.birth_date else None

    @property
    def licensed(self) -> dt.date | None:
        return parse_date(self.licence_on) if self.licence_on else None

    @property
    def missing(self) -> list[str]:
        """What must still be found before this person can be designated, in words."""
        return [words for name, words in NEEDED.items() if not getattr(self, name)]

    @property
    def unknown(self) -> list[str]:
        return [words for name, words in WANTED.items() if not getattr(self, name)]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value or "").strip()


def identity_of(participant: Participant, kind: str) -> Identity:
    """As the participant is known now, with the licence by which they drive this kind of vehicle."""
    address = participant.address
    title = licence_for(participant, kind)
    return Identity(
        last_name=participant.last_name,
        first_name=participant.first_name,
        birth_date=as_text(participant.birth_date),
        birth_place=participant.birth_place,
        street=address.street if address else "",
        postcode=address.postcode if address else "",
        city=address.city if address else "",
        licence_number=title.number if title else "",
        licence_category=title.category if title else "",
        licence_on=as_text(title.obtained_on) if title else "",
    )


def licence_for(participant: Participant, kind: str) -> DrivingEntitlement | None:
    """Of the titles that give the right to drive this kind, one whose number is known; else any that they have."""
    covering = COVERS.get(kind, frozenset())
    titles = sorted(
        participant.entitlements.all(),
        key=lambda title: (title.category not in covering, not title.number, title.sort != "licence", title.pk),
    )
    return titles[0] if titles else None
