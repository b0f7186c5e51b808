"""Every check of the project, one after the other; run by script/test with a throw-away database.

A check that fails does not keep the next ones from running: the end names them all.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
USAGE = "Usage: script/test [--all] [--no-browser] [-- ARGUMENTS FOR PYTEST]"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SERVED_OVER_TLS = {
    "PUBLIC_URL": "https://remise.example.org",
    "ALLOWED_HOSTS": "remise.example.org",
    "SECRET_KEY": "a secret key as long as those that script/server makes, with ?%!",
    "DEBUG": "false",
    "DEMO": "false",
}


def main(arguments: list[str]) -> int:
    ours, for_pytest = arguments, []
    if "--" in arguments:
        cut = arguments.index("--")
        ours, for_pytest = arguments[:cut], arguments[cut + 1 :]
    if set(ours) - {"--all", "--no-browser"}:
        say(USAGE)
        return 2
    failures = [name for name, command, extra in checks() if not passes(name, command, extra)]
    wanted = "--no-browser" not in ours
    browser = find_browser() if wanted else None
    pytest = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", *for_pytest]
    left_out = [mark for mark, runs in (("browser", browser), ("long", "--all" in ours)) if not runs]
    if left_out:
        pytest += ["-m", " and ".join(f"not {mark}" for mark in left_out)]
    if not passes("tests (pytest)", pytest, {"CHROMIUM": browser or ""}):
        failures.append("tests")
    if wanted and not browser:
        failures.append("browser tests, which were not run: install Chromium, or ask for --no-browser")
    if failures:
        say(f"script/test: failed: {'; '.join(failures)}.")
    return 1 if failures else 0


def checks() -> list[tuple[str, list[str], dict[str, str]]]:
    manage = [sys.executable, "manage.py"]
    return [
        ("lint", ["script/lint"], {}),
        ("no migration is missing", [*manage, "makemigrations", "--check", "--dry-run"], {}),
        ("ready to be deployed", [*manage, "check", "--deploy", "--fail-level", "WARNING"], SERVED_OVER_TLS),
    ]


def passes(name: str, command: list[str], extra: dict[str, str]) -> bool:
    say(f"— {name}")
    began = time.monotonic()
    outcome = subprocess.run(command, cwd=ROOT, env={**os.environ, **extra}, stdin=subprocess.DEVNULL)
    fine = outcome.returncode == 0
    say(f"  {'ok' if fine else 'FAILED'}, {time.monotonic() - began:.0f} s")
    return fine


def find_browser() -> str | None:
    """A Chromium, installed from Debian's package where this user may do that."""
    if not any(map(shutil.which, BROWSERS)) and os.geteuid() == 0 and shutil.which("apt-get"):
        say("— installing Chromium")
        quietly = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, **quietly)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
        subprocess.run(install, env=environment, **quietly)
    return next((found for found in map(shutil.which, BROWSERS) if found), None)


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
