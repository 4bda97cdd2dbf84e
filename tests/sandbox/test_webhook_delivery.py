"""Promises about the posting of webhooks, kept over real sockets."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import pytest

from dialer.sandbox import CallLifecycle, End, Sandbox
from dialer.sandbox.call_lifecycle import iso_ms
from tests.sandbox.client import call, post

NOW_MS = 1_800_000_000_000


@contextmanager
def receiver(status: int = 200) -> "Iterator[tuple[str, SimpleQueue[dict[str, Any]]]]":
    """Listen for webhooks; return the address and a queue of what came."""
    came: SimpleQueue[dict[str, Any]] = SimpleQueue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook?a=b", came
        server.shutdown()
        thread.join()


def hooked(url: str, **changes: Any) -> dict[str, Any]:
    """Return a valid call with a webhook at *url*."""
    hook = {"url": url, "subscribedEvent": "phoneCall.completed", "secret": "s3cret"}
    return call(phoneCallWebhooks=[hook], **changes)


@pytest.mark.slow
def test_the_end_is_posted_once_when_its_time_comes() -> None:
    """By a clock that is told the time: not before the end, then once, with the call as GET tells it."""
    clock = [NOW_MS]
    with receiver() as (url, came), Sandbox(life=CallLifecycle(), now_ms=lambda: clock[0]) as sandbox:
        made = post(sandbox.url, hooked(url, callDelayedUntil=iso_ms(NOW_MS + 60_000))).data
        early = sandbox.deliver_webhooks()
        clock[0] += 600_000
        taken = [sandbox.deliver_webhooks(), sandbox.deliver_webhooks()]
        posted = came.get()
        (ended,) = sandbox.lived

    assert (early, taken) == (0, [1, 0])
    assert posted["data"]["_id"] == made["_id"]
    assert posted["data"] == {name: value for name, value in ended.items() if name != "phoneCallWebhooks"}
    assert came.empty()


@pytest.mark.slow
def test_by_the_machines_clock_webhooks_come_by_themselves() -> None:
    """A sandbox with a life posts without being asked, as fast as its calls live."""
    life = CallLifecycle(script={call()["toPhoneNumber"]: (End.BUSY,)}, speed=100_000.0)
    with receiver() as (url, came), Sandbox(life=life) as sandbox:
        made = post(sandbox.url, hooked(url)).data
        posted = came.get()

    assert (posted["data"]["_id"], posted["data"]["status"]) == (made["_id"], "busy")


@pytest.mark.slow
def test_a_receiver_that_refuses_or_is_gone_is_not_told_again(tmp_path: Path) -> None:
    """As with a vendor, who missed it has to look; calls that ended before the start are old news."""
    clock, journal = [NOW_MS], tmp_path / "calls.jsonl"
    with receiver(status=500) as (url, came):
        with Sandbox(life=CallLifecycle(), now_ms=lambda: clock[0], journal=journal) as sandbox:
            post(sandbox.url, hooked(url))
            clock[0] += 600_000
            refused = [sandbox.deliver_webhooks(), sandbox.deliver_webhooks()]
            came.get()
        with Sandbox(life=CallLifecycle(), now_ms=lambda: clock[0], journal=journal) as sandbox:
            old = sandbox.deliver_webhooks()
            post(sandbox.url, hooked("http://127.0.0.1:9/closed"))
            clock[0] += 600_000
            gone = sandbox.deliver_webhooks()
    assert (refused, old, gone) == ([0, 0], 0, 0)
    assert came.empty()


@pytest.mark.slow
def test_without_a_life_nothing_is_posted() -> None:
    """Calls that stay as they were created never end."""
    with receiver() as (url, came), Sandbox() as sandbox:
        post(sandbox.url, hooked(url))
        assert sandbox.deliver_webhooks() == 0
    assert came.empty()
