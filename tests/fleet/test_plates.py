import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.plates import normalise


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("AB-123-CD", "AB-123-CD"),
        ("as-756-eb", "AS-756-EB"),
        ("WL 432 DJ", "WL-432-DJ"),
        ("BL855LH", "BL-855-LH"),
        (" fv.912.gw ", "FV-912-GW"),
        ("123 ab 40", "123 AB 40"),
        ("9 A 2A", "9 A 2A"),
        ("1234ABC75", "1234 ABC 75"),
        ("77 TT 974", "77 TT 974"),
        ("", ""),
    ],
)
def test_a_plate_is_kept_as_it_is_written_on_the_car(written: str, kept: str) -> None:
    assert normalise(written) == kept


@pytest.mark.parametrize(
    "written", ["?", "ABCD", "AB-12-CD", "AB-000-CD", "AI-123-CD", "0 AB 40", "123 AB 99", "12345"]
)
def test_what_cannot_be_a_plate_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="immatriculation"):
        normalise(written)


@given(st.text(max_size=20))
def test_a_normal_plate_stays_as_it_is(written: str) -> None:
    try:
        kept = normalise(written)
    except ValueError:
        return
    assert normalise(kept) == kept
    assert len(kept) <= 12
