"""Reads a spreadsheet that somebody keeps by hand: CSV in any of its dialects, or XLSX, within limits.

    sheet = read(content, COLUMNS)      # refuses, in a sentence, what is no such table
    for row in sheet.rows: row.line, row.cells["birth_date"]

Lines are numbered as a spreadsheet program numbers them. Columns are recognised by their headings, without
accents, capitals or punctuation, in any order; the heading row may stand below a title.
"""

import csv
import datetime as dt
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from django.conf import settings
from openpyxl import load_workbook

from core.db import refuse

MAX_ROWS = 20_000  # with something written in them
MAX_COLUMNS = 64
MAX_SHEETS = 10
MAX_LINES = 1_048_576  # what a spreadsheet program can hold
MAX_UNPACKED = 80 * 1024 * 1024  # bytes; an XLSX is a zip, and a small one may hide a big table
EMPTY_END = 1000  # rows: a longer empty end is the program's formatting, and nobody's rows
HEADINGS_WITHIN = 10  # rows: a title or two may stand above the headings
XLSX, ODS = "xl/workbook.xml", "opendocument.spreadsheet"

Cell = str | int | float | bool | dt.datetime | dt.date | dt.time | None


@dataclass(frozen=True)
class Heading:
    """A column that we know: the code of its field, what we call it, and what else people call it."""

    name: str
    heading: str
    synonyms: tuple[str, ...] = ()
    required: bool = False


@dataclass
class Row:
    line: int
    cells: dict[str, Cell]  # field → what stands there, empty ones left out


@dataclass
class Sheet:
    rows: list[Row]  # those with something on them
    blank: int  # how many have nothing at all, not even in a column that we do not know
    columns: dict[str, str]  # field → heading, as the file writes it
    ignored: list[str] = field(default_factory=list)  # headings that we do not know


def read(content: bytes, headings: Iterable[Heading]) -> Sheet:
    """The table in these bytes. `row.cells` has only what is written; a row with nothing in it is blank.

    Refuses with `too_large`, `empty`, `wrong_kind` (no spreadsheet), `wrong_columns` or `too_many_rows`.
    """
    headings = list(headings)
    refuse_heavy(len(content))
    if not content.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise refuse("Ce fichier est vide : vérifiez que c’est le bon.", "empty")
    if content.startswith(b"PK\x03\x04"):
        return table(xlsx_lines(content, headings), headings)
    text = decoded(content)
    # The right delimiter is the one by which most headings are recognised.
    delimiter = max(";,\t", key=lambda mark: recognised(islice(csv_lines(text, mark), HEADINGS_WITHIN), headings))
    return table(csv_lines(text, delimiter), headings)


def bytes_of(upload: Any) -> bytes:
    """What a door received; a file that is too heavy is refused before it is read."""
    refuse_heavy(upload.size)
    return upload.read()


def refuse_heavy(size: int) -> None:
    if size > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
        raise refuse(
            f"Ce fichier est trop lourd (plus de {limit} Mo). Enregistrez la seule feuille utile, au format CSV.",
            "too_large",
        )


# --- bytes to lines ---------------------------------------------------------------------------


def decoded(content: bytes) -> str:
    """The text of a CSV: UTF-8 (with or without its mark), UTF-16 with its mark, else Windows-1252."""
    for start, what in (
        (b"%PDF", "un PDF"),
        (b"\xd0\xcf\x11\xe0", "un ancien classeur Excel (.xls), ou un classeur protégé par un mot de passe"),
        (b"\x89PNG", "une image"),
        (b"\xff\xd8\xff", "une photo"),
        (b"{\\rtf", "un texte mis en forme"),
        (b"\x1f\x8b", "un fichier compressé"),
    ):
        if content.startswith(start):
            raise no_table(f"C’est {what}.")
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0e-\x1f]", text):
            return text
    raise no_table("")


def no_table(what: str) -> Exception:
    advice = "Enregistrez votre tableau au format CSV ou XLSX, puis importez ce fichier-là."
    sentences = ["Ce fichier n’est pas un tableau que Remise sait lire.", what, advice]
    return refuse(" ".join(sentence for sentence in sentences if sentence), "wrong_kind")


def csv_lines(text: str, delimiter: str) -> Iterator[list[Cell]]:
    """The lines of a CSV; a quoted cell that spans lines makes one line, as on the screen."""
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [*line[:MAX_COLUMNS]]
    except csv.Error as error:
        raise no_table("Une de ses cases est bien trop longue : il manque sans doute un guillemet.") from error


