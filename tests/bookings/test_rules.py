"""The house rules: tables, and what holds for all wishes. No database."""

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.rules.house import NO_RULES, Rule, Spell, Terms, Wish, breaches, days_taken, terms
from participants.papers import Aptitude, Paper

PARIS = "Europe/Paris"
D, DAY, HOUR = dt.date, dt.timedelta(days=1), dt.timedelta(hours=1)
MONDAY = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)  # nine in Paris
NOW = MONDAY - 3 * DAY
WISH = Wish("car", MONDAY, MONDAY + 7 * DAY, NOW, PARIS)


def broken(rules: Terms, wish: Wish = WISH, **changes) -> list[str]:
    return [one.rule for one in breaches(replace(wish, **changes), rules) if one.binds]


def said(rules: Terms, **changes) -> str:
    return " ".join(one.message for one in breaches(replace(WISH, **changes), rules))


def spell(start_days: int, length: int, **named) -> Spell:
    return Spell(MONDAY + start_days * DAY, MONDAY + (start_days + length) * DAY, **named)


@pytest.mark.parametrize(
    ("rules", "changes", "rule"),
    [
        (NO_RULES, {"ends_at": MONDAY + 366 * DAY}, None),
        (Terms(min_hours=48), {"ends_at": MONDAY + 48 * HOUR}, None),
        (Terms(min_hours=48), {"ends_at": MONDAY + 47 * HOUR}, Rule.MIN_LENGTH),
        (Terms(max_days=7), {}, None),
        (Terms(max_days=7), {"ends_at": MONDAY + 7 * DAY + dt.timedelta(minutes=1)}, Rule.MAX_LENGTH),
        (Terms(notice_hours=72), {}, None),
        (Terms(notice_hours=73), {}, Rule.NOTICE),
        (Terms(notice_hours=73), {"later": True}, None),
        (Terms(horizon_days=3), {}, None),
        (Terms(horizon_days=2), {}, Rule.HORIZON),
        (Terms(horizon_days=2), {"later": True}, None),
        (Terms(quota_days=90, quota_months=12), {"others": (spell(-100, 83),)}, None),
        (Terms(quota_days=90, quota_months=12), {"others": (spell(-100, 84),)}, Rule.QUOTA),
        (Terms(quota_days=90, quota_months=12), {"others": (spell(-500, 90),)}, None),
        (Terms(quota_days=90, quota_months=12), {"others": (spell(30, 84),)}, Rule.QUOTA),
        (Terms(renewals=1), {"renewals": 1}, None),
        (Terms(renewals=1), {"renewals": 2}, Rule.RENEWALS),
        (Terms(renewals=0), {"renewals": 1}, Rule.RENEWALS),
        (Terms(one_at_a_time=True), {"others": (spell(-7, 7), spell(7, 7))}, None),
        (Terms(one_at_a_time=True), {"others": (spell(6, 7),)}, Rule.ONE_AT_A_TIME),
        (Terms(one_at_a_time=True), {"others": (spell(-9, 7, is_late=True),)}, Rule.ONE_AT_A_TIME),
        (Terms(documents=("identity",)), {}, Rule.DOCUMENTS),
        (Terms(documents=("identity",)), {"papers": (Paper("identity", seen_on=D(2020, 1, 1)),)}, None),
        (Terms(documents=("address",)), {"papers": (Paper("address", D(2025, 12, 2), seen_on=NOW.date()),)}, None),
        (Terms(documents=("address",)), {"papers": (Paper("address", D(2025, 12, 1), seen_on=NOW.date()),)},
         Rule.DOCUMENTS),
        (Terms(documents=("bank",)), {"papers": (Paper("bank", promised_for=D(2026, 3, 2)),)}, None),
        (Terms(documents=("bank",)), {"papers": (Paper("bank", promised_for=D(2026, 3, 3)),)}, Rule.DOCUMENTS),
        (Terms(documents=("parents",)), {}, None),
        (Terms(documents=("parents",)), {"birth_date": D(2008, 3, 2)}, None),
        (Terms(documents=("parents",)), {"birth_date": D(2008, 3, 3)}, Rule.DOCUMENTS),
        (Terms(aptitude_needed=True), {}, Rule.APTITUDE),
        (Terms(aptitude_needed=True), {"tests": (Aptitude("moped", D(2026, 1, 1), "fit"),)}, Rule.APTITUDE),
        (Terms(aptitude_needed=True), {"tests": (Aptitude("car", D(2026, 1, 1), "fit"),)}, None),
        (Terms(aptitude_needed=True), {"tests": (Aptitude("car", D(2026, 1, 1), "fit_with_reserve"),)}, None),
        (Terms(aptitude_needed=True), {"tests": (Aptitude("car", D(2026, 1, 1), "unfit"),)}, Rule.APTITUDE),
        (Terms(aptitude_needed=True), {"tests": (Aptitude("car", D(2026, 1, 1), "fit"),
                                                 Aptitude("car", D(2026, 2, 1), "unfit"))}, Rule.APTITUDE),
        (Terms(aptitude_needed=True), {"tests": (Aptitude("car", D(2025, 3, 1), "fit", D(2026, 3, 1)),)},
         Rule.APTITUDE),
        (Terms(aptitude_needed=True), {"tests": (Aptitude("car", D(2025, 3, 1), "fit", D(2026, 3, 2)),)}, None),
    ],
)  # fmt: skip
def test_each_rule_at_its_edge(rules, changes, rule):
    assert broken(rules, **changes) == ([rule] if rule else [])


