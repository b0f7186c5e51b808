"""What must be counted once for all processes stands in the database."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import checks, tasks
from core.models import CacheEntry

SHARED = {"default": {"BACKEND": "core.shared_cache.SharedCache"}}


@pytest.fixture
def shared(settings: Any, db: None) -> None:
    settings.CACHES = SHARED


def expire(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_cacheentry SET expires_at = clock_timestamp() - interval '1 s' WHERE key LIKE %s", [f"%{key}"]
        )


@pytest.mark.parametrize("value", [1, 0, True, "y", None, [1.5, 2.25], {"a": "é"}])
def test_it_keeps_small_values(shared: None, value: Any) -> None:
    cache.set("k", value, 60)
    assert cache.get("k", "nothing") == value


def test_what_expired_is_not_there(shared: None) -> None:
    cache.set("k", 1, 60)
    expire("k")
    assert cache.get("k") is None
    assert not cache.touch("k")
    assert not cache.delete("k")
    cache.set("k", 1, 60)
    expire("k")
    with pytest.raises(ValueError, match="nothing is counted"):
        cache.incr("k")
    assert cache.add("k", 2, 60), "as if it had never been"
    assert cache.get("k") == 2


def test_the_first_to_add_wins(shared: None) -> None:
    assert cache.add("k", "mine", 60)
    assert not cache.add("k", "yours", 60)
    assert cache.get("k") == "mine"


def test_it_counts(shared: None) -> None:
    cache.set("k", 5, 60)
    assert [cache.incr("k"), cache.incr("k", 10), cache.decr("k", 2)] == [6, 16, 14]


def test_some_things_are_kept_for_ever_and_some_not_at_all(shared: None) -> None:
    cache.set("ever", 1, None)
    cache.set("never", 1, 0)
    assert (cache.get("ever"), cache.get("never")) == (1, None)
    assert cache.touch("ever", 0)
    assert cache.get("ever") is None


def test_it_is_deleted_and_cleared(shared: None) -> None:
    cache.set_many({"a": 1, "b": 2})
    assert cache.delete("a")
    assert not cache.delete("a")
    cache.clear()
    assert not CacheEntry.objects.exists()


def test_what_expired_is_swept(shared: None) -> None:
    cache.set("old", 1, 60)
    cache.set("young", 1, 60)
    expire("old")
    assert tasks.forget_old_counts() == 1
    assert tasks.forget_old_counts() == 0
    assert cache.get("young") == 1


def test_another_cache_sweeps_itself(settings: Any) -> None:
    assert tasks.forget_old_counts() == 0


def test_each_verb_is_one_statement(shared: None) -> None:
    for verb in (lambda: cache.add("k", 1), lambda: cache.incr("k"), lambda: cache.get("k"), lambda: cache.set("k", 1)):
        with CaptureQueriesContext(connection) as asked:
            verb()
        assert len(asked) == 1


def test_it_tallies_in_one_statement_the_first_time_too(shared: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert [cache.tally("k", 2, 60), cache.tally("k", 3, 60)] == [2, 5]
    assert len(asked) == 2
    expire("k")
    assert [cache.tally("k", 1, 60), cache.tally("k", 1, 60)] == [1, 2]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_each_is_counted(settings: Any) -> None:
    settings.CACHES = SHARED

    def tries() -> list[bool]:
        try:
            added = [cache.add("once", 1, 60)]
            for _ in range(25):
                cache.incr("n")
                cache.tally("m", 1, 60)
            return added
        finally:
            connection.close()

    cache.set("n", 0, 60)
    with ThreadPoolExecutor(8) as pool:
        outcomes = [outcome.result() for outcome in [pool.submit(tries) for _ in range(8)]]
    assert (cache.get("n"), cache.get("m")) == (200, 200)
    assert sum(added for [added] in outcomes) == 1


def test_it_waits_for_no_disk(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'core_cacheentry'")
        assert cursor.fetchone() == ("u",)


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ("core.shared_cache.SharedCache", []),
        ("django.core.cache.backends.redis.RedisCache", []),
        ("django.core.cache.backends.locmem.LocMemCache", ["core.W001"]),
        ("django.core.cache.backends.dummy.DummyCache", ["core.W001"]),
    ],
)
def test_a_deployment_is_told_of_limits_that_are_not_shared(settings: Any, backend: str, said: list[str]) -> None:
    settings.CACHES = {"default": {"BACKEND": backend}}
    assert [warning.id for warning in checks.limits_are_shared()] == said
