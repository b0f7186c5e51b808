"""The ranking: tables for each criterion, and what must hold whatever the garages."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fleet.models import Kind
from garages.models import Work
from maintenance.routing import GarageFacts, JobNeeds, judge, rank

TYROSSE = (43.6617, -1.3077)
DAX = (43.7102, -1.0537)
MIMIZAN = (44.2014, -1.2286)
WEDNESDAY = dt.date(2026, 3, 4)
JOB = JobNeeds(work="mechanics", kind="car", rolls=True, today=WEDNESDAY, point=TYROSSE)
GARAGE = GarageFacts(
    id=1,
    name="Solid’Auto",
    repairs=frozenset({"car", "van"}),
    works=frozenset({"mechanics", "service"}),
    point=DAX,
    usual_delay_days=2,
    hourly_rate=Decimal("39.90"),
    can_tow=True,
)


def test_a_garage_is_explained_in_sentences():
    assert judge(JOB, GARAGE).reasons == [
        "Répare les voitures et fait la mécanique.",
        "À 21\xa0km à vol d’oiseau.",
        "Peut recevoir vers le vendredi 6\xa0mars (délai habituel : 2 jours ouvrés).",
        "39,90\xa0€ de l’heure.",
        "Aucun de nos véhicules chez lui en ce moment.",
    ]


@pytest.mark.parametrize(
    ("job", "garage", "why"),
    [
        ({"kind": "moped"}, {}, "Ne répare pas les scooters 50."),
        ({"work": "bodywork"}, {}, "Ne fait pas la carrosserie."),
        ({"rolls": False}, {"can_tow": False}, "N’a pas de dépanneuse, et le véhicule ne roule pas."),
        ({}, {"has_said_no": "A déjà refusé ce travail."}, "A déjà refusé ce travail."),
    ],
)
def test_what_is_known_to_be_impossible_excludes_and_says_why(job, garage, why):
    assert judge(replace(JOB, **job), replace(GARAGE, **garage)).excluded_because == why


@pytest.mark.parametrize(
    ("job", "garage"),
    [
        ({}, {"repairs": frozenset()}),
        ({}, {"works": frozenset()}),
        ({}, {"can_tow": False}),
        ({"rolls": False}, {"can_tow": None}),
        ({"rolls": False, "kind": "e_bike"}, {"can_tow": False, "repairs": frozenset({"e_bike"})}),
        ({"kind": None}, {}),
        ({"point": None}, {"point": None}),
        ({}, {"jobs_now": 9, "jobs_at_once": 1}),
    ],
)
def test_what_is_unknown_or_only_tiresome_does_not_exclude(job, garage):
    assert judge(replace(JOB, **job), replace(GARAGE, **garage)).excluded_because == ""


@pytest.mark.parametrize(
    ("job", "garage", "sentence"),
    [
        ({}, {"repairs": frozenset()}, "Fait la mécanique. On ne sait pas s’il répare les voitures."),
        ({}, {"works": frozenset()}, "Répare les voitures. On ne sait pas s’il fait la mécanique."),
        (
            {},
            {"works": frozenset(), "repairs": frozenset()},
            "On ne sait pas s’il répare les voitures ni s’il fait la mécanique.",
        ),
        ({"rolls": False}, {"can_tow": None}, "On ne sait pas s’il a une dépanneuse, et le véhicule ne roule pas."),
        ({"rolls": False}, {}, "Vient chercher le véhicule avec sa dépanneuse."),
        ({}, {"point": None}, "Distance inconnue."),
        ({}, {"point": TYROSSE}, "Sur place."),
        ({}, {"usual_delay_days": None}, "Délai inconnu."),
        ({}, {"usual_delay_days": 0}, "Peut recevoir vers le mercredi 4\xa0mars (reçoit le jour même)."),
        (
            {"needed_by": dt.date(2026, 3, 5)},
            {"usual_delay_days": 1},
            "Peut recevoir vers le jeudi 5\xa0mars (délai habituel : 1 jour ouvré), trop tard pour le jeudi 5\xa0mars.",
        ),
        ({}, {"hourly_rate": None}, "Tarif horaire inconnu."),
        ({}, {"jobs_now": 2}, "2 de nos véhicules chez lui en ce moment."),
        ({}, {"jobs_now": 2, "jobs_at_once": 2}, "2 de nos véhicules chez lui en ce moment : c’est complet."),
        ({}, {"can_be_written_to": False}, "Ni e-mail ni portable : il faut l’appeler."),
    ],
)
def test_each_criterion_has_its_sentence(job, garage, sentence):
    assert sentence in judge(replace(JOB, **job), replace(GARAGE, **garage)).reasons


@pytest.mark.parametrize(
    ("job", "better", "worse"),
    [
        ({}, {}, {"point": MIMIZAN}),
        ({}, {}, {"usual_delay_days": 5}),
        ({}, {}, {"hourly_rate": Decimal(60)}),
        ({}, {}, {"jobs_now": 1}),
        ({}, {"jobs_now": 2}, {"jobs_now": 2, "jobs_at_once": 2}),
        ({}, {}, {"hourly_rate": None}),
        ({}, {}, {"point": None}),
        ({}, {}, {"usual_delay_days": None}),
        ({}, {}, {"works": frozenset()}),
        ({"rolls": False}, {}, {"can_tow": None}),
        ({}, {}, {"can_be_written_to": False}),
        ({"needed_by": dt.date(2026, 3, 9)}, {}, {"usual_delay_days": 3}),
        # A garage next door at a dearer hour goes before a cheap one at the other end of the department.
        ({}, {"point": TYROSSE, "hourly_rate": Decimal(45)}, {"point": MIMIZAN, "hourly_rate": Decimal(29)}),
    ],
)
def test_the_better_garage_comes_first(job, better, worse):
    first, second = replace(GARAGE, id=2, name="B", **better), replace(GARAGE, id=3, name="A", **worse)
    assert [r.garage_id for r in rank(replace(JOB, **job), [second, first])] == [2, 3]


def test_equal_garages_come_by_name():
    garages = [replace(GARAGE, id=1, name="Zoé"), replace(GARAGE, id=2, name="Abel")]
    assert [r.garage_id for r in rank(JOB, garages)] == [2, 1]


points = st.one_of(st.none(), st.tuples(st.floats(43.4, 44.5), st.floats(-1.5, -0.2)))
days = st.one_of(st.none(), st.integers(0, 30))
jobs = st.builds(
    JobNeeds,
    work=st.sampled_from(Work.values),
    kind=st.one_of(st.none(), st.sampled_from(Kind.values)),
    rolls=st.booleans(),
    today=st.dates(dt.date(2025, 1, 1), dt.date(2030, 1, 1)),
    point=points,
    needed_by=st.one_of(st.none(), st.dates(dt.date(2025, 1, 1), dt.date(2030, 1, 1))),
)
garages = st.builds(
    GarageFacts,
    id=st.integers(1, 10**6),
    name=st.text(max_size=5),
    repairs=st.frozensets(st.sampled_from(Kind.values)),
    works=st.frozensets(st.sampled_from(Work.values)),
    point=points,
    usual_delay_days=days,
    hourly_rate=st.one_of(st.none(), st.decimals(1, 200, places=2)),
    can_tow=st.one_of(st.none(), st.booleans()),
    jobs_now=st.integers(0, 20),
    jobs_at_once=st.one_of(st.none(), st.integers(1, 20)),
    can_be_written_to=st.booleans(),
    has_said_no=st.sampled_from(["", "A déjà refusé ce travail."]),
)


@given(jobs, st.lists(garages, max_size=8, unique_by=lambda g: g.id))
def test_every_garage_is_ranked_once_and_the_excluded_come_last_with_a_reason(job, some):
    ranked = rank(job, some)
    assert sorted(r.garage_id for r in ranked) == sorted(g.id for g in some)
    excluded = [bool(r.excluded_because) for r in ranked]
    assert excluded == sorted(excluded)
    assert all(r.reasons for r in ranked)


@given(jobs, garages, st.integers(0, 20), st.integers(0, 10), st.decimals(0, 50, places=2), st.data())
def test_a_garage_that_is_better_in_everything_is_never_ranked_behind(job, garage, delay, more, dearer, data):
    """`other` differs from `garage` only for the worse, in any of the criteria; it is first in the alphabet."""
    worse = {"id": garage.id + 1, "name": "", "jobs_now": garage.jobs_now + more}
    if garage.usual_delay_days is not None:
        worse["usual_delay_days"] = garage.usual_delay_days + delay
    if garage.hourly_rate is not None:
        worse["hourly_rate"] = garage.hourly_rate + dearer
    if garage.point == job.point:
        worse["point"] = data.draw(points.filter(bool))
    if garage.can_be_written_to:
        worse["can_be_written_to"] = data.draw(st.booleans())
    if garage.can_tow:
        worse["can_tow"] = data.draw(st.sampled_from([None, False]))
    other = replace(garage, **worse)
    here, there = judge(job, garage), judge(job, other)
    assert here.score <= there.score
    assume(here.score < there.score)
    if not here.excluded_because:
        assert rank(job, [other, garage])[0].garage_id == garage.id


@given(jobs, st.lists(garages, max_size=6, unique_by=lambda g: g.id), st.randoms())
def test_the_order_in_which_garages_are_given_does_not_matter(job, some, random):
    shuffled = some[:]
    random.shuffle(shuffled)
    assert rank(job, shuffled) == rank(job, some)
