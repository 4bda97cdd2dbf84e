"""Workers share one feed: each call goes to one of them, in order."""

import asyncio
from collections.abc import AsyncIterator

from dialer.calls.attempt import PlannedCall
from dialer.submit.feed import Feed
from tests.submit.virtual_time import run


async def _calls(count: int, alone: frozenset[int] = frozenset()) -> AsyncIterator[PlannedCall]:
    for contact_id in range(count):
        await asyncio.sleep(1)
        yield PlannedCall(contact_id, "", "{}", contact_id, 0, alone=contact_id in alone)


async def _taken(feed: Feed, workers: int) -> list[list[int]]:
    batches: list[list[int]] = []

    async def work() -> None:
        while batch := await feed.next_batch():
            batches.append([call.contact_id for call in batch])

    await asyncio.gather(*(work() for _ in range(workers)))
    return batches


def test_each_call_goes_to_one_worker() -> None:
    """Batches hold the calls in order, each once; one that goes alone ends the batch before it."""

    async def all_of_them() -> list[list[int]]:
        feed = Feed(_calls(8, frozenset({4})), batch_size=3, is_over=lambda: False)
        return await _taken(feed, 3)

    assert run(all_of_them()) == [[0, 1, 2], [3], [4], [5, 6, 7]]


def test_nothing_is_taken_once_it_is_over() -> None:
    """A run that stops takes no further call, also where a worker waits for its turn."""
    seen: list[int] = []

    async def until_two() -> list[list[int]]:
        feed = Feed(_calls(8), batch_size=1, is_over=lambda: len(seen) >= 2)
        batches = []
        while batch := await feed.next_batch():
            seen.append(batch[0].contact_id)
            batches.append([batch[0].contact_id])
        return batches

    assert run(until_two()) == [[0], [1]]
