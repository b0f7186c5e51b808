import shutil
import signal
import site
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import local_postgres
from core.local_postgres import free_port
from tests.scripts.servers import Server

ROOT = Path(__file__).resolve().parents[2]


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


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy in a folder with spaces and accents; its virtual environment borrows our packages, marked as installed."""
    copy = tmp_path_factory.mktemp("été à Mimizan") / "la plateforme"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.check_output(listed, cwd=ROOT, text=True).split("\0"):
        if name and (ROOT / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    venv.create(copy / ".venv", with_pip=False, symlinks=True)
    packages = next((copy / ".venv" / "lib").glob("python*/site-packages"))
    (packages / "borrowed.pth").write_text("\n".join(site.getsitepackages()))
    mark = "import _venv; _venv.stamp_of(_venv.RUNTIME).write_text(_venv.fingerprint(_venv.RUNTIME))"
    subprocess.run([sys.executable, "-c", mark], cwd=copy, env={"PYTHONPATH": "script"}, check=True)
    yield copy
    link = copy / "var" / "postgres" / "data"
    if link.is_symlink():  # root's, kept where its other user can reach it
        shutil.rmtree(link.resolve().parent)


@pytest.fixture
def server(checkout: Path) -> Iterator[Server]:
    trial = Server(checkout, free_port())
    yield trial
    if trial.run and trial.run.poll() is None:
        trial.stop(signal.SIGTERM)
