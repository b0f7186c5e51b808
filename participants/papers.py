"""The papers that a loan may ask for: how long each counts, which of them are missing. Data and pure functions.

Better « vu l’original » than a copy kept. Sources: the usual lists of French mobility platforms; benefit attestations
and proofs of address count three months.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.db import models

from core import words
from core.days import months_later, years_later


class PaperSort(models.TextChoices):
    IDENTITY = "identity", "Pièce d’identité"
    PRESCRIPTION = "prescription", "Fiche d’orientation du prescripteur"
    WORK_CONTRACT = "work_contract", "Contrat de travail ou promesse d’embauche"
    TRAINING = "training", "Attestation de formation ou de stage"
    BENEFITS = "benefits", "Attestation CAF (RSA)"
    JOBSEEKER = "jobseeker", "Attestation France Travail"
    ADDRESS = "address", "Justificatif de domicile"
    INSURANCE = "insurance", "Assurance responsabilité civile"
    PARENTS = "parents", "Accord des parents (moins de 18 ans)"
    BANK = "bank", "RIB"
    MEMBERSHIP = "membership", "Adhésion"
    OTHER = "other", "Autre papier"


LICENCE = ("licence", "Permis de conduire")  # kept as an entitlement to drive; people are asked for it as for a paper
ASKED = [LICENCE, *(one for one in PaperSort.choices if one[0] != PaperSort.OTHER)]  # of whoever asks for a loan


Months = tuple[tuple[dt.date, int], ...]  # (since, months), the oldest first
LONG_AGO = dt.date(1900, 1, 1)
COUNTS_MONTHS: dict[str, Months] = {  # from the day it was issued; what is not named counts until its own last day
    PaperSort.ADDRESS: ((LONG_AGO, 3),),
    PaperSort.BENEFITS: ((LONG_AGO, 3),),
    PaperSort.JOBSEEKER: ((LONG_AGO, 3),),
    PaperSort.INSURANCE: ((LONG_AGO, 12),),
    PaperSort.MEMBERSHIP: ((LONG_AGO, 12),),
}
ADULT_AT = 18


@dataclass(frozen=True)
class Paper:
    """The plain values of a ParticipantDocument. Without `seen_on` it is only promised."""

    sort: str
    issued_on: dt.date | None = None
    valid_until: dt.date | None = None  # this day included
    seen_on: dt.date | None = None
    promised_for: dt.date | None = None

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(row.sort, row.issued_on, row.valid_until, row.seen_on, row.promised_for)

    @property
    def counts_until(self) -> dt.date | None:
        """The last day on which it counts: its own, or so many months after it was issued; None: no end."""
        return self.valid_until or ends_by_itself(self.sort, self.issued_on or self.seen_on)

    def counts_on(self, day: dt.date) -> bool:
        return self.seen_on is not None and (self.counts_until is None or day <= self.counts_until)


@dataclass(frozen=True)
class Aptitude:
    """The plain values of a DrivingAptitudeTest."""

    kind: str
    on: dt.date
    result: str  # fit | fit_with_reserve | unfit
    valid_until: dt.date | None = None  # this day included

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(row.kind, row.tested_on, row.result, row.valid_until)


def ends_by_itself(sort: str, issued_on: dt.date | None) -> dt.date | None:
    if issued_on is None or sort not in COUNTS_MONTHS:
        return None
    return months_later(issued_on, months_of(sort, issued_on))


def months_of(sort: str, on: dt.date) -> int:
    return [months for since, months in COUNTS_MONTHS[sort] if since <= on][-1]


def name_of(sort: str) -> str:
    """« justificatif de domicile de moins de 3 mois »."""
    label = str(dict([LICENCE, *PaperSort.choices])[sort])
    label = label if label[:2].isupper() else label[0].lower() + label[1:]
    if sort in {PaperSort.ADDRESS, PaperSort.BENEFITS, PaperSort.JOBSEEKER}:
        label += f" de moins de {COUNTS_MONTHS[sort][-1][1]} mois"
    return label


def in_full(sort: str) -> str:
    """« Justificatif de domicile de moins de 3 mois », in a list."""
    words = name_of(sort)
    return words[0].upper() + words[1:]


def asked_of(sorts: Iterable[str], birth_date: dt.date | None, on: dt.date) -> list[str]:
    """The parents' word is asked of whoever is known to be a minor."""
    minor = birth_date is not None and years_later(birth_date, ADULT_AT) > on
    return [sort for sort in sorts if sort != PaperSort.PARENTS or minor]


def what_is_missing(papers: Iterable[Paper], asked: Iterable[str], on: dt.date) -> tuple[list[str], list[str]]:
    """Of the papers that are asked for, those that do not count on that day, and those that are promised by then."""
    papers = list(papers)
    missing, promised = [], []
    for sort in asked:
        known = [paper for paper in papers if paper.sort == sort]
        if any(paper.counts_on(on) for paper in known):
            continue
        coming = [p.promised_for for p in known if p.seen_on is None and p.promised_for and p.promised_for <= on]
        if coming:
            promised.append(f"{name_of(sort)} (pour le {words.calendar_day(max(coming), with_year=False)})")
        else:
            missing.append(name_of(sort))
    return missing, promised
