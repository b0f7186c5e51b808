"""script/server itself, in a copy of the checkout whose folder has spaces and accents."""

import os
import shutil
import signal
import site
import subprocess
import sys
import time
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.local_postgres import free_port

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("script/server")  # one checkout for all, not one for each process


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """With a virtual environment that borrows the packages of this one, marked as installed."""
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


class Server:
    def __init__(self, checkout: Path, port: int) -> None:
        self.checkout, self.port = checkout, port
        self.log = checkout.parent / f"log-{port}"
        self.run: subprocess.Popen | None = None

    def environment(self) -> dict[str, str]:
        """Of a shell that says nothing about Remise but the port."""
        ours = {"DATABASE_URL", "SECRET_KEY", "VAR_DIR", "DEMO", "DEBUG", "DB_POOLED", "PYTHONPATH", "PUBLIC_URL"}
        return {name: value for name, value in os.environ.items() if name not in ours} | {"PORT": str(self.port)}

    def start(self) -> None:
        with self.log.open("w") as log:
            self.run = subprocess.Popen(
                [self.checkout / "script" / "server", "--no-demo"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment(),
            )
        deadline = time.monotonic() + 120
        while "Ctrl-C stops it" not in self.said():
            assert self.run.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def said(self) -> str:
        return self.log.read_text()

    def status(self, path: str) -> int:
        with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=10) as answer:
            return answer.status

    def stop(self, order: int) -> int:
        self.run.send_signal(order)
        return self.run.wait(30)

    def left(self) -> list[str]:
        """What still runs from this checkout."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if str(self.checkout) in words:
                found.append(words)
        return found

    def manage(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [self.checkout / "script" / "manage", *words],
            cwd="/",
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )


@pytest.fixture
def server(checkout: Path) -> Iterator[Server]:
    trial = Server(checkout, free_port())
    yield trial
    if trial.run and trial.run.poll() is None:
        trial.stop(signal.SIGTERM)


def test_it_answers_once_a_folder_and_stops_everything_when_told(server: Server) -> None:
    asks = ("shell", "-c", "from accounts.models import Platform; print('platforms:', Platform.objects.count())")
    server.start()
    assert f"Remise answers at http://localhost:{server.port}/" in server.said()
    assert server.status("/readyz") == server.status("/healthz") == 200

    second = Server(server.checkout, free_port())
    with pytest.raises(AssertionError, match=f"already runs from this folder, at http://localhost:{server.port}"):
        second.start()
    beside = server.manage(*asks)
    assert "platforms: 0" in beside.stdout, beside.stderr
    assert server.status("/readyz") == 200

    assert server.stop(signal.SIGINT) == 0
    assert "Remise has stopped." in server.said()
    assert "Traceback" not in server.said()
    assert server.left() == []
    alone = server.manage(*asks)
    assert "platforms: 0" in alone.stdout, alone.stderr
    assert server.left() == []


def test_after_a_kill_its_processes_end_and_it_starts_again(server: Server) -> None:
    server.start()
    server.stop(signal.SIGKILL)
    server.start()
    assert server.status("/readyz") == 200


def test_a_too_old_python_is_said_with_what_to_do(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "script", tmp_path / "script")
    old = tmp_path / "bin" / "python3"
    old.parent.mkdir()
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\n[ "$1" = --version ]\n')
    old.chmod(0o755)
    for tool in ("bash", "dirname", "tail", "env"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    sourced = tmp_path / "script" / "_python.sh"
    sourced.write_text(sourced.read_text().replace("/usr/bin/python3", "/nowhere/python3"))
    outcome = subprocess.run(
        [tmp_path / "script" / "server"], env={"PATH": str(old.parent)}, capture_output=True, text=True
    )
    assert outcome.returncode == 1
    assert f"needs Python 3.11 or newer; there is only Python 3.9.2 ({old})" in outcome.stderr
    assert "apt install python3 python3-venv" in outcome.stderr
