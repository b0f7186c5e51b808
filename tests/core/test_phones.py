import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phones import normalise


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("06.17.42.21.94", "+33617422194"),
        ("604320686", "+33604320686"),
        ("0033688318680", "+33688318680"),
        ("+33 6 21 53 45 34", "+33621534534"),
        ("05 58 41 22 10", "+33558412210"),
        ("+41 22 730 51 11", "+41227305111"),
        ("06\u00a012-34/56 78", "+33612345678"),
    ],
)
def test_a_number_is_understood_however_it_is_written(written: str, kept: str) -> None:
    phone = normalise(written)
    assert phone is not None
    assert phone.e164 == kept
    assert phone.is_assigned


def test_nothing_stays_nothing() -> None:
    assert normalise("  ") is None


def test_a_possible_number_that_nobody_was_given_is_kept_with_a_word() -> None:
    phone = normalise("00 00 00 00 00")
    assert phone is not None
    assert not phone.is_assigned


@pytest.mark.parametrize("written", ["12", "06 12 34", "abc", "06 17 42 21 94 / 07 11 22 33 44", "bureau", "112"])
def test_what_cannot_be_dialled_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="téléphone"):
        normalise(written)


@given(st.text(max_size=25))
def test_a_kept_number_is_kept_the_same_way_again(written: str) -> None:
    try:
        phone = normalise(written)
    except ValueError:
        return
    if phone:
        assert normalise(phone.e164) == phone
        assert len(phone.e164) <= 20
