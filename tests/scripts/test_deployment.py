"""docs/deployment.md and its units say what the code does."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from celery.bin.beat import beat as celery_beat
from celery.bin.worker import worker as celery_worker
from django.conf import settings
from granian.cli import cli as granian

from core.supervisor import QUIET, THREADS, Address, celery_command, web_command

ROOT = Path(__file__).resolve().parents[2]
DEPLOYMENT = ROOT / "docs" / "deployment"


def test_the_table_names_every_variable_that_is_read_and_no_other() -> None:
    table = re.findall(r"^\| (`[A-Z0-9_`, ]+`) \|", (ROOT / "docs" / "deployment.md").read_text(), re.MULTILINE)
    told = {name for row in table for name in re.findall(r"`([A-Z0-9_]+)`", row)}
    read = set(re.findall(r"env(?:\.\w+)?\(\s*\"([A-Z0-9_]+)\"", (ROOT / "config" / "settings.py").read_text()))
    supervisor = set(
        re.findall(r"environment(?:\.get\(|\[)\"([A-Z0-9_]+)\"", (ROOT / "core" / "supervisor.py").read_text())
    )
    assert told == read | supervisor


def unit(name: str) -> list[tuple[str, str]]:
    """Its lines, key and value; a key may come twice."""
    lines = (DEPLOYMENT / name).read_text().splitlines()
    return [(key, value) for key, _, value in (line.partition("=") for line in lines if line[:1].isalpha())]


def command_of(name: str) -> list[str]:
    """What it starts, as systemd reads the line where var/environment says nothing of it."""
    said = dict(unit(name))
    defaults = dict(word.split("=", 1) for word in shlex.split(said.get("Environment", "")))
    words = shlex.split(said["ExecStart"].replace("%%", "%").replace("$$", "$"))
    return [re.sub(r"\$\{(\w+)\}", lambda name: defaults[name[1]], word) for word in words]


def test_the_units_start_what_script_server_starts() -> None:
    assert command_of("remise-web.service")[1:] == web_command(Address("127.0.0.1", 8000, ""), {})[1:]
    assert command_of("remise-worker.service")[1:] == celery_command("worker", *THREADS, *QUIET)[1:]
    assert command_of("remise-beat.service")[1:] == celery_command("beat", "--pidfile=")[1:]


def test_what_the_web_unit_leaves_open_is_what_script_server_reads() -> None:
    said = {"BIND": "0.0.0.0", "PORT": "8123", "WEB_WORKERS": "4", "DB_POOL": "16"}
    start = dict(unit("remise-web.service"))["ExecStart"]
    for name, value in said.items():
        start = start.replace(f"${{{name}}}", value)
    assert shlex.split(start)[1:] == web_command(Address.of(said), said)[1:]


@pytest.mark.parametrize(
    ("name", "command"), [("remise-web", granian), ("remise-worker", celery_worker), ("remise-beat", celery_beat)]
)
def test_their_programs_know_every_option(name: str, command: click.Command) -> None:
    """`NAME` begins where the program's own options do."""
    words = command_of(f"{name}.service")
    began = words.index(name.removeprefix("remise-")) + 1 if "celery" in words else words.index("granian") + 1
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert {word.partition("=")[0] for word in words[began:] if word.startswith("-")} <= known


SERVICES = sorted(path.name for path in DEPLOYMENT.glob("*.service"))


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_names_what_is_there(name: str) -> None:
    """In the folder that docs/deployment.md makes; .venv and var are made by the first start."""
    page = (ROOT / "docs" / "deployment.md").read_text()
    home, app = "/srv/remise", "/srv/remise/app"
    assert f"--home-dir {home} " in page
    assert f"git clone REPOSITORY {app}" in page
    said = dict(unit(name))
    assert (said["User"], said["WorkingDirectory"]) == ("remise", app)
    assert said.get("EnvironmentFile", f"{app}/var/environment") == f"{app}/var/environment"
    assert {"remise": home, "remise-backup": home}.get(Path(name).stem, f"{app}/var") == said["ReadWritePaths"]
    for key in ("ExecStartPre", "ExecStart", "ExecStartPost"):
        for word in shlex.split(said.get(key, "")):
            if word.startswith(f"{app}/") and word != f"{app}/.venv/bin/python":
                assert (ROOT / word.removeprefix(f"{app}/")).exists(), word
            for script in re.findall(r"\bscript/\w+", word):
                assert os.access(ROOT / script, os.X_OK), word


def test_every_unit_is_as_closed_as_the_others() -> None:
    own = {"Description", "Documentation", "Type", "Environment", "EnvironmentFile", "ReadWritePaths", "KillMode"}
    own |= {"After", "Wants", "WantedBy", "User", "WorkingDirectory", "Restart", "RestartSec", "TimeoutStopSec"}
    own |= {"ExecStartPre", "ExecStart", "ExecStartPost"}
    closed = {name: [line for line in unit(name) if line[0] not in own] for name in SERVICES}
    assert len(closed["remise.service"]) > 20
    assert {name for name, lines in closed.items() if lines != closed["remise.service"]} == set()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    (tmp_path / "run").chmod(0o755)
    for path in DEPLOYMENT.glob("*.[st]*"):
        if path.suffix in (".service", ".timer"):  # what they run is not installed here
            words = re.sub(r"^(ExecStart\w*=)\S+", rf"\g<1>{tmp_path}/run", path.read_text(), flags=re.MULTILINE)
            (tmp_path / path.name).write_text(words)
    units = sorted(map(str, tmp_path.glob("remise*")))
    outcome = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
    assert [line for line in outcome.stderr.splitlines() if "remise" in line] == []


def test_the_proxies_let_pass_what_remise_itself_refuses_with_a_sentence() -> None:
    """And stop what is far larger. Caddy counts in thousands, nginx in 1024s; a photo travels with its form."""
    caddy, nginx = ((DEPLOYMENT / name).read_text() for name in ("Caddyfile", "nginx.conf"))
    refused_by_us = settings.UPLOAD_MAX_BYTES + 2 * 1024**2
    assert int(re.search(r"max_size (\d+)MB", caddy)[1]) * 1000**2 > refused_by_us
    assert int(re.search(r"client_max_body_size (\d+)m;", nginx)[1]) * 1024**2 > refused_by_us
    too_large = re.compile(re.search(r"header_regexp Content-Length (\S+)", caddy)[1])
    assert [bool(too_large.search(str(size))) for size in (0, 9_000_000, refused_by_us, 29_999_999)] == [False] * 4
    assert [bool(too_large.search(str(size))) for size in (30_000_000, 99_999_999, 100_000_000, 10**12)] == [True] * 4


def test_nginx_says_itself_who_came_and_how() -> None:
    """Caddy does so unasked."""
    words = (DEPLOYMENT / "nginx.conf").read_text()
    given = dict(re.findall(r"^\s*proxy_set_header ([\w-]+) ([^;]+);", words, re.MULTILINE))
    assert given["X-Forwarded-For"] == "$remote_addr"  # never $proxy_add_x_forwarded_for: a visitor would choose it
    assert (given["X-Forwarded-Proto"], given["Host"]) == ("$scheme", "$host")


def test_every_script_and_file_that_the_docs_name_exists() -> None:
    for page in ("deployment.md", "operations.md"):
        words = (ROOT / "docs" / page).read_text()
        for script in re.findall(r"script/(\w+)", words):
            assert (ROOT / "script" / script).exists(), script
        for link in re.findall(r"\]\((deployment/[\w.-]+)\)", words):
            assert (ROOT / "docs" / link).exists(), link
