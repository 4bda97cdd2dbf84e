"""The permits that all runs of a key share, in the PostgreSQL of their ledger: pyrate-limiter's bucket counts them."""

import hashlib
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from dialer.errors import LedgerUnusable
from dialer.ledger.database.address import driver_url
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.refusal import why_refused
from dialer.ledger.database.server import SCHEMA_OPTION

if TYPE_CHECKING:
    import psycopg
    from pyrate_limiter import PostgresBucket
    from pyrate_limiter.abstracts.algorithm import Decision

CONTENDED_SECONDS = 0.003
"""So soon a bucket is asked again that another run was just being given a permit of."""

_LEAK_MS = 1_000
"""How often permits that are too old to count are deleted."""

_TRIES = 100


class KeyBucket:
    """Hands out at most *permits* in any *window_seconds*, to all who open the bucket of the same *name*.

    Construct it with `open_bucket`; its methods raise the driver's errors. One thread at a time may use it. Instants
    are the server's, so that the clocks of machines do not matter.
    """

    def __init__(self, bucket: "PostgresBucket", permits: int, window_ms: int) -> None:
        self._bucket = bucket
        self._permits = permits
        self._window_ms = window_ms
        self._leaked_ms = 0

    def take(self, permits: int) -> float:
        """Take so many permits at once; return 0 where they were given, else after how many seconds to ask again."""
        now_ms = self._now_ms()
        decision = self._put(now_ms, permits)
        if now_ms - self._leaked_ms >= _LEAK_MS:
            self._bucket.leak(now_ms)
            self._leaked_ms = now_ms
        if decision.allowed:
            return 0.0
        return CONTENDED_SECONDS if decision.retry_after_ms is None else max(1, decision.retry_after_ms) / 1000

    def hold(self, seconds: float) -> None:
        """Refuse everybody a permit for *seconds*, or for two windows where that is longer.

        All permits of a window to come are taken: one that begins after every permit that was given.
        """
        now_ms = self._now_ms()
        last_ms = max(now_ms + round(seconds * 1000) - self._window_ms, now_ms + self._window_ms + 1)
        for _ in range(_TRIES):
            decision = self._put(last_ms, self._permits)
            if decision.allowed or decision.retry_after_ms is not None:
                return  # else another run was just being given one

    def _now_ms(self) -> int:
        return int(self._bucket.now())  # type: ignore[no-untyped-call]  # the library's own annotations lack it

    def _put(self, at_ms: int, permits: int) -> "Decision":
        from pyrate_limiter import RateItem  # noqa: PLC0415 - an extra

        decision = self._bucket.put_decision(RateItem("permit", at_ms, permits))
        assert not isinstance(decision, Awaitable)  # noqa: S101 - for the type checker: this bucket blocks
        return decision


@contextmanager
def open_bucket(ledger: Ledger, name: str, permits: int, window_seconds: float) -> Iterator[KeyBucket]:
    """Open the bucket *name* in *ledger*, over a connection of its own, and make it where it is new.

    Raises `ImportError` where the part `fleet` is not installed, `LedgerUnusable` where its table cannot be made.
    """
    from psycopg import Error  # noqa: PLC0415 - an extra
    from psycopg_pool import ConnectionPool, PoolTimeout  # noqa: PLC0415 - as above
    from pyrate_limiter import PostgresBucket, Rate  # noqa: PLC0415 - as above

    class Bucket(PostgresBucket):
        """Makes no table that is there already: a role of least rights may make none."""

        def _create_table(self) -> None:
            with self._get_conn() as connection:
                (found,) = connection.execute("SELECT to_regclass(%s)", [self._full_tbl]).fetchone()
            if found is None:
                super()._create_table()  # type: ignore[no-untyped-call]  # as above

    engine, window_ms = ledger.engine, round(window_seconds * 1000)
    configure = partial(_configure, engine.get_execution_options().get(SCHEMA_OPTION))
    with ConnectionPool(driver_url(engine.url), min_size=1, max_size=1, configure=configure, open=True) as pool:
        try:
            bucket = Bucket(pool, _table(name), [Rate(permits, window_ms)])
        except (Error, PoolTimeout) as error:
            raise LedgerUnusable(
                f"{ledger.where}: the limit of {name} cannot be kept there: {why_refused(error)}"
            ) from error
        yield KeyBucket(bucket, permits, window_ms)


def _table(name: str) -> str:
    return f"key_{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def _configure(schema: str | None, connection: "psycopg.Connection[Any]") -> None:
    """Let instants mean the same in every session, and lose no time at the disk: a permit lives for a second."""
    connection.execute("SELECT set_config('TimeZone', 'UTC', false), set_config('synchronous_commit', 'off', false)")
    if schema is not None:
        connection.execute("SELECT set_config('search_path', %s, false)", [schema])
    connection.commit()
