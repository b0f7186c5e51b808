"""Makes .venv and installs the locked requirements into it, only when the lock has changed.

Run by the scripts beside it, with any Python >= 3.11 and nothing but the standard library.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RUNTIME, DEVELOPMENT = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
ROOM_NEEDED = 700 * 1024 * 1024  # bytes, for the installed requirements and pip's temporary files
FULL = f"The disk that holds {ROOT} is full: free {ROOM_NEEDED // 1024**2} MB, then start again."


def main(arguments: list[str]) -> None:
    lock = DEVELOPMENT if "--dev" in arguments else RUNTIME
    if is_installed(lock):
        return
    with one_at_a_time():
        if not is_installed(lock):
            install(lock)


def is_installed(lock: Path) -> bool:
    stamp = stamp_of(lock)
    return stamp.exists() and stamp.read_text() == fingerprint(lock) and works()


def stamp_of(lock: Path) -> Path:
    return VENV / f".installed-{lock.stem}"


def fingerprint(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def works() -> bool:
    """Whether the environment's Python still starts: its parent may have been upgraded or removed."""
    return PYTHON.exists() and subprocess.run([PYTHON, "-c", ""], capture_output=True).returncode == 0


@contextlib.contextmanager
def one_at_a_time():
    try:
        descriptor = os.open(ROOT, os.O_RDONLY)
        if not os.access(ROOT, os.W_OK):
            raise PermissionError(f"{ROOT} may not be written by this user")
    except OSError as error:
        stop(f"{error}. Run this as the owner of the folder.")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def install(lock: Path) -> None:
    if shutil.disk_usage(ROOT).free < ROOM_NEEDED:
        stop(FULL)
    if not works():
        create()
    say(f"Installing the locked requirements ({lock.name}); this is done once…")
    # The locks are complete, so pip has nothing to resolve; a hash that differs stops it.
    pip = [
        PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-qq",
        "--require-hashes", "--no-deps", "--requirement", lock,
    ]  # fmt: skip
    outcome = subprocess.run(pip, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    if "No space left" in outcome.stderr:
        stop(FULL)
    if outcome.returncode:
        say("\n".join(outcome.stderr.splitlines()[-5:]))
        stop("The requirements could not be installed; the lines above say why. Look at the network, then start again.")
    stamp_of(lock).write_text(fingerprint(lock))
    if lock == DEVELOPMENT:  # it holds every line of the other
        stamp_of(RUNTIME).write_text(fingerprint(RUNTIME))


def create() -> None:
    command = [sys.executable, "-m", "venv", "--clear", VENV]
    outcome = subprocess.run(command, capture_output=True, text=True)
    if outcome.returncode == 0:
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if "ensurepip" in outcome.stdout + outcome.stderr and may_install_packages():
        say(f"Installing {package}…")
        quietly = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quietly)
        subprocess.run(["apt-get", "install", "-y", "-qq", package], check=False, **quietly)
        outcome = subprocess.run(command, capture_output=True, text=True)
    if outcome.returncode:
        sys.stderr.write(outcome.stdout[-2000:] + outcome.stderr[-2000:])
        stop(f"The virtual environment {VENV} could not be made. On Debian: apt install {package}, then start again.")


def may_install_packages() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def say(words: str) -> None:
    sys.stderr.write(words + "\n")


def stop(words: str) -> None:
    say(words)
    sys.exit(1)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
