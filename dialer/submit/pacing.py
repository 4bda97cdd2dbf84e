"""Holds every request back to what the API allows, however many workers there are.

Two waits at the same pace: one before a call is claimed, so that waiting leaves no claim behind should the machine
die, and one right before the request leaves, so that the jitter of the commit between the two cannot bunch requests up.
"""

import asyncio
from collections.abc import Awaitable
from math import inf

from aiolimiter import AsyncLimiter

from dialer.clock import Clock

MAX_PAUSE_SECONDS = 15 * 60
"""A longer `Retry-After` ends the run: waiting would only carry slots past their time."""

_CLAIM_SHARE = 0.960
_SEND_SHARE = 0.965


def limiter(requests_per_second: float, share: float) -> AsyncLimiter:
    """Return a limiter that keeps any sliding second within *requests_per_second*, with room for jitter.

    A bucket of capacity b that leaks r a second lets at most b + r through in any second. `AsyncLimiter(rate, 1)`
    has b = r = rate: twice the rate in its first second. Here r is *share* of the rate and b is barely more than
    one, so N+1 requests span at least (N + 1 - b) / r = 1.03 seconds, while the little above one absorbs late
    timers, which would otherwise lose a tenth of 50 a second (measured).
    """
    capacity = 1 + 0.005 * requests_per_second
    return AsyncLimiter(capacity, capacity / (share * requests_per_second))


class Pacer:
    """Shared by all workers of a run. Every wait ends early when the event *stopped* that it is given is set."""

    def __init__(self, requests_per_second: float, clock: Clock) -> None:
        self._claims = limiter(requests_per_second, _CLAIM_SHARE)
        self._sends = limiter(requests_per_second, _SEND_SHARE)
        self._clock = clock
        self._resume_at = 0.0
        self._released = asyncio.Event()
        self._released.set()

    @property
    def has_room(self) -> bool:
        """Whether one call could be claimed and sent without waiting."""
        is_paused = self._resume_at > self._clock.monotonic()
        return not is_paused and self._claims.has_capacity() and self._sends.has_capacity()

    async def wait_to_claim(self, stopped: asyncio.Event) -> bool:
        """Wait until one call may be claimed. False when the run stopped meanwhile: claim nothing."""
        while await self._pass(self._claims, stopped):
            if self._released.is_set():
                return True
            await _unless_stopped(self._released.wait(), stopped)
        return False

    async def wait_to_send(self, stopped: asyncio.Event, *, until: float = inf) -> bool:
        """Wait until one claimed call may be sent. False when the run stopped meanwhile: send nothing.

        With *until*, an instant of the monotonic clock, it is False too when a pause lasts beyond it, or while claims
        are held back: a claimed call does not wait for the end of that.
        """
        return await self._pass(self._sends, stopped, until) and (until == inf or self._released.is_set())

    def hold(self) -> None:
        """Let nothing be claimed, and nothing claimed be sent, until `release`."""
        self._released.clear()

    def release(self) -> None:
        """Let claims pass again."""
        self._released.set()

    def pause(self, seconds: float) -> None:
        """Hold back every request for *seconds* from now; a shorter pause never cuts a longer one short."""
        self._resume_at = max(self._resume_at, self._clock.monotonic() + seconds)

    async def wait(self, seconds: float, stopped: asyncio.Event) -> bool:
        """Wait *seconds*. False when the run stopped meanwhile."""
        return await _unless_stopped(self._clock.sleep(seconds), stopped)

    async def _pass(self, gate: AsyncLimiter, stopped: asyncio.Event, until: float = inf) -> bool:
        while not stopped.is_set():
            pause = self._resume_at - self._clock.monotonic()
            if pause > 0 and self._resume_at > until:
                return False
            if pause > 0:
                await self.wait(pause, stopped)
            elif gate.has_capacity():
                await gate.acquire()  # returns at once
                return True
            elif await _unless_stopped(gate.acquire(), stopped) and self._resume_at <= self._clock.monotonic():
                return True
        return False


async def _unless_stopped(waiting: Awaitable[object], stopped: asyncio.Event) -> bool:
    """Await *waiting*, or give it up when the run stops; return whether it was done."""
    wanted = asyncio.ensure_future(waiting)
    stop = asyncio.ensure_future(stopped.wait())
    try:
        await asyncio.wait({wanted, stop}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        wanted.cancel()
        stop.cancel()
        await asyncio.gather(wanted, stop, return_exceptions=True)
    return wanted.done() and not wanted.cancelled() and not stopped.is_set()
