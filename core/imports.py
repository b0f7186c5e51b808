"""The verdict on each row of a spreadsheet, and the report that pages, the shell and the API show alike.

A row is new, already known, or refused with its field and a reason in French; what is doubtful is taken with a
warning. A room reads its rows with `read_rows`, decides what is known, and writes the new ones in one transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from core import sheets
from core.sheet_values import FORMULA_ERRORS, Doubtful, Reader, Unreadable, text, words

NEW, KNOWN, REFUSED = "new", "known", "refused"


remark = text(300)


@dataclass(frozen=True)
class Column(sheets.Heading):
    """A heading, how its cells are read, whether each row must have it, and what the template shows there."""

    read: Reader = remark
    needed: bool = False
    example: str = ""


@dataclass
class Line:
    """A row and what will become of it."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)  # field, sentence
    warnings: list[str] = field(default_factory=list)
    unkept: list[str] = field(default_factory=list)  # what was written and has no place in a field
    known: str = ""  # why we say that we know it
    shown: list[str] = field(default_factory=list)  # what tells it apart on the page, as the file writes it

    @property
    def verdict(self) -> str:
        """What is known is left as it is, so nothing on its row can be wrong."""
        if self.known:
            return KNOWN
        return REFUSED if self.problems else NEW

    @property
    def reason(self) -> str:
        return self.known or " ".join(sentence for _field, sentence in self.problems)

    @property
    def says(self) -> str:
        return " · ".join(cell for cell in self.shown if cell)

    def refuse(self, name: str, sentence: str) -> None:
        self.problems.append((name, sentence))

    def warn(self, sentence: str) -> None:
        self.warnings.append(sentence)

    def get(self, name: str, otherwise: Any = "") -> Any:
        return self.values.get(name, otherwise)


@dataclass
class Report:
    lines: list[Line]
    blank: int
    columns: dict[str, str]  # field → the file's heading
    notes: list[str] = field(default_factory=list)  # about the whole file
    missing: list[str] = field(default_factory=list)  # what its rows name, and an import creates only when asked
    entry_id: int | None = None  # the journal's line, once something was written

    def count(self, verdict: str) -> int:
        return sum(line.verdict == verdict for line in self.lines)

    @property
    def new(self) -> list[Line]:
        return [line for line in self.lines if line.verdict == NEW]

    @property
    def doubtful(self) -> list[Line]:
        return [line for line in self.lines if line.warnings and line.verdict == NEW]

    def counts(self) -> dict[str, int]:
        return {verdict: self.count(verdict) for verdict in (NEW, KNOWN, REFUSED)} | {"blank": self.blank}

    def as_json(self) -> dict[str, Any]:
        return {
            "notes": self.notes,
            "warnings": [{"line": line.number, "reason": why} for line in self.doubtful for why in line.warnings],
            "new": self.count(NEW),
            "known": self.count(KNOWN),
            "refused": [
                {"line": line.number, "field": line.problems[0][0], "reason": line.reason}
                for line in self.lines
                if line.verdict == REFUSED
            ],
            "blank": self.blank,
        }


def read_rows(content: bytes, columns: Iterable[Column], *, shown: Iterable[str]) -> Report:
    """Reads every cell; a row with a cell that cannot be read is refused, with all its reasons at once."""
    columns, shown = list(columns), list(shown)
    sheet = sheets.read(content, columns)
    known = [column for column in columns if column.name in sheet.columns]
    lines = []
    for row in sheet.rows:
        line = Line(row.line, shown=[words(row.cells[name]) if name in row.cells else "" for name in shown])
        for column in known:
            if column.name in row.cells:
                read_cell(line, column, row.cells[column.name], sheet.columns[column.name])
        # Said after what is wrong, in the order in which people read.
        for column in columns:
            if column.needed and column.name not in row.cells:
                line.refuse(column.name, f"{column.heading} : il manque.")
        lines.append(line)
    report = Report(lines, sheet.blank, sheet.columns)
    if sheet.ignored:
        report.notes.append("Colonnes laissées de côté, que Remise ne connaît pas : " + ", ".join(sheet.ignored) + ".")
    return report


def read_cell(line: Line, column: Column, cell: sheets.Cell, heading: str) -> None:
    try:
        if cell in FORMULA_ERRORS:
            raise Unreadable(f"Une formule y donne l’erreur {cell}.")
        value = column.read(cell)
    except Unreadable as error:
        line.refuse(column.name, f"{heading} : {lower_first(str(error))}")
        return
    if isinstance(value, Doubtful):
        line.warn(f"{heading} : {lower_first(value.why)}.")
        if value.unkept:
            line.unkept.append(f"{heading} : {value.unkept}")
        value = value.value
    line.values[column.name] = value


def lower_first(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
