"""The workers of one round of sending: as many as the pace needs, and one more whenever all of them hold it up."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any

REPLY_SECONDS = 1.0
"""How long one request is expected to take, commit and reply: each worker that opens its connection costs a GET at the
agreed pace. Where replies take longer, workers are added as the calls go out."""


class Workers:
    """Runs *work* side by side, never more than *most* times; each of them is one connection."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, None]], *, requests_per_second: float, most: int) -> None:
        self._work = work
        self._most = most
        self._first = min(most, ceil(requests_per_second * REPLY_SECONDS))  # Little's law: rate by time in the system
        self._tasks: list[asyncio.Task[None]] = []
        self._busy = 0

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
        """Count the worker that asks as one that is busy with a request."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1

    def add_if_needed(self) -> None:
        """Begin one more if the worker that asks is the only one that is not busy."""
        alive = sum(not task.done() for task in self._tasks)
        if alive - self._busy == 1 and len(self._tasks) < self._most:
            self._begin()

    def _begin(self) -> None:
        self._tasks.append(asyncio.create_task(self._work()))
