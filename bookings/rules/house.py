"""The house rules of a loan: which of them a wish breaks, and what is said about it. No database, no clock.

The law (licence, inspection, insurance, unsafe vehicle) is in `bookings/rules/law.py`: nobody passes it.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models

from accounts.models import Role
from core import words
from core.days import months_later
from fleet.models import Kind
from participants.papers import Aptitude, Paper, asked_of, what_is_missing
from pricing.tariffs import STARTED_24H, days_between

DAY = dt.timedelta(days=1)


class Rule(models.TextChoices):
    """House rules, in the order in which people are told of them, then the law."""

    MIN_LENGTH = "min_length", "Durée minimale"
    MAX_LENGTH = "max_length", "Durée maximale"
    NOTICE = "notice", "Délai avant le départ"
    HORIZON = "horizon", "Réservation trop tôt"
    QUOTA = "quota", "Jours de prêt au total"
    RENEWALS = "renewals", "Nombre de renouvellements"
    ONE_AT_A_TIME = "one_at_a_time", "Un seul prêt à la fois"
    DOCUMENTS = "documents", "Papiers demandés"
    APTITUDE = "aptitude", "Test d’aptitude"
    CLOSED = "closed", "Horaires du site"
    TURNAROUND = "turnaround", "Temps de préparation"
    LICENCE = "licence", "Droit de conduire"
    INSPECTION = "inspection", "Contrôle technique"
    INSURANCE = "insurance", "Assurance"
    UNSAFE = "unsafe", "Véhicule dangereux"


LAW = frozenset({Rule.LICENCE, Rule.INSPECTION, Rule.INSURANCE, Rule.UNSAFE})


class PassReason(models.TextChoices):
    """Why a house rule was passed: a list, so that it can be counted."""

    JOB = "job", "Un emploi ou une formation est en jeu"
    PRESCRIBER = "prescriber", "Demande du prescripteur ou du référent"
    PAPER_COMING = "paper_coming", "Le papier arrive"
    SEEN_ELSEWHERE = "seen_elsewhere", "Papier vu par un partenaire"
    NO_OTHER_WAY = "no_other_way", "Aucune autre solution de transport"
    CONTINUITY = "continuity", "Suite d’un prêt en cours"
    NOBODY_WAITS = "nobody_waits", "Le véhicule est libre, personne n’attend"
    AGREED = "agreed", "Accord de la coordination"


@dataclass(frozen=True)
class Pass:
    """Somebody passes this rule for this loan, for a reason of the list."""

    rule: str
    reason: str


@dataclass(frozen=True)
class Breach:
    """A rule that a wish breaks. One that does not bind is said now and refused when the keys are given."""

    rule: str
    message: str
    can_be_passed: bool = True
    binds: bool = True
    passed_by: tuple[str, ...] = ()  # roles, beside the coordinators

    @property
    def label(self) -> str:
        return str(Rule(self.rule).label)


# --- what the rules say, and of whom ----------------------------------------------------------------


@dataclass(frozen=True)
class Terms:
    """The answer for one case on one day. None and False: no such rule."""

    min_hours: int | None = None
    max_days: int | None = None
    notice_hours: int | None = None
    horizon_days: int | None = None
    quota_days: int | None = None
    quota_months: int | None = None
    renewals: int | None = None
    one_at_a_time: bool = False
    aptitude_needed: bool = False
    documents: tuple[str, ...] = ()
    before_minutes: int = 0
    after_minutes: int = 0
    approval_needed: bool = False
    approved_by: tuple[str, ...] = ()  # the coordinators may in any case
    passed_by: tuple[str, ...] = (Role.ADVISER, Role.FLEET_MANAGER)

    @property
    def margins(self) -> tuple[dt.timedelta, dt.timedelta]:
        """The turnaround before and after."""
        return dt.timedelta(minutes=self.before_minutes), dt.timedelta(minutes=self.after_minutes)

    @property
    def looks_at_loans(self) -> bool:
        return self.one_at_a_time or self.quota_days is not None

    @property
    def looks_at_papers(self) -> bool:
        return bool(self.documents) or self.aptitude_needed


NO_RULES = Terms()


def terms(rows: Iterable[Any]) -> Terms:
    """What rows of LoanRules say together: for each field the most particular row that does not leave it empty."""
    said: dict[str, Any] = {}
    for row in sorted(rows, key=lambda row: (row.programme_id is None, row.kind == "")):
        for one in fields(Terms):
            value = getattr(row, one.name)
            if value is not None:
                said.setdefault(one.name, tuple(value) if isinstance(value, list) else value)
    return Terms(**said)


@dataclass(frozen=True)
class Spell:
    """Another loan of the same person. One that should be over and is not has no end yet."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    is_late: bool = False


