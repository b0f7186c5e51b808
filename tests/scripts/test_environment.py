from pathlib import Path

import pytest

from core import environment
from core.local_postgres import LocalPostgres


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    for name in ("SECRET_KEY", "PUBLIC_URL", "EMAIL_URL", "DEMO"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "var"


def test_the_secret_key_is_made_once_and_kept_from_others(var: Path) -> None:
    key = environment.settled()["SECRET_KEY"]
    assert len(key) >= 50
    assert environment.settled()["SECRET_KEY"] == key
    assert (var / "environment").stat().st_mode & 0o077 == 0
    assert var.stat().st_mode & 0o066 == 0


def test_the_shell_wins_over_the_file(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment.prepare_var()
    environment.keep("PUBLIC_URL", "https://kept.example.org")
    assert environment.settled()["PUBLIC_URL"] == "https://kept.example.org"
    monkeypatch.setenv("PUBLIC_URL", "https://said.example.org")
    assert environment.settled()["PUBLIC_URL"] == "https://said.example.org"


def test_what_is_empty_is_not_said(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment.prepare_var()
    (var / "environment").write_text("DB_POOL=\nPUBLIC_URL=https://kept.example.org\n")
    monkeypatch.setenv("PUBLIC_URL", "")
    settled = environment.settled()
    assert "DB_POOL" not in settled
    assert settled["PUBLIC_URL"] == "https://kept.example.org"


def test_an_owners_lines_stay_when_one_is_added(var: Path) -> None:
    environment.prepare_var()
    (var / "environment").write_text("# ours\nDEMO=true\nEMAIL_URL='smtp://mail.example.org/?a=b'")
    environment.keep("DEMO", "false")
    assert (var / "environment").read_text().startswith("# ours\n")
    assert environment.read(var / "environment") == {
        "EMAIL_URL": "smtp://mail.example.org/?a=b",
        "DEMO": "false",
    }


def test_the_address_of_a_killed_server_is_not_the_next_ones(var: Path) -> None:
    environment.prepare_var()
    (var / "server").write_text("PUBLIC_URL=http://localhost:8123\n")
    assert "PUBLIC_URL" not in environment.settled()


def test_a_folder_that_was_there_keeps_its_permissions(var: Path) -> None:
    var.mkdir(mode=0o755)
    environment.prepare_var()
    assert var.stat().st_mode & 0o777 == 0o755
    assert (var / "files").stat().st_mode & 0o077 == 0


def test_a_database_that_somebody_gave_is_left_alone() -> None:
    given = {"DATABASE_URL": "postgres://db.example.org/remise"}
    with environment.database(given) as server:
        assert server is None
    assert given == {"DATABASE_URL": "postgres://db.example.org/remise"}


def test_without_one_ours_is_started(open_folder: Path) -> None:
    given: dict[str, str] = {}
    with environment.database(given, LocalPostgres(open_folder / "postgres")) as server:
        assert given["DATABASE_URL"].startswith("postgres://remise:")
        assert server.pid() is not None
    assert server.pid() is None


def test_after_a_command_the_next_start_looks_at_the_data(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("VAR_DIR", str(open_folder / "var"))
    server = LocalPostgres(open_folder / "var" / "postgres")
    server.folder.mkdir(parents=True)
    server.see("this code")
    assert environment.main(["true"]) == 0
    assert server.seen() is None


def test_the_commands_status_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://db.example.org/remise")
    assert environment.main(["sh", "-c", "exit 7"]) == 7
