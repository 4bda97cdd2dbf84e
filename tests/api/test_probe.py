"""What the probe finds before any call is claimed."""

import asyncio
import ssl
from datetime import timedelta
from email.utils import format_datetime

import pytest

from dialer.calls.outcome import Kind, Outcome, StopCode
from tests.api.raw_server import RawServer, Script, answer, answering, answering_then_hanging, reply
from tests.api.test_client import BRIEF, LONG, client_for, read_then_reset
from tests.support import MONDAY_NOON


def probe(
    script: Script, context: ssl.SSLContext, *, path: str = "", read: float = LONG
) -> tuple[Outcome | None, list[bytes]]:
    """Probe a server that follows *script*."""

    async def run() -> tuple[Outcome | None, list[bytes]]:
        async with RawServer(script) as server, client_for(server.url + path, context, read=read) as client:
            return await client.probe(), server.requests

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "stop"),
    [
        (200, None),
        (404, None),
        (400, None),
        (429, None),
        (500, None),
        (401, StopCode.KEY_REFUSED),
        (403, StopCode.KEY_REFUSED),
        (402, StopCode.NO_CREDIT),
        (307, StopCode.WRONG_ADDRESS),
    ],
)
def test_the_probe_tells_what_must_stop_a_run(status: int, stop: StopCode | None, context: ssl.SSLContext) -> None:
    """A refused key, no credit and a redirect are found before any call is claimed; anything else is no objection."""
    outcome, _ = probe(answering(reply(status, b"{}")), context)

    assert (outcome.stop if outcome else None) == stop


@pytest.mark.parametrize(("minutes", "wrong"), [(-10, True), (10, True), (-0.9, False), (0.9, False), (0, False)])
def test_the_probe_finds_a_wrong_clock(minutes: float, wrong: bool, context: ssl.SSLContext) -> None:  # noqa: FBT001 - a table's column
    """More than a minute between this machine and the API's `Date` stops the run, either way."""
    date = format_datetime(MONDAY_NOON + timedelta(minutes=minutes), usegmt=True)
    outcome, _ = probe(answering(reply(404, b"{}", f"Date: {date}")), context)

    assert (outcome.stop if outcome else None) == (StopCode.CLOCK_WRONG if wrong else None)


def test_the_probe_finds_an_api_out_of_reach(closed_port: int, context: ssl.SSLContext) -> None:
    """An address that nobody listens at is told before any call is claimed."""

    async def run() -> Outcome | None:
        async with client_for(f"http://127.0.0.1:{closed_port}", context) as client:
            return await client.probe()

    outcome = asyncio.run(run())
    assert outcome is not None
    assert (outcome.kind, outcome.stop) == (Kind.NOT_SENT, StopCode.UNREACHABLE)


@pytest.mark.parametrize("script", [read_then_reset, answering_then_hanging(b""), answering(b"garbage\r\n\r\n")])
def test_the_probe_finds_an_api_that_does_not_answer(script: Script, context: ssl.SSLContext) -> None:
    """A port that is open and gives no HTTP is out of reach as well."""
    outcome, _ = probe(script, context, read=BRIEF)

    assert outcome is not None
    assert outcome.stop == StopCode.UNREACHABLE


def test_the_probe_finds_a_bad_certificate(context: ssl.SSLContext, server_context: ssl.SSLContext) -> None:
    """A certificate that nobody vouches for is told as such, not as out of reach."""

    async def run() -> Outcome | None:
        async with RawServer(answer, tls=server_context) as server, client_for(server.url, context) as client:
            return await client.probe()

    outcome = asyncio.run(run())
    assert outcome is not None
    assert outcome.stop == StopCode.CERTIFICATE


@pytest.mark.parametrize("path", ["", "/behind/a/gateway"])
def test_the_probe_asks_where_calls_go(path: str, context: ssl.SSLContext) -> None:
    """It is a GET without a body, at the same address as the POSTs."""
    _, (request,) = probe(answer, context, path=path)

    assert request.startswith(f"GET {path}/v1/phoneCalls/".encode())
    assert request.endswith(b"\r\n\r\n")


def test_a_connection_opens_without_a_request_and_is_used_by_the_next(context: ssl.SSLContext) -> None:
    """Opening one takes nothing of what the API allows, and the POST that follows leaves by it."""

    async def run() -> tuple[Outcome | None, int, Outcome, RawServer]:
        async with RawServer(answer) as server, client_for(server.url, context) as client:
            opened = await client.connect()
            return opened, len(server.requests), await client.create(b"{}"), server

    opened, sent, outcome, server = asyncio.run(run())
    assert (opened, sent, outcome.http_status) == (None, 0, 200)
    assert (server.connections, len(server.requests)) == (1, 1)


def test_a_connection_that_cannot_be_opened_is_told(closed_port: int, context: ssl.SSLContext) -> None:
    """Where nobody listens, no call is claimed for that connection."""

    async def run() -> Outcome | None:
        async with client_for(f"http://127.0.0.1:{closed_port}", context) as client:
            return await client.connect()

    outcome = asyncio.run(run())
    assert outcome is not None
    assert (outcome.kind, outcome.stop) == (Kind.NOT_SENT, StopCode.UNREACHABLE)
