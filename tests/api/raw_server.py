"""A server on a loopback socket that does to each connection exactly what a script says, byte by byte."""

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

CREATED = b'{"data": {"_id": "call-1"}}'


def reply(status: int = 200, content: bytes = CREATED, *headers: str) -> bytes:
    """Return a whole HTTP reply."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + content


@dataclass
class Connection:
    """One accepted connection, as a script sees it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    requests: list[bytes]
    ended: asyncio.Event
    reads: set[asyncio.Future[bytes]]

    async def request(self) -> bytes:
        """Read one whole request, and note it as received."""
        read = asyncio.ensure_future(self._read())
        self.reads.add(read)
        return await read

    async def _read(self) -> bytes:
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        whole = head + await self.reader.readexactly(int(length[1]) if length else 0)
        self.requests.append(whole)
        return whole

    async def send(self, content: bytes) -> None:
        """Send *content* as it is."""
        self.writer.write(content)
        await self.writer.drain()

    async def finish(self) -> None:
        """Close the connection in an orderly way (FIN)."""
        self.writer.close()
        await self.writer.wait_closed()

    def reset(self) -> None:
        """Tear the connection down (RST)."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def hang(self) -> None:
        """Do nothing until the server ends."""
        await self.ended.wait()


Script = Callable[[Connection], Awaitable[None]]


class RawServer:
    """Serves each connection by the next of *scripts*, the last one over and over. Use as an async context manager.

    `requests` are the whole requests received, `connections` counts those accepted. What a client that has left did
    send is still read when the server ends, however late it comes to that.
    """

    def __init__(self, *scripts: Script, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._scripts = scripts
        self._tls = tls
        self._ended = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._reads: set[asyncio.Future[bytes]] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self._ended.set()
        await asyncio.gather(*self._reads, return_exceptions=True)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script = self._scripts[min(self.connections, len(self._scripts) - 1)]
        self.connections += 1
        try:
            await script(Connection(reader, writer, self.requests, self._ended, self._reads))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client left, which is what some scripts are for
        finally:
            writer.transport.abort()


async def answer(connection: Connection) -> None:
    """Answer every request of the connection as the API does when it creates a call."""
    while True:
        await connection.request()
        await connection.send(reply())


def answering(content: bytes) -> Script:
    """Make a script that answers every request with the bytes *content*."""

    async def script(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.send(content)

    return script


def answering_then_closing(content: bytes) -> Script:
    """Make a script that reads one request, sends *content*, whole or not, and closes."""

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(content)
        await connection.finish()

    return script


def answering_then_hanging(content: bytes) -> Script:
    """Make a script that reads one request, sends *content* and then nothing more."""

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(content)
        await connection.hang()

    return script
