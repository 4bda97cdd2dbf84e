"""One limit for all runs of a key, whatever machines they are on: each request takes a permit that they share.

A permit is taken before the claim, so that waiting for one leaves no claim behind. It holds for a moment only: what
leaves later takes another. So the bucket's window is a second and that moment, and no second has more requests than it
has permits.
"""

import asyncio
import logging
from collections import deque
from math import inf
from typing import Any, Protocol

from dialer.clock import Clock

PERMIT_SECONDS = 0.04
"""So soon after its permit was given a request leaves, or takes another one."""

NETWORK_SECONDS = 0.01
"""So differently long requests take to the API."""

WINDOW_SECONDS = 1.0 + PERMIT_SECONDS + NETWORK_SECONDS

_CHUNK_SECONDS = 0.02
"""As many permits are taken at once as the whole rate gives in so long, where as many workers wait."""


_LATE_SECONDS = 0.05
"""So late a timer may be without a loss. Permits are handed on no faster than at the key's rate: whoever waited for the
pace between claim and request would outlive its permit.
"""

RETRY_SECONDS = 0.5
"""A bucket that cannot be reached is asked again so late; it lies beside the ledger, and claims tell what is wrong."""

_log = logging.getLogger(__name__)


class Bucket(Protocol):
    """Hands out permits to all who ask; see `dialer.ledger.fleet.key_bucket.KeyBucket`. Its methods block."""

    def take(self, permits: int) -> float:
        """Take so many permits at once; return 0 where they were given, else after how many seconds to ask again."""

    def hold(self, seconds: float) -> None:
        """Refuse everybody a permit for *seconds*."""


def permits_of(requests_per_second: float) -> tuple[int, float]:
    """Return how many permits a key has in a window, and how long that is in seconds."""
    return max(1, int(requests_per_second)), WINDOW_SECONDS * max(1.0, 1 / requests_per_second)


class KeyLimit:
    """What one run takes of its key's limit: *requests_per_second* for all runs together, counted by *bucket*."""

    def __init__(self, bucket: Bucket, requests_per_second: float, clock: Clock) -> None:
        self._bucket = bucket
        self._clock = clock
        self._rate = requests_per_second
        self._most = max(1, round(requests_per_second * _CHUNK_SECONDS))
        self._next_at = 0.0
        self._using = asyncio.Lock()
        self._queue: deque[asyncio.Future[float]] = deque()
        self._given: deque[float] = deque()
        self._serving: asyncio.Task[None] | None = None
        self._holding: set[asyncio.Task[None]] = set()

    async def wait_to_claim(self, stopped: asyncio.Event) -> bool:
        """Wait until one request has a permit. False when the run stopped meanwhile."""
        given_at = await self._permit(stopped, inf)
        if given_at is not None:
            self._given.append(given_at)
        return given_at is not None

    async def wait_to_send(self, stopped: asyncio.Event, *, until: float = inf) -> bool:
        """Use a permit that was given a moment ago, or wait for another until the instant *until*.

        False when the run stopped meanwhile, or that instant came.
        """
        while self._given:
            if self._clock.monotonic() - self._given.popleft() <= PERMIT_SECONDS:
                return True
        while not stopped.is_set():
            given_at = await self._permit(stopped, until)
            if given_at is None:
                return False
            if self._clock.monotonic() - given_at <= PERMIT_SECONDS:
                return True
        return False

    def hold(self, seconds: float) -> None:
        """Let no run of the key send for *seconds*: the API has asked for it."""
        task = asyncio.create_task(self._hold(seconds))
        self._holding.add(task)
        task.add_done_callback(self._holding.discard)

    def close(self) -> None:
        """Take no more permits."""
        for task in (self._serving, *self._holding):
            if task is not None:
                task.cancel()

    async def _hold(self, seconds: float) -> None:
        async with self._using:
            try:
                await asyncio.to_thread(self._bucket.hold, seconds)
            except Exception as error:  # noqa: BLE001 - this run pauses by itself, whatever is wrong
                _log.warning("the key's pause is not shared: %s", type(error).__name__, extra={"action": "no_permit"})

    async def _permit(self, stopped: asyncio.Event, until: float) -> float | None:
        """Return when a permit was given, by the monotonic clock; None when the run stopped, or *until* came."""
        wanted: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._queue.append(wanted)
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve())
        stop = asyncio.ensure_future(stopped.wait())
        try:
            seconds = None if until == inf else max(0.0, until - self._clock.monotonic())
            both: set[asyncio.Future[Any]] = {wanted, stop}
            await asyncio.wait(both, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
            if not wanted.done():
                wanted.cancel()
        return None if wanted.cancelled() or stopped.is_set() else wanted.result()

    async def _serve(self) -> None:
        """Take permits for all who wait, as many at once as may be, until nobody does."""
        while waiting := [item for item in self._queue if not item.done()][: self._most]:
            if (early := self._next_at - self._clock.monotonic()) > 0:
                await self._clock.sleep(early)
            async with self._using:
                asked_at = self._clock.monotonic()
                try:
                    wait = await asyncio.to_thread(self._bucket.take, len(waiting))
                except Exception as error:  # noqa: BLE001 - without a permit nothing is sent, whatever is wrong
                    _log.warning("no permit of the key: %s", type(error).__name__, extra={"action": "no_permit"})
                    wait = RETRY_SECONDS
            if wait:
                await self._clock.sleep(wait)
                continue
            self._next_at = max(self._next_at, asked_at - _LATE_SECONDS) + len(waiting) / self._rate
            for item in waiting:
                if not item.done():
                    item.set_result(asked_at)
            self._queue = deque(item for item in self._queue if not item.done())
        self._queue.clear()
