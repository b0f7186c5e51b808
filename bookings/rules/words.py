"""What house rules say, in a few words each: for their page, and for whoever reads them over the API."""

from typing import Any

from accounts.models import Role
from bookings.rules.house import hours
from participants.papers import name_of


def in_words(rules: Any) -> list[str]:
    """One short sentence for each thing that these rules (a LoanRules row) say."""
    said = [*lengths(rules), *counts(rules), *papers(rules), *people(rules)]
    return [sentence for sentence in said if sentence]


def lengths(rules: Any) -> list[str]:
    return [
        f"Au moins {hours(rules.min_hours)}" if rules.min_hours else "",
        f"Au plus {rules.max_days} jours" if rules.max_days else "",
        f"Réservé {hours(rules.notice_hours)} avant" if rules.notice_hours else "",
        f"Au plus {rules.horizon_days} jours à l’avance" if rules.horizon_days else "",
    ]


def counts(rules: Any) -> list[str]:
    renewals = {None: "", 0: "Pas de renouvellement", 1: "Renouvelable une fois"}
    before, after = rules.before_minutes, rules.after_minutes
    return [
        f"{rules.quota_days} jours en {rules.quota_months} mois" if rules.quota_days is not None else "",
        renewals.get(rules.renewals, f"Renouvelable {rules.renewals} fois"),
        {True: "Un seul prêt à la fois", False: "Plusieurs prêts à la fois"}.get(rules.one_at_a_time, ""),
        f"Préparation : {before or 0} min avant, {after or 0} min après" if (before, after) != (None, None) else "",
    ]


def papers(rules: Any) -> list[str]:
    asked = rules.documents
    names = ", ".join(name_of(sort) for sort in asked or ())
    return [
        "" if asked is None else f"Papiers : {names}" if asked else "Aucun papier demandé",
        {True: "Test d’aptitude demandé", False: "Sans test d’aptitude"}.get(rules.aptitude_needed, ""),
    ]


def people(rules: Any) -> list[str]:
    return [
        {True: "À approuver", False: "Sans approbation"}.get(rules.approval_needed, ""),
        f"Approuve : {roles(rules.approved_by)}" if rules.approved_by is not None else "",
        f"Passe outre : {roles(rules.passed_by)}" if rules.passed_by is not None else "",
    ]


def roles(wanted: list[str]) -> str:
    """The coordinators may in any case."""
    return ", ".join(Role(role).label.lower() for role in dict.fromkeys([*wanted, Role.COORDINATOR]))
