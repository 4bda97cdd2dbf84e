"""Holds every request back to what the API allows, however many workers there are.

Two waits at the same pace: one before a call is claimed, so that waiting leaves no claim behind should the machine
die, and one right before the request leaves, so that the jitter of the commit between the two cannot bunch requests up.
"""

import asyncio
from collections.abc import Awaitable, Iterable
from math import inf

from aiolimiter import AsyncLimiter

from dialer.clock import Clock
from dialer.submit.rate_share import RateShare
from dialer.submit.sliding_window import SlidingWindow

MAX_PAUSE_SECONDS = 15 * 60
"""A longer `Retry-After` ends the run: waiting would only carry slots past their time."""

_EVEN_SECONDS = 0.1
"""So late a timer may be without a loss: as late as they are on a machine with no core free (measured)."""

_SEND_SLACK_SECONDS = 0.020
_CLAIM_SLACK_SECONDS = 0.023
"""A little more, so that claims do not gather before the second wait after a commit that took long."""


_MOST_SLACK_SECONDS = 0.06
"""Where timers are late, the way of a request differs by as much: the slack grows with them, up to this."""

_FORGOTTEN_IN_A_SECOND = 0.07
"""So much of the lateness seen is forgotten in each second of waiting: half of it in ten."""


class _Lane:
    """One of the two waits. `AsyncLimiter` spaces requests evenly and the window keeps the limit.

    A leaky bucket cannot do both: with room for b and a leak of r a second it lets b + r through in the worst second,
    so that each bit of room, which late timers need, is lost to the rate. Here it leaks at the whole rate.
    """

    def __init__(self, requests_per_second: float, slack_seconds: float) -> None:
        room = 1 + _EVEN_SECONDS * requests_per_second
        self.spacing = AsyncLimiter(room, room / requests_per_second)
        self.window = SlidingWindow(requests_per_second, slack_seconds)
        self.queue = asyncio.Lock()


class Pacer:
    """Shared by all workers of a run. Every wait ends early when the event *stopped* that it is given is set."""

    def __init__(self, requests_per_second: float, clock: Clock) -> None:
        self._claims = _Lane(requests_per_second, _CLAIM_SLACK_SECONDS)
        self._sends = _Lane(requests_per_second, _SEND_SLACK_SECONDS)
        self._clock = clock
        self._resume_at = 0.0
        self._released = asyncio.Event()
        self._released.set()
        self.share = RateShare(requests_per_second)
        self._lateness = 0.0

    @property
    def has_room(self) -> bool:
        """Whether one call could be claimed and sent without waiting."""
        return self._pause_seconds <= 0 and self._is_open(self._claims) and self._is_open(self._sends)

    @property
    def _pause_seconds(self) -> float:
        return self._resume_at - self._clock.monotonic()

    def _opens_at(self, lane: _Lane) -> float:
        more = min(1.5 * self._lateness, _MOST_SLACK_SECONDS) - _SEND_SLACK_SECONDS
        return lane.window.opens_at(self.share.share) + max(0.0, more)

    def _is_open(self, lane: _Lane) -> bool:
        is_free = not lane.queue.locked() and lane.spacing.has_capacity()
        return is_free and self._opens_at(lane) <= self._clock.monotonic()

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
        if not await self._pass(self._sends, stopped, until) or not (until == inf or self._released.is_set()):
            return False
        self.share.sent()
        return True

    def count(self, instants: Iterable[float]) -> None:
        """Count requests that left before the first wait, at *instants* of the monotonic clock, the oldest first."""
        for instant in instants:
            self._sends.window.pass_at(instant)

    async def wait_to_look(self, stopped: asyncio.Event) -> None:
        """Wait until one request more is within the pace; neither for the end of a pause, nor when the run stops."""
        while not stopped.is_set() and (seconds := self._opens_at(self._sends) - self._clock.monotonic()) > 0:
            await self.wait(seconds, stopped)
        self._sends.window.pass_at(self._clock.monotonic())

    def leave(self, let_through_at: float) -> bool:
        """Count a GET from now on, when it leaves: its connection may have had to be opened first. Return True."""
        self._sends.window.leave(let_through_at, self._clock.monotonic())
        return True

    def may_leave(self, let_through_at: float) -> bool:
        """Return whether a request may leave now that `wait_to_send` let through at an instant of the monotonic clock.

        It counts from now on, as for the API: its connection may have had to be opened first. Where a network that
        stalled lets many connections open at once, the second may be full.
        """
        return self._sends.window.may_leave(let_through_at, self._clock.monotonic())

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

    async def _pass(self, lane: _Lane, stopped: asyncio.Event, until: float = inf) -> bool:
        while not stopped.is_set():
            pause = self._pause_seconds
            if pause > 0 and self._resume_at > until:
                return False
            if pause > 0:
                await self.wait(pause, stopped)
            elif self._is_open(lane):
                await lane.spacing.acquire()  # returns at once
                lane.window.pass_at(self._clock.monotonic())
                return True
            elif await _unless_stopped(self._turn(lane), stopped):
                return True
        return False

    async def _turn(self, lane: _Lane) -> bool:
        """Wait in line. False when a pause has begun meanwhile."""
        async with lane.queue:
            await lane.spacing.acquire()
            while self._pause_seconds <= 0:
                now = self._clock.monotonic()
                wait = self._opens_at(lane) - now
                if wait <= 0:
                    lane.window.pass_at(now)
                    return True
                await self._clock.sleep(wait)
                slept = self._clock.monotonic() - now
                self._lateness = max(slept - wait, self._lateness * (1 - _FORGOTTEN_IN_A_SECOND) ** slept)
        return False


async def _unless_stopped(waiting: Awaitable[object], stopped: asyncio.Event) -> bool:
    """Await *waiting*, or give it up when the run stops; return whether it was done, unless it returned False."""
    wanted = asyncio.ensure_future(waiting)
    stop = asyncio.ensure_future(stopped.wait())
    try:
        await asyncio.wait({wanted, stop}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        wanted.cancel()
        stop.cancel()
        await asyncio.gather(wanted, stop, return_exceptions=True)
    return not wanted.cancelled() and not stopped.is_set() and wanted.result() is not False
