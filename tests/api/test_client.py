"""What one POST gives, on real sockets: each way an exchange can end has one verdict."""

import asyncio
import gzip
import json
import os
import re
import socket
import ssl
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from dialer.api.client import WHOLE_REPLY_READS, WRITE_SECONDS, Client
from dialer.api.failure import BEFORE_SENDING, judge_failure
from dialer.calls.attempt import CONNECT_SECONDS
from dialer.calls.outcome import Kind, Outcome, StopCode
from dialer.reasons import Reason
from tests.api.raw_server import (
    CREATED,
    Connection,
    RawServer,
    Script,
    answer,
    answering,
    answering_then_closing,
    answering_then_hanging,
    reply,
)
from tests.submit import virtual_time
from tests.support import FakeClock, number

KEY = SecretStr("sk-test-0123")
BODY = json.dumps({"toPhoneNumber": number(0)}).encode()
AS_TLS = ("http:", "https:")

LONG, BRIEF = 60.0, 0.1
"""Patience in seconds: brief only with a server that never does what is waited for, so that no stall fails a test."""


def client_for(
    url: str, context: ssl.SSLContext, *, connect: float = LONG, write: float = LONG, read: float = LONG
) -> Client:
    """Make a client with patience to *connect*, to *write*, and to *read* the reply."""
    return Client(
        url,
        KEY,
        clock=FakeClock(),
        read_seconds=read,
        context=context,
        connect_seconds=connect,
        write_seconds=write,
    )


class Trickling(httpx.AsyncByteStream):
    """A reply that comes a byte at a time, each before a read would give up."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for byte in CREATED + b" " * 500:
            await asyncio.sleep(LONG - 1)
            yield bytes([byte])


def test_a_reply_that_trickles_in_is_given_up(context: ssl.SSLContext) -> None:
    """Each byte comes in time and the whole does not: the worker is not held for ever, and the call may exist."""

    async def create_slowly() -> tuple[Outcome, float]:
        transport = httpx.MockTransport(lambda _request: httpx.Response(200, stream=Trickling()))
        client = Client(
            "http://127.0.0.1", KEY, clock=FakeClock(), read_seconds=LONG, context=context, transport=transport
        )
        async with client:
            return await client.create(BODY), asyncio.get_running_loop().time()

    outcome, seconds = virtual_time.run(create_slowly())
    assert (outcome.kind, outcome.reason) == (Kind.UNKNOWN, Reason.NO_REPLY)
    assert "no whole reply in time" in outcome.message
    assert seconds == pytest.approx(CONNECT_SECONDS + WRITE_SECONDS + WHOLE_REPLY_READS * LONG, abs=0.1)


def create(url: str, context: ssl.SSLContext, *, connect: float = LONG) -> Outcome:
    """POST one call to *url*."""

    async def run() -> Outcome:
        async with client_for(url, context, connect=connect) as client:
            return await client.create(BODY)

    return asyncio.run(run())


def create_at(
    script: Script,
    context: ssl.SSLContext,
    *,
    body: bytes = BODY,
    tls: ssl.SSLContext | None = None,
    address: tuple[str, str] = ("", ""),
    connect: float = LONG,
    write: float = LONG,
    read: float = LONG,
) -> tuple[Outcome, RawServer]:
    """POST one call to a server that follows *script*; *address* replaces a part of the server's address."""

    async def run() -> tuple[Outcome, RawServer]:
        async with (
            RawServer(script, tls=tls) as server,
            client_for(server.url.replace(*address), context, connect=connect, write=write, read=read) as client,
        ):
            return await client.create(body), server

    return asyncio.run(run())


# What surely was not sent.


def test_a_refused_port_is_not_sent(closed_port: int, context: ssl.SSLContext) -> None:
    """Nobody listens: nothing was sent, and the run goes on trying."""
    outcome = create(f"http://127.0.0.1:{closed_port}", context)

    assert (outcome.kind, outcome.reason, outcome.stop) == (Kind.NOT_SENT, Reason.NOT_SENT, None)


