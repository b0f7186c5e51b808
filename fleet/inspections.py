"""When the next *contrôle technique* is due. The rules are data with the day on which each came into force."""

import datetime as dt
from dataclasses import dataclass, field

from core.days import years_later
from fleet.models import Kind, Vehicle

CARS = frozenset({Kind.CAR, Kind.VAN})
CATEGORY_L = frozenset({Kind.MICROCAR, Kind.MOPED, Kind.MOTORCYCLE_125})


@dataclass(frozen=True)
class Rule:
    """First inspection before the `first_after_years`-th anniversary, then every `then_every_years`."""

    kinds: frozenset[str]
    in_force_from: dt.date
    first_after_years: int
    then_every_years: int
    # First registered before the left day: the first inspection was due by the right day.
    catch_up: tuple[tuple[dt.date, dt.date], ...] = field(default=())


RULES = (
    # Code de la route, art. R323-22: 4 years, then 2.
    Rule(CARS, dt.date(1992, 1, 1), first_after_years=4, then_every_years=2),
    # Décret 2023-974: category L since 15 April 2024: 5 years, then 3, and dates by which older ones catch up.
    Rule(
        CATEGORY_L,
        dt.date(2024, 4, 15),
        first_after_years=5,
        then_every_years=3,
        catch_up=(
            (dt.date(2017, 1, 1), dt.date(2024, 12, 31)),
            (dt.date(2020, 1, 1), dt.date(2025, 12, 31)),
            (dt.date(2022, 1, 1), dt.date(2026, 12, 31)),
        ),
    ),
)


def due(vehicle: Vehicle) -> dt.date | None:
    """The day by which this vehicle must be inspected; a day that its last paper names counts before the rules.

    Needs `with_papers()`.
    """
    return vehicle.inspected_until or next_inspection_due(  # type: ignore[attr-defined]
        vehicle.kind,
        vehicle.first_registered_on,
        vehicle.last_inspection_on,  # type: ignore[attr-defined]
    )


def next_inspection_due(
    kind: str,
    first_registered_on: dt.date | None,
    last_inspection_on: dt.date | None,
    on: dt.date | None = None,
) -> dt.date | None:
    """The last day by which the vehicle must be inspected, by the rules in force on `on` (the latest ones if None).

    None when no inspection is asked of this kind, or when neither day is known. The day may be past: then the
    inspection is late, or somebody forgot to write it down.
    """
    rules = [rule for rule in RULES if kind in rule.kinds and (on is None or rule.in_force_from <= on)]
    if not rules:
        return None
    rule = max(rules, key=lambda rule: rule.in_force_from)
    if last_inspection_on is not None:
        return years_later(last_inspection_on, rule.then_every_years)
    if first_registered_on is None:
        return None
    for registered_before, due_by in rule.catch_up:
        if first_registered_on < registered_before:
            return due_by
    return years_later(first_registered_on, rule.first_after_years)
