"""Leases a share of a key's limit while the bucket that counts it answers slowly, and gives it back afterwards."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from math import inf
from typing import Protocol

from dialer.calls.permit import AHEAD_SECONDS, Lease, Permit, permits_of
from dialer.clock import Clock
from dialer.submit.limits.leased_share import LeasedShare

SLOW_SECONDS = 0.1
"""An answer that takes longer is slow: a permit for each chunk of requests would not keep up with the rate."""

SLOW_ANSWERS = 3
"""So many slow answers in a row are no accident."""

STUCK_SECONDS = 1.0
"""One answer that takes longer is enough."""

QUICK_ANSWERS = 8
"""So many quick answers in a row, one with each renewal, end the slow time: to lease and to give back cost a window."""

RENEW_SECONDS = 2.5
"""How often a lease is renewed."""

RETRY_SECONDS = 0.5
"""A bucket that cannot be reached, or has no share left, is asked again so late."""

_log = logging.getLogger(__name__)


class Bucket(Protocol):
    """Hands out permits to all who ask; see `dialer.ledger.fleet.key_bucket.KeyBucket`. Its methods block.

    Instants are those of the caller's monotonic clock.
    """

    def take(self, permits: int, ahead: float) -> Permit | float:
        """Take permits for so many requests at one instant from *ahead* seconds on; else tell when to ask again."""

    def hold(self, seconds: float) -> None:
        """Refuse everybody a permit for *seconds*."""

    def lease(self) -> Lease | None:
        """Lease an even share of the permits; None where others have leased too much of them."""

    def renew(self, lease: Lease) -> Lease | None:
        """Let a lease hold longer, of fewer permits where more runs share them by now; None where it has ended."""

    def release(self, lease: Lease) -> None:
        """End a lease at its `not_after`, which is sooner than it was: nothing of it is used after that."""


class KeptShare:
    """The share that one run leases of *bucket*, once `look_at` has seen that its answers are slow.

    *using* is held by whoever asks the bucket. `bucket_seconds` is how long its last answer took.
    """

    def __init__(self, bucket: Bucket, using: asyncio.Lock, requests_per_second: float, clock: Clock) -> None:
        self._bucket = bucket
        self._using = using
        self._clock = clock
        self._window_seconds = permits_of(requests_per_second)[1]
        self._slow_answers = 0
        self._keeping: asyncio.Task[None] | None = None
        self._share: LeasedShare | None = None
        self.bucket_seconds = 0.0

    @property
    def is_wanted(self) -> bool:
        """Whether the bucket is slow: a share is leased, or soon will be."""
        return self._keeping is not None and not self._keeping.done()

    def most(self, permits: int) -> int:
        """Return how many of *permits* can be taken at once."""
        return permits if self._share is None else min(permits, self._share.lease.permits)

    def take(self, permits: int) -> Permit | None:
        """Take permits of the share; None where none is leased, or it does not hold yet or any more."""
        now, share = self._clock.monotonic(), self._share
        if share is None or permits > share.lease.permits or now < share.lease.not_before - AHEAD_SECONDS:
            return None
        return share.take(permits, now)

    def look_at(self, seconds: float) -> None:
        """Learn how long the bucket took to answer."""
        self.bucket_seconds = seconds
        self._slow_answers = self._slow_answers + 1 if seconds > SLOW_SECONDS else 0
        if not self.is_wanted and (self._slow_answers >= SLOW_ANSWERS or seconds > STUCK_SECONDS):
            self._keeping = asyncio.create_task(self._keep())

    def close(self) -> None:
        """Renew the lease no more, and give it back; this blocks. One that cannot be given back ends by itself."""
        if self._keeping is not None:
            self._keeping.cancel()
        if self._share is not None:
            with suppress(Exception):
                self._bucket.release(self._share.given_back)

    async def _keep(self) -> None:
        """Lease a share, and renew it until the bucket has answered quickly for a while."""
        _log.info("permits of the key come slowly: a share of its limit is leased", extra={"action": "lease"})
        quick = 0
        while quick < QUICK_ANSWERS:
            share = self._share
            if share is None:
                lease = await self._ask(self._bucket.lease)
                self._share = None if lease is None else LeasedShare(lease, self._window_seconds)
            elif (lease := await self._ask(partial(self._bucket.renew, share.lease), share.lease)) is not None:
                share.lease = lease
            else:
                self._share = None
            quick = quick + 1 if self.bucket_seconds <= SLOW_SECONDS / 2 else 0
            await self._clock.sleep(RETRY_SECONDS if self._share is None else RENEW_SECONDS)
        share, self._share, self._slow_answers = self._share, None, 0
        if share is not None:
            await self._ask(partial(self._bucket.release, share.given_back))

    async def _ask(self, ask: Callable[[], Lease | None], otherwise: Lease | None = None) -> Lease | None:
        """Ask the bucket, and see how long it takes; return *otherwise* where it cannot be reached."""
        async with self._using:
            asked_at = self._clock.monotonic()
            try:
                answer = await asyncio.to_thread(ask)
            except Exception as error:  # noqa: BLE001 - a lease holds as long as it did, whatever is wrong
                _log.warning("no share of the key: %s", type(error).__name__, extra={"action": "no_lease"})
                self.bucket_seconds = inf
                return otherwise
        self.bucket_seconds = self._clock.monotonic() - asked_at
        return answer