def test_a_name_that_does_not_resolve_is_not_sent(context: ssl.SSLContext) -> None:
    """A failure of the resolver comes before any connection (a label this long is refused before it is looked up)."""
    assert create(f"http://{'x' * 64}.invalid", context).kind == Kind.NOT_SENT


def test_tls_to_a_plain_port_is_not_sent(context: ssl.SSLContext) -> None:
    """A server that speaks no TLS gets no request."""

    async def plain(connection: Connection) -> None:
        await connection.reader.read(100)
        await connection.send(reply(400, b"speak HTTP"))
        await connection.hang()

    outcome, server = create_at(plain, context, address=AS_TLS)
    assert (outcome.kind, outcome.stop, server.requests) == (Kind.NOT_SENT, None, [])
    assert "speaks no TLS" in outcome.message


def test_a_tls_handshake_that_hangs_is_not_sent(context: ssl.SSLContext) -> None:
    """A server that accepts and is silent during the handshake gets no request."""
    outcome, server = create_at(Connection.hang, context, address=AS_TLS, connect=BRIEF)

    assert (outcome.kind, outcome.stop, server.connections) == (Kind.NOT_SENT, None, 1)


def test_a_tls_handshake_that_is_dropped_is_not_sent(context: ssl.SSLContext) -> None:
    """A server that leaves during the handshake gets no request."""
    assert create_at(Connection.finish, context, address=AS_TLS)[0].kind == Kind.NOT_SENT


def test_a_self_signed_certificate_stops_the_run(context: ssl.SSLContext, server_context: ssl.SSLContext) -> None:
    """A certificate that nobody vouches for is not talked to, and trying again will not mend it."""
    outcome, server = create_at(answer, context, tls=server_context)

    assert (outcome.kind, outcome.stop, server.requests) == (Kind.NOT_SENT, StopCode.CERTIFICATE, [])


def test_a_trusted_certificate_for_another_host_stops_the_run(
    certificate: os.PathLike[str], server_context: ssl.SSLContext
) -> None:
    """A certificate that is trusted, but for another name, is as good as none."""
    trusting = ssl.create_default_context(cafile=certificate)
    outcome, _ = create_at(answer, trusting, tls=server_context, address=("127.0.0.1", "localhost"))

    assert (outcome.kind, outcome.stop) == (Kind.NOT_SENT, StopCode.CERTIFICATE)


def test_a_trusted_certificate_is_talked_to(certificate: os.PathLike[str], server_context: ssl.SSLContext) -> None:
    """Over TLS that can be trusted, a call is created."""
    trusting = ssl.create_default_context(cafile=certificate)
    outcome, server = create_at(answer, trusting, tls=server_context)

    assert (outcome.kind, outcome.call_id, len(server.requests)) == (Kind.CREATED, "call-1", 1)


def test_a_connection_that_is_not_accepted_in_time_is_not_sent(context: ssl.SSLContext) -> None:
    """A full backlog answers nobody: no connection in time, nothing sent."""
    with socket.socket() as listening, socket.socket() as first, socket.socket() as second:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for taker in (first, second):
            taker.setblocking(False)
            taker.connect_ex(listening.getsockname())
        outcome = create(f"http://127.0.0.1:{listening.getsockname()[1]}", context, connect=BRIEF)

    assert outcome.kind == Kind.NOT_SENT


# What may have been sent.


async def _reset(connection: Connection) -> None:
    connection.reset()


async def read_then_reset(connection: Connection) -> None:
    """Read one request, then tear the connection down."""
    await connection.request()
    connection.reset()


async def _read_then_finish(connection: Connection) -> None:
    await connection.request()
    await connection.finish()


BROKEN_GZIP = reply(200, b"no gzip at all", "Content-Encoding: gzip")
SHORT_GZIP = reply(200, gzip.compress(CREATED)[:20], "Content-Encoding: gzip")
TRUNCATED = b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n" + CREATED
CHUNKED = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n1b\r\n" + CREATED


