"""The frame in which every bench runs: its options, its own database and folder, its report.

A bench is a module of this package with three names:

    OPTIONS = {"vehicles": Option([36, 1_000], [36], "sizes of the pool")}     # in full, and with --quick
    TARGETS = {"overlaps": exactly(0), "ratio": at_most(1.5)}                  # of the figures that it will give
    def run(asked: Asked, report: Report) -> None                              # measures, and tells the report

One more: write the module, and add its name to BENCHES.
"""

import argparse
import importlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

from bench.report import Report, Target, say

BENCHES = ("booking", "contention", "availability", "board", "pages", "fit")

# What this installation's owner has set must not change what is measured; the database alone is theirs.
SETTINGS = {
    "SECRET_KEY": "only for a bench",
    "DEBUG": "false",
    "DEMO": "false",
    "DB_POOLED": "false",
    "PUBLIC_URL": "http://localhost:8000",
    "LOG_LEVEL": "ERROR",
    "DJANGO_SETTINGS_MODULE": "config.settings",
}
NOT_OURS = (
    "CACHE_URL", "BROKER_URL", "EMAIL_URL", "FILES_URL", "ALLOWED_HOSTS", "SMS_BACKEND", "WEB_WORKERS", "DB_POOL",
)  # fmt: skip


class Asked(SimpleNamespace):
    """The options of one run, by name; `quick` is always among them."""

    quick: bool


@dataclass(frozen=True)
class Option:
    """Its value in full and with `--quick`: a number, or several sizes."""

    full: Any
    quick: Any
    help: str

    def read(self, typed: str) -> Any:
        numbers = [int(part) for part in typed.replace("_", "").split(",")]
        return numbers if isinstance(self.full, list) else numbers[0]


class Bench(Protocol):
    OPTIONS: dict[str, Option]
    TARGETS: dict[str, Target]
    run: Callable[[Asked, Report], None]


def bench_of(name: str) -> Any:
    return importlib.import_module(f"bench.{name}")


def asked_of(bench: Any, arguments: list[str]) -> Asked:
    name = bench.__name__.rpartition(".")[2]
    parser = argparse.ArgumentParser(prog=f"script/bench {name}", description=bench.__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes: everything runs, no time is judged")
    for name, option in bench.OPTIONS.items():
        shown = ",".join(map(str, option.full)) if isinstance(option.full, list) else option.full
        parser.add_argument(f"--{name}", type=option.read, metavar="N", help=f"{option.help} ({shown})")
    given = vars(parser.parse_args(arguments))
    for name, option in bench.OPTIONS.items():
        if given[name] is None:
            given[name] = option.quick if given["quick"] else option.full
    return Asked(**given)


def run(name: str, arguments: list[str]) -> dict[str, Any]:
    """One bench, from its own database to its last line."""
    with own_folder():
        import django

        django.setup()
        from bench.database import own_database
        from core.garbage import look_rarely

        bench = bench_of(name)
        look_rarely()  # as a web process does
        asked = asked_of(bench, arguments)
        report = Report(name, bench.TARGETS, quick=asked.quick)
        began = time.monotonic()
        with own_database():
            bench.run(asked, report)
        say(f"  {time.monotonic() - began:.0f} s, on {os.cpu_count()} cores; {load_words()}")
        return report.finish()


def load_words() -> str:
    """What else the machine did, as far as it says: a figure taken under load is worth less."""
    return f"load of the last minute {os.getloadavg()[0]:.1f}"


@contextmanager
def own_folder() -> Iterator[None]:
    """The environment of a bench, with a `var` that is removed afterwards."""
    for name in NOT_OURS:
        os.environ.pop(name, None)
    folder = tempfile.mkdtemp(prefix="remise-bench-")
    os.environ.update(SETTINGS, VAR_DIR=folder)
    from core.environment import prepare_var

    prepare_var()
    (Path(folder) / "static").mkdir()
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def stop(*_: object) -> None:
    """SIGTERM ends a bench as Ctrl-C does: with everything put away."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(143)
