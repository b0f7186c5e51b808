import pytest
from hypothesis import given
from hypothesis import strategies as st

from participants.names import key_of, squashed, words_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Anthony", "N'Diaye"), ("ANTHONY", "n’diaye")),
        (("Jean-Pierre", "Le Goff"), ("jean pierre", "LEGOFF")),
        (("Maëva", "Traoré"), ("MAEVA", "TRAORE")),
        (("Zoé", "Lebœuf"), ("Zoe", "Leboeuf")),
    ],
)
def test_one_person_written_twice_is_one_person(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert key_of(*one) == key_of(*other)


def test_the_family_name_comes_first() -> None:
    assert key_of("Ana", "Lopez") == "lopez ana"
    assert key_of("Lopez", "Ana") != key_of("Ana", "Lopez")


def test_a_search_is_cut_into_words_a_key_may_hold() -> None:
    assert words_of(" Ndiaye  Ant") == ["ndiaye", "ant"]
    assert words_of("'") == []


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_key_fits_its_column_and_is_stable(first: str, last: str) -> None:
    assert squashed(squashed(last)) == squashed(last)
    assert len(key_of(first, last)) <= 170
