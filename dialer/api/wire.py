"""The bytes of one open connection: requests that leave, and replies that come.

By hand on asyncio's own protocol and not by httpcore, whose locks, scopes and traces take more than half of a call's
processor time: 0.57 ms with httpcore 1.0.9, 0.26 ms so. As it always reads, it also hears at once what nobody asked
for, and that the server hung up.
"""

import asyncio
import select
import socket
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import h11
import httpx

from dialer.api.reply_parser import BadReply, ReplyParser

UNHEARD_MILLISECONDS = 30_000
"""The system gives a connection up when it hears nothing for so long of what it sent: a request that a dead network
holds back would otherwise arrive after minutes, when its call has long been looked for."""

Headers = Sequence[tuple[bytes, bytes]]


class Limits(NamedTuple):
    """What one exchange may take: seconds for the write and for each read, and bytes of the reply's content."""

    write_seconds: float
    read_seconds: float
    content_bytes: int


class Reply(NamedTuple):
    """A whole reply: the status, the headers, and the content as it came."""

    status: int
    headers: Headers
    content: bytes


class Wire(asyncio.Protocol):
    """One connection, from its opening to its end."""

    def __init__(self) -> None:
        self._replies = ReplyParser()
        self._bad: BadReply | None = None
        self._is_over = False
        self._transport: asyncio.Transport | None = None
        self._look: Callable[[int], object] | None = None
        self._heard: asyncio.Future[None] | None = None
        self._flows = asyncio.Event()
        self._flows.set()
        self._ended = asyncio.Event()
        self._error: Exception | None = None
        self._is_asked = False
        self._is_spoilt = False
        self._tickets_may_wait = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin. asyncio calls this, and the five below."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what the protocol of a stream is given
        self._transport = transport
        self._tickets_may_wait = transport.get_extra_info("ssl_object") is not None
        raw = transport.get_extra_info("socket")
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNHEARD_MILLISECONDS)
        if hasattr(select, "poll"):
            poll = select.poll()
            poll.register(raw.fileno(), select.POLLIN)
            self._look = poll.poll

    def data_received(self, data: bytes) -> None:
        """Take what came; what nobody asked for ends the use of this connection."""
        if self._is_asked:
            try:
                self._replies.feed(data)
            except BadReply as error:
                self._bad = self._bad or error
            self._wake()
        else:
            self._is_spoilt = True
            self._abort()

    def eof_received(self) -> None:
        """Hear that the server says no more."""
        self._is_over = self._is_spoilt = True
        if self._is_asked:
            self._replies.end()
            self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        """Hear that the connection has ended."""
        self._error, self._is_spoilt = error, True
        self._ended.set()
        self._flows.set()
        self._wake()

    def pause_writing(self) -> None:
        """Hear that the network takes no more for now."""
        self._flows.clear()

    def resume_writing(self) -> None:
        """Hear that the network takes more again."""
        self._flows.set()

    @property
    def is_reusable(self) -> bool:
        """Whether the next reply can be told from all that came before: the last was whole, nothing waits behind it.

        Looks wherever bytes can wait: in the parser, and on the socket, which the loop may not have read yet. It takes
        a microsecond. A server that hangs up shows in the same way. Before the first request on TLS the socket says
        nothing: tickets for later connections may wait on it.
        """
        is_silent = self._look is None or self._tickets_may_wait or not self._look(0)
        return self._replies.is_idle and not self._is_spoilt and is_silent

    async def exchange(self, method: str, target: bytes, headers: Headers, body: bytes, limits: Limits) -> Reply:
        """Write one request and read its whole reply; the first byte leaves before anything is awaited.

        Raises what a transport of httpx raises.
        """
        assert self._transport is not None  # noqa: S101 - set before anybody has this connection
        self._is_asked = True
        head = _head(method, target, tuple(headers))
        self._replies.begin(limits.content_bytes)
        self._transport.write(head + body)
        if not self._flows.is_set():
            await _within(limits.write_seconds, self._flows.wait(), httpx.WriteTimeout)
        while self._bad is None and not self._replies.is_whole:
            if self._is_over:
                raise httpx.RemoteProtocolError("the server ended the connection")
            await self._more(limits.read_seconds)
        if self._bad is not None:
            raise httpx.RemoteProtocolError(str(self._bad)) from self._bad
        self._is_asked = self._tickets_may_wait = False
        return Reply(self._replies.status, self._replies.headers, bytes(self._replies.content))

    async def _more(self, seconds: float) -> None:
        """Wait until more has come."""
        if self._ended.is_set():
            raise httpx.ReadError("the connection ended") from self._error
        self._heard = asyncio.get_running_loop().create_future()
        await _within(seconds, self._heard, httpx.ReadTimeout)

    def _wake(self) -> None:
        if self._heard is not None and not self._heard.done():
            self._heard.set_result(None)

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    async def close(self) -> None:
        """End the connection at once: nothing that matters is under way on one that is given up."""
        self._abort()
        await self._ended.wait()


@lru_cache(maxsize=1024)
def _head(method: str, target: bytes, headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    """Return the head of a request as h11 writes it, which refuses what is none.

    Those of calls differ in the content's length alone, so nearly all are written once. Raises
    `httpx.LocalProtocolError`.
    """
    try:
        return h11.Connection(h11.CLIENT).send(h11.Request(method=method, target=target, headers=list(headers))) or b""
    except h11.LocalProtocolError as error:
        raise httpx.LocalProtocolError(type(error).__name__) from error


async def _within(seconds: float, waiting: Awaitable[object], late: type[httpx.TimeoutException]) -> None:
    try:
        async with asyncio.timeout(seconds):
            await waiting
    except TimeoutError as error:
        raise late(late.__name__) from error
