"""PDFs by Typst: a template beside its room, plain data in, tagged PDF out (PDF/A-2a, PDF/UA-1).

A template lies in `<app>/typst/<name>.typ`, imports `../../core/typst/base.typ` (our look on paper) and reads its
data with `json(bytes(sys.inputs.data))`: text in data is never markup.

    pdf.render("bookings/report", {…}, pictures={"front_left": jpeg, "signature": png})
    // in the template: image(it.pictures.front_left, alt: "Avant gauche")

Any number of threads may render at once.
"""

import datetime as dt
import json
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from core import clock
from core.words import NBSP, THIN


def render(template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None) -> bytes:
    """The PDF of `template` ("pricing/receipt") filled with `data` (JSON values; dates as already written).

    `pictures` are JPEG, PNG or SVG as bytes; the template finds the path of each in `pictures`.
    """
    app, name = template.split("/")
    source = Path(settings.BASE_DIR) / app / "typst" / f"{name}.typ"
    with tempfile.TemporaryDirectory(prefix="remise-") as folder:
        paths = {key: _written(Path(folder) / key, content) for key, content in (pictures or {}).items()}
        # Our typeface has no thin space; on paper the plain one that does not break does as well.
        text = json.dumps({**data, "pictures": paths}, ensure_ascii=False).replace(THIN, NBSP)
        # A compiler serves one thread and keeps the files that it read, so each paper has its own; what costs time,
        # fonts and layouts of the same text, is shared behind it. The root is that of the disk: pictures lie
        # outside our folder.
        compiler = typst.Compiler(str(source), root="/", font_paths=_fonts())
        return compiler.compile(  # type: ignore[return-value] - one file, hence bytes
            sys_inputs={"data": text},
            format="pdf",
            pdf_standards=["a-2a", "ua-1"],
            timestamp=int(clock.now().astimezone(dt.UTC).timestamp()),
        )


def _written(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)


@cache
def _fonts() -> Any:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(Path(settings.BASE_DIR) / "core" / "fonts")])
