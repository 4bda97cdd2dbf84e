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
"""What is late by no more leaves at once: timers are that late on a machine with no core free (measured)."""

_CATCH_UP_SECONDS = 1.0
_CATCH_UP_RATE = 2.0
"""After a longer stall, for want of a core or of the disk, requests pass at twice the rate until none is late any more.
More than a second is never caught up: the window would not let it through."""

_SEND_SLACK_SECONDS = 0.020
_CLAIM_SLACK_SECONDS = 0.023
"""A little more, so that claims do not gather before the second wait after a commit that took long."""

_SEND_BUNCH_SECONDS = 0.004
_CLAIM_BUNCH_SECONDS = 0.020
"""Those whose turns lie within so long pass together, at the turn of the last: claims then share a commit, and requests
a timer. One by one, 500 a second took 500 commits, and these half of the processor's time."""

_MOST_LATE_SECONDS = 0.04
_SLACK_SHARE = 1.5
_LATE_TIMERS = 3
"""Where timers are late, requests take differently long as well. So the slack grows to this multiple of a lateness that
as many timers as this have reached of late. One stall says nothing of the timers after it."""

_FORGOTTEN_IN_A_SECOND = 0.07
"""So much of the lateness seen is forgotten in each second of waiting: half of it in ten."""


class _Lane:
    """One of the two waits. Turns are even, `AsyncLimiter` bounds what catches up, and the window keeps the limit.

    A leaky bucket cannot do all three: with room for b and a leak of r a second it lets b + r through in the worst
    second, so that each bit of room, which late timers need, is lost to the rate. Here it leaks at twice the rate.
    """

    def __init__(self, requests_per_second: float, slack_seconds: float, bunch_seconds: float) -> None:
        room = 1 + _EVEN_SECONDS * requests_per_second
        self._catching_up = AsyncLimiter(room, room / (_CATCH_UP_RATE * requests_per_second))
        self._caught_up = 0  # how many the bucket has let pass that have not passed yet
        self._each = 1 / requests_per_second
        self._due = -inf  # when the next has its turn
        self._has_begun = False
        self.window = SlidingWindow(requests_per_second, slack_seconds)
        self.queue = asyncio.Lock()
        self.bunch = max(1, int(requests_per_second * bunch_seconds))
        self.bunch_seconds = bunch_seconds

    @property
    def is_free(self) -> bool:
        """Whether nobody waits in line, and one could catch up at once."""
        return not self.queue.locked() and (self._caught_up > 0 or self._catching_up.has_capacity())

    async def catch_up(self, stopped: asyncio.Event) -> bool:
        """Wait until one may pass that catches up, which is at once for one in time. False when the run stopped.

        Where it has to wait, it waits for as many as pass together: each wait costs as much as several requests.
        """
        if self._caught_up == 0:
            if self._catching_up.has_capacity():
                await self._catching_up.acquire()
                return True
            if not await _unless_stopped(self._catching_up.acquire(self.bunch), stopped):
                return False
            self._caught_up = self.bunch
        self._caught_up -= 1
        return True

    def turn(self, ahead: int) -> float:
        """Return the instant from which one is due after so many others *ahead* of it."""
        return self._due + ahead * self._each

    def pass_at(self, instant: float) -> None:
        """Count one that passes at *instant*. What a stall holds back keeps its turn, for a second at most."""
        missed = _CATCH_UP_SECONDS if self._has_begun else _EVEN_SECONDS
        self._due = max(self._due, instant - missed) + self._each
        self._has_begun = True
        self.window.pass_at(instant)

    def rest(self) -> None:
        """Catch up nothing of what is not sent until the next one passes."""
        self._has_begun = False


class Pacer:
    """Shared by all workers of a run. Every wait ends early when the event *stopped* that it is given is set."""

    def __init__(self, requests_per_second: float, clock: Clock) -> None:
        self._claims = _Lane(requests_per_second, _CLAIM_SLACK_SECONDS, _CLAIM_BUNCH_SECONDS)
        self._sends = _Lane(requests_per_second, _SEND_SLACK_SECONDS, _SEND_BUNCH_SECONDS)
        self._clock = clock
        self._resume_at = 0.0
        self._released = asyncio.Event()
        self._released.set()
        self.share = RateShare(requests_per_second)
        self._lateness = [0.0] * _LATE_TIMERS  # seconds, the least first

    @property
    def has_room(self) -> bool:
        """Whether one call could be claimed and sent without waiting."""
        return self._pause_seconds <= 0 and self._is_open(self._claims) and self._is_open(self._sends)

    @property
    def _pause_seconds(self) -> float:
        return self._resume_at - self._clock.monotonic()

    def _opens_at(self, lane: _Lane, ahead: int = 0) -> float:
        more = max(0.0, _SLACK_SHARE * self._lateness[0] - _SEND_SLACK_SECONDS)
        return max(lane.window.opens_at(self.share.share, ahead) + more, lane.turn(ahead))

    def _is_open(self, lane: _Lane) -> bool:
        return lane.is_free and self._opens_at(lane) <= self._clock.monotonic()

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
        """Wait until one request more is within the pace; neither for the end of a pause, nor when the run stops.

        What else waits meanwhile is not caught up afterwards.
        """
        while not stopped.is_set() and (seconds := self._opens_at(self._sends) - self._clock.monotonic()) > 0:
            await self.wait(seconds, stopped)
        self._sends.window.pass_at(self._clock.monotonic())
        self._rest()

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
        if not self._released.is_set():
            self._rest()
        self._released.set()

    def pause(self, seconds: float) -> None:
        """Hold back every request for *seconds* from now; a shorter pause never cuts a longer one short."""
        self._resume_at = max(self._resume_at, self._clock.monotonic() + seconds)
        self._rest()

    def _rest(self) -> None:
        for lane in (self._claims, self._sends):
            lane.rest()

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
            elif self._is_open(lane) and await lane.catch_up(stopped):
                lane.pass_at(self._clock.monotonic())
                return True
            elif await self._turn(lane, stopped):
                return True
        return False

    async def _turn(self, lane: _Lane, stopped: asyncio.Event) -> bool:
        """Wait in line. False when the run stopped meanwhile, or a pause has begun.

        Only the first in line wakes up for either: the others are then first in their turn, at once.
        """
        async with lane.queue:
            while not stopped.is_set() and self._pause_seconds <= 0:
                now = self._clock.monotonic()
                opens_at = self._opens_at(lane)
                if opens_at <= now:
                    if not await lane.catch_up(stopped):
                        return False
                    lane.pass_at(self._clock.monotonic())
                    return True
                wait = min(self._opens_at(lane, lane.bunch - 1), opens_at + lane.bunch_seconds) - now
                await self.wait(wait, stopped)
                slept = self._clock.monotonic() - now
                known = [late * (1 - _FORGOTTEN_IN_A_SECOND) ** slept for late in self._lateness]
                self._lateness = sorted((*known, min(slept - wait, _MOST_LATE_SECONDS)))[1:]
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
