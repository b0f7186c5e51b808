"""`python -m bench [NAME] [OPTIONS]`: one bench, or all of them, one after the other."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench import frame
from bench.report import say, table

ROOT = Path(__file__).resolve().parents[1]
USAGE = f"""Usage: script/bench [--quick]               all of them
       script/bench NAME [OPTIONS]          one; --help says its options
NAME is one of: {", ".join(frame.BENCHES)}."""


def main(arguments: list[str]) -> int:
    """0 when it was measured, whether or not the targets were met: the last line says that."""
    name = next(iter(arguments), "")
    if name in frame.BENCHES:
        signal.signal(signal.SIGTERM, frame.stop)
        frame.run(name, arguments[1:])
        return 0
    if set(arguments) - {"--quick"}:
        say(USAGE)
        return 0 if name in {"-h", "--help"} else 2
    return run_all(arguments)


def run_all(arguments: list[str]) -> int:
    """Each in a process of its own, so that none inherits what another warmed up or left behind."""
    began = time.monotonic()
    outcomes: list[dict[str, Any]] = []
    failed = []
    for name in frame.BENCHES:
        say(f"— {name}")
        last = run_one([sys.executable, "-P", "-m", "bench", name, *arguments])
        if last is None:
            failed.append(name)
        else:
            outcomes.append(last)
    rows = [(one["name"], "yes" if one["met"] else "NO", ", ".join(missed(one))) for one in outcomes]
    table(("bench", "met", "not met"), rows + [(name, "NO", "did not end") for name in failed])
    say(f"  {(time.monotonic() - began) / 60:.1f} minutes in all")
    whole = {
        "name": "all",
        "figures": {one["name"]: one["figures"] for one in outcomes},
        "targets": {one["name"]: one["targets"] for one in outcomes},
        "met": not failed and all(one["met"] for one in outcomes),
    }
    say(json.dumps(whole, ensure_ascii=False))
    return 1 if failed else 0


def run_one(command: list[str]) -> dict[str, Any] | None:
    """Shows what the bench says as it says it; its last line, or None if it failed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    last = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as bench:

        def stop(*_: object) -> None:
            bench.terminate()
            sys.exit(143)

        before = signal.signal(signal.SIGTERM, stop)
        try:
            for line in bench.stdout or ():
                last = line
                say(line.rstrip("\n"))
        finally:  # when it is stopped too: it heard that itself, and is putting its things away
            bench.wait()
            signal.signal(signal.SIGTERM, before)
    return json.loads(last) if bench.returncode == 0 else None


def missed(outcome: dict[str, Any]) -> list[str]:
    """The figures that did not reach their target, as sentences of three words."""
    sign = {"≤": float.__le__, "≥": float.__ge__, "=": float.__eq__}
    words = []
    for name, target in outcome["targets"].items():
        figure, (how, value) = outcome["figures"].get(name), target.split()
        if figure is None or not sign[how](float(figure), float(value)):
            words.append(f"{name} {figure}, not {target}")
    return words


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        say("Stopped; nothing is left behind.")
        sys.exit(130)
