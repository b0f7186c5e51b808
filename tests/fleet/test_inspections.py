import datetime as dt

import pytest

from fleet.inspections import next_inspection_due
from fleet.models import Kind

D = dt.date


@pytest.mark.parametrize(
    ("kind", "registered", "inspected", "due"),
    [
        (Kind.CAR, D(2024, 5, 1), None, D(2028, 5, 1)),
        (Kind.CAR, D(2018, 4, 14), D(2026, 8, 17), D(2028, 8, 17)),
        (Kind.CAR, D(2009, 12, 26), None, D(2013, 12, 26)),
        (Kind.CAR, None, D(2025, 2, 24), D(2027, 2, 24)),
        (Kind.CAR, None, None, None),
        (Kind.VAN, D(2024, 2, 29), None, D(2028, 2, 29)),
        (Kind.MOPED, D(2016, 12, 31), None, D(2024, 12, 31)),
        (Kind.MOPED, D(2017, 1, 1), None, D(2025, 12, 31)),
        (Kind.MOTORCYCLE_125, D(2021, 1, 25), None, D(2026, 12, 31)),
        (Kind.MOPED, D(2022, 5, 22), None, D(2027, 5, 22)),
        (Kind.MICROCAR, D(2015, 1, 1), D(2024, 11, 3), D(2027, 11, 3)),
        (Kind.MOPED, D(2024, 2, 29), None, D(2029, 2, 28)),
        (Kind.E_BIKE, D(2020, 1, 1), None, None),
        (Kind.BIKE, D(2020, 1, 1), D(2021, 1, 1), None),
    ],
)
def test_the_next_inspection(kind: str, registered: D | None, inspected: D | None, due: D | None) -> None:
    assert next_inspection_due(kind, registered, inspected) == due


def test_nothing_was_asked_of_a_scooter_before_15_april_2024() -> None:
    assert next_inspection_due(Kind.MOPED, D(2016, 1, 1), None, on=D(2024, 4, 14)) is None
    assert next_inspection_due(Kind.MOPED, D(2016, 1, 1), None, on=D(2024, 4, 15)) == D(2024, 12, 31)
