"""Hands the planned calls of a run to its workers, as many at once as one request carries."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable

from dialer.calls.attempt import PlannedCall


class Feed:
    """Shared by the workers of one run; *is_over* tells that no further call may be taken."""

    def __init__(self, calls: AsyncIterator[PlannedCall], *, batch_size: int, is_over: Callable[[], bool]) -> None:
        self._calls = calls
        self._batch_size = batch_size
        self._is_over = is_over
        self._turn = asyncio.Lock()
        self._ahead: PlannedCall | None = None

    async def next_batch(self, most: int = sys.maxsize) -> list[PlannedCall]:
        """Take the next calls, *most* or as many as one request carries; none when none are left or may be sent.

        A call that goes alone ends the batch before it, and waits as the one call that was read ahead.
        """
        async with self._turn:
            batch: list[PlannedCall] = []
            while len(batch) < min(most, self._batch_size) and not self._is_over():
                call, self._ahead = self._ahead or await anext(self._calls, None), None
                if call is None:
                    break
                if call.alone and batch:
                    self._ahead = call
                    break
                batch.append(call)
                if call.alone:
                    break
            return batch