def xlsx_lines(content: bytes, headings: list[Heading]) -> Iterator[list[Cell]]:
    """The lines of the workbook's sheet that looks most like ours. Formulas give the value last computed."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
            names = {entry.filename for entry in entries}
            mimetype = packed.read("mimetype")[:100].decode("ascii", "replace") if "mimetype" in names else ""
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise no_table("Il est abîmé.") from error
    if ODS in mimetype:
        raise no_table("C’est un classeur LibreOffice (.ods).")
    if XLSX not in names:
        raise no_table("C’est un dossier compressé ou un document d’une autre sorte.")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise refuse("Ce classeur est trop grand une fois ouvert. Enregistrez la feuille au format CSV.", "too_large")
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheets = book.worksheets[:MAX_SHEETS]
        for sheet in sheets:
            sheet.reset_dimensions()  # what the file says of its size is often wrong
        ours = max(sheets, key=lambda sheet: recognised(lines_of(sheet, HEADINGS_WITHIN), headings), default=None)
        if ours is not None:
            yield from lines_of(ours)
    except Exception as error:  # openpyxl raises whatever the damaged part makes it raise
        raise no_table("Il est abîmé.") from error


def lines_of(sheet: Any, most: int | None = None) -> Iterator[list[Cell]]:
    return (list(row) for row in sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS, max_row=most))


# --- lines to rows ----------------------------------------------------------------------------


def key_of(heading: Cell) -> str:
    """« 1ère mise en circ. » → « 1ere mise en circ », « N° » → « n », « Né(e) le » → « ne e le »."""
    text = unicodedata.normalize("NFKD", "" if heading is None else str(heading).lower())
    text = "".join(c for c in text if not unicodedata.combining(c)).replace("œ", "oe")
    return " ".join(re.findall(r"[a-z0-9<>+]+", text))


def vocabulary(headings: Iterable[Heading]) -> dict[str, str]:
    """Key of a heading → field; a column's own words go before another's synonyms."""
    words: dict[str, str] = {}
    for heading in headings:
        words.setdefault(key_of(heading.heading), heading.name)
        words.setdefault(key_of(heading.name.replace("_", " ")), heading.name)
    for heading in headings:
        for synonym in heading.synonyms:
            words.setdefault(key_of(synonym), heading.name)
    return words


def recognised(lines: Iterable[list[Cell]], headings: list[Heading]) -> int:
    """How many known headings the best of these lines has."""
    words = vocabulary(headings)
    return max((len({words[key] for cell in line if (key := key_of(cell)) in words}) for line in lines), default=0)


def table(lines: Iterable[list[Cell]], headings: list[Heading]) -> Sheet:
    """The rows below the headings, each cell under its field."""
    lines = iter(lines)
    top = list(islice(lines, HEADINGS_WITHIN))
    at, places, ignored = headings_in(top, headings)
    columns = {name: shown(top[at][place]) for place, name in places.items()}
    missing = [heading.heading for heading in headings if heading.required and heading.name not in columns]
    if missing:
        raise wrong_columns(missing, headings, top, at)
    rows: list[Row] = []
    blank = empty_end = 0
    for line, cells in enumerate(chain(top[at + 1 :], lines), start=at + 2):
        if not any(is_written(cell) for cell in cells):
            empty_end += 1
            continue
        if len(rows) == MAX_ROWS or line > MAX_LINES:
            raise refuse(
                f"Ce tableau a plus de {MAX_ROWS // 1000}\u202f000 lignes. Vérifiez que c’est bien le bon ; si oui, "
                "coupez-le en plusieurs fichiers.",
                "too_many_rows",
            )
        blank, empty_end = blank + empty_end, 0
        kept = {name: cells[i] for i, name in places.items() if i < len(cells) and is_written(cells[i])}
        rows.append(Row(line, kept))
    if not rows:
        raise refuse("Ce tableau n’a que ses en-têtes : aucune ligne à importer.", "empty")
    return Sheet(rows, blank + (empty_end if empty_end <= EMPTY_END else 0), columns, ignored)


def headings_in(top: list[list[Cell]], headings: list[Heading]) -> tuple[int, dict[int, str], list[str]]:
    """Which of these lines has the headings, which place in it is which field, and what else stands there."""
    scores = [recognised([cells], headings) for cells in top]
    at = scores.index(max(scores)) if scores else 0
    words = vocabulary(headings)
    places: dict[int, str] = {}
    ignored: list[str] = []
    for place, cell in enumerate(top[at] if top else []):
        name = words.get(key_of(cell))
        if name and name not in places.values():
            places[place] = name
        elif shown(cell):
            ignored.append(shown(cell))
    return at, places, ignored


def is_written(cell: Any) -> bool:
    """Whether something stands in the cell; a lone dash says that nothing does."""
    return cell is not None and str(cell).strip(" \t\r\n\xa0\u202f-–—") != ""


def shown(cell: Cell) -> str:
    return " ".join(str(cell).split())[:40] if cell is not None else ""


def wrong_columns(missing: list[str], headings: list[Heading], top: list[list[Cell]], at: int) -> Exception:
    found = [shown(cell) for cell in (top[at] if top else []) if shown(cell)][:20]
    expected = ", ".join(heading.heading for heading in headings)
    there = f"Il a : {', '.join(found)}." if found else "Sa première ligne est vide."
    lacks = ", ".join(f"« {name} »" for name in missing)
    words = "la colonne" if len(missing) == 1 else "les colonnes"
    return refuse(
        f"Ce n’est pas le tableau attendu : il lui manque {words} {lacks}. {there} Colonnes attendues : {expected}.",
        "wrong_columns",
    )
