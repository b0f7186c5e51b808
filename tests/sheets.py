"""The small spreadsheets of tests/data, as they are and in other dialects."""

import csv
import io
from pathlib import Path
from typing import Any

from openpyxl import Workbook

DATA = Path(__file__).parent / "data"


def content(name: str) -> bytes:
    return (DATA / name).read_bytes()


def as_utf8(content: bytes, *, mark: bool = False) -> bytes:
    return content.decode("cp1252").encode("utf-8-sig" if mark else "utf-8")


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("cp1252"), newline=""), delimiter=";"))


def with_delimiter(content: bytes, delimiter: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows(content))
    return text.getvalue().encode()


def as_xlsx(table: list[list[Any]]) -> bytes:
    book = Workbook()
    for row in table:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sheet(*lines: str) -> bytes:
    return "\r\n".join(lines).encode("cp1252")
