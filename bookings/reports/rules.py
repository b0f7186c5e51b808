"""What a complete condition report needs, and one sentence for each thing that it still lacks. Pure.

The report is evidence only when both parties saw the same things and signed them (art. 1732 C. civ.), so
nothing of the minimum is optional; what cannot be had asks for a reason instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bookings.models import ConditionReport
from fleet import checklists
from fleet.models import Kind, OdometerReading

Direction, Presence = ConditionReport.Direction, ConditionReport.Presence
UNREAD = {OdometerReading.State.UNREADABLE, OdometerReading.State.ABSENT}
NEED_A_NOTE = {"remark"}


class Step(StrEnum):
    """The walk at the kerb, in its order; the values stand in the pages' addresses."""

    PAPERS = "papiers"
    COUNTER = "compteur"
    ROUND = "tour"
    EQUIPMENT = "equipement"
    PHOTOS = "photos"
    AGREED = "accord"
    SIGNATURES = "signatures"


NAMES = {
    Step.PAPERS: "Papiers",
    Step.COUNTER: "Compteur et carburant",
    Step.ROUND: "Tour du véhicule",
    Step.EQUIPMENT: "Équipement",
    Step.PHOTOS: "Photos",
    Step.AGREED: "Relire",
    Step.SIGNATURES: "Signatures",
}


@dataclass(frozen=True)
class Facts:
    """A report as plain values. `equipment_names` are the vehicle's accessories: id → how people call it."""

    direction: str
    kind: str
    energy: str = ""
    licence_needed: bool = True
    identity_seen: bool = False
    licence_seen: bool = False
    km: int | None = None
    km_state: str = OdometerReading.State.ACCEPTED
    fuel_eighths: int | None = None
    battery_percent: int | None = None
    checklist: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    equipment: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    equipment_names: Mapping[str, str] = field(default_factory=dict)
    positions: frozenset[str] = frozenset()
    photos: int = 0
    photos_reason: str = ""
    presence: str = Presence.SIGNED
    signer_name: str = ""
    witness_name: str = ""
    absence_reason: str = ""
    participant_signed: bool = False
    agent_signed: bool = False
    paper_scanned: bool = False


@dataclass(frozen=True)
class Missing:
    step: Step
    sentence: str


def steps_of(direction: str) -> list[Step]:
    """Papers are looked at before the keys leave, not when they come back."""
    return [step for step in Step if direction == Direction.OUT or step != Step.PAPERS]


def missing(facts: Facts) -> list[Missing]:
    """What the report still lacks, in the order of the walk; empty when it can be frozen."""
    found = [
        *papers(facts),
        *counter(facts),
        *round_trip(facts),
        *equipment(facts),
        *photos(facts),
        *signatures(facts),
    ]
    return [Missing(step, sentence) for step, sentence in found]


def papers(facts: Facts) -> list[tuple[Step, str]]:
    if facts.direction != Direction.OUT:
        return []
    found = []
    if not facts.identity_seen:
        found.append((Step.PAPERS, "Regardez la pièce d’identité, puis cochez « vue »."))
    if facts.licence_needed and not facts.licence_seen:
        found.append((Step.PAPERS, "Regardez l’original du permis, puis cochez « vu »."))
    return found


def counter(facts: Facts) -> list[tuple[Step, str]]:
    """Kilometres, or why not; then fuel or charge, which a dead dashboard does not show either."""
    found = []
    read = facts.km is not None or facts.km_state in UNREAD
    if facts.kind != Kind.BIKE and not read:
        found.append((Step.COUNTER, "Notez les kilomètres, ou dites qu’on ne peut pas les lire."))
    if facts.km_state == OdometerReading.State.UNREADABLE:
        return found
    tank, battery = checklists.has_tank(facts.kind, facts.energy), checklists.has_battery(facts.kind, facts.energy)
    if tank and facts.fuel_eighths is None:
        found.append((Step.COUNTER, "Notez le niveau de carburant."))
    if battery and facts.battery_percent is None and not tank:
        found.append((Step.COUNTER, "Notez la charge de la batterie."))
    return found


def round_trip(facts: Facts) -> list[tuple[Step, str]]:
    """Each item of the checklist has an answer, and a remark is written out."""
    found = []
    for step in (Step.ROUND, Step.EQUIPMENT):
        items = items_of(step, facts.kind, facts.energy)
        unseen = [item.label for item in items if not facts.checklist.get(item.code, {}).get("state")]
        unsaid = [item.label for item in items if lacks_note(facts.checklist.get(item.code, {}))]
        if unseen:
            found.append((step, f"Regardez encore : {some_of(unseen)}."))
        if unsaid:
            found.append((step, f"Écrivez la remarque pour : {some_of(unsaid)}."))
    return found


