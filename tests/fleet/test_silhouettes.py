import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet import checklists, silhouettes
from fleet.models import Energy, Kind


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_drawing_a_checklist_and_photos(kind: str) -> None:
    drawing = silhouettes.of(kind)
    assert len(drawing.names) == len(drawing.zones), "a zone's code is used once"
    assert all(len(code) <= 30 for code in drawing.names)
    items = checklists.items_of(kind)
    assert len({item.code for item in items}) == len(items) > 8
    assert len(checklists.photo_positions(kind)) >= 3


@pytest.mark.parametrize("kind", Kind)
def test_a_zone_lies_where_it_is_drawn(kind: str) -> None:
    drawing = silhouettes.of(kind)
    for zone in drawing.zones:
        point = drawing.point_of(zone.code)
        assert (point is None) == (not zone.shapes)
        if point:
            assert all(0 <= value <= 1 for value in point)


@pytest.mark.parametrize(
    ("x", "y", "zone"),
    [
        (0.5, 0.5, "roof"),
        (0.5, 0.05, "front_bumper"),
        (0.5, 0.94, "rear_bumper"),
        (0.14, 0.4, "left_front_door"),
        (0.86, 0.4, "right_front_door"),
        (0.075, 0.19, "left_front_wheel"),
        (0.0, 0.0, ""),
    ],
)
def test_a_tap_on_a_car_finds_the_part(x: float, y: float, zone: str) -> None:
    assert silhouettes.of(Kind.CAR).zone_at(x, y) == zone


@given(st.sampled_from(list(Kind)), st.floats(0, 1), st.floats(0, 1))
def test_a_tap_finds_a_known_zone_or_none(kind: str, x: float, y: float) -> None:
    assert silhouettes.of(kind).zone_at(x, y) in {"", *silhouettes.of(kind).names}


def test_an_electric_car_brings_its_cable_and_a_scooter_without_oil_needs_none() -> None:
    assert "charging_cable" in {item.code for item in checklists.items_of(Kind.CAR, Energy.ELECTRIC)}
    assert "charging_cable" not in {item.code for item in checklists.items_of(Kind.CAR, Energy.PETROL)}
    assert "oil" not in {item.code for item in checklists.items_of(Kind.MOPED, Energy.ELECTRIC)}


@pytest.mark.parametrize(
    ("kind", "energy", "tank", "battery"),
    [
        (Kind.CAR, Energy.PETROL, True, False),
        (Kind.CAR, "", True, False),
        (Kind.CAR, Energy.ELECTRIC, False, True),
        (Kind.CAR, Energy.PLUG_IN_HYBRID, True, True),
        (Kind.E_BIKE, Energy.ELECTRIC, False, True),
        (Kind.E_BIKE, "", False, True),
        (Kind.BIKE, Energy.HUMAN, False, False),
    ],
)
def test_fuel_and_charge_are_asked_where_there_are_any(kind: str, energy: str, tank: bool, battery: bool) -> None:
    assert checklists.has_tank(kind, energy) == tank
    assert checklists.has_battery(kind, energy) == battery