@pytest.mark.parametrize("script", [Connection.finish, _reset], ids=["FIN", "RST"])
def test_a_connection_that_ends_at_once_creates_nothing(script: Script, context: ssl.SSLContext) -> None:
    """Not sent where its end is heard before the request leaves; where the two cross, nobody can say."""
    outcome, server = create_at(script, context)

    assert outcome.kind in (Kind.NOT_SENT, Kind.UNKNOWN)
    assert server.requests == []


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        pytest.param(_read_then_finish, Reason.NO_REPLY, id="read, FIN"),
        pytest.param(read_then_reset, Reason.NO_REPLY, id="read, RST"),
        pytest.param(answering_then_closing(b"HTTP/1."), Reason.NO_REPLY, id="partial status line"),
        pytest.param(answering_then_closing(b"HTTP/1.1 200 OK\r\nX: "), Reason.NO_REPLY, id="partial headers"),
        pytest.param(answering_then_hanging(b"\x00garbage\r\n\r\n"), Reason.NO_REPLY, id="garbage"),
        pytest.param(answering_then_closing(TRUNCATED), Reason.NO_REPLY, id="201, truncated body"),
        pytest.param(answering_then_closing(CHUNKED), Reason.NO_REPLY, id="201, truncated chunks"),
        pytest.param(answering(BROKEN_GZIP), Reason.NO_REPLY, id="broken gzip"),
        pytest.param(answering(SHORT_GZIP), Reason.NO_REPLY, id="gzip cut short"),
        pytest.param(answering(reply(200, b"<html>ok</html>")), Reason.BAD_REPLY, id="200, HTML"),
        pytest.param(answering(reply(200, b"x" * 1_100_000)), Reason.NO_REPLY, id="reply over 1 MiB"),
        pytest.param(answering(reply(500, b"")), "api_500", id="500"),
        pytest.param(answering(reply(409, b"")), "api_409", id="409"),
    ],
)
def test_an_exchange_that_broke_is_unknown(script: Script, reason: str, context: ssl.SSLContext) -> None:
    """Once the request began to leave, only a whole and proven reply can say that no call exists."""
    outcome, server = create_at(script, context)

    assert (outcome.kind, outcome.reason, outcome.stop) == (Kind.UNKNOWN, reason, None)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "sent",
    [b"", b"SSH-2.0-server\r\n", b"HTTP/1.1 100 Go on\r\n\r\n", TRUNCATED],
    ids=["no reply", "another protocol", "100, no reply", "201, hanging body"],
)
def test_an_exchange_that_hangs_is_unknown(sent: bytes, context: ssl.SSLContext) -> None:
    """Whatever came before the silence, the server has read the request, and the call may exist."""
    outcome, server = create_at(answering_then_hanging(sent), context, read=BRIEF)

    assert (outcome.kind, outcome.reason, outcome.stop) == (Kind.UNKNOWN, Reason.NO_REPLY, None)
    assert len(server.requests) == 1


@pytest.mark.slow
def test_a_large_body_that_is_never_read_is_unknown(context: ssl.SSLContext) -> None:
    """A server that stops reading may have read enough."""

    async def deaf(connection: Connection) -> None:
        transport = connection.writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        await connection.hang()

    outcome, _ = create_at(deaf, context, body=b" " * 30_000_000, write=BRIEF)

    assert (outcome.kind, outcome.reason) == (Kind.UNKNOWN, Reason.NO_REPLY)
    assert "written in time" in outcome.message


def test_an_early_refusal_of_a_body_still_being_sent_counts(context: ssl.SSLContext) -> None:
    """A server that answers 413 without reading on has refused, although the writing broke."""

    async def early(connection: Connection) -> None:
        await connection.reader.readuntil(b"\r\n\r\n")
        await connection.send(reply(413, b"", "Connection: close"))
        while await connection.reader.read(1 << 16):
            pass

    outcome, _ = create_at(early, context, body=b" " * 3_000_000)

    assert (outcome.kind, outcome.reason) == (Kind.REFUSED, "api_413")


