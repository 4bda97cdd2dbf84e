"""A small pooler before a PostgreSQL: as PgBouncer does in transaction mode, a client has a backend for a transaction.

It speaks the server's wire protocol (postgresql.org/docs, chapter "Frontend/Backend Protocol") as far as a pooler must:
where a client's messages end with a sync, and by the status in `ReadyForQuery` whether a transaction is open.
"""

import asyncio
import struct
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

_SSL_REQUEST = 80877103


class Proxy(Protocol):
    """What stands between clients and a server."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client to its end."""

    async def close(self) -> None:
        """Close every connection."""


@dataclass(frozen=True)
class Stream:
    """One side of a connection, by messages of the protocol."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def message(self) -> bytes:
        """Read one message with its type."""
        head = await self.reader.readexactly(5)
        return head + await self.reader.readexactly(struct.unpack("!I", head[1:])[0] - 4)

    async def startup(self) -> bytes:
        """Read the first message of a client, which has no type, and refuse it TLS."""
        while True:
            head = await self.reader.readexactly(4)
            body = await self.reader.readexactly(struct.unpack("!I", head)[0] - 4)
            if struct.unpack("!I", body[:4])[0] != _SSL_REQUEST:
                return head + body
            self.writer.write(b"N")


class Pooler:
    """Hands each client the backend that became free last; *by_session* keeps it until the client leaves."""

    def __init__(self, socket: str, *, by_session: bool) -> None:
        self._socket = socket
        self._by_session = by_session
        self._idle: list[Stream] = []
        self._opened_streams: list[Stream] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client to its end."""
        client = self._known(Stream(reader, writer))
        backend: Stream | None = None
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            startup = await client.startup()
            self._idle.append(await self._greeted(client, startup))
            while (message := await client.message())[:1] != b"X":
                backend = backend or (self._idle.pop() if self._idle else await self._opened(startup))
                backend.writer.write(message)
                if message[:1] in b"QS" and await self._answer(backend, client) == b"I" and not self._by_session:
                    self._idle.append(backend)
                    backend = None
        for stream in (client, backend):
            if stream is not None:
                stream.writer.close()

    def _known(self, stream: Stream) -> Stream:
        self._opened_streams.append(stream)
        return stream

    async def close(self) -> None:
        """Close every connection."""
        for stream in self._opened_streams:
            stream.writer.close()
            with suppress(ConnectionError):
                await stream.writer.wait_closed()

    async def _greeted(self, client: Stream, startup: bytes) -> Stream:
        """Open a backend, and let the client have what it says, but for the key by which it could cancel."""
        backend = self._known(Stream(*await asyncio.open_unix_connection(self._socket)))
        backend.writer.write(startup)
        while (message := await backend.message())[:1] != b"Z":
            client.writer.write(b"K" + struct.pack("!III", 12, 1, 1) if message[:1] == b"K" else message)
        client.writer.write(message)
        return backend

    async def _opened(self, startup: bytes) -> Stream:
        backend = self._known(Stream(*await asyncio.open_unix_connection(self._socket)))
        backend.writer.write(startup)
        while (await backend.message())[:1] != b"Z":
            pass
        return backend

    async def _answer(self, backend: Stream, client: Stream) -> bytes:
        """Carry a backend's answer to the client; return the status of its transaction."""
        while (message := await backend.message())[:1] != b"Z":
            client.writer.write(message)
        client.writer.write(message)
        await client.writer.drain()
        return message[5:6]


@contextmanager
def served(proxy: "Proxy") -> Iterator[int]:
    """Let *proxy* serve whoever connects to a loopback port, which is returned."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(proxy.serve, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(_ended(proxy))
        server.close()
        loop.run_until_complete(server.wait_closed())
        loop.close()


async def _ended(proxy: Proxy) -> None:
    await proxy.close()
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))


def pooled(folder: str, *, by_session: bool = False) -> AbstractContextManager[int]:
    """Pool the server whose socket lies in *folder*, on a loopback port, which is returned."""
    return served(Pooler(f"{folder}/.s.PGSQL.5432", by_session=by_session))
