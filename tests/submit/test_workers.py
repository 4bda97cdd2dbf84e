"""How many connections a round of sending opens, and that they keep the pace: whole submittings on virtual time."""

import asyncio
import re
from collections.abc import Sequence
from math import ceil
from typing import Any

import httpx
import pytest

from dialer.submit.workers import REPLY_SECONDS
from tests.submit.rehearsal import Post, Rehearsal, after, create


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "rate", "reply_seconds", "settings", "connections"),
    [
        (1, 100, 0.0, {}, 1),
        (3, 100, 0.0, {}, 3),
        (40, 100, 0.0, {"concurrency": 4}, 4),
        (9, 100, 0.0, {"batch_size": 4}, 3),
        (8, 100, 0.0, {"batch_size": 8}, 1),
        (0, 100, 0.0, {}, 0),
        (40, 1, 0.2, {}, 1),
        (40, 0.1, 3.0, {}, 1),
        (40, 1, 2.5, {}, 3),
        (40, 5, 0.2, {}, 3),
        (80, 5, 1.9, {}, 10),
        (60, 1, 30.0, {"concurrency": 4}, 4),
    ],
)
def test_as_many_connections_are_opened_as_the_pace_needs(
    count: int, rate: float, reply_seconds: float, settings: dict[str, Any], connections: int
) -> None:
    """The requests, the pace by the time that a reply takes, and `concurrency` are each a limit, and at a pace that the
    replies allow no call is held up.
    """

    async def answer(post: Post) -> httpx.Response:
        await asyncio.sleep(reply_seconds)
        return await create(post)

    async def answer_batch(bodies: Sequence[dict[str, Any]]) -> httpx.Response:
        return httpx.Response(200, json={"data": [{"_id": f"call-{body['toPhoneNumber']}"} for body in bodies]})

    limits = {"requests_per_second": rate, "concurrency": 16} | settings
    done = Rehearsal(answer, count=count, settings=limits, batch=answer_batch).run()

    slack = 1.25 if reply_seconds > REPLY_SECONDS else 1  # what is found out on the way is no sharp figure
    assert connections <= done.connections <= ceil(slack * connections)
    assert len(done.settlements) == count


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "reply_seconds"), [(1, 0.2), (1, 2.5), (5, 0.2), (5, 1.9), (50, 0.3)])
def test_workers_that_are_added_keep_the_pace(rate: float, reply_seconds: float) -> None:
    """However long a reply takes, sixty calls take at most a tenth more than their rate says, and the beginning."""

    async def answer(post: Post) -> httpx.Response:
        await asyncio.sleep(reply_seconds)
        return await create(post)

    count = 60
    done = Rehearsal(answer, count=count, settings={"requests_per_second": rate, "concurrency": 16}).run()

    posts = [event.at for event in done.of("post")]
    assert posts[-1] - posts[0] < 1.1 * count / rate + 3 * reply_seconds


@pytest.mark.parametrize(("rate", "reply_seconds"), [(10, 2.0), (50, 0.3), (50, 2.0)])
def test_as_many_workers_as_it_takes_are_there_soon(rate: int, reply_seconds: float) -> None:
    """Once the first replies show how long one takes, all that are needed begin at once, and hardly any more."""
    count = 12 * rate
    limits = {"requests_per_second": rate, "concurrency": None}
    done = Rehearsal(after(reply_seconds, create), count=count, settings=limits, is_proved=True).run()

    posts = [event.at for event in done.of("post")]
    late = [at for at in posts if at >= posts[0] + 3 * reply_seconds]
    assert (len(late) - 1) / (late[-1] - late[0]) > 0.96 * rate
    assert done.connections <= max(rate * REPLY_SECONDS, 1.25 * rate * reply_seconds)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rate", "reply_seconds", "concurrency", "told"),
    [
        (50, 0.33, 8, (8, 24.2, 50, 0.33, 17)),
        (20, 1.0, 4, (4, 4, 20, 1, 20)),
        (500, 0.5, 128, (128, 256, 500, 0.5, 250)),
        (50, 0.33, 17, None),
        (50, 0.33, 64, None),
        (50, 0.33, None, None),
        (20, 2.0, None, None),
        (5, 0.0, 1, None),
    ],
)
def test_workers_that_miss_the_rate_are_told(
    rate: float, reply_seconds: float, concurrency: int | None, told: tuple[float, ...] | None
) -> None:
    """Where the workers and not the rate hold a run up it is told, with how many it takes; left out, they follow it."""
    settings = {"requests_per_second": rate, "concurrency": concurrency}
    done = Rehearsal(after(reply_seconds, create), 5 * (concurrency or 40), settings).run()

    assert done.submitter is not None
    said = re.match(
        r"(\d+) workers reach ([\d.]+)/s of (\d+)/s at ([\d.]+) s a request: it takes (\d+)\.", done.submitter.shortfall
    )
    assert (None if said is None else tuple(map(float, said.groups()))) == (told and pytest.approx(told, rel=0.05))
