"""The workers of one round of sending: as many as the pace needs, and one more whenever all of them hold it up."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any

from dialer.clock import Clock

MOST_WORKERS = 2_048
"""So many requests at most are on their way at once, also in a campaign that does not say how many: 500 a second take
1,100 workers where a reply takes two seconds."""

REPLY_SECONDS = 0.5
"""How long one request is expected to take, commit and reply. Where replies take longer, workers are added as soon as
the first have come."""

SPARE = 1.1
"""So many more workers than the rate needs: they also wait for their turn."""

ENOUGH_REQUESTS = 4
"""So many requests a worker are enough to say what all can reach."""

NEARLY = 0.95
"""The share of the agreed rate at which nobody misses any workers."""


class Workers:
    """Runs *work* side by side, never more than *most* times; each of them is one connection.

    *wanted* are more where the system allows no more connections.
    """

    def __init__(
        self,
        work: Callable[[], Coroutine[Any, Any, None]],
        *,
        requests_per_second: float,
        most: int,
        wanted: int,
        clock: Clock,
    ) -> None:
        self._work = work
        self._rate = requests_per_second
        self._most = most
        self._wanted = wanted
        self._clock = clock
        self._first = min(most, ceil(requests_per_second * REPLY_SECONDS))  # Little's law: rate by time in the system
        self._tasks: list[asyncio.Task[None]] = []
        self._opened: set[asyncio.Task[Any] | None] = set()  # of those alive, who have a connection
        self._alive = 0
        self._busy = 0
        self._requests = 0
        self._seconds = 0.0
        self._held_up = 0

    async def run(self) -> None:
        """Work until all have ended. Raises what the first of them raised, after the others have ended by themselves.

        Not a TaskGroup: it would cancel the other workers in the middle of their POSTs.
        """
        for _ in range(self._first):
            self._begin()
        ended: list[BaseException | None] = []
        while len(ended) < len(self._tasks):  # more may have begun
            ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        for error in ended:
            if error is not None:
                raise error

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Count the worker that asks as one that is busy with a request, from its claim to its outcome."""
        self._busy += 1
        began = self._clock.monotonic()
        try:
            yield
        finally:
            self._seconds += self._clock.monotonic() - began
            self._requests += 1
            self._busy -= 1

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Take the time in which the worker that asks waits for the pace off that of its request."""
        began = self._clock.monotonic()
        try:
            yield
        finally:
            self._seconds -= self._clock.monotonic() - began

    def add_if_needed(self) -> None:
        """Begin more if the worker that asks is the only one that is not busy: the pace waits for all of them.

        As many as the rate needs at what a request took until now; one at a time while that is not known.
        """
        self._opened.add(asyncio.current_task())
        if len(self._opened) - self._busy > 1:
            return
        if len(self._tasks) >= self._most:
            self._held_up += 1
        if len(self._opened) == self._alive and len(self._tasks) < self._most:
            self._begin()
        if self._requests:
            self.begin_for(self._seconds / self._requests)

    def begin_for(self, seconds: float) -> None:
        """Begin as many as the rate needs where one request takes so many *seconds*."""
        wanted = ceil(SPARE * self._rate * seconds) - self._alive
        for _ in range(min(self._most - len(self._tasks), wanted)):
            self._begin()

    @property
    def shortfall(self) -> str:
        """What all workers reach of the agreed rate, where they and not the rate hold most requests up; else ""."""
        if self._requests < ENOUGH_REQUESTS * self._most or self._held_up * 2 < self._requests:
            return ""
        seconds = self._seconds / self._requests
        reached = self._most / seconds if seconds else self._rate  # Little's law again
        if reached >= NEARLY * self._rate:
            return ""
        needed = ceil(self._rate * seconds)
        why = f"concurrency under [submit] says how many there may be, without it {MOST_WORKERS:,}"
        if self._most < self._wanted:
            why = "The system does not let this process have more files open (ulimit -n), and each worker is one"
        return (
            f"{self._most} workers reach {reached:.3g}/s of {self._rate:g}/s at {seconds:.2g} s a request: it takes"
            f" {needed}. {why}; with several calls in each request (batch_size) it takes fewer."
        )

    def _begin(self) -> None:
        task = asyncio.create_task(self._work())
        task.add_done_callback(self._end)
        self._alive += 1
        self._tasks.append(task)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._alive -= 1
        self._opened.discard(task)
