import datetime as dt
import io
import time
import zipfile
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from core import clock, sheets
from core import sheet_values as cells
from core.imports import Column, read_rows
from tests.sheets import as_xlsx, sheet

NAME = sheets.Heading("name", "Nom", ("nom de famille",), required=True)
BORN = sheets.Heading("birth_date", "Né(e) le")
HEADINGS = (NAME, BORN)
JULY = dt.datetime.combine(dt.date(2001, 7, 27), dt.time())  # a workbook knows no time zone


def refusal_of(content, headings=HEADINGS):
    with pytest.raises(ValidationError) as refusal:
        sheets.read(content, headings)
    return refusal.value.code, " ".join(refusal.value.messages)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("mark", [";", ",", "\t"])
def test_a_csv_is_read_in_every_dialect(encoding, mark):
    text = f'Nom{mark}"Né(e) le"\r\nBernède{mark}2001-07-27\r\n'
    (row,) = sheets.read(text.encode(encoding), HEADINGS).rows
    assert row.cells == {"name": "Bernède", "birth_date": "2001-07-27"}


@pytest.mark.parametrize("heading", ["NOM", " nom ", "Nom :", "Nom de famille", "nom  DE famille"])
def test_headings_are_recognised_however_they_are_written(heading):
    assert sheets.read(sheet(heading, "Roux"), HEADINGS).rows[0].cells == {"name": "Roux"}


def test_lines_are_numbered_as_on_the_screen_and_blank_ones_counted():
    read = sheets.read(sheet("Parc au 1er novembre;", "", "Nom;Ville", "A;x", ";", '"B\r\nC";y', "", "D;z"), HEADINGS)
    assert [(row.line, row.cells["name"]) for row in read.rows] == [(4, "A"), (6, "B\r\nC"), (8, "D")]
    assert read.blank == 2
    assert read.ignored == ["Ville"]


def test_a_row_with_something_in_an_unknown_column_only_is_not_blank():
    read = sheets.read(sheet("Nom;Ville", "A;", ";Dax"), HEADINGS)
    assert (len(read.rows), read.blank) == (2, 0)


def test_a_workbook_gives_dates_and_numbers_as_they_are():
    read = sheets.read(as_xlsx([["Nom", "Né(e) le"], ["Roux", JULY], [None, None], [12, ""]]), HEADINGS)
    assert [(row.line, row.cells) for row in read.rows] == [
        (2, {"name": "Roux", "birth_date": JULY}),
        (4, {"name": 12}),
    ]
    assert read.blank == 1


def test_the_sheet_of_a_workbook_that_looks_like_ours_is_read():
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["À lire d’abord"])
    other = book.create_sheet("Liste")
    other.append(["Nom", "Né(e) le"])
    other.append(["Roux", "27/07/2001"])
    file = io.BytesIO()
    book.save(file)
    assert sheets.read(file.getvalue(), HEADINGS).rows[0].cells["name"] == "Roux"


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "empty", "vide"),
        (b"\r\n \n", "empty", "vide"),
        (b"Nom;N\xe9(e) le\r\n", "empty", "aucune ligne"),
        (b"%PDF-1.7 ...", "wrong_kind", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "wrong_kind", ".xls"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "wrong_kind", "image"),
        (b"\x00\x01\x02\x03binary", "wrong_kind", "CSV ou XLSX"),
        (b"PK\x03\x04 but not a zip", "wrong_kind", "abîmé"),
        (b"Ville;CP\r\nDax;40100\r\n", "wrong_columns", "« Nom »"),
        (b'Nom;Ville\r\n"' + b"x" * 200_000, "wrong_kind", "guillemet"),
    ],
)
def test_what_is_no_such_table_is_refused_in_a_sentence(content, code, words):
    found, sentence = refusal_of(content)
    assert found == code
    assert words in sentence


def test_wrong_columns_are_named_with_those_that_were_expected():
    _code, sentence = refusal_of(b"Ville;CP\r\nDax;40100\r\n")
    assert "Ville, CP" in sentence
    assert "Nom, Né(e) le" in sentence


def zip_of(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/"), text)
    return packed.getvalue()


def test_other_zips_are_refused_and_a_bomb_is_not_unpacked():
    assert refusal_of(zip_of(readme="x"))[0] == "wrong_kind"
    opendocument = zip_of(mimetype="application/vnd.oasis.opendocument.spreadsheet", content="x")
    assert ".ods" in refusal_of(opendocument)[1]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (sheets.MAX_UNPACKED + 1))
    began = time.process_time()
    assert refusal_of(packed.getvalue())[0] == "too_large"
    assert time.process_time() - began < 1
    assert refusal_of(zip_of(xl__workbook="x") + b"")[0] == "wrong_kind"


def test_a_hundred_thousand_rows_are_refused_quickly():
    csv = b"Nom;Ville\r\n" + b"Roux;Dax\r\n" * 100_000
    began = time.process_time()
    code, sentence = refusal_of(csv)
    assert code == "too_many_rows"
    assert "20\u202f000 lignes" in sentence
    assert time.process_time() - began < 2


