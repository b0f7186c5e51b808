"""script/server as somebody starts it, from a checkout of its own."""

import os
import subprocess
import time
import urllib.request
from pathlib import Path


class Server:
    def __init__(self, checkout: Path, port: int) -> None:
        self.checkout, self.port = checkout, port
        self.log = checkout.parent / f"log-{port}"
        self.run: subprocess.Popen | None = None
        self.extra: dict[str, str] = {}  # what its owner has set

    def environment(self) -> dict[str, str]:
        """Of a shell that says nothing about Remise but the port."""
        ours = {"DATABASE_URL", "SECRET_KEY", "VAR_DIR", "DEMO", "DEBUG", "DB_POOLED", "PYTHONPATH", "PUBLIC_URL"}
        return (
            {name: value for name, value in os.environ.items() if name not in ours}
            | self.extra
            | {"PORT": str(self.port)}
        )

    def start(self) -> None:
        with self.log.open("w") as log:
            self.run = subprocess.Popen(
                [self.checkout / "script" / "server", "--no-demo"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment(),
            )
        deadline = time.monotonic() + 120
        while "Ctrl-C stops it" not in self.said():
            assert self.run.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def said(self) -> str:
        return self.log.read_text()

    def status(self, path: str) -> int:
        with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=10) as answer:
            return answer.status

    def stop(self, order: int) -> int:
        self.run.send_signal(order)
        return self.run.wait(30)

    def left(self) -> list[str]:
        """What still runs from this checkout."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if str(self.checkout) in words:
                found.append(words)
        return found

    def manage(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [self.checkout / "script" / "manage", *words],
            cwd="/",
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
