"""Notices to the outside, on a real socket: taken or not, they never raise and never tell their address."""

import asyncio
import logging
import ssl

import pytest

from dialer.nightly.notify import MAX_PING_BYTES, ping, post_summary
from tests.api.raw_server import RawServer, answering, reply


def _sent(what: str, body: str, status: int = 200) -> tuple[bool, bytes]:
    async def run() -> tuple[bool, bytes]:
        async with RawServer(answering(reply(status, b"OK"))) as server:
            taken = await ping(f"{server.url}/secret-id", what=what, body=body, context=ssl.create_default_context())
            return taken, server.requests[0]

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("what", "path"), [("start", "/secret-id/start"), ("", "/secret-id"), ("fail", "/secret-id/fail")]
)
def test_a_ping_goes_where_monitors_expect_it(what: str, path: str) -> None:
    """The address itself is success; `start` and `fail` stand below it; the body tells what came of the night."""
    taken, request = _sent(what, "23 created")
    assert taken
    assert request.startswith(f"POST {path} HTTP/1.1".encode())
    assert request.endswith(b"\r\n\r\n23 created")


def test_a_long_summary_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    """A monitor gets what it takes, and nothing is logged about a ping that went well."""
    _, request = _sent("", "x" * 50_000)
    assert len(request.partition(b"\r\n\r\n")[2]) == MAX_PING_BYTES
    assert caplog.text == ""


def test_a_monitor_that_refuses_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The status is told, the address, which lets anybody report in our name, is not."""
    with caplog.at_level(logging.INFO):
        taken, _ = _sent("", "", status=503)
    assert not taken
    assert "503" in caplog.text
    assert "secret-id" not in caplog.text


def test_a_monitor_that_is_not_there_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A refused connection and an address that is none end the same way."""
    context = ssl.create_default_context()
    for url in ("http://127.0.0.1:1/secret-id", "http://[/secret-id"):
        assert not asyncio.run(ping(url, context=context))
        assert not asyncio.run(post_summary(url, b"{}", context=context))
    assert "secret-id" not in caplog.text


def test_the_summary_is_posted_as_it_is() -> None:
    """A receiver gets the JSON that `--json` prints."""

    async def run() -> bytes:
        async with RawServer(answering(reply(204, b""))) as server:
            assert await post_summary(f"{server.url}/hook", b'{"exit_code": 0}', context=ssl.create_default_context())
            return server.requests[0]

    request = asyncio.run(run())
    assert b"content-type: application/json" in request.lower()
    assert request.endswith(b'{"exit_code": 0}')
