import os
import signal
import socket
from collections import namedtuple
from pathlib import Path

import psycopg
import pytest

from core import local_postgres
from core.local_postgres import FORGETFUL, LocalPostgres
from core.problem import Problem


def server_in(folder: Path) -> LocalPostgres:
    return LocalPostgres(folder, settings=FORGETFUL)


def ask(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        answer = connection.execute(question)
        return answer.fetchone()[0] if answer.description else None


@pytest.mark.parametrize("name", ["été à Mimizan/l'accueil", '$HOME; "x"', "x/" * 60 + "y" * 60])
def test_it_runs_from_any_folder_and_keeps_its_data(open_folder: Path, name: str) -> None:
    folder = open_folder / name
    with server_in(folder).in_use() as url:
        assert ask(url, "SHOW server_encoding") == "UTF8"
        assert ask(url, "SELECT upper('é')") == "É"
        ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    with server_in(folder).in_use() as url:
        assert ask(url, "SELECT answer FROM kept") == 42
    assert server_in(folder).pid() is None


def test_in_a_folder_closed_to_others_root_keeps_the_data_elsewhere(tmp_path: Path, elsewhere: Path) -> None:
    folder = tmp_path / "postgres"
    tmp_path.chmod(0o700)
    with server_in(folder).in_use() as url:
        assert ask(url, "SELECT 1") == 1
    if os.geteuid() == 0:
        assert (folder / "data").readlink().is_relative_to(elsewhere)
    else:
        assert not (folder / "data").is_symlink()


def test_only_its_password_opens_it_and_only_its_owner_reads_that(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    with server_in(folder).in_use() as url:
        password = (folder / "password").read_text()
        assert (folder / "password").stat().st_mode & 0o077 == 0
        assert (folder / "data").stat().st_mode & 0o077 == 0
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(url.replace(password, "guessed"))
        assert ask(url, "SHOW listen_addresses") == "127.0.0.1"
        assert ask(url, "SHOW unix_socket_directories") == ""


def test_the_last_one_to_leave_stops_it(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    first, second = server_in(folder), server_in(folder)
    with second.in_use() as url:
        with first.in_use() as same:
            assert same == url
        assert ask(url, "SELECT 1") == 1
        assert second.pid() is not None
    assert second.pid() is None


def test_one_that_dies_under_its_users_comes_back_at_the_same_address(open_folder: Path) -> None:
    server = server_in(open_folder / "postgres")
    with server.in_use() as url:
        ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        ask(url, "CHECKPOINT")
        os.kill(server.pid(), signal.SIGKILL)
        server._server.wait()
        assert server.pid() is None
        server.revive()
        assert server.url == url
        assert ask(url, "SELECT answer FROM kept") == 42


def test_one_that_a_killed_run_left_behind_is_taken_over(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    folder.mkdir()
    left_behind = server_in(folder)
    left_behind.start()
    with server_in(folder).in_use() as url:
        assert ask(url, "SELECT 1") == 1
        assert server_in(folder).pid() == left_behind.pid()
    assert left_behind.pid() is None


def test_a_crashed_servers_number_may_be_another_programs_by_now(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    with server_in(folder).in_use():
        left = (folder / "data" / "postmaster.pid").read_text().splitlines()
    (folder / "data" / "postmaster.pid").write_text("\n".join([str(os.getpid()), *left[1:]]) + "\n")
    with server_in(folder).in_use() as url:
        assert ask(url, "SELECT 1") == 1


def test_when_its_port_is_taken_it_finds_another(open_folder: Path) -> None:
    server = server_in(open_folder / "postgres")
    with server.in_use() as url:
        port = int((server.folder / "port").read_text())
    with socket.create_server(("127.0.0.1", port)), server.in_use() as other:
        assert other != url
        assert ask(other, "SELECT 1") == 1


def test_half_a_cluster_is_never_taken_for_whole(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    (folder / "data.new").mkdir(parents=True)
    (folder / "data.new" / "PG_VERSION").write_text("18\n")
    with server_in(folder).in_use() as url:
        assert ask(url, "SELECT 1") == 1


def test_a_full_disk_is_said_in_a_sentence(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(local_postgres.shutil, "disk_usage", lambda path: usage(1000, 999, 1))
    with pytest.raises(Problem, match=r"is full: free at least 300 MB, then start again"):
        server_in(open_folder / "postgres").in_use().__enter__()
    assert not (open_folder / "postgres" / "data").exists()


def test_data_of_another_version_is_left_alone(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "PG_VERSION").write_text("17\n")
    with pytest.raises(Problem, match=r"is of PostgreSQL 17, this Remise brings 18: run script/backup"):
        server_in(folder).in_use().__enter__()


def test_what_postgres_says_when_it_refuses_reaches_the_person(open_folder: Path) -> None:
    server = LocalPostgres(open_folder / "postgres", settings={"shared_buffers": "many"})
    with pytest.raises(Problem, match=r"does not start: .*shared_buffers"):
        server.in_use().__enter__()
