"""A proxy before a PostgreSQL that cuts one connection, at one statement: just before the server gets it, or after.

After it, the server has executed the statement, and the client never hears so. Statements are counted over all
connections; what a client sends up to a sync is one, however many rows it changes.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.ledger.pooler import Stream, served


@dataclass
class Cutter:
    """Cuts the connection of statement *nth* (from 1), *after* the server has executed it, or before it gets it.

    *passed* counts the statements that have come by.
    """

    socket: str
    nth: int
    after: bool
    passed: int = 0
    _streams: list[Stream] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client to its end, or to the cut."""
        client, backend = Stream(reader, writer), Stream(*await asyncio.open_unix_connection(self.socket))
        self._streams += [client, backend]
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            backend.writer.write(await client.startup())
            await self._answer(backend, client)
            statement = b""
            while (message := await client.message())[:1] != b"X":
                statement += message
                if message[:1] in b"QS":
                    await self._execute(backend, client, statement)
                    statement = b""
        for stream in (client, backend):
            stream.writer.close()

    async def _execute(self, backend: Stream, client: Stream, statement: bytes) -> None:
        self.passed += 1
        is_cut = self.passed == self.nth
        if not is_cut or self.after:
            backend.writer.write(statement)
            await self._answer(backend, None if is_cut else client)
        if is_cut:
            raise ConnectionResetError

    async def _answer(self, backend: Stream, client: Stream | None) -> None:
        """Carry a backend's answer to the client, or away."""
        kind = b""
        while kind != b"Z":  # ready for the next one
            message = await backend.message()
            kind = message[:1]
            if client is not None:
                client.writer.write(message)

    async def close(self) -> None:
        """Close every connection."""
        for stream in self._streams:
            stream.writer.close()
            with suppress(ConnectionError):
                await stream.writer.wait_closed()


@contextmanager
def cut(folder: str, nth: int, *, after: bool) -> Iterator[tuple[int, Cutter]]:
    """Cut the server whose socket lies in *folder*; return the loopback port to connect to, and what cuts."""
    cutter = Cutter(f"{folder}/.s.PGSQL.5432", nth, after)
    with served(cutter) as port:
        yield port, cutter
