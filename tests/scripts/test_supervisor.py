import socket
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest

from core import environment, supervisor
from core.problem import Problem
from core.supervisor import EMPTY, Address, Process, Supervisor, forget_calls, only_one


def process(program: str) -> Process:
    return Process("trial", [sys.executable, "-c", program], {})


def wait_until(true: object) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_taken_port_is_said_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Problem, match=rf"Port {port} is taken .* PORT={port + 1} script/server"):
            Address.of({"PORT": str(port)}).must_be_free()


@pytest.mark.parametrize("port", ["", "abc", "0", "65536", "-1"])
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(Problem, match="is no port"):
        Address.of({"PORT": port})


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Problem, match=r"cannot listen on 192\.0\.2\.1"):
        Address.of({"BIND": "192.0.2.1"}).must_be_free()


def test_links_lead_to_the_port_unless_somebody_says_where() -> None:
    assert Address.of({"PORT": "8123"}).public == "http://localhost:8123"
    assert Address.of({"PUBLIC_URL": "https://prets.example.org"}).public == "https://prets.example.org"


def test_a_folder_has_one_server(tmp_path: Path) -> None:
    settled = {"VAR_DIR": str(tmp_path)}
    with only_one(settled, Address.of({"PORT": "8123"})):
        with (
            pytest.raises(Problem, match=r"already runs from this folder, at http://localhost:8123"),
            only_one(settled, Address.of({"PORT": "8124"})),
        ):
            pass
        assert environment.read(tmp_path / "server") == {"PUBLIC_URL": "http://localhost:8123"}
    with only_one(settled, Address.of({"PORT": "8124"})):
        pass


def test_half_a_call_of_an_earlier_run_is_forgotten(tmp_path: Path) -> None:
    for name in ("queue", "processed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.celery.msg").write_text("{")
    (tmp_path / "control").mkdir()
    (tmp_path / "control" / "celery.exchange").write_text("{}")
    forget_calls(tmp_path)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["celery.exchange"]


def test_what_dies_is_started_again_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    trial = process("")
    trial.start()
    for _ in range(3):
        trial.child.wait()
        trial.revive()
    trial.child.wait()
    with pytest.raises(Problem, match="keeps stopping"):
        trial.revive()
    assert "starting it again" in capfd.readouterr().out


def test_on_a_full_disk_that_is_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setattr(supervisor, "DEATHS_ALLOWED", 0)
    monkeypatch.setattr(supervisor.shutil, "disk_usage", lambda path: namedtuple("usage", "free")(0))
    trial = process("")
    trial.start()
    trial.child.wait()
    with pytest.raises(Problem, match=r"The disk that holds .* is full: free at least 300 MB, then start again"):
        trial.revive()


def test_the_end_takes_childrens_children_along(tmp_path: Path) -> None:
    trial = process(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid) + '.')\n"
        "child.wait()\n"
    )
    trial.start()
    wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("."))
    grandchild = Path("/proc") / (tmp_path / "pid").read_text().rstrip(".")
    trial.ask_to_stop()
    trial.wait_for_end()
    assert not trial.is_running()
    wait_until(lambda: not grandchild.exists() or "Z" in (grandchild / "stat").read_text().split()[2])


@pytest.mark.parametrize(
    ("wanted", "given", "status", "loaded"),
    [
        (True, {}, EMPTY, True),
        (True, {"DEMO": "false"}, EMPTY, False),
        (False, {}, EMPTY, False),
        (True, {}, 0, False),
    ],
)
def test_the_demo_is_loaded_only_into_an_empty_database_and_remembered(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wanted: bool,
    given: dict[str, str],
    status: int,
    loaded: bool,
) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    commands = []
    server = Supervisor(dict(given), Address.of({}), wanted)
    monkeypatch.setattr(
        Supervisor, "manage", lambda self, *words: commands.append(words) or (status if "prepare" in words else 0)
    )
    server.prepare()
    assert (("demo",) in commands) is loaded
    assert server.is_demo() is loaded
    assert environment.read(tmp_path / "environment").get("DEMO") == ("true" if loaded else None)


class Seen:
    """A database of our own that remembers which code it was prepared for."""

    def __init__(self) -> None:
        self.code: str | None = None

    def seen(self) -> str | None:
        return self.code

    def see(self, code: str | None) -> None:
        self.code = code


@pytest.mark.parametrize(("status", "times"), [(0, 1), (EMPTY, 2)])
def test_what_this_code_has_prepared_is_not_prepared_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, times: int
) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    commands = []
    monkeypatch.setattr(Supervisor, "manage", lambda self, *words: commands.append(words) or status)
    database = Seen()
    for _ in range(2):
        Supervisor({}, Address.of({}), False, database).prepare()
    assert commands == [("prepare",)] * times


def test_other_code_is_prepared_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    migrations = tmp_path / "fleet" / "migrations"
    migrations.mkdir(parents=True)
    monkeypatch.setattr(supervisor, "BASE_DIR", tmp_path)
    before = supervisor.fingerprint()
    (migrations / "0002_more.py").write_text("")
    assert supervisor.fingerprint() != before
