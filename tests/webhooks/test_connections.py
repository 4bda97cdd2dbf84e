"""Clients that hold connections open, on real sockets: nobody is kept out by them for long."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from pydantic import SecretStr

from dialer.jobs.runtime import Runtime
from dialer.ledger.database.open import Ledger
from dialer.settings import Settings
from dialer.webhooks.connections import DEFAULT_LIMITS, Limits
from dialer.webhooks.server import listen, serve
from dialer.webhooks.setup import call_source
from dialer.webhooks.signature import SecretCheck, SecretStyle
from tests.support import CampaignFolder

SHOWN = "shown"
BOUND_SECONDS = 10.0
"""Generous: an answer takes milliseconds."""

TRICKLE_SECONDS = 0.02

BODY = json.dumps({"event": "phoneCall.completed", "data": {"_id": "call-1"}}).encode()
HEAD = f"POST /hook HTTP/1.1\r\nhost: x\r\nx: {SHOWN}\r\ncontent-length: {len(BODY)}\r\nconnection: close\r\n\r\n"
SIGNED = HEAD.encode() + BODY
HEALTH = b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[bytes], Awaitable[Connection]]


@asynccontextmanager
async def serving(folder: CampaignFolder, limits: Limits) -> AsyncIterator[Connect]:
    """Serve under *limits*; yield what opens a connection and sends the first bytes on it."""
    check = SecretCheck(SecretStyle.HEADER, "x", (SHOWN,))
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    ready = asyncio.Event()
    opened: list[asyncio.StreamWriter] = []

    async def connect(first: bytes) -> Connection:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        opened.append(writer)
        writer.write(first)
        return reader, writer

    with Ledger.open(folder.path / "ledger.db") as ledger:
        runtime = Runtime(settings=Settings(base_url="http://127.0.0.1:9", api_key=SecretStr("k")))
        source = call_source([], ledger, runtime)
        server = asyncio.create_task(serve(listener, check, source, ready.set, limits=limits))
        await ready.wait()
        try:
            yield connect
        finally:
            for writer in opened:
                writer.close()
            os.kill(os.getpid(), signal.SIGTERM)
            await server


async def answered(connect: Connect, request: bytes) -> bytes:
    """Send a whole request; return the first line of the answer."""
    reader, _ = await connect(request)
    return await asyncio.wait_for(reader.readline(), BOUND_SECONDS)


HALVES = {
    "nothing": b"",
    "half a head": b"POST /hook HTTP/1.1\r\nhost: x\r\nx-a",
    "half a body": b"POST /hook HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf",
    "half of a second head": HEALTH.replace(b"connection: close\r\n", b"") + b"GET /he",
    "a thousand requests at once": HEALTH.replace(b"connection: close\r\n", b"") * 1000,
}


@pytest.mark.slow
@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
def test_two_hundred_half_open_connections_keep_nobody_out(folder: CampaignFolder, half: bytes) -> None:
    """They would stay for hours: a signed delivery and `/health` are answered all the same, from the same address."""
    forever = Limits(head_seconds=3600.0, body_seconds=3600.0)

    async def story() -> list[bytes]:
        async with serving(folder, forever) as connect:
            for _ in range(200):
                await connect(half)
            return [await answered(connect, request) for request in (SIGNED, HEALTH, SIGNED)]

    lines = asyncio.run(story())
    assert [line.split()[1] for line in lines] == [b"202", b"200", b"202"]


ANSWERS = (b"", b"", b"408", b"200", b"200")


@pytest.mark.slow
@pytest.mark.parametrize(("half", "answer"), list(zip(HALVES.values(), ANSWERS, strict=True)), ids=HALVES)
def test_who_is_too_slow_is_given_up(folder: CampaignFolder, half: bytes, answer: bytes) -> None:
    """A head or a body that does not come to its end in time ends the connection, however steadily it trickles."""
    short = Limits(head_seconds=0.3, body_seconds=0.3)

    async def story() -> bytes:
        async with serving(folder, short) as connect:
            return await asyncio.wait_for(_trickled(*await connect(half)), BOUND_SECONDS)

    assert asyncio.run(story()).partition(b"\r\n")[0].split()[1:2] == ([answer] if answer else [])


async def _trickled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Send a byte whenever nothing has come for a while, until the server ends the connection; return what came."""
    found = bytearray()
    with suppress(ConnectionError):
        while not reader.at_eof():
            try:
                found += await asyncio.wait_for(reader.read(4096), TRICKLE_SECONDS)
            except TimeoutError:
                writer.write(b"a")
    return bytes(found)


def test_one_address_leaves_room_for_others() -> None:
    """A single client cannot hold every connection."""
    assert DEFAULT_LIMITS.connections_of_address < DEFAULT_LIMITS.connections
