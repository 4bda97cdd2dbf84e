"""An httpx transport that is exactly one connection, opened anew when the last one has ended."""

import asyncio
import ssl
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from dialer.api.failure import Withheld
from dialer.api.wire import Limits, Reply, Wire

IDLE_SECONDS = 4.0
"""A connection idle for longer is not used again: the server may be closing it, and a POST lost that way is unknown."""

MAX_REPLY_BYTES = 1 << 20
REPLY_LIMIT = "reply_limit_bytes"
"""The extension by which a request allows a longer reply."""

REQUEST_LEAVES = "http11.send_request_headers.started"
"""What the extension `trace` hears, as from httpx's own transport, before the first byte of a request leaves."""

_NEXT_ADDRESS_SECONDS = 0.25
"""When the next address of a host is tried beside one that does not answer (RFC 8305, section 5)."""

_ENCODING = b"content-encoding"
_EITHER_HEADER = zlib.MAX_WBITS | 32
"""Of gzip or of zlib, as `zlib.decompressobj` recognises them by itself."""


def unheld() -> bool:
    """Let any request leave."""
    return True


class Progress:
    """Notes whether the request began to leave: before that, nobody can have received it.

    *may_leave* is asked last, with the connection open and nothing awaited between its answer and the first byte but
    the loop's turn.
    """

    def __init__(self, may_leave: Callable[[], bool] = unheld) -> None:
        self._may_leave = may_leave
        self.leaving = False

    async def __call__(self, event: str, _info: Mapping[str, Any]) -> None:
        """Ask, and note it. Raises `Withheld`."""
        if event == REQUEST_LEAVES:
            if not self._may_leave():
                raise Withheld
            self.leaving = True


class SingleConnection(httpx.AsyncBaseTransport):
    """One connection without a pool, which a lone connection does not need. Raises httpx's exceptions."""

    def __init__(self, context: ssl.SSLContext, *, monotonic: Callable[[], float]) -> None:
        self._context = context
        self._monotonic = monotonic
        self._wire: Wire | None = None
        self._used_at = 0.0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send *request* and read the whole reply. A connection that failed is closed and never used again.

        Its extensions: `timeout` as httpx has it, `trace`, which hears `REQUEST_LEAVES` when a connection is open, and
        `REPLY_LIMIT`.
        """
        seconds = request.extensions["timeout"]
        limits = Limits(seconds["write"], seconds["read"], request.extensions.get(REPLY_LIMIT, MAX_REPLY_BYTES))
        wire = await self._open(request.url, seconds["connect"])
        await request.extensions["trace"](REQUEST_LEAVES, {})  # may raise: nothing left, and the connection stays
        try:
            reply = await wire.exchange(
                request.method, request.url.raw_path, request.headers.raw, await request.aread(), limits
            )
            content = _unpacked(reply, limits.content_bytes)
        except BaseException:
            await self.aclose()
            raise
        self._used_at = self._monotonic()
        headers = [(name, value) for name, value in reply.headers if name.lower() != _ENCODING]
        return httpx.Response(reply.status, headers=headers, stream=httpx.ByteStream(content))

    async def _open(self, url: httpx.URL, seconds: float) -> Wire:
        is_fresh = self._monotonic() - self._used_at < IDLE_SECONDS
        if self._wire is not None and is_fresh and self._wire.is_reusable:
            return self._wire
        await self.aclose()
        is_tls = url.scheme == "https"
        opening = asyncio.get_running_loop().create_connection(
            Wire,
            url.host,
            url.port or (443 if is_tls else 80),
            ssl=self._context if is_tls else None,
            happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS,
        )
        try:
            async with asyncio.timeout(seconds):
                _, self._wire = await opening
        except TimeoutError as error:
            raise httpx.ConnectTimeout(type(error).__name__) from error
        except (OSError, UnicodeError) as error:  # a failed handshake, or a host's name that no resolver could take
            raise httpx.ConnectError(type(error).__name__) from error
        self._used_at = self._monotonic()
        if not self._wire.is_reusable:  # what came would be taken for the reply to a call that it says nothing about
            raise httpx.ConnectError("the server spoke first, or hung up")
        return self._wire

    async def aclose(self) -> None:
        """Close the connection, if there is one."""
        wire, self._wire = self._wire, None
        if wire is not None:
            await wire.close()


def _unpacked(reply: Reply, most_bytes: int) -> bytes:
    """Return a reply's content as it was before somebody on its way packed it, though nobody asked for that.

    Not by httpx, which unpacks a thousand times as much as came. Raises `httpx.DecodingError`.
    """
    packings = {value.lower() for name, value in reply.headers if name.lower() == _ENCODING}
    if packings.isdisjoint((b"gzip", b"deflate")) or not reply.content:
        return reply.content
    unpacking = zlib.decompressobj(_EITHER_HEADER)
    try:
        content = unpacking.decompress(reply.content, most_bytes + 1)
    except zlib.error as error:
        raise httpx.DecodingError("the content is not packed as its header says") from error
    if len(content) > most_bytes or not unpacking.eof or unpacking.unused_data:
        raise httpx.DecodingError("the content is too long, cut off, or goes on behind its end")
    return content