def test_as_many_rows_as_are_taken_are_taken():
    csv = b"Nom;Ville\r\n" + b"Roux;Dax\r\n" * sheets.MAX_ROWS
    assert len(sheets.read(csv, HEADINGS).rows) == sheets.MAX_ROWS
    assert refusal_of(csv + b"Roux;Dax\r\n")[0] == "too_many_rows"


def test_a_heavy_file_is_refused(settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    assert refusal_of(b"Nom\r\n" + b"x" * 1024 * 1024)[0] == "too_large"


# --- values -----------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def november_2026():
    with clock.travel(to=dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)):
        yield


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("14/04/2018", dt.date(2018, 4, 14)),
        ("4/4/18", dt.date(2018, 4, 4)),
        ("27.09.2019", dt.date(2019, 9, 27)),
        ("27-09-2019", dt.date(2019, 9, 27)),
        ("2018-05-01", dt.date(2018, 5, 1)),
        ("2018-05-01 00:00:00", dt.date(2018, 5, 1)),
        ("1er mai 2018", dt.date(2018, 5, 1)),
        ("14 Août 2018", dt.date(2018, 8, 14)),
        (JULY, dt.date(2001, 7, 27)),
        (dt.date(2018, 5, 1), dt.date(2018, 5, 1)),
        ("29/02/2024", dt.date(2024, 2, 29)),
        ("31/12/27", dt.date(2027, 12, 31)),
    ],
)
def test_days_are_understood(cell, day):
    assert cells.day()(cell) == day


@pytest.mark.parametrize(
    "cell", ["31/02/2016", "29/02/2023", "13/13/2020", "hier", "2018", 43204, "12/2018", "1/1/0001"]
)
def test_impossible_days_are_refused(cell):
    with pytest.raises(cells.Unreadable):
        cells.day()(cell)


def test_two_digits_of_a_year_never_make_a_birth_in_the_future():
    assert cells.birth_date("08/04/83") == dt.date(1983, 4, 8)
    assert cells.birth_date("08/04/05") == dt.date(2005, 4, 8)
    for wrong in ("01/01/2031", "23/11/2026", "01/01/1850", "05/01/19"):
        with pytest.raises(cells.Unreadable):
            cells.birth_date(wrong)


@pytest.mark.parametrize(
    ("cell", "km"),
    [("94 948", 94948), ("79960 km", 79960), ("12.500 KM", 12500), (96089, 96089), (96089.0, 96089), ("0", 0)],
)
def test_kilometres_are_understood(cell, km):
    assert cells.whole("km", 2_000_000)(cell) == km


@pytest.mark.parametrize("cell", ["-40", -40, "12,5", "environ 3000", "9999999", "1 23", True])
def test_other_kilometres_are_refused(cell):
    with pytest.raises(cells.Unreadable):
        cells.whole("km", 2_000_000)(cell)


@pytest.mark.parametrize(
    ("cell", "amount"),
    [("45,00 €/h", "45"), ("39,90", "39.9"), ("29 €", "29"), (35, "35"), (39.9, "39.9"), ("35 €/heure", "35")],
)
def test_amounts_are_understood(cell, amount):
    assert cells.euros(cell) == Decimal(amount)


def test_other_amounts_are_refused():
    for cell in ("quarante", "-3", "3,999", "sur devis"):
        with pytest.raises(cells.Unreadable):
            cells.euros(cell)


def test_telephones_are_normalised_and_unassigned_ones_kept_in_doubt():
    for written in ("06 67 96 90 08", "667969008", 667969008.0, "+33 6 67 96 90 08", "0033667969008"):
        assert cells.phone(written) == "+33667969008"
    doubt = cells.phone("07 00 00 00 00")
    assert isinstance(doubt, cells.Doubtful)
    assert doubt.value == "+33700000000"
    for wrong in ("12", "06 12", "06 67 96 90 08 / 05 58 00 00 00", "à demander"):
        with pytest.raises(cells.Unreadable):
            cells.phone(wrong)


def test_a_postcode_that_lost_its_zero_gets_it_back():
    assert cells.postcode(1400.0) == "01400"
    assert cells.postcode("40107 CEDEX") == "40107"
    with pytest.raises(cells.Unreadable):
        cells.postcode("4O230")


def test_a_formula_error_is_refused_and_every_reason_is_given():
    columns = [Column("name", "Nom", read=cells.text(5)), Column("km", "Km", read=cells.whole("km", 9))]
    report = read_rows(sheet("Nom;Km", "Trop long;#REF!"), columns, shown=["name"])
    (line,) = report.lines
    assert [field for field, _ in line.problems] == ["name", "km"]
    assert "#REF!" in line.reason
    assert report.as_json()["refused"] == [{"line": 2, "field": "name", "reason": line.reason}]
