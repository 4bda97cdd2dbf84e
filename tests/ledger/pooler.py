"""A small pooler before a PostgreSQL: as PgBouncer does in transaction mode, a client has a backend for a transaction.

It speaks the server's wire protocol (postgresql.org/docs, chapter "Frontend/Backend Protocol") as far as a pooler must:
where a client's messages end with a sync, and by the status in `ReadyForQuery` whether a transaction is open.
"""

import asyncio
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_SSL_REQUEST = 80877103


@dataclass(frozen=True)
class _Stream:
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
        self._idle: list[_Stream] = []
        self._opened_streams: list[_Stream] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client to its end."""
        client = self._known(_Stream(reader, writer))
        backend: _Stream | None = None
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

    def _known(self, stream: _Stream) -> _Stream:
        self._opened_streams.append(stream)
        return stream

    async def close(self) -> None:
        """Close every connection."""
        for stream in self._opened_streams:
            stream.writer.close()
            with suppress(ConnectionError):
                await stream.writer.wait_closed()

    async def _greeted(self, client: _Stream, startup: bytes) -> _Stream:
        """Open a backend, and let the client have what it says, but for the key by which it could cancel."""
        backend = self._known(_Stream(*await asyncio.open_unix_connection(self._socket)))
        backend.writer.write(startup)
        while (message := await backend.message())[:1] != b"Z":
            client.writer.write(b"K" + struct.pack("!III", 12, 1, 1) if message[:1] == b"K" else message)
        client.writer.write(message)
        return backend

    async def _opened(self, startup: bytes) -> _Stream:
        backend = self._known(_Stream(*await asyncio.open_unix_connection(self._socket)))
        backend.writer.write(startup)
        while (await backend.message())[:1] != b"Z":
            pass
        return backend

    async def _answer(self, backend: _Stream, client: _Stream) -> bytes:
        """Carry a backend's answer to the client; return the status of its transaction."""
        while (message := await backend.message())[:1] != b"Z":
            client.writer.write(message)
        client.writer.write(message)
        await client.writer.drain()
        return message[5:6]


@contextmanager
def pooled(folder: str, *, by_session: bool = False) -> Iterator[int]:
    """Pool the server whose socket lies in *folder*, on a loopback port, which is returned."""
    loop = asyncio.new_event_loop()
    pooler = Pooler(f"{folder}/.s.PGSQL.5432", by_session=by_session)
    server = loop.run_until_complete(asyncio.start_server(pooler.serve, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(loop), return_exceptions=True))
        loop.run_until_complete(pooler.close())
        server.close()
        loop.run_until_complete(server.wait_closed())
        loop.close()
