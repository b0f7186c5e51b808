"""The call that wakes a worker: nobody waits for it, and the last one is never swallowed."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from core import bell, tasks

PATIENCE = 30.0  # seconds, for a machine with other work


class Broker:
    """Counts the calls; while `answers` is cleared none of them comes back."""

    def __init__(self) -> None:
        self.began: list[float] = []
        self.called, self.answers = threading.Event(), threading.Event()
        self.answers.set()

    def apply_async(self, **_: Any) -> None:
        self.began.append(time.monotonic())
        self.called.set()
        self.answers.wait(PATIENCE)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    broker = Broker()
    monkeypatch.setattr(tasks.sweep_outbox, "apply_async", broker.apply_async)
    yield broker
    bell.ring_at_last()
    time.sleep(2 * bell.PAUSE)  # its thread is at rest again


def test_whoever_commits_does_not_wait_for_a_slow_broker(broker: Broker) -> None:
    broker.answers.clear()
    began = time.monotonic()
    bell.ring()
    assert broker.called.wait(PATIENCE)
    bell.ring()
    assert time.monotonic() - began < PATIENCE, "the call has not come back, whoever rings has"
    broker.answers.set()


def test_what_comes_at_once_is_one_call_and_after_the_last_there_is_always_one(broker: Broker) -> None:
    began = last = time.monotonic()
    for _ in range(200):
        last = time.monotonic()
        bell.ring()
    while not broker.began or broker.began[-1] < last:
        assert time.monotonic() < last + PATIENCE, "the last one was swallowed"
        time.sleep(bell.PAUSE)
    assert len(broker.began) <= 2 + (broker.began[-1] - began) / bell.PAUSE


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
