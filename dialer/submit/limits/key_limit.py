"""One limit for all runs of a key, whatever machines they are on: each request takes a permit that they share.

A permit is taken before the claim, so that waiting for one leaves no claim behind, and it counts at an instant soon
after: a claim that is committed by then is not late for it. It holds for a moment; what leaves later takes another. So
the bucket's window is a second and that moment, and no second has more requests than it has permits.

Where the bucket answers slowly, a run leases a share of the permits and spends it by itself (`KeptShare`).
"""

import asyncio
import logging
from collections import deque
from itertools import islice
from math import inf
from typing import Any

from dialer.calls.permit import AHEAD_SECONDS, Permit
from dialer.clock import Clock
from dialer.submit.limits.kept_share import RETRY_SECONDS, Bucket, KeptShare

_CHUNK_SECONDS = 0.02
"""As many permits are taken at once as the whole rate gives in so long, where as many workers wait."""

_LEAD_SECONDS = 0.03
"""So long before its permit counts a request may be claimed."""

_LATE_SECONDS = 0.05
"""So late a timer may be without a loss. Permits are taken no faster than at the key's rate: whoever waited for the
pace between claim and request would outlive its permit.
"""

_FORGOTTEN = 0.9
"""So much of the longest answer of the bucket is left with each that is quicker: permits are taken so far ahead."""

_MOST_WAIT_SECONDS = 1.0
"""A bucket that is empty for long is asked again so late at most: a run may have given its share back."""

_log = logging.getLogger(__name__)


class KeyLimit:
    """What one run takes of its key's limit: *requests_per_second* for all runs together, counted by *bucket*."""

    def __init__(self, bucket: Bucket, requests_per_second: float, clock: Clock) -> None:
        self._bucket = bucket
        self._clock = clock
        self._rate = requests_per_second
        self._most = max(1, round(requests_per_second * _CHUNK_SECONDS))
        self._next_at = 0.0
        self._using = asyncio.Lock()
        self._share = KeptShare(bucket, self._using, requests_per_second, clock)
        self._queue: deque[asyncio.Future[Permit]] = deque()
        self._claimed: deque[Permit] = deque()
        self._passed: deque[Permit] = deque()
        self._serving: asyncio.Task[None] | None = None
        self._besides: set[asyncio.Task[None]] = set()
        self._promised = 0
        self._longest = 0.0

    async def wait_to_claim(self, stopped: asyncio.Event) -> bool:
        """Wait until one request has a permit. False when the run stopped meanwhile."""
        permit = await self._permit(stopped, inf, is_claimed=False)
        if permit is not None:
            self._claimed.append(permit)
        return permit is not None

    async def wait_to_send(self, stopped: asyncio.Event, *, until: float = inf) -> bool:
        """Wait until one request may leave: by a permit that was given to a claim, or by another.

        False when the run stopped meanwhile, or the instant *until* came.
        """
        while not stopped.is_set():
            permit = self._claimed.popleft() if self._claimed else await self._permit(stopped, until, is_claimed=True)
            if permit is None or permit.not_before > until:
                return False
            await self._wait_for(permit, stopped)
            if self._clock.monotonic() <= permit.not_after and not stopped.is_set():
                self._passed.append(permit)
                return True
        return False

    def may_leave(self) -> bool:
        """Return whether a request that was let through may leave now, and count it: its connection may have been late.

        Any permit will do that was let through and is not used.
        """
        now = self._clock.monotonic()
        while self._passed:
            if self._passed.popleft().not_after >= now:
                return True
        return False

    def hold(self, seconds: float) -> None:
        """Let no run of the key send for *seconds*: the API has asked for it."""
        task = asyncio.create_task(self._hold(seconds))
        self._besides.add(task)
        task.add_done_callback(self._besides.discard)

    def close(self) -> None:
        """Take no more permits, and give the leased ones back."""
        self._share.close()
        for task in (self._serving, *self._besides):
            if task is not None:
                task.cancel()

    async def _hold(self, seconds: float) -> None:
        async with self._using:
            try:
                await asyncio.to_thread(self._bucket.hold, seconds)
            except Exception as error:  # noqa: BLE001 - this run pauses by itself, whatever is wrong
                _log.warning("the key's pause is not shared: %s", type(error).__name__, extra={"action": "no_permit"})

    async def _wait_for(self, permit: Permit, stopped: asyncio.Event) -> None:
        if (early := permit.not_before - self._clock.monotonic()) > 0:
            both = {asyncio.ensure_future(self._clock.sleep(early)), asyncio.ensure_future(stopped.wait())}
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in both:
                    task.cancel()

    async def _permit(self, stopped: asyncio.Event, until: float, *, is_claimed: bool) -> Permit | None:
        """Return a permit; None when the run stopped, or *until* came. What is claimed goes before what is not."""
        wanted: asyncio.Future[Permit] = asyncio.get_running_loop().create_future()
        (self._queue.appendleft if is_claimed else self._queue.append)(wanted)
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
        """Take permits for all who wait, as many at once as may be and ahead of their instants, until nobody does."""
        while (wanted := min(len(list(self._waiting())) - self._promised, self._share.most(self._most))) > 0:
            await self._sleep_until(self._next_at - AHEAD_SECONDS)
            answer = await self._take(wanted)
            if not isinstance(answer, Permit):
                await self._clock.sleep(min(answer, _MOST_WAIT_SECONDS))
                continue
            self._next_at = max(self._next_at, answer.not_before - _LATE_SECONDS) + wanted / self._rate
            self._promised += wanted
            task = asyncio.create_task(self._hand_over(answer, wanted))
            self._besides.add(task)
            task.add_done_callback(self._besides.discard)
            await self._sleep_until(answer.not_before - AHEAD_SECONDS)
        self._queue = deque(self._waiting())

    async def _hand_over(self, permit: Permit, count: int) -> None:
        """Hand a permit to so many who wait, a moment before it counts."""
        await self._sleep_until(permit.not_before - _LEAD_SECONDS)
        self._promised -= count
        for item in list(islice(self._waiting(), count)):
            item.set_result(permit)
        self._queue = deque(self._waiting())

    def _waiting(self) -> "filter[asyncio.Future[Permit]]":
        return filter(lambda item: not item.done(), self._queue)

    async def _sleep_until(self, instant: float) -> None:
        if (early := instant - self._clock.monotonic()) > 0:
            await self._clock.sleep(early)

    async def _take(self, permits: int) -> Permit | float:
        """Return a permit that still holds, of the run's own share or of all; else after how long to ask again."""
        permit = self._share.take(permits)
        if permit is not None:
            return permit
        if self._share.is_wanted and self._share.bucket_seconds > AHEAD_SECONDS:
            return AHEAD_SECONDS  # what the bucket gave would be too late, and lost to all
        async with self._using:
            asked_at = self._clock.monotonic()
            try:
                ahead = max(self._longest, self._next_at - asked_at)
                answer = await asyncio.to_thread(self._bucket.take, permits, ahead)
            except Exception as error:  # noqa: BLE001 - without a permit nothing is sent, whatever is wrong
                _log.warning("no permit of the key: %s", type(error).__name__, extra={"action": "no_permit"})
                return RETRY_SECONDS
        now = self._clock.monotonic()
        self._share.look_at(now - asked_at)
        self._longest = max(now - asked_at, _FORGOTTEN * self._longest)
        return 0.0 if isinstance(answer, Permit) and answer.not_after < now else answer
