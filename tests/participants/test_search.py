import datetime as dt
from typing import Any

import pytest

from participants.names import key_of
from participants.search import find_people
from tests.factories import ParticipantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def maeva(platform: Any) -> Any:
    return ParticipantFactory(
        platform=platform,
        first_name="Maëva",
        last_name="N’Diaye",
        name_key=key_of("Maëva", "N’Diaye"),
        birth_date=dt.date(1990, 3, 18),
        phone="+33667969008",
    )


@pytest.mark.parametrize(
    "typed",
    [
        "ndiaye",
        "N'DIAYE",
        "Maeva N",
        "maëva",
        "06 67 96 90 08",
        "67969008",
        "0033667969008",
        "18/03/1990",
        "maeva 18/3/1990",
    ],
)
def test_a_person_is_found_by_what_one_remembers(platform: Any, bruno: Any, maeva: Any, typed: str) -> None:
    assert find_people(bruno, platform, typed) == [maeva]


@pytest.mark.parametrize("typed", ["", " ", "m", "dupont", "19/03/1990", "31/02/1990", "0612345678", "maeva dupont"])
def test_nobody_is_found_by_what_does_not_fit(platform: Any, bruno: Any, maeva: Any, typed: str) -> None:
    assert find_people(bruno, platform, typed) == []


def test_a_stranger_finds_nobody(platform: Any, eve: Any, maeva: Any) -> None:
    assert find_people(eve, platform, "maeva") == []