@dataclass(frozen=True)
class Wish:
    """What is asked for, and all that the rules look at. A renewal or an extension is `later` of a known loan."""

    kind: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    now: dt.datetime
    zone: str
    others: tuple[Spell, ...] = ()  # the person's other loans, and what this one had before
    own: tuple[Spell, ...] = ()  # what this very loan has outside [starts_at, ends_at)
    papers: tuple[Paper, ...] = ()
    tests: tuple[Aptitude, ...] = ()
    birth_date: dt.date | None = None
    later: bool = False  # the keys are given, or the start stays: neither notice nor horizon
    renewals: int = field(default=0)  # how many there would be with this one

    @property
    def first_day(self) -> dt.date:
        return self.starts_at.astimezone(ZoneInfo(self.zone)).date()


# --- which of them are broken -------------------------------------------------------------------------


def breaches(wish: Wish, rules: Terms) -> list[Breach]:
    """What the wish breaks, in the order of `Rule`."""
    found = [
        *length(wish, rules),
        *([] if wish.later else ahead(wish, rules)),
        *quota(wish, rules),
        *renewals(wish, rules),
        *one_at_a_time(wish, rules),
        *documents(wish, rules),
        *aptitude(wish, rules),
    ]
    return [
        Breach(rule, message, can_be_passed=True, binds=binds, passed_by=rules.passed_by)
        for rule, message, binds in found
    ]


Found = tuple[Rule, str, bool]  # the rule, what is said, whether it binds already


def length(wish: Wish, rules: Terms) -> Iterator[Found]:
    """In wall-clock hours and days, so that the nights of the clock change make no loan too long or too short."""
    zone = ZoneInfo(wish.zone)
    start, end = (at.astimezone(zone).replace(tzinfo=None) for at in (wish.starts_at, wish.ends_at))
    if rules.min_hours and end - start < dt.timedelta(hours=rules.min_hours):
        yield Rule.MIN_LENGTH, f"Un prêt dure au moins {hours(rules.min_hours)}.", True
    if rules.max_days and end - start > rules.max_days * DAY:
        days = days_between(wish.starts_at, wish.ends_at, STARTED_24H, wish.zone)
        yield Rule.MAX_LENGTH, f"Un prêt dure au plus {rules.max_days} jours ; ici {days}.", True


def ahead(wish: Wish, rules: Terms) -> Iterator[Found]:
    if rules.notice_hours and wish.starts_at < wish.now + dt.timedelta(hours=rules.notice_hours):
        yield Rule.NOTICE, f"Un prêt se réserve au moins {hours(rules.notice_hours)} avant le départ.", True
    if rules.horizon_days and wish.starts_at > (last := wish.now + rules.horizon_days * DAY):
        until = words.until_day(last.astimezone(ZoneInfo(wish.zone)))
        yield Rule.HORIZON, f"On réserve au plus {rules.horizon_days} jours à l’avance : jusqu’{until}.", True


def quota(wish: Wish, rules: Terms) -> Iterator[Found]:
    if rules.quota_days is None or rules.quota_months is None:
        return
    taken = days_taken(wish, rules.quota_months)
    if taken > rules.quota_days:
        mine = days_between(wish.starts_at, wish.ends_at, STARTED_24H, wish.zone)
        left = max(rules.quota_days - (taken - mine), 0)
        had = f"il en reste {left}" if left else "ils sont déjà pris"
        yield (
            Rule.QUOTA,
            f"Au plus {rules.quota_days} jours en {rules.quota_months} mois : {had}, ce prêt en demande {mine}.",
            True,
        )


