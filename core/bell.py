"""Rings for a worker when something was put in the outbox, from a thread of its own.

Whoever commits does not wait for the broker, which may be slow or gone; and all that is committed within a tenth of a
second is one call. It is only a call: what it is for stands in the outbox, and the sweep comes by anyway.
"""

import atexit
import logging
import os
import threading
import time

log = logging.getLogger(__name__)

PAUSE = 0.1  # seconds between two calls
_bell: "Bell | None" = None


class Bell:
    """One a process: a fork begins with a new one."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.asked = threading.Event()
        threading.Thread(target=self.keep_ringing, name="bell", daemon=True).start()

    def keep_ringing(self) -> None:
        while True:
            self.asked.wait()
            self.ring_if_asked()
            time.sleep(PAUSE)

    def ring_if_asked(self) -> None:
        if self.asked.is_set():
            self.asked.clear()  # first: what is asked from now on is another call
            call()


def ring() -> None:
    """A worker is called, soon."""
    global _bell
    if _bell is None or _bell.pid != os.getpid():
        _bell = Bell()
    _bell.asked.set()


@atexit.register
def ring_at_last() -> None:
    """A command that ends at once does not take its call along."""
    if _bell is not None and _bell.pid == os.getpid():
        _bell.ring_if_asked()


def call() -> None:
    """Puts the call in the broker. One that does not answer is no error: the sweep comes by anyway."""
    from core.tasks import sweep_outbox

    try:
        sweep_outbox.apply_async(retry=False)
    except Exception:  # noqa: BLE001 - whatever the broker's client raises, the row stands and will be swept
        log.warning("The broker does not answer; the sweep will deliver.")
