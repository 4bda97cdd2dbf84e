"""The permits that all runs of a key share, in the PostgreSQL of their ledger: pyrate-limiter's bucket counts them."""

import hashlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from dialer.calls.permit import AHEAD_SECONDS, PERMIT_SECONDS, Lease, Permit
from dialer.clock import SYSTEM_CLOCK
from dialer.errors import LedgerUnusable
from dialer.ledger.database.address import driver_url
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.refusal import why_refused
from dialer.ledger.database.server import SCHEMA_OPTION
from dialer.ledger.fleet.key_leases import Leases, sharing_number
from dialer.ledger.fleet.server_time import ServerTime

if TYPE_CHECKING:
    import psycopg
    from pyrate_limiter import PostgresBucket
    from pyrate_limiter.abstracts.algorithm import Decision

CONTENDED_SECONDS = 0.003
"""So soon a bucket is asked again that another run was just being given a permit of."""

_LEAK_MS = 1_000
"""How often permits that are too old to count are deleted."""

_AHEAD_MS = round(AHEAD_SECONDS * 1000)


class KeyBucket:
    """Hands out at most *permits* in any *window_seconds*, to all who open the bucket of the same *name*.

    Construct it with `open_bucket`; its methods raise the driver's errors. One thread at a time may use it. Permits
    count at instants of the server's clock, so that those of the machines do not matter; what it returns is by the
    *monotonic* clock of this one. The server's may run a little wrong, and must not be set forward while runs go on.
    """

    def __init__(
        self, bucket: "PostgresBucket", leases: Leases, permits: int, window_ms: int, monotonic: Callable[[], float]
    ) -> None:
        self._bucket = bucket
        self._leases = leases
        self._permits = permits
        self._window_ms = window_ms
        self._monotonic = monotonic
        self._time = ServerTime()
        self._leaked_ms = 0
        self._wait_until = -inf

    def take(self, permits: int, ahead: float = 0.0) -> Permit | float:
        """Take permits for so many requests, which count at one instant; else tell after how many seconds to ask again.

        The instant is the first with room for them from *ahead* seconds on, and at most `AHEAD_SECONDS` away.
        """
        now_ms = self._now_ms()
        at_ms = now_ms + min(_AHEAD_MS, round(ahead * 1000))
        if (wait := self._wait_until - self._monotonic()) > 0:
            return wait
        decision = self._put(at_ms, permits)
        if decision.retry_after_ms is not None and at_ms + decision.retry_after_ms <= now_ms + _AHEAD_MS:
            at_ms += max(1, decision.retry_after_ms)
            decision = self._put(at_ms, permits)
        if now_ms - self._leaked_ms >= _LEAK_MS:
            self._bucket.leak(now_ms)
            self._leaked_ms = now_ms
        if decision.allowed:
            return Permit(self._time.latest(at_ms / 1000), self._time.earliest(at_ms / 1000) + PERMIT_SECONDS)
        if decision.retry_after_ms is None:
            return CONTENDED_SECONDS
        return max(CONTENDED_SECONDS, (at_ms + decision.retry_after_ms - now_ms) / 1000 - AHEAD_SECONDS)

    def hold(self, seconds: float) -> None:
        """Refuse everybody a permit for *seconds*; whoever has leased a share hears of it when that is renewed."""
        self._leases.pause((self._now_ms() - self._window_ms) / 1000 + seconds, self._permits)

    def lease(self) -> Lease | None:
        """Lease an even share of the permits for a while; None where others have leased too much of them.

        A lease is so many permits of its last instant: all that are given from now on leave room for them. It may be
        used once those that were given before count no more.
        """
        self._now_ms()
        name, permits, window_s = uuid4().hex, self._even_share(), self._window_ms / 1000
        until_s = self._leases.grant(name, permits, limit=self._permits, window=window_s)
        if until_s is None:
            return None
        begins = self._monotonic() + AHEAD_SECONDS + window_s
        return Lease(name, permits, self._after_pause(begins), self._time.earliest(until_s))

    def renew(self, lease: Lease) -> Lease | None:
        """Let a lease hold from now as long as a new one, of fewer permits where more runs share them by now.

        None where it has ended. What it gives up is free when the lease would have ended.
        """
        self._now_ms()
        permits, until_s = self._leases.renew(lease.name, min(lease.permits, self._even_share()))
        if not permits:
            return None
        begins = self._after_pause(lease.not_before)
        return Lease(lease.name, permits, begins, self._time.earliest(until_s))

    def release(self, lease: Lease) -> None:
        """Let a lease end at its `not_after`, which may be past: its permits are free in a window from then."""
        self._leases.release(lease.name, max(0.0, lease.not_after - self._monotonic()))

    def _after_pause(self, instant: float) -> float:
        """Return *instant*, or the end of a pause that the API has asked for."""
        last_s = self._leases.last_pause()
        return instant if last_s is None else max(instant, self._time.latest(last_s) + self._window_ms / 1000)

    def _even_share(self) -> int:
        return max(1, self._permits // max(1, self._leases.sharers()))

    def _now_ms(self) -> int:
        """Return the server's time; where its clock was set, what was given before counts for a window yet."""
        asked_at = self._monotonic()
        now_ms = int(self._bucket.now())  # type: ignore[no-untyped-call]  # the library's own annotations lack it
        answered_at = self._monotonic()
        if not self._time.heard(now_ms / 1000, asked_at=asked_at, answered_at=answered_at):
            self._wait_until = answered_at + self._window_ms / 1000
        return now_ms

    def _put(self, at_ms: int, permits: int) -> "Decision":
        from pyrate_limiter import RateItem  # noqa: PLC0415 - an extra

        decision = self._bucket.put_decision(RateItem("permit", at_ms, permits))
        assert not isinstance(decision, Awaitable)  # noqa: S101 - for the type checker: this bucket blocks
        return decision


@contextmanager
def open_bucket(
    ledger: Ledger,
    name: str,
    permits: int,
    window_seconds: float,
    monotonic: Callable[[], float] = SYSTEM_CLOCK.monotonic,
) -> Iterator[KeyBucket]:
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
            self.leases = Leases(pool, self._full_tbl, sharing)

    engine, window_ms, table = ledger.engine, round(window_seconds * 1000), _table(name)
    schema = engine.get_execution_options().get(SCHEMA_OPTION)
    sharing = sharing_number(f"{schema} {table}")
    configure = partial(_configure, schema, sharing)
    with ConnectionPool(driver_url(engine.url), min_size=1, max_size=1, configure=configure, open=True) as pool:
        try:
            bucket = Bucket(pool, table, [Rate(permits, window_ms)])
        except (Error, PoolTimeout) as error:
            raise LedgerUnusable(
                f"{ledger.where}: the limit of {name} cannot be kept there: {why_refused(error)}"
            ) from error
        yield KeyBucket(bucket, bucket.leases, permits, window_ms, monotonic)


def _table(name: str) -> str:
    return f"key_{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def _configure(schema: str | None, sharing: int, connection: "psycopg.Connection[Any]") -> None:
    """Let instants mean the same in every session, and lose no time at the disk: a permit lives for a second.

    The session says by a lock that it shares the bucket, as long as it lives.
    """
    connection.execute("SELECT pg_advisory_lock_shared(%s)", [sharing])
    connection.execute("SELECT set_config('TimeZone', 'UTC', false), set_config('synchronous_commit', 'off', false)")
    if schema is not None:
        connection.execute("SELECT set_config('search_path', %s, false)", [schema])
    connection.commit()
