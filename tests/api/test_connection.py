"""One connection at a time: kept while it is sure to be open, opened anew when it is not."""

import asyncio
import gzip
import os
import ssl

import pytest

from dialer.api.client import Client
from dialer.api.connection import IDLE_SECONDS, MAX_REPLY_BYTES
from dialer.calls.outcome import Kind
from tests.api.raw_server import CREATED, Connection, RawServer, answer, answering, reply
from tests.api.test_client import BODY, KEY, LONG
from tests.support import FakeClock


class Closing:
    """A script that answers one request and closes, and says when it has."""

    def __init__(self, *headers: str) -> None:
        self.headers = headers
        self.closed = asyncio.Event()

    async def __call__(self, connection: Connection) -> None:
        """Answer one request and close."""
        await connection.request()
        await connection.send(reply(200, CREATED, *self.headers))
        await connection.finish()
        self.closed.set()


def client_for(server: RawServer, context: ssl.SSLContext, clock: FakeClock) -> Client:
    """Make a client whose rests between requests *clock* tells."""
    return Client(server.url, KEY, clock=clock, read_seconds=LONG, context=context)


def test_one_connection_serves_many_calls(context: ssl.SSLContext) -> None:
    """Calls in quick succession share a connection."""

    async def run() -> int:
        clock = FakeClock()
        async with RawServer(answer) as server, client_for(server, context, clock) as client:
            for _ in range(20):
                clock.advance(0.01)
                assert (await client.create(BODY)).kind == Kind.CREATED
            return server.connections

    assert asyncio.run(run()) == 1


@pytest.mark.parametrize(("rest", "connections"), [(1.0, 1), (IDLE_SECONDS - 0.1, 1), (IDLE_SECONDS + 0.1, 2)])
def test_a_connection_idle_for_long_is_not_used_again(rest: float, connections: int, context: ssl.SSLContext) -> None:
    """A server may be closing a connection that rested; a POST lost that way would be unknown."""

    async def run() -> int:
        clock = FakeClock()
        async with RawServer(answer) as server, client_for(server, context, clock) as client:
            await client.create(BODY)
            clock.advance(rest)
            assert (await client.create(BODY)).kind == Kind.CREATED
            return server.connections

    assert asyncio.run(run()) == connections


def test_a_connection_the_server_closed_while_idle_is_noticed(context: ssl.SSLContext) -> None:
    """The next call goes out on a fresh connection and is created, not lost on the dead one."""

    async def run() -> tuple[Kind, int]:
        clock, script = FakeClock(), Closing()
        async with RawServer(script, answer) as server, client_for(server, context, clock) as client:
            await client.create(BODY)
            await script.closed.wait()
            clock.advance(1)
            return (await client.create(BODY)).kind, server.connections

    assert asyncio.run(run()) == (Kind.CREATED, 2)


def test_a_connection_the_server_says_it_closes_is_not_used_again(context: ssl.SSLContext) -> None:
    """After `Connection: close` the next call opens a new connection, however soon it follows."""

    async def run() -> tuple[Kind, int]:
        clock, script = FakeClock(), Closing("Connection: close")
        async with RawServer(script, answer) as server, client_for(server, context, clock) as client:
            await client.create(BODY)
            return (await client.create(BODY)).kind, server.connections

    assert asyncio.run(run()) == (Kind.CREATED, 2)


def test_a_second_request_dropped_on_a_kept_connection_is_unknown(context: ssl.SSLContext) -> None:
    """The server had read it, so it is not sent again by itself; the call after it gets a fresh connection."""

    async def drop_the_second(connection: Connection) -> None:
        await connection.request()
        await connection.send(reply())
        await connection.request()
        await connection.finish()

    async def run() -> tuple[list[Kind], int, int]:
        clock = FakeClock()
        async with RawServer(drop_the_second, answer) as server, client_for(server, context, clock) as client:
            kinds = [(await client.create(BODY)).kind for _ in range(3)]
            return kinds, len(server.requests), server.connections

    assert asyncio.run(run()) == ([Kind.CREATED, Kind.UNKNOWN, Kind.CREATED], 3, 2)


def test_a_connection_closed_just_now_is_noticed(context: ssl.SSLContext) -> None:
    """However short the rest: the call goes out on a fresh connection, and is not lost on the dead one."""

    async def run() -> tuple[Kind, int]:
        clock, script = FakeClock(), Closing()
        async with RawServer(script, answer) as server, client_for(server, context, clock) as client:
            await client.create(BODY)
            await script.closed.wait()
            return (await client.create(BODY)).kind, server.connections

    assert asyncio.run(run()) == (Kind.CREATED, 2)


EXTRA = reply(200, b'{"data": {"_id": "of-somebody-else"}}')


