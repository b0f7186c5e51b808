"""docs/deployment.md and its units say what the code does."""

import re
import shlex
from pathlib import Path

from core.supervisor import QUIET, THREADS, Address, celery_command, web_command

ROOT = Path(__file__).resolve().parents[2]
DEPLOYMENT = ROOT / "docs" / "deployment"


def test_the_table_names_every_variable_that_is_read_and_no_other() -> None:
    table = re.findall(r"^\| (`[A-Z_`, ]+`) \|", (ROOT / "docs" / "deployment.md").read_text(), re.MULTILINE)
    told = {name for row in table for name in re.findall(r"`([A-Z_]+)`", row)}
    settings = set(re.findall(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"", (ROOT / "config" / "settings.py").read_text()))
    supervisor = set(
        re.findall(r"environment(?:\.get\(|\[)\"([A-Z_]+)\"", (ROOT / "core" / "supervisor.py").read_text())
    )
    assert told == settings | supervisor


def command_of(unit: str) -> list[str]:
    line = re.search(r"^ExecStart=(.*)$", (DEPLOYMENT / unit).read_text(), re.MULTILINE).group(1)
    return shlex.split(line.replace("%%", "%"))[1:]


def test_the_units_start_what_script_server_starts() -> None:
    assert command_of("remise-web.service") == web_command(Address("127.0.0.1", 8000, ""), {})[1:]
    assert command_of("remise-worker.service") == celery_command("worker", *THREADS, *QUIET)[1:]
    assert command_of("remise-beat.service") == celery_command("beat", "--pidfile=")[1:]


def test_every_script_and_file_that_the_docs_name_exists() -> None:
    for page in ("deployment.md", "operations.md"):
        words = (ROOT / "docs" / page).read_text()
        for script in re.findall(r"script/(\w+)", words):
            assert (ROOT / "script" / script).exists(), script
        for link in re.findall(r"\]\((deployment/[\w.-]+)\)", words):
            assert (ROOT / "docs" / link).exists(), link