def test_both_nights_of_the_clock_change_are_days_like_others():
    spring = dt.datetime(2026, 3, 28, 8, tzinfo=dt.UTC)
    assert broken(Terms(max_days=2), starts_at=spring, ends_at=spring + 47 * HOUR) == []
    assert broken(Terms(max_days=2), starts_at=spring, ends_at=spring + 48 * HOUR) == [Rule.MAX_LENGTH]
    assert broken(Terms(min_hours=48), starts_at=spring, ends_at=spring + 47 * HOUR) == []
    autumn = dt.datetime(2026, 10, 24, 7, tzinfo=dt.UTC)
    assert broken(Terms(max_days=2), starts_at=autumn, ends_at=autumn + 49 * HOUR) == []


def test_what_is_said_helps():
    assert said(Terms(min_hours=48), ends_at=MONDAY + HOUR) == "Un prêt dure au moins 2 jours."
    assert said(Terms(max_days=5)) == "Un prêt dure au plus 5 jours ; ici 7."
    assert "il en reste 6, ce prêt en demande 7" in said(
        Terms(quota_days=90, quota_months=12), others=(spell(-100, 84),)
    )
    assert said(Terms(documents=("address", "benefits"))) == (
        "Il manque : justificatif de domicile de moins de 3 mois, attestation CAF (RSA) de moins de 3 mois."
    )
    promised = said(Terms(documents=("bank",)), papers=(Paper("bank", promised_for=D(2026, 3, 2)),))
    assert promised == "Promis, pas encore vu : RIB (pour le lundi 2\xa0mars)."


def row(programme=None, kind="", **said):
    empty = dict.fromkeys(Terms.__dataclass_fields__)
    return SimpleNamespace(programme_id=programme, kind=kind, **(empty | said))


def test_the_most_particular_rules_that_say_something_answer():
    rows = [
        row(max_days=90, renewals=3, documents=["identity"]),
        row(kind="moped", max_days=30, aptitude_needed=True),
        row(programme=1, max_days=60, one_at_a_time=True),
        row(programme=1, kind="moped", documents=[]),
    ]
    assert terms(rows) == Terms(max_days=60, renewals=3, aptitude_needed=True, one_at_a_time=True, documents=())
    assert terms([]) == NO_RULES
    assert terms([row(one_at_a_time=True), row(kind="bike", one_at_a_time=False)]).one_at_a_time is False


SPELLS = st.lists(st.tuples(st.integers(-500, 500), st.integers(1, 120)).map(lambda s: spell(*s)), max_size=6)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SPELLS, st.integers(1, 24))
def test_no_window_anywhere_holds_more_than_the_fullest(others, months):
    """Against looking at a window that ends on each day around."""
    wish = replace(WISH, others=tuple(others))
    fullest = days_taken(wish, months)
    assert fullest >= 7
    assert fullest <= 7 + sum((one.ends_at - one.starts_at).days + 1 for one in others)
    if not others:
        assert fullest == 7


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SPELLS, SPELLS)
def test_one_more_loan_never_frees_days(few, more):
    assert days_taken(replace(WISH, others=(*few, *more)), 12) >= days_taken(replace(WISH, others=tuple(few)), 12)
