"""An httpx transport that is exactly one connection, opened anew when the last one has ended."""

import selectors
import socket
import ssl
from collections.abc import Callable
from typing import Any

import httpcore
import httpx

IDLE_SECONDS = 4.0
"""A connection idle for longer is not used again: the server may be closing it, and a POST lost that way is unknown."""


UNHEARD_MILLISECONDS = 30_000
"""The system gives a connection up when it hears nothing for so long of what it sent: a request that a dead network
holds back would otherwise arrive after minutes, when its call has long been looked for."""

_SOCKET_OPTIONS = (
    [(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNHEARD_MILLISECONDS)] if hasattr(socket, "TCP_USER_TIMEOUT") else []
)


class SingleConnection(httpx.AsyncBaseTransport):
    """httpx's usual transport without its pool, which a lone connection does not need.

    The pool searches its connections twice for each request and looks up the async library each time, which is
    40 % of the time of a request here (measured with httpx 0.28.1, httpcore 1.0.9). Everything that touches the
    wire is httpcore's own connection. Raises httpx's exceptions, as any transport does.
    """

    def __init__(self, context: ssl.SSLContext, *, monotonic: Callable[[], float]) -> None:
        self._context = context
        self._monotonic = monotonic
        self._connection: httpcore.AsyncHTTPConnection | None = None
        self._used_at = 0.0
        self._unread: _Unread | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send *request* and read the whole reply. A connection that failed is closed and never used again."""
        try:
            limit = request.extensions.get(REPLY_LIMIT, MAX_REPLY_BYTES)
            connection = await self._open(request.url)
            reply = await connection.handle_async_request(_to_core(request))
            self._unread = self._unread or _Unread(connection, reply.extensions["network_stream"])
            response = httpx.Response(reply.status, headers=reply.headers, content=await _read(reply, limit))
        except httpcore_errors as error:
            await self.aclose()
            raise _to_httpx(error) from error
        except BaseException:
            await self.aclose()
            raise
        self._used_at = self._monotonic()
        return response

    async def _open(self, url: httpx.URL) -> httpcore.AsyncHTTPConnection:
        found, unread = self._connection, self._unread
        is_fresh = self._monotonic() - self._used_at < IDLE_SECONDS
        if found is not None and unread is not None and is_fresh and not found.is_closed() and not unread:
            return found
        await self.aclose()
        self._connection = httpcore.AsyncHTTPConnection(
            httpcore.Origin(url.raw_scheme, url.raw_host, url.port or (443 if url.scheme == "https" else 80)),
            ssl_context=self._context,
            socket_options=_SOCKET_OPTIONS,
        )
        return self._connection

    async def aclose(self) -> None:
        """Close the connection, if there is one."""
        connection, self._connection, self._unread = self._connection, None, None
        if connection is not None:
            await connection.aclose()


class _Unread:
    """Whether something came on a connection that nobody asked for: then no later reply can be told from it.

    A server that hangs up shows in the same way. Looks wherever bytes can wait: in the HTTP parser, in the TLS layer,
    and on the socket, which nothing reads between two requests; it takes a microsecond.
    """

    def __init__(self, connection: httpcore.AsyncHTTPConnection, stream: httpcore.AsyncNetworkStream) -> None:
        self._parser: Any = connection._connection._h11_state  # type: ignore[union-attr] # noqa: SLF001 - httpcore shows it nowhere
        self._tls: ssl.SSLObject | None = stream.get_extra_info("ssl_object")
        self._sockets = _Selector()
        self._sockets.register(stream.get_extra_info("socket"), selectors.EVENT_READ)

    def __bool__(self) -> bool:
        return bool(self._parser.trailing_data[0] or self._sockets.select(0) or self._is_decrypted())

    def _is_decrypted(self) -> bool:
        if self._tls is None:
            return False
        try:
            self._tls.read(1)
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError:
            return True
        return True


_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)

MAX_REPLY_BYTES = 1 << 20
REPLY_LIMIT = "reply_limit_bytes"
"""The extension by which a request allows a longer reply."""

httpcore_errors: tuple[type[Exception], ...] = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)


def _to_core(request: httpx.Request) -> httpcore.Request:
    url = request.url
    assert isinstance(request.stream, httpx.AsyncByteStream)  # noqa: S101 - a request with bytes is both kinds
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )


async def _read(reply: httpcore.Response, limit: int) -> bytes:
    """Read the body to its end. Raises `httpx.ReadError` for one longer than any reply of this API."""
    content = bytearray()
    try:
        async for part in reply.aiter_stream():
            content += part
            if len(content) > limit:
                raise httpx.ReadError("the reply is longer than any reply should be")
    finally:
        await reply.aclose()
    return bytes(content)


def _to_httpx(error: Exception) -> Exception:
    """Return httpx's exception of the same name: the two libraries keep them in step."""
    kind: Any = getattr(httpx, type(error).__name__, httpx.TransportError)
    return kind(type(error).__name__)  # type: ignore[no-any-return]
