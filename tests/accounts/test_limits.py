"""Limits hold over all processes: what one has counted, the next one knows."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts import limits
from core import clock


@pytest.fixture
def shared(settings: Any, db: None) -> None:
    settings.CACHES = {"default": {"BACKEND": "core.shared_cache.SharedCache"}}


@pytest.fixture(autouse=True)
def a_minute_that_has_just_begun() -> Iterator[None]:
    with clock.travel(to=clock.now().replace(second=1)):
        yield


def another_process(monkeypatch: Any) -> None:
    """Nothing in memory: all that is known is in the cache that they share."""
    monkeypatch.setattr(limits, "_tally", limits.Tally())


def test_a_small_limit_is_exact_over_processes(shared: None, monkeypatch: Any) -> None:
    allowed = []
    for _ in range(5):
        another_process(monkeypatch)
        allowed.append(limits.within(3, "ask", "192.0.2.1"))
    assert allowed == [True, True, True, False, False]


def test_a_large_limit_costs_a_statement_in_a_hundred_calls_or_so(shared: None, monkeypatch: Any) -> None:
    another_process(monkeypatch)
    limits.within(1000, "api", 1)
    with CaptureQueriesContext(connection) as asked:
        assert sum(limits.within(1000, "api", 1) for _ in range(1200)) == 999
    assert len(asked) <= 125


def test_a_large_limit_is_exact_but_for_a_hundredth_a_process(shared: None, monkeypatch: Any) -> None:
    processes = [limits.Tally(), limits.Tally(), limits.Tally()]
    allowed = 0
    for call in range(3000):
        monkeypatch.setattr(limits, "_tally", processes[call % 3])
        allowed += limits.within(1000, "api", 1)
    assert 1000 <= allowed <= 1030


def test_the_next_minute_begins_anew(shared: None, monkeypatch: Any) -> None:
    another_process(monkeypatch)
    now = clock.now().replace(second=10)
    for limit in (1, 200):
        with clock.travel(to=now):
            assert [limits.within(limit, "x", limit) for _ in range(limit + 1)] == [True] * limit + [False]
        with clock.travel(to=now + dt.timedelta(minutes=1)):
            assert limits.within(limit, "x", limit)


def test_what_was_forgotten_between_two_lines_stops_nobody(monkeypatch: Any) -> None:
    def nothing_there(*args: Any) -> int:
        raise ValueError

    monkeypatch.setattr(cache, "incr", nothing_there, raising=False)
    monkeypatch.setattr(cache, "add", lambda *args: False, raising=False)
    assert limits.counted("k", 1) == 1


def test_codes_are_limited_for_an_address_over_processes(shared: None) -> None:
    """allauth counts in the same cache: three codes a minute for one address, from wherever they are asked."""
    answers = [
        Client(REMOTE_ADDR=f"192.0.2.{n}").post("/compte/login/code/", {"email": "ana@example.org"}).status_code
        for n in range(5)
    ]
    assert answers == [302, 302, 302, 200, 200]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
    ],
)
def test_of_ipv6_a_visitor_has_a_whole_network(one: str, other: str, same: bool) -> None:
    seen = [limits.visitor(RequestFactory().get("/", REMOTE_ADDR=address)) for address in (one, other)]
    assert (seen[0] == seen[1]) is same
