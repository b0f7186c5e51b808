"""The call that wakes a worker: nobody waits for it, and the last one is never swallowed."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from core import bell, tasks


class Broker:
    """Counts the calls; each takes as long as `slow` says."""

    def __init__(self, slow: float = 0) -> None:
        self.slow = slow
        self.began: list[float] = []
        self.called = threading.Event()

    def apply_async(self, **_: Any) -> None:
        self.began.append(time.monotonic())
        self.called.set()
        time.sleep(self.slow)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    broker = Broker()
    monkeypatch.setattr(tasks.sweep_outbox, "apply_async", broker.apply_async)
    yield broker
    bell.ring_at_last()
    time.sleep(2 * bell.PAUSE)  # its thread is at rest again


def test_whoever_commits_does_not_wait_for_a_slow_broker(broker: Broker) -> None:
    broker.slow = 0.5
    began = time.monotonic()
    bell.ring()
    assert time.monotonic() - began < 0.25
    assert broker.called.wait(5)
    time.sleep(broker.slow)


def test_what_comes_at_once_is_one_call_and_after_the_last_there_is_always_one(broker: Broker) -> None:
    last = 0.0
    for _ in range(200):
        last = time.monotonic()
        bell.ring()
    time.sleep(4 * bell.PAUSE)
    assert 1 <= len(broker.began) <= 5
    assert broker.began[-1] >= last


def test_a_process_that_ends_calls_first(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bell.Bell, "keep_ringing", lambda self: None)  # its thread has no more time
    monkeypatch.setattr(bell, "_bell", bell.Bell())
    bell.ring()
    assert not broker.began
    bell.ring_at_last()
    assert len(broker.began) == 1


def test_a_fork_has_a_bell_of_its_own(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    bell.ring()
    of_the_parent = bell._bell
    monkeypatch.setattr("core.bell.os.getpid", lambda: -1)
    bell.ring()
    assert bell._bell is not of_the_parent
    monkeypatch.setattr(bell, "_bell", None)
