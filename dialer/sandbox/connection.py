"""Closes a client's connection without a reply: what no HTTP answer can express."""

import asyncio
import socket
import struct

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_TRANSPORT = "transport"
_LINGER_ZERO = struct.pack("ii", 1, 0)


class TransportProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with the connection's transport in the scope's state, where `HangUp` finds it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as its base
        """Take the connection."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, _TRANSPORT: transport}


class HangUp(Response):
    """A reply that is none: the connection ends with FIN, or with RST when *reset*."""

    def __init__(self, *, reset: bool) -> None:
        super().__init__()
        self._reset = reset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's shape
        """Close the connection; return once the server has noticed, so that it adds no reply of its own."""
        transport = scope["state"][_TRANSPORT]
        if self._reset:
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass
