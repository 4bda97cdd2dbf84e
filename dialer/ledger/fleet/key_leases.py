"""Leases of a key's permits, as they lie among them: so many permits of the lease's last instant, under its name."""

import hashlib
from typing import TYPE_CHECKING, Any, LiteralString

if TYPE_CHECKING:
    from psycopg.sql import Composed
    from psycopg_pool import ConnectionPool

LEASE_SECONDS = 10.0
"""So long a lease holds that is not renewed."""

_PAUSE = """
INSERT INTO {table} (name, weight, item_timestamp)
SELECT 'pause', 1, to_timestamp(%s) FROM generate_series(1, %s)
WHERE NOT EXISTS (SELECT FROM {table} WHERE name = 'pause' AND item_timestamp >= to_timestamp(%s))
RETURNING 1
"""
_LAST_PAUSE = "SELECT extract(epoch FROM max(item_timestamp)) FROM {table} WHERE name = 'pause'"
_GRANT = """
INSERT INTO {table} (name, weight, item_timestamp)
SELECT %(name)s, 1, clock.at + %(seconds)s * interval '1 second'
FROM (SELECT clock_timestamp()::timestamp AS at) AS clock, generate_series(1, %(permits)s)
WHERE %(permits)s + (
SELECT count(*) FROM {table} WHERE name <> 'permit' AND item_timestamp >= clock.at - %(window)s * interval '1 second'
) <= %(limit)s
RETURNING extract(epoch FROM item_timestamp)
"""
_RENEW = """
UPDATE {table} SET item_timestamp = now() + %s * interval '1 second' WHERE ctid = ANY(ARRAY(
SELECT ctid FROM {table} WHERE name = %s AND item_timestamp > clock_timestamp() LIMIT %s))
AND item_timestamp > clock_timestamp() RETURNING extract(epoch FROM item_timestamp)
"""
_RELEASE = """
UPDATE {table} SET item_timestamp = clock_timestamp() + %s * interval '1 second'
WHERE name = %s AND item_timestamp > clock_timestamp() RETURNING 1
"""
_SHARERS = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid = %s AND objid = %s
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def sharing_number(bucket: str) -> int:
    """Return the number of the lock by which a session says that it shares a bucket of this name."""
    return int.from_bytes(hashlib.sha256(f"shares {bucket}".encode()).digest()[:8]) >> 1


class Leases:
    """The leases in the *table* of a bucket; *sharing* is the number of its sharers' lock. Raises the driver's errors.

    Instants are the server's, in seconds since the epoch.
    """

    def __init__(self, pool: "ConnectionPool[Any]", table: str, sharing: int) -> None:
        self._pool = pool
        self._table = table
        self._sharing = sharing

    def sharers(self) -> int:
        """Count the sessions that share the bucket."""
        ((count,),) = self._execute(_SHARERS, self._sharing >> 32, self._sharing & 0xFFFFFFFF)
        return int(count)

    def pause(self, at: float, permits: int) -> None:
        """Take all *permits* of the window that begins *at*, whoever has them, unless a longer pause does."""
        self._execute(_PAUSE, at, permits, at)

    def last_pause(self) -> float | None:
        """Return the instant of the permits that a pause has taken; None where there is none."""
        ((at,),) = self._execute(_LAST_PAUSE)
        return None if at is None else float(at)

    def grant(self, name: str, permits: int, *, limit: int, window: float) -> float | None:
        """Lease so many of the *limit* permits of a *window* (s); return until when, or None where too few are left.

        All leases count that have not ended a window ago: they end at different instants, and none makes room for two.
        """
        values = {"name": name, "permits": permits, "limit": limit, "window": window, "seconds": LEASE_SECONDS}
        with self._pool.connection() as connection:
            connection.execute(self._sql("LOCK TABLE {table} IN EXCLUSIVE MODE"))  # or two would count each other out
            until = connection.execute(self._sql(_GRANT), values).fetchone()
        return None if until is None else float(until[0])

    def renew(self, name: str, permits: int) -> tuple[int, float]:
        """Let at most so many *permits* of a lease that has not ended hold as long as a new one.

        Return how many there are, and until when they hold. Those that are left end when they would have.
        """
        held = self._execute(_RENEW, LEASE_SECONDS, name, permits)
        return len(held), min((float(until) for (until,) in held), default=0.0)

    def release(self, name: str, seconds: float) -> None:
        """Let a lease that has not ended hold for *seconds* from now."""
        self._execute(_RELEASE, seconds, name)

    def _execute(self, statement: LiteralString, *values: Any) -> list[tuple[Any, ...]]:
        """Execute one statement by itself: a table's lock is not held while its answer is on a slow way."""
        with self._pool.connection() as connection:
            connection.autocommit = True
            try:
                return list(connection.execute(self._sql(statement), values).fetchall())
            finally:
                connection.autocommit = False

    def _sql(self, statement: LiteralString) -> "Composed":
        from psycopg.sql import SQL, Identifier  # noqa: PLC0415 - an extra

        return SQL(statement).format(table=Identifier(self._table))