def items_of(step: Step, kind: str, energy: str) -> list[checklists.Item]:
    """Papers and what lies on board are counted with the accessories, the rest is looked at on the walk round."""
    on_board = step == Step.EQUIPMENT
    return [item for item in checklists.items_of(kind, energy) if (item.section == checklists.PAPERS) == on_board]


def lacks_note(answer: Mapping[str, Any]) -> bool:
    return answer.get("state") in NEED_A_NOTE and not answer.get("note")


def equipment(facts: Facts) -> list[tuple[Step, str]]:
    unseen = [
        name for key, name in facts.equipment_names.items() if facts.equipment.get(key, {}).get("present") is None
    ]
    return [(Step.EQUIPMENT, f"Dites si c’est là : {some_of(unseen)}.")] if unseen else []


def photos(facts: Facts) -> list[tuple[Step, str]]:
    """The kind's smallest set, or a reason; when nobody signs, one photo at least whatever the reason."""
    lacking = [label for code, label in checklists.photo_positions(facts.kind) if code not in facts.positions]
    if facts.presence != Presence.SIGNED and not facts.photos:
        return [(Step.PHOTOS, "Personne ne signe : prenez au moins une photo du véhicule.")]
    if lacking and not facts.photos_reason:
        return [(Step.PHOTOS, f"Prenez encore en photo : {some_of(lacking)}. Ou dites pourquoi ce n’est pas possible.")]
    return []


def signatures(facts: Facts) -> list[tuple[Step, str]]:
    found = []
    if facts.direction == Direction.OUT and facts.presence != Presence.SIGNED:
        found.append("Les clés ne partent pas sans signature : faites signer, à l’écran ou sur papier.")
    elif facts.presence == Presence.ABSENT:
        if not facts.witness_name and not facts.absence_reason:
            found.append("Personne n’est là : écrivez pourquoi (« clés dans la boîte »), ou le nom d’un témoin.")
    elif facts.presence == Presence.REFUSED:
        if not facts.absence_reason:
            found.append("Écrivez pourquoi la personne ne veut pas signer.")
    elif not facts.paper_scanned:
        if not facts.participant_signed:
            found.append("Il manque la signature du participant.")
        elif not facts.signer_name:
            found.append("Écrivez le nom de la personne qui a signé.")
        if not facts.agent_signed:
            found.append("Il manque votre signature.")
    return [(Step.SIGNATURES, sentence) for sentence in found]


def some_of(labels: list[str], at_most: int = 4) -> str:
    """« Selle, Plaque », « Selle, Plaque, Béquille, Klaxon et 3 autres »."""
    shown = ", ".join(labels[:at_most])
    more = len(labels) - at_most
    return shown if more <= 0 else f"{shown} et {more} autre{'s' if more > 1 else ''}"


@dataclass(frozen=True)
class Difference:
    """What changed between the departure and the return; None where one of the two does not say."""

    km: int | None
    fuel_eighths: int | None  # negative: less fuel than at departure
    battery_percent: int | None
    now_missing: tuple[str, ...]  # labels of what was there and is not any more


def difference(out: Facts, back: Facts) -> Difference:
    def minus(after: int | None, before: int | None) -> int | None:
        return None if after is None or before is None else after - before

    labels = {item.code: item.label for item in checklists.items_of(out.kind, out.energy)}
    gone = [
        labels[code]
        for code, answer in back.checklist.items()
        if code in labels
        and answer.get("state") == "missing"
        and out.checklist.get(code, {}).get("state") in {"ok", "remark"}
    ]
    gone += [
        name
        for key, name in {**out.equipment_names, **back.equipment_names}.items()
        if out.equipment.get(key, {}).get("present") and back.equipment.get(key, {}).get("present") is False
    ]
    return Difference(
        km=minus(back.km, out.km),
        fuel_eighths=minus(back.fuel_eighths, out.fuel_eighths),
        battery_percent=minus(back.battery_percent, out.battery_percent),
        now_missing=tuple(gone),
    )


FUEL_WORDS = {0: "réserve", 2: "un quart", 4: "la moitié", 6: "trois quarts", 8: "plein"}


def fuel(eighths: int | None) -> str:
    """« plein (8/8) », « 5/8 »."""
    if eighths is None:
        return ""
    name = FUEL_WORDS.get(eighths)
    return f"{name} ({eighths}/8)" if name else f"{eighths}/8"
