import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import local_postgres


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine can pass through, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="remise-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def elsewhere(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where root's databases go when their checkout is closed to others: nowhere that lasts."""
    monkeypatch.setattr(local_postgres, "ELSEWHERE", open_folder / "elsewhere")
    return open_folder / "elsewhere"
