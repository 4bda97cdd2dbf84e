"""Holds every request back to what the API allows, however many workers there are.

Two gates of the same width: `permit` before a call is claimed, so that waiting leaves no claim behind should the
machine die, and `send` right before the request leaves, so that the jitter of the commit between the two cannot
bunch requests up.
"""

import asyncio
from collections.abc import Awaitable

from aiolimiter import AsyncLimiter

from dialer.clock import Clock

MAX_PAUSE_SECONDS = 15 * 60
"""A longer `Retry-After` ends the run: waiting would only carry slots past their time."""

_PERMIT_SHARE = 0.960
_SEND_SHARE = 0.965


def limiter(requests_per_second: float, share: float) -> AsyncLimiter:
    """Make a limiter that keeps any sliding second within *requests_per_second*, with room for jitter.

    A bucket of capacity b that leaks r a second lets at most b + r through in any second. `AsyncLimiter(rate, 1)`
    has b = r = rate: twice the rate in its first second. Here r is *share* of the rate and b is barely more than
    one, so N+1 requests span at least (N + 1 - b) / r = 1.03 seconds, while the little above one absorbs late
    timers, which would otherwise lose a tenth of 50 a second (measured).
    """
    capacity = 1 + 0.005 * requests_per_second
    return AsyncLimiter(capacity, capacity / (share * requests_per_second))


class Pacer:
    """Shared by all workers of a run. Every wait ends early when *stopped* is set."""

    def __init__(self, requests_per_second: float, clock: Clock, stopped: asyncio.Event) -> None:
        self._permits = limiter(requests_per_second, _PERMIT_SHARE)
        self._sends = limiter(requests_per_second, _SEND_SHARE)
        self._clock = clock
        self._stopped = stopped
        self._resume_at = 0.0

    async def permit(self) -> bool:
        """Wait for leave to claim one call. False when the run stopped meanwhile: claim nothing."""
        return await self._pass(self._permits)

    async def send(self) -> bool:
        """Wait for leave to send one claimed call. False when the run stopped meanwhile: send nothing."""
        return await self._pass(self._sends)

    def pause(self, seconds: float) -> None:
        """Hold back every request for *seconds* from now; a shorter pause never cuts a longer one short."""
        self._resume_at = max(self._resume_at, self._clock.monotonic() + seconds)

    async def wait(self, seconds: float) -> bool:
        """Wait *seconds*. False when the run stopped meanwhile."""
        return await self._unless_stopped(self._clock.sleep(seconds))

    async def _pass(self, gate: AsyncLimiter) -> bool:
        while not self._stopped.is_set():
            pause = self._resume_at - self._clock.monotonic()
            if pause > 0:
                await self.wait(pause)
            elif gate.has_capacity():
                await gate.acquire()  # returns at once
                return True
            elif await self._unless_stopped(gate.acquire()) and self._resume_at <= self._clock.monotonic():
                return True
        return False

    async def _unless_stopped(self, waiting: Awaitable[None]) -> bool:
        """Await *waiting*, or give it up when the run stops; tell whether it was done."""
        wanted = asyncio.ensure_future(waiting)
        stop = asyncio.ensure_future(self._stopped.wait())
        try:
            await asyncio.wait({wanted, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            wanted.cancel()
            stop.cancel()
            await asyncio.gather(wanted, stop, return_exceptions=True)
        return wanted.done() and not wanted.cancelled() and not self._stopped.is_set()
