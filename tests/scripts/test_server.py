"""script/server itself, in a copy of the checkout whose folder has spaces and accents."""

import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from core.local_postgres import free_port
from tests.scripts.servers import Server

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("script/server")  # one checkout for all, not one for each process


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
