"""A web server as `script/server` starts it: Granian with its processes and threads, on the bench's own database."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from bench.database import url_of
from core.environment import BASE_DIR
from core.local_postgres import free_port
from core.problem import Problem
from core.supervisor import Address, Process, Supervisor, end_with_parent, web_command


@dataclass
class QuietProcess(Process):
    """Its log stands in a file: thousands of refusals are what is asked for here."""

    log: Path = Path(os.devnull)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                self.command,
                cwd=BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )


@contextmanager
def serving() -> Iterator[int]:
    """Its port; it answers as long as the block runs."""
    port = free_port()
    address = Address("127.0.0.1", port, f"http://127.0.0.1:{port}")
    environment = {**os.environ, "DATABASE_URL": url_of(connection.settings_dict["NAME"]), "DB_POOLED": "true"}
    log = Path(environment["VAR_DIR"]) / "web.log"
    web = QuietProcess("web server", web_command(address, environment), environment, log=log)
    web.start()
    try:
        Supervisor(environment, address, demo=False).wait_for_answer(web)
        yield port
    except Problem as problem:
        raise Problem(f"{problem}\n{log.read_text()[-3000:]}") from problem
    finally:
        web.ask_to_stop()
        web.wait_for_end()
