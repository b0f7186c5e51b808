from dataclasses import replace

import pytest

from bookings.reports.rules import Facts, Step, difference, fuel, items_of, missing, some_of, steps_of
from fleet import checklists
from fleet.models import Kind


def in_order(kind: str, energy: str) -> dict:
    return {item.code: {"state": "ok", "note": ""} for item in checklists.items_of(kind, energy)}


def complete(kind: str = Kind.CAR, energy: str = "petrol", direction: str = "out") -> Facts:
    return Facts(
        direction=direction,
        kind=kind,
        energy=energy,
        identity_seen=True,
        licence_seen=True,
        km=84210,
        fuel_eighths=6,
        battery_percent=80,
        checklist=in_order(kind, energy),
        equipment={"7": {"present": True}},
        equipment_names={"7": "Casque M"},
        positions=frozenset(code for code, _ in checklists.photo_positions(kind)),
        photos=len(checklists.photo_positions(kind)),
        signer_name="Ana Dupouy",
        participant_signed=True,
        agent_signed=True,
    )


def steps(facts: Facts) -> list[Step]:
    return [lacking.step for lacking in missing(facts)]


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("energy", ["petrol", "electric", "plug_in_hybrid", ""])
@pytest.mark.parametrize("direction", ["out", "in"])
def test_a_complete_report_lacks_nothing(kind, energy, direction):
    assert missing(complete(kind, energy, direction)) == []


@pytest.mark.parametrize(
    ("change", "step", "word"),
    [
        ({"identity_seen": False}, Step.PAPERS, "pièce d’identité"),
        ({"licence_seen": False}, Step.PAPERS, "permis"),
        ({"km": None}, Step.COUNTER, "kilomètres"),
        ({"fuel_eighths": None}, Step.COUNTER, "carburant"),
        ({"equipment": {}}, Step.EQUIPMENT, "Casque M"),
        ({"positions": frozenset({"front_left"})}, Step.PHOTOS, "Avant droit"),
        ({"participant_signed": False}, Step.SIGNATURES, "signature du participant"),
        ({"signer_name": ""}, Step.SIGNATURES, "nom"),
        ({"agent_signed": False}, Step.SIGNATURES, "votre signature"),
        ({"presence": "absent"}, Step.SIGNATURES, "ne partent pas"),
        ({"presence": "refused"}, Step.SIGNATURES, "ne partent pas"),
    ],
)
def test_what_lacks_is_said_once_at_its_step(change, step, word):
    found = missing(replace(complete(), **change))
    assert [lacking.step for lacking in found] == [step]
    assert word in found[0].sentence


def test_papers_are_not_asked_for_at_the_return():
    assert missing(replace(complete(direction="in"), identity_seen=False, licence_seen=False)) == []
    assert Step.PAPERS not in steps_of("in")
    assert steps_of("out")[0] == Step.PAPERS


def test_no_licence_is_asked_of_whom_the_law_asks_none():
    assert missing(replace(complete(Kind.MOPED), licence_seen=False, licence_needed=False)) == []


def test_a_dead_dashboard_shows_neither_kilometres_nor_fuel():
    assert missing(replace(complete(), km=None, km_state="unreadable", fuel_eighths=None)) == []
    assert steps(replace(complete(), km=None, km_state="absent", fuel_eighths=None)) == [Step.COUNTER]


def test_an_electric_vehicle_says_its_charge_and_not_its_fuel():
    electric = complete(Kind.CAR, "electric")
    assert missing(replace(electric, fuel_eighths=None)) == []
    assert steps(replace(electric, battery_percent=None)) == [Step.COUNTER]


def test_a_bicycle_has_neither_counter_nor_tank():
    assert missing(replace(complete(Kind.BIKE, "human"), km=None, fuel_eighths=None, battery_percent=None)) == []


def test_a_remark_is_written_out():
    facts = complete()
    unsaid = facts.checklist | {"horn": {"state": "remark", "note": ""}}
    assert "Klaxon" in missing(replace(facts, checklist=unsaid))[0].sentence
    assert missing(replace(facts, checklist=unsaid | {"horn": {"state": "remark", "note": "Faible"}})) == []


def test_what_lies_on_board_is_counted_with_the_accessories():
    on_board = items_of(Step.EQUIPMENT, Kind.CAR, "petrol")
    assert {item.section for item in on_board} == {checklists.PAPERS}
    assert checklists.PAPERS not in {item.section for item in items_of(Step.ROUND, Kind.CAR, "petrol")}
    facts = complete()
    unseen = {code: answer for code, answer in facts.checklist.items() if code != "triangle"}
    assert steps(replace(facts, checklist=unseen)) == [Step.EQUIPMENT]


def test_missing_photos_ask_for_a_reason():
    few = replace(complete(), positions=frozenset(), photos=0)
    assert steps(few) == [Step.PHOTOS]
    assert missing(replace(few, photos_reason="Il fait nuit")) == []


def test_when_nobody_signs_there_is_a_photo_whatever_the_reason():
    absent = replace(
        complete(direction="in"),
        presence="absent",
        absence_reason="Clés dans la boîte",
        participant_signed=False,
        agent_signed=False,
    )
    assert missing(absent) == []
    assert steps(replace(absent, positions=frozenset(), photos=0, photos_reason="Il fait nuit")) == [Step.PHOTOS]


def test_an_absence_has_a_reason_or_a_witness():
    absent = replace(complete(direction="in"), presence="absent", participant_signed=False)
    assert steps(absent) == [Step.SIGNATURES]
    assert missing(replace(absent, witness_name="M. Lafitte, gardien")) == []
    assert missing(replace(absent, absence_reason="Clés dans la boîte")) == []


def test_a_refusal_to_sign_has_a_reason():
    refused = replace(complete(direction="in"), presence="refused", participant_signed=False)
    assert steps(refused) == [Step.SIGNATURES]
    assert missing(replace(refused, absence_reason="Conteste la rayure")) == []


def test_a_scanned_paper_stands_for_both_signatures():
    facts = replace(complete(), participant_signed=False, agent_signed=False, signer_name="", paper_scanned=True)
    assert missing(facts) == []


def test_the_return_is_compared_with_the_departure():
    out = complete()
    back = replace(
        complete(direction="in"),
        km=84900,
        fuel_eighths=2,
        checklist=out.checklist | {"triangle": {"state": "missing", "note": ""}},
        equipment={"7": {"present": False}},
    )
    found = difference(out, back)
    assert (found.km, found.fuel_eighths) == (690, -4)
    assert found.now_missing == ("Triangle et gilet", "Casque M")
    assert difference(out, replace(back, km=None)).km is None


def test_words_for_fuel_and_for_many():
    assert fuel(8) == "plein (8/8)"
    assert fuel(5) == "5/8"
    assert fuel(None) == ""
    assert some_of(["a", "b"]) == "a, b"
    assert some_of(["a", "b", "c", "d", "e", "f"]) == "a, b, c, d et 2 autres"
