"""Whatever stands in a cell or a file, a reader answers or refuses in a sentence."""

import datetime as dt
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as some

from core import sheets
from core.imports import Column
from core.sheet_values import Unreadable, words
from fleet import sheet_words
from fleet.imports import COLUMNS as POOL
from garages.imports import COLUMNS as GARAGES
from participants.imports import COLUMNS as PEOPLE

NAIVE_DATES = some.datetimes(min_value=dt.datetime.combine(dt.date(1900, 1, 1), dt.time()))
HINTS = some.sampled_from(["9" * 5000, "0033", "31/12/9999", "1e400", "=1+1", "\x00", "B (78", "50 125 50", "€", "٣"])
CELLS = some.one_of(
    some.text(max_size=60),
    some.text(alphabet="0123456789/.-+ ,€hkmBA()", max_size=30),
    some.integers(),
    some.floats(),
    some.booleans(),
    NAIVE_DATES,
    some.dates(),
    some.times(),
    HINTS,
)

LOOKS_LIKE_CSV = some.text(alphabet="Nom;,\t\r\n\"'é€\x00", max_size=200).map(str.encode)
FILES = some.one_of(some.binary(max_size=300), LOOKS_LIKE_CSV)


@pytest.mark.parametrize("column", [*POOL, *PEOPLE, *GARAGES], ids=lambda column: column.name)
@given(cell=CELLS)
@settings(max_examples=60, deadline=None)
def test_a_cell_is_read_or_refused_in_a_sentence(column: Column, cell: Any) -> None:
    if not sheets.is_written(cell):
        return
    with suppress(Unreadable):
        column.read(cell)


@given(written=some.text(max_size=40), model=some.text(max_size=20))
@settings(max_examples=200, deadline=None)
def test_a_kind_is_read_or_refused(written: str, model: str) -> None:
    with suppress(Unreadable):
        sheet_words.kind_of(words(written), words(model))


@given(content=FILES)
@settings(max_examples=300, deadline=None)
def test_a_file_is_read_or_refused(content: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"\xff\xfe", b"Nom;Pr\xe9nom\r\n"):
        with suppress(ValidationError):
            sheets.read(start + content, PEOPLE)
