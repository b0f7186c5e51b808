import datetime as dt
from decimal import Decimal
from io import BytesIO

from openpyxl import load_workbook

from core.export import xlsx


def test_a_list_leaves_as_a_spreadsheet() -> None:
    at = dt.datetime(2026, 7, 1, 10, tzinfo=dt.UTC)
    rows = [
        ["AB-123-CD", 84210, Decimal("3.50"), at, dt.date(2026, 3, 3), True, None],
        ["=1+1\x07", 0, 0, at, at, 0, ""],
    ]
    answer = xlsx("vehicules", ["Plaque", "Km", "Prix", "Quand", "Jour", "Libre", "Rien"], rows)
    assert answer["Content-Disposition"] == 'attachment; filename="vehicules.xlsx"'
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    first, second = ([cell.value for cell in row] for row in sheet.iter_rows(min_row=2))
    assert first[:4] == ["AB-123-CD", 84210, 3.5, dt.datetime(2026, 7, 1, 12)]  # noqa: DTZ001 - a spreadsheet's wall clock
    assert first[5:] == ["oui", None]
    assert second[0] == "=1+1"
    assert sheet["A3"].data_type == "s"