def test_a_slow_reply_within_the_patience_is_created(context: ssl.SSLContext) -> None:
    """A reply that comes in pieces is read to its end."""

    async def slow(connection: Connection) -> None:
        await connection.request()
        whole = reply()
        for start in range(0, len(whole), 7):
            await connection.send(whole[start : start + 7])

    assert create_at(slow, context)[0].call_id == "call-1"


def test_a_gateway_that_packs_replies_unasked_is_understood(context: ssl.SSLContext) -> None:
    """A packed reply that can be unpacked counts, although none was asked for."""
    packed = reply(200, gzip.compress(CREATED), "Content-Encoding: gzip")

    assert create_at(answering(packed), context)[0].call_id == "call-1"


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(CREATED)[:-1], gzip.compress(CREATED)[:-8], gzip.compress(CREATED) + b"x"],
    ids=["a byte short", "without its sum", "with more behind"],
)
def test_a_packed_reply_that_is_not_whole_is_unknown(packed: bytes, context: ssl.SSLContext) -> None:
    """Neither without the sum by which it is known to be whole, nor with more behind it."""
    assert create_at(answering(reply(200, packed, "Content-Encoding: gzip")), context)[0].kind == Kind.UNKNOWN


def test_a_refusal_without_content_is_one_however_it_is_packed(context: ssl.SSLContext) -> None:
    """Nothing has to be unpacked."""
    assert create_at(answering(reply(422, b"", "Content-Encoding: gzip")), context)[0].kind == Kind.REFUSED


def test_a_redirect_is_not_followed(context: ssl.SSLContext) -> None:
    """A 307 stops the run; the other host never hears of the call or the key. Whoever redirects may have created it."""

    async def run() -> tuple[Outcome, int]:
        async with RawServer(answer) as other:
            moved = reply(307, b"", f"Location: {other.url}/v1/phoneCalls")
            async with RawServer(answering(moved)) as server, client_for(server.url, context) as client:
                return await client.create(BODY), other.connections

    outcome, contacted = asyncio.run(run())
    assert (outcome.kind, outcome.stop, contacted) == (Kind.UNKNOWN, StopCode.WRONG_ADDRESS, 0)


def test_proxy_variables_are_ignored(closed_port: int, context: ssl.SSLContext) -> None:
    """A proxy variable of the machine reroutes neither the key nor people's numbers."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        os.environ[name] = f"http://127.0.0.1:{closed_port}"

    assert create_at(answer, context)[0].kind == Kind.CREATED


def test_the_request_is_as_documented(context: ssl.SSLContext) -> None:
    """One POST to `/v1/phoneCalls` with the key in its header and the body as given."""
    _, server = create_at(answer, context)
    (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")

    assert head.startswith(b"POST /v1/phoneCalls HTTP/1.1\r\n")
    assert re.search(rb"(?im)^aicaller-api-key: sk-test-0123\r?$", head)
    assert re.search(rb"(?im)^content-type: application/json\r?$", head)
    assert body == BODY


# How exceptions are mapped.


def _descendants(kind: type[BaseException]) -> set[type[BaseException]]:
    return {kind}.union(*(_descendants(child) for child in kind.__subclasses__()))


FAILURES = sorted(
    (_descendants(httpx.RequestError) | _descendants(httpx.StreamError) | {httpx.InvalidURL, OSError, ValueError})
    - {httpx.StreamConsumed, httpx.StreamClosed, httpx.ResponseNotRead, httpx.RequestNotRead},
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", FAILURES, ids=lambda kind: kind.__name__)
def test_every_failure_has_a_verdict(kind: type[Exception]) -> None:
    """Once the request was leaving every exception is unknown; before that, all but the proven few are too."""
    error = kind(f"quotes {number(0)}")
    before, after = judge_failure(error, leaving=False), judge_failure(error, leaving=True)

    assert before.kind == (Kind.NOT_SENT if kind in BEFORE_SENDING else Kind.UNKNOWN)
    assert after.kind == Kind.UNKNOWN
    assert number(0) not in before.message + after.message


def test_only_failures_to_connect_are_proof_of_not_sent() -> None:
    """The list of proofs is short, and each is about getting a connection."""
    assert set(BEFORE_SENDING) == {httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout}
