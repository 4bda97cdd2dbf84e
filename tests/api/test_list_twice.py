"""A listing is believed when it was read whole as often as it takes, and what cannot be read settles nothing."""

import asyncio
import json
import ssl
from collections.abc import Iterable

import httpx
from pydantic import SecretStr

from dialer.api.client import Client
from dialer.api.list_twice import BETWEEN_PASSES_SECONDS, PASSES, take_passes
from dialer.calls.reconciliation import Listing
from tests.support import FakeClock


def listed(
    replies: Iterable[httpx.Response], context: ssl.SSLContext, *, leave: Iterable[bool] = (True,) * PASSES
) -> tuple[list[Listing] | None, FakeClock, list[str]]:
    """List what an API with these *replies* has; return it, the clock and the queries that were asked."""
    clock, asked, left, leaves = FakeClock(), list[str](), iter(replies), iter(leave)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.query.decode())
        return next(left)

    async def may_look() -> bool:
        return next(leaves)

    async def look() -> list[Listing] | None:
        transport = httpx.MockTransport(answer)
        client = Client(
            "https://api.example.com", SecretStr("k"), clock=clock, read_seconds=1, context=context, transport=transport
        )
        async with client:
            return await take_passes(client, "template", clock, may_look=may_look)

    return asyncio.run(look()), clock, asked


def reply(*calls: str) -> httpx.Response:
    """Return a listing of calls with these ids."""
    found = [{"_id": call_id, "toPhoneNumber": "+12125550100"} for call_id in calls]
    return httpx.Response(200, content=json.dumps({"data": found}))


def test_a_listing_is_taken_twice_with_time_between(context: ssl.SSLContext) -> None:
    """A call that is only just appearing makes the passes differ: both are given to whoever compares them."""
    passes, clock, asked = listed([reply("a"), reply("a", "b")], context)

    assert passes is not None
    assert [[call.call_id for call in one.calls] for one in passes] == [["a"], ["a", "b"]]
    assert asked == ["callTemplateId=template"] * 2
    assert clock.slept == [BETWEEN_PASSES_SECONDS]


def test_a_pass_that_cannot_be_read_settles_nothing(context: ssl.SSLContext) -> None:
    """A listing that came once is none; after a failure nobody is asked again."""
    assert listed([reply("a"), httpx.Response(500)], context)[0] is None
    passes, clock, asked = listed([httpx.Response(200, content=b"<html>")], context)
    assert (passes, clock.slept, len(asked)) == (None, [], 1)


def test_without_leave_nobody_is_asked(context: ssl.SSLContext) -> None:
    """A run that stops, or an API that asked for a pause, gets no request."""
    assert listed([], context, leave=[False])[0] is None
    passes, _, asked = listed([reply("a")], context, leave=[True, False])
    assert (passes, len(asked)) == (None, 1)
