"""Django's cache, in a table of our PostgreSQL that every process shares; for the few things that must be counted once.

Limits on log-ins, one-time codes that were used and the geocoder's rest live here: small values, asked for by pages
that are rare. The table is unlogged (nothing waits for a disk, and a crash of the server forgets it), and each verb
is one statement, so that two processes never count the same try. Values are JSON. `CACHE_URL` names another cache.
"""

import json
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

VALID = "expires_at > clock_timestamp()"
WRITE = """
    INSERT INTO core_cacheentry AS kept (key, value, expires_at)
    VALUES (%s, %s::jsonb, clock_timestamp() + %s * interval '1 second')
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
"""
ADD = WRITE + " WHERE kept.expires_at <= clock_timestamp() RETURNING 1"
INCREASE = (
    f"UPDATE core_cacheentry SET value = to_jsonb((value #>> '{{}}')::bigint + %s) WHERE key = %s AND {VALID}"
    " RETURNING (value #>> '{}')::bigint"
)
TALLY = """
    INSERT INTO core_cacheentry AS kept (key, value, expires_at)
    VALUES (%s, to_jsonb(%s::bigint), clock_timestamp() + %s * interval '1 second')
    ON CONFLICT (key) DO UPDATE SET
        value = CASE WHEN kept.expires_at <= clock_timestamp() THEN excluded.value
                     ELSE to_jsonb((kept.value #>> '{}')::bigint + (excluded.value #>> '{}')::bigint) END,
        expires_at = CASE WHEN kept.expires_at <= clock_timestamp() THEN excluded.expires_at ELSE kept.expires_at END
    RETURNING (value #>> '{}')::bigint
"""
FOR_EVER = 10 * 365 * 86_400.0  # seconds


class SharedCache(BaseCache):
    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        return self._row(ADD, self._named(key, version), json.dumps(value), self._seconds(timeout)) is not None

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        found = self._row(
            f"SELECT value::text FROM core_cacheentry WHERE key = %s AND {VALID}", self._named(key, version)
        )
        return default if found is None else json.loads(found[0])

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> None:
        self._row(WRITE + " RETURNING 1", self._named(key, version), json.dumps(value), self._seconds(timeout))

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        prolong = (
            "UPDATE core_cacheentry SET expires_at = clock_timestamp() + %s * interval '1 second'"
            f" WHERE key = %s AND {VALID} RETURNING 1"
        )
        return self._row(prolong, self._seconds(timeout), self._named(key, version)) is not None

    def delete(self, key: Any, version: Any = None) -> bool:
        gone = f"DELETE FROM core_cacheentry WHERE key = %s RETURNING {VALID}"
        return self._row(gone, self._named(key, version)) == (True,)

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        found = self._row(INCREASE, delta, self._named(key, version))
        if found is None:
            raise ValueError(f"nothing is counted under {key!r}")
        return found[0]

    def tally(self, key: Any, more: int, timeout: float) -> int:
        """So many more are counted, the first time as any other: always one statement."""
        return self._row(TALLY, self._named(key, None), more, timeout)[0]

    def clear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM core_cacheentry")

    def forget_old(self) -> int:
        """Removes what has expired, which nobody reads any more; how many."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM core_cacheentry WHERE expires_at <= clock_timestamp()")
            return cursor.rowcount

    def _named(self, key: Any, version: Any) -> str:
        return self.make_and_validate_key(key, version=version)

    def _seconds(self, timeout: Any) -> float:
        timeout = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return FOR_EVER if timeout is None else float(timeout)

    @staticmethod
    def _row(statement: str, *given: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(statement, given)
            return cursor.fetchone()
