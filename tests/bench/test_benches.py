"""Every bench runs, small, so that none rots; and each says when a rule that it measures is broken."""

import json
import os
import subprocess
import sys
from typing import Any

import psycopg
import pytest
from django.db import connections

from bench import database
from bench.__main__ import missed, run_all, run_one
from bench.frame import BENCHES, Asked, Option, asked_of, bench_of
from bench.measure import exponent, interleaved, p95, ratio
from bench.report import Report, at_least, at_most, exactly


@pytest.fixture
def configured(db: None) -> str:
    return database.url_of(connections["default"].settings_dict["NAME"])


def databases(url: str) -> set[str]:
    with psycopg.connect(url, autocommit=True) as db:
        return {name for (name,) in db.execute("SELECT datname FROM pg_database")}


@pytest.mark.parametrize("name", BENCHES)
def test_it_runs_small_and_leaves_nothing_behind(name: str, configured: str) -> None:
    before = databases(configured)
    environment = {**os.environ, "DATABASE_URL": configured}
    bench = subprocess.run(
        [sys.executable, "-m", "bench", name, "--quick"], env=environment, capture_output=True, text=True, timeout=300
    )
    assert bench.returncode == 0, bench.stderr
    last = json.loads(bench.stdout.strip().splitlines()[-1])
    assert list(last) == ["name", "figures", "targets", "met"]
    assert last["name"] == name
    assert last["met"], bench.stdout
    own = {one for one in databases(configured) - before if one.startswith(database_of(configured) + database.MARK)}
    assert own == set()


def database_of(url: str) -> str:
    return url.rpartition("/")[2][:40]


@pytest.mark.parametrize("name", BENCHES)
def test_it_says_its_options_and_targets(name: str) -> None:
    bench = bench_of(name)
    assert bench.__doc__
    assert bench.TARGETS
    assert vars(asked_of(bench, ["--quick"])) == {
        "quick": True,
        **{name: option.quick for name, option in bench.OPTIONS.items()},
    }


class TestReport:
    def report(self, *, quick: bool = False) -> Report:
        return Report("x", {"ratio": at_least(0.15), "overlaps": exactly(0)}, quick=quick)

    def test_it_is_met_when_every_target_is(self) -> None:
        report = self.report()
        report.figure("ratio", 0.15)
        report.figure("overlaps", 0)
        assert report.met

    @pytest.mark.parametrize(("ratio", "overlaps"), [(0.149, 0), (0.2, 1)])
    def test_one_figure_that_breaks_its_rule_is_enough(self, ratio: float, overlaps: int) -> None:
        report = self.report()
        report.figure("ratio", ratio)
        report.figure("overlaps", overlaps)
        assert not report.met

    def test_a_figure_that_never_came_is_not_met(self) -> None:
        report = self.report()
        report.figure("ratio", 1.0)
        assert not report.met

    def test_small_sizes_judge_no_time_but_every_count(self) -> None:
        report = self.report(quick=True)
        report.figure("ratio", 0.001)
        report.figure("overlaps", 0)
        assert report.met
        report.figure("overlaps", 1)
        assert not report.met

    def test_the_last_line_is_one_json_object(self, capsys: Any) -> None:
        report = Report("x", {"p95_ms": at_most(60)})
        report.figure("p95_ms", 61.23456)
        outcome = report.finish()
        assert json.loads(capsys.readouterr().out.splitlines()[-1]) == outcome
        assert outcome == {
            "name": "x",
            "figures": {"p95_ms": 61.2346},
            "targets": {"p95_ms": "≤ 60"},
            "met": False,
        }
        assert missed(outcome) == ["p95_ms 61.2346, not ≤ 60"]


class TestMeasure:
    def test_rounds_are_interleaved_and_the_first_one_warms_up(self) -> None:
        calls: list[tuple[str, int]] = []

        def side(name: str) -> Any:
            return lambda number: calls.append((name, number)) or float(number)

        gave = interleaved({"a": side("a"), "b": side("b")}, 5)
        assert gave == {"a": [1, 2, 3, 4, 5], "b": [1, 2, 3, 4, 5]}
        assert calls[:6] == [("b", 0), ("a", 0), ("a", 1), ("b", 1), ("b", 2), ("a", 2)]

    def test_fewer_than_five_rounds_make_no_median(self) -> None:
        with pytest.raises(ValueError, match="5"):
            interleaved({}, 4)

    def test_a_ratio_is_the_median_of_the_rounds(self) -> None:
        assert ratio([1, 10, 3], [2, 2, 3]) == 1

    def test_p95_is_what_95_of_100_do_not_exceed(self) -> None:
        assert p95(list(range(1, 101))) == 95
        assert p95([7]) == 7

    @pytest.mark.parametrize(("times", "expected"), [([1, 1, 1], 0), ([1, 10, 100], 1), ([1, 100, 10_000], 2)])
    def test_an_exponent_says_how_time_grows(self, times: list[float], expected: float) -> None:
        assert exponent([10, 100, 1000], times) == pytest.approx(expected)


def test_options_are_numbers_or_lists_of_them() -> None:
    assert Option([1], [1], "").read("36,1_000") == [36, 1000]
    assert Option(1, 1, "").read("50_000") == 50_000
    assert Asked(quick=True).quick


def test_all_of_them_end_with_one_line_that_says_which_did_not(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    said = {"booking": {"name": "booking", "figures": {"ratio": 0.1}, "targets": {"ratio": "≥ 0.15"}, "met": False}}
    monkeypatch.setattr("bench.__main__.run_one", lambda command: said.get(command[4]))
    assert run_all(["--quick"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any("booking" in line and "ratio 0.1, not ≥ 0.15" in line for line in lines)
    assert any("contention" in line and "did not end" in line for line in lines)
    assert json.loads(lines[-1])["met"] is False


def test_a_bench_of_all_is_a_process_that_finds_this_checkout() -> None:
    line = "import bench, json; print(json.dumps({'name': bench.__name__, 'met': True}))"
    assert run_one([sys.executable, "-P", "-c", line]) == {"name": "bench", "met": True}
    assert run_one([sys.executable, "-P", "-c", "raise SystemExit(1)"]) is None