@pytest.mark.parametrize(
    "extra", [EXTRA, EXTRA[:1], b"\r\n", b"x"], ids=["a reply", "its beginning", "an empty line", "x"]
)
@pytest.mark.parametrize("comes", ["with the reply", "after it"])
@pytest.mark.parametrize("kind", ["plain", "TLS"])
def test_what_nobody_asked_for_is_no_reply_to_the_next_call(
    comes: str, extra: bytes, kind: str, certificate: os.PathLike[str], server_context: ssl.SSLContext
) -> None:
    """Bytes that wait on a kept connection would be taken for the next reply: the next call goes out on a fresh one."""
    rests = asyncio.Event()

    async def speak_unasked(connection: Connection) -> None:
        await connection.request()
        if comes == "with the reply":
            await connection.send(reply() + extra)
        else:
            await connection.send(reply())
            await connection.send(extra)
        rests.set()
        await connection.hang()

    async def run() -> tuple[str | None, str | None, int]:
        context, clock = ssl.create_default_context(cafile=certificate), FakeClock()
        tls = server_context if kind == "TLS" else None
        async with (
            RawServer(speak_unasked, answering(reply(200, b'{"data": {"_id": "call-2"}}')), tls=tls) as server,
            client_for(server, context, clock) as client,
        ):
            first = await client.create(BODY)
            await rests.wait()
            return first.call_id, (await client.create(BODY)).call_id, server.connections

    assert asyncio.run(run()) == ("call-1", "call-2", 2)


def test_a_cancelled_call_gives_no_outcome_and_poisons_nothing(context: ssl.SSLContext) -> None:
    """A task cancelled while it waits for the reply says nothing about its call, whose claim stays open: unknown.

    The next call never reads the reply that was meant for the cancelled one.
    """

    async def run() -> tuple[bool, str | None, int]:
        clock, arrived = FakeClock(), asyncio.Event()

        async def never_answers(connection: Connection) -> None:
            await connection.request()
            arrived.set()
            await connection.hang()

        async with RawServer(never_answers, answer) as server, client_for(server, context, clock) as client:
            task = asyncio.create_task(client.create(BODY))
            await arrived.wait()
            task.cancel()
            await asyncio.wait({task})
            return task.cancelled(), (await client.create(BODY)).call_id, server.connections

    assert asyncio.run(run()) == (True, "call-1", 2)


def test_a_server_that_speaks_first_gets_no_request(context: ssl.SSLContext) -> None:
    """What comes on a fresh connection before the request says nothing about the call, which is sent on another one."""

    async def speak_first(connection: Connection) -> None:
        await connection.send(EXTRA)
        await connection.hang()

    async def run() -> tuple[list[str | None], Kind, int]:
        clock = FakeClock()
        async with RawServer(speak_first, answer) as server, client_for(server, context, clock) as client:
            outcomes = [await client.create(BODY) for _ in range(2)]
            return [outcome.call_id for outcome in outcomes], outcomes[0].kind, len(server.requests)

    assert asyncio.run(run()) == ([None, "call-1"], Kind.NOT_SENT, 1)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("length", "kind"), [(MAX_REPLY_BYTES, Kind.CREATED), (MAX_REPLY_BYTES + 1, Kind.UNKNOWN)])
def test_an_endless_reply_is_not_read_to_its_end(
    length: int,
    kind: Kind,
    packed: bool,  # noqa: FBT001 - a table's column
    context: ssl.SSLContext,
) -> None:
    """A reply up to the limit is read; a longer one is given up, and the next call gets a fresh connection.

    One packed by somebody on its way counts as it is unpacked: a small one would fill the memory.
    """

    async def run() -> tuple[Kind, Kind]:
        clock, padded = FakeClock(), CREATED.ljust(length)
        whole = reply(200, gzip.compress(padded), "Content-Encoding: gzip") if packed else reply(200, padded)
        scripts = (answering(whole), answer)
        async with RawServer(*scripts) as server, client_for(server, context, clock) as client:
            return (await client.create(BODY)).kind, (await client.create(BODY)).kind

    first, second = asyncio.run(run())
    assert first == kind
    assert second == Kind.CREATED


def test_a_reply_of_chunks_is_read_whole(context: ssl.SSLContext) -> None:
    """A reply without a length is as good as one with it."""
    chunks = b"".join(b"%x\r\n%c\r\n" % (1, byte) for byte in CREATED) + b"0\r\n\r\n"
    whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks

    async def run() -> tuple[Kind, Kind, int]:
        clock = FakeClock()
        async with RawServer(answering(whole)) as server, client_for(server, context, clock) as client:
            return (await client.create(BODY)).kind, (await client.create(BODY)).kind, server.connections

    assert asyncio.run(run()) == (Kind.CREATED, Kind.CREATED, 1)


def test_leaving_closes_the_connection(context: ssl.SSLContext) -> None:
    """Outside its context a client holds no socket."""

    async def run() -> bytes:
        clock, rest = FakeClock(), asyncio.get_running_loop().create_future()

        async def watch(connection: Connection) -> None:
            await connection.request()
            await connection.send(reply())
            rest.set_result(await connection.reader.read())

        async with RawServer(watch) as server:
            async with client_for(server, context, clock) as client:
                await client.create(BODY)
            return bytes(await rest)

    assert asyncio.run(run()) == b""
