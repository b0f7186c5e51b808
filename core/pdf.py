"""PDFs by Typst: a template beside its room, plain data in, tagged PDF out (PDF/A-2a, PDF/UA-1).

A template lies in `<app>/typst/<name>.typ` and reads its data with `json(bytes(sys.inputs.data))`.
"""

import datetime as dt
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from core import clock


def render(template: str, data: dict[str, Any]) -> bytes:
    """The PDF of `template` ("pricing/receipt") filled with `data` (JSON values; dates as already written)."""
    app, name = template.split("/")
    source = Path(settings.BASE_DIR) / app / "typst" / f"{name}.typ"
    return _compiler(str(source)).compile(
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        format="pdf",
        pdf_standards=["a-2a", "ua-1"],
        timestamp=int(clock.now().replace(tzinfo=dt.UTC).timestamp()),
    )


@lru_cache(maxsize=32)
def _compiler(source: str) -> Any:
    return typst.Compiler(
        source, root=str(settings.BASE_DIR), font_paths=[str(Path(settings.BASE_DIR) / "core" / "fonts")]
    )
