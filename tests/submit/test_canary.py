"""The canary of a run: one request at a time until the API has created a call as it was asked for."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import httpx
import pytest

from dialer.calls.outcome import Kind, StopCode
from tests.submit.rehearsal import Post, Rehearsal, after, always, create, failing


def most_at_once(done: Rehearsal, *, until: float) -> int:
    """Return how many requests were on the wire at the same time, of those that left before *until* seconds."""
    steps = [(event.at, 1) for event in done.of("post") if event.at < until]
    ends = sorted(event.at for event in done.of("replied"))
    return max(1 + sum(begun <= at for begun, _ in steps[:index]) - sum(end <= at for end in ends)
               for index, (at, _) in enumerate(steps))  # fmt: skip


def test_the_first_call_goes_alone_and_the_others_together() -> None:
    """It costs one round trip at the start: the second call leaves when the first is created."""
    done = Rehearsal(after(3, create), count=9).run()

    posts = sorted(event.at for event in done.of("post"))
    assert posts[1] >= 3
    assert most_at_once(done, until=100) == 4
    assert done.kinds == [Kind.CREATED] * 9


@pytest.mark.parametrize("fails", [always(400), always(500), failing(httpx.ConnectError)], ids=["400", "500", "no way"])
def test_a_call_that_is_not_created_proves_nothing(fails: object) -> None:
    """Refused, unknown, not sent: the next one goes alone as well, until one is created."""

    async def answer(post: Post) -> httpx.Response:
        assert callable(fails)
        return await after(3, fails if post.contact_id < 3 else create)(post)

    done = Rehearsal(answer, count=9, settings={"max_attempts": 1}).run()

    alone = sorted(event.at for event in done.of("post"))[:5]
    assert all(later - earlier >= 3 for earlier, later in pairwise(alone))
    assert done.kinds.count(Kind.CREATED) == 6


def test_the_first_batch_carries_two_calls() -> None:
    """An API that makes something else of a batch than asked is noticed before it has a full one."""
    sizes: list[int] = []

    async def batch(bodies: Sequence[dict[str, Any]]) -> httpx.Response:
        sizes.append(len(bodies))
        return httpx.Response(
            200, json={"data": [body | {"_id": f"call-{body['toPhoneNumber'][1:]}"} for body in bodies]}
        )

    done = Rehearsal(count=42, batch=batch, settings={"batch_size": 20}).run()

    assert sizes == [2, 20, 20]
    assert done.kinds == [Kind.CREATED] * 42


def test_a_stop_during_the_canary_leaves_everybody_else_unclaimed() -> None:
    """The other workers wait for the canary without a claim."""
    done = Rehearsal(after(3, always(401)), count=9).run()

    assert done.stop_code == StopCode.KEY_REFUSED
    assert [claim.contact_id for claim in done.claims] == [0]


def test_what_confirms_the_first_call_keeps_the_pace() -> None:
    """Reading a call back is a request like any other, so the second call leaves two turns after the first."""
    done = Rehearsal(count=3, settings={"requests_per_second": 1}).run()

    first, second, third = (event.at for event in done.of("post"))
    assert second - first > 2
    assert third - second > 1