def days_taken(wish: Wish, months: int) -> int:
    """The started days of the fullest window of so many months that holds a part of the wish.

    A window is fullest when it ends where a loan ends, or begins where one begins.
    """
    zone = ZoneInfo(wish.zone)
    mine = Spell(wish.starts_at, wish.ends_at)
    spells = [mine, *wish.own, *wish.others]
    windows = [(back(one.ends_at, months, zone), one.ends_at) for one in spells]
    windows += [(one.starts_at, back(one.starts_at, -months, zone)) for one in spells]
    holding = [(a, b) for a, b in windows if a < mine.ends_at and b > mine.starts_at]
    return max(sum(days_within(one, a, b, wish.zone) for one in spells) for a, b in holding)


def days_within(spell: Spell, start: dt.datetime, end: dt.datetime, zone: str) -> int:
    first, last = max(spell.starts_at, start), min(spell.ends_at, end)
    return days_between(first, last, STARTED_24H, zone) if first < last else 0


def back(at: dt.datetime, months: int, zone: ZoneInfo) -> dt.datetime:
    """The same hour on the wall so many months earlier."""
    local = at.astimezone(zone)
    return dt.datetime.combine(months_later(local.date(), -months), local.time(), tzinfo=zone)


def renewals(wish: Wish, rules: Terms) -> Iterator[Found]:
    if rules.renewals is not None and wish.renewals > rules.renewals:
        most = {0: "Un prêt ne se renouvelle pas", 1: "Un prêt se renouvelle une fois"}.get(
            rules.renewals, f"Un prêt se renouvelle {rules.renewals} fois"
        )
        yield Rule.RENEWALS, f"{most} ; ce serait le renouvellement n° {wish.renewals}.", True


def one_at_a_time(wish: Wish, rules: Terms) -> Iterator[Found]:
    if not rules.one_at_a_time:
        return
    for other in wish.others:
        if other.starts_at < wish.ends_at and (other.is_late or other.ends_at > wish.starts_at):
            said = words.span(other.starts_at, other.ends_at)
            state = "n’a pas encore rendu son prêt" if other.is_late else "a déjà un prêt"
            yield Rule.ONE_AT_A_TIME, f"Cette personne {state} {said}.", True
            return


def documents(wish: Wish, rules: Terms) -> Iterator[Found]:
    """What is missing binds, unless it is promised for a day before the start."""
    asked = asked_of(rules.documents, wish.birth_date, wish.first_day)
    missing, promised = what_is_missing(wish.papers, asked, wish.first_day)
    if missing:
        yield Rule.DOCUMENTS, f"Il manque : {', '.join(missing)}.", True
    if promised:
        yield Rule.DOCUMENTS, f"Promis, pas encore vu : {', '.join(promised)}.", False


def aptitude(wish: Wish, rules: Terms) -> Iterator[Found]:
    """The last test for the kind counts; with a reserve it is only said."""
    if not rules.aptitude_needed:
        return
    kind = Kind(wish.kind).label.lower()
    tests = sorted((test for test in wish.tests if test.kind == wish.kind), key=lambda test: test.on)
    if not tests:
        yield Rule.APTITUDE, f"Aucun test d’aptitude ({kind}).", True
    elif (last := tests[-1]).result == "unfit":
        yield Rule.APTITUDE, f"Test d’aptitude ({kind}) du {day(last.on)} : non apte.", True
    elif last.valid_until is not None and last.valid_until < wish.first_day:
        yield Rule.APTITUDE, f"Le test d’aptitude ({kind}) n’était valable que jusqu’au {day(last.valid_until)}.", True
    elif last.result == "fit_with_reserve":
        yield Rule.APTITUDE, f"Test d’aptitude ({kind}) du {day(last.on)} : apte sous réserve.", False


def hours(number: int) -> str:
    """« 2 jours », « 36 heures »."""
    if number % 24 == 0:
        return "1 jour" if number == 24 else f"{number // 24} jours"
    return "1 heure" if number == 1 else f"{number} heures"


def day(on: dt.date) -> str:
    return words.calendar_day(on).partition(" ")[2]
