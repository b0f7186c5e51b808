"""The law of a loan: licence, inspection, insurance, unsafe vehicle. Nobody passes it. Pure: no database, no clock.

When a vehicle is promised it is only said, for it can be put right before the keys are given; the hand-over refuses.
What nobody wrote down is unknown and is said too, but never refused: in real files half the papers have no date. An
inspection is known to be overdue when a paper of one says so; a vehicle is known to be uninsured when its paper has
ended, or when the platform wrote its fleet's contract down and this vehicle is not in it.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from bookings.rules.house import Breach, Rule, day
from core.days import years_later
from fleet import inspections
from participants.entitlements import CYCLES, Driver, Verdict, counts_for


@dataclass(frozen=True)
class Condition:
    """What the papers and damages of a vehicle say: see `VehicleQuerySet.with_law`."""

    kind: str
    inspection_due: dt.date | None = None
    inspection_noted: bool = False
    insurance_noted: bool = False  # some paper, of whatever days
    is_insured: bool = False  # by a paper that is in force that day
    insurance_ends_on: dt.date | None = None  # its last day
    fleet_is_insured: bool = False  # the platform wrote down the contract of its fleet
    minimum_age: int | None = None
    minimum_licence_years: int | None = None
    is_unsafe: bool = False

    @classmethod
    def of(cls, vehicle: Any) -> Self:
        return cls(
            kind=vehicle.kind,
            inspection_due=inspections.due(vehicle),
            inspection_noted=vehicle.last_inspection_on is not None or vehicle.inspected_until is not None,
            insurance_noted=vehicle.insurance_noted,
            is_insured=vehicle.is_insured,
            insurance_ends_on=vehicle.insurance_ends_on,
            fleet_is_insured=vehicle.fleet_is_insured,
            minimum_age=vehicle.minimum_age,
            minimum_licence_years=vehicle.minimum_licence_years,
            is_unsafe=vehicle.is_unsafe,
        )


Found = tuple[Rule, bool, str]  # the rule, whether it refuses the keys, what is said


def unlawful(verdict: Verdict, driver: Driver, vehicle: Condition, on: dt.date, until: dt.date) -> list[Breach]:
    """What forbids these keys to this person on that day (binding), and what must be looked at (not binding)."""
    found = [
        *((Rule.LICENCE, True, reason) for reason in verdict.refusals),
        *of_vehicle(vehicle, on, until),
        *(of_insurer(vehicle, driver, on) if vehicle.kind not in CYCLES else ()),
        *((Rule.LICENCE, False, reason) for reason in verdict.warnings),
    ]
    return [Breach(rule, said, can_be_passed=False, binds=binds) for rule, binds, said in found]


def of_vehicle(vehicle: Condition, on: dt.date, until: dt.date) -> Iterator[Found]:
    if vehicle.is_unsafe:
        yield Rule.UNSAFE, True, "Un dégât de ce véhicule est noté « ne doit plus rouler »."
    yield from inspected(vehicle, on, until)
    if vehicle.kind not in CYCLES:
        yield from insured(vehicle, on, until)


def inspected(vehicle: Condition, on: dt.date, until: dt.date) -> Iterator[Found]:
    due = vehicle.inspection_due
    if due is None:
        return
    if due < on:
        if vehicle.inspection_noted:
            yield Rule.INSPECTION, True, f"Le contrôle technique est dépassé depuis le {day(due)}."
        else:
            said = f"Aucun contrôle technique n’est noté ; il était dû avant le {day(due)}."
            yield Rule.INSPECTION, False, said
    elif due < until:
        yield Rule.INSPECTION, False, f"Contrôle technique à faire pendant ce prêt, avant le {day(due)}."


def insured(vehicle: Condition, on: dt.date, until: dt.date) -> Iterator[Found]:
    end = vehicle.insurance_ends_on
    if vehicle.is_insured:
        if end is not None and end < until:
            yield Rule.INSURANCE, False, f"L’assurance finit pendant ce prêt, le {day(end)} : à renouveler."
    elif vehicle.insurance_noted:
        yield Rule.INSURANCE, True, f"Ce véhicule n’est pas assuré le {day(on)}."
    elif vehicle.fleet_is_insured:
        yield Rule.INSURANCE, True, "Ce véhicule n’est dans aucun contrat d’assurance."
    else:
        yield Rule.INSURANCE, False, "L’assurance n’est pas notée."


def of_insurer(vehicle: Condition, driver: Driver, on: dt.date) -> Iterator[Found]:
    """Whom the insurer lets drive; whoever is not is not insured."""
    if (age := vehicle.minimum_age) is not None:
        if driver.birth_date is None:
            yield Rule.INSURANCE, False, f"L’assureur demande {age} ans ; la date de naissance n’est pas notée."
        elif years_later(driver.birth_date, age) > on:
            yield Rule.INSURANCE, True, f"L’assureur demande {age} ans au moins."
    if (years := vehicle.minimum_licence_years) is not None:
        held = [title for title in driver.titles if counts_for(title, vehicle.kind)]
        since = min((title.obtained_on for title in held if title.obtained_on is not None), default=None)
        asked = f"L’assureur demande {years} an{'s' if years > 1 else ''} de permis"
        if since is None:
            yield Rule.INSURANCE, False, f"{asked} ; la date du permis n’est pas notée."
        elif years_later(since, years) > on:
            yield Rule.INSURANCE, True, f"{asked}, ce sera le {day(years_later(since, years))}."
