"""Promises about asking how calls stand: at the agreed pace, no more often than makes sense, and nothing is made up."""

import json
from collections.abc import Callable
from random import Random
from urllib.parse import unquote

import httpx
import pytest
from pydantic import SecretStr

from dialer.api.client import Client
from dialer.calls.disposition import Disposition
from dialer.calls.outcome import StopCode
from dialer.campaign.tables import Submit
from dialer.submit.circuit_breaker import OUTAGE_FAILURES
from dialer.submit.gate import Gate
from dialer.submit.status_poller import Poller
from tests.submit.rehearsal import CONTEXT
from tests.submit.virtual_time import LoopClock, run

Answer = Callable[[str], httpx.Response]
EMPTY = httpx.Response(200, json={"data": []})


def busy(call_id: str) -> httpx.Response:
    """Return a call that was cut."""
    return httpx.Response(200, json={"data": {"_id": call_id, "status": "busy"}})


class Asked:
    """A polling of some calls in virtual time; *listing* and *by_id* are the API."""

    def __init__(self, count: int, *, listing: httpx.Response = EMPTY, by_id: Answer = busy) -> None:
        self.ids = [f"call/{index}?" for index in range(count)]
        self.listing = listing
        self.by_id = by_id
        self.at: list[float] = []
        self.asked: list[str] = []
        self.found: list[Disposition] = []
        self.clock = LoopClock()
        self.gate: Gate | None = None
        self.unread = 0
        run(self._run())

    async def _run(self) -> None:
        settings = Submit(requests_per_second=10)
        self.gate = Gate(settings, clock=self.clock, random=Random(5))
        transport = httpx.MockTransport(self._serve)
        key = SecretStr("sk-test-0123")
        async with Client(
            "http://api.test", key, clock=self.clock, read_seconds=60, context=CONTEXT, transport=transport
        ) as client:
            poller = Poller(client, self.gate, settings)
            async for portion in poller.poll(self.ids, "template"):
                self.found += portion
            self.unread = poller.unread

    def _serve(self, request: httpx.Request) -> httpx.Response:
        self.at.append(self.clock.monotonic())
        if request.url.params:
            return self.listing
        call_id = unquote(request.url.raw_path.decode().rsplit("/", 1)[1])
        if call_id == "0" * 24:  # the probe
            return httpx.Response(404)
        self.asked.append(call_id)
        return self.by_id(call_id)

    @property
    def stop_code(self) -> str | None:
        """Why it stopped, if it did."""
        assert self.gate is not None
        return self.gate.stop.code if self.gate.stop else None


def test_ids_are_asked_for_one_by_one_within_the_pace() -> None:
    """No sliding second holds more requests than the campaign allows, and each id arrives as it is."""
    asked = Asked(40)

    assert asked.asked == asked.ids
    assert [call.call_id for call in asked.found] == asked.ids
    assert max(sum(at <= other < at + 1 for other in asked.at) for at in asked.at) <= 10


def test_what_the_listing_holds_is_not_asked_for_again() -> None:
    """One request tells of all calls in it; calls of others are passed over."""
    calls = [{"_id": f"call/{index}?", "status": "busy"} for index in (0, 2)]
    asked = Asked(3, listing=httpx.Response(200, json={"data": [*calls, {"_id": "other", "status": "busy"}]}))

    assert asked.asked == ["call/1?"]
    assert sorted(call.call_id for call in asked.found) == asked.ids


def test_a_reply_that_asks_for_a_pause_gets_it() -> None:
    """A 429 with Retry-After holds the next request back for that long, and the call is asked for again."""
    replies = iter([httpx.Response(429, headers={"retry-after": "30"})])
    asked = Asked(2, by_id=lambda call_id: next(replies, busy(call_id)))

    assert asked.asked == ["call/0?", "call/0?", "call/1?"]
    assert asked.at[-2] - asked.at[-3] >= 30
    assert asked.gate is not None
    assert asked.gate.share.put_off == 1
    assert len(asked.found) == 2


@pytest.mark.parametrize("reply", [httpx.Response(400), httpx.Response(422)])
def test_a_refused_id_is_not_asked_for_again(reply: httpx.Response) -> None:
    """The answer would be the same; the call is counted as unread and the others are asked for."""
    asked = Asked(3, by_id=lambda call_id: reply if call_id == "call/1?" else busy(call_id))

    assert asked.asked == asked.ids
    assert (len(asked.found), asked.unread, asked.stop_code) == (2, 1, None)


def test_an_api_that_tells_nothing_is_left_alone_soon() -> None:
    """Errors or nonsense time after time end the asking; every call that was not read is counted."""
    for content in (b"", json.dumps({"data": {"_id": "another", "status": "busy"}}).encode()):
        asked = Asked(50, by_id=lambda _call_id, content=content: httpx.Response(200, content=content))  # type: ignore[misc]
        assert len(set(asked.asked)) == OUTAGE_FAILURES
        assert (asked.found, asked.unread, asked.stop_code) == ([], 50, StopCode.UNREACHABLE)


def test_a_refused_key_ends_it_at_once() -> None:
    """401 in the middle stops every further request."""
    asked = Asked(9, by_id=lambda call_id: httpx.Response(401) if call_id == "call/3?" else busy(call_id))

    assert len(asked.asked) == 4
    assert (len(asked.found), asked.unread, asked.stop_code) == (3, 6, StopCode.KEY_REFUSED)
