import pytest

from core.web import row_id


@pytest.mark.parametrize(("text", "number"), [("42", 42), ("", None), ("x", None), ("-1", None), ("9" * 5000, None)])
def test_an_id_of_an_address_is_a_number_or_none(text: str, number: int | None) -> None:
    assert row_id(text) == number
