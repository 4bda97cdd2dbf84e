"""A server that does nothing but answer, so that what is measured is the client: run as a process of its own.

`python benchmarks/loopback.py [LIMIT]` prints its port. Every POST is answered with 200 and a new id; with LIMIT,
one that is the LIMIT+1st in any sliding second is answered 429. A GET of `/stats` tells what was received.
"""

import asyncio
import itertools
import json
import sys
import time
from collections import deque

HEAD = b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"


class Stats:
    """What all connections together have received."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.ids = itertools.count(10**19)
        self.accepted: list[float] = []
        self.recent: deque[float] = deque()
        self.put_off = 0

    def answer(self, method: bytes, path: bytes) -> bytes:
        """Return the whole reply to one request."""
        if path == b"/stats":
            stats = {"accepted": len(self.accepted), "put_off": self.put_off, "seconds": self.span()}
            return self._reply(b"200 OK", json.dumps(stats).encode())
        if method != b"POST":
            return self._reply(b"404 Not Found", b"{}")
        now = time.monotonic()
        while self.recent and now - self.recent[0] >= 1.0:
            self.recent.popleft()
        if self.limit is not None and len(self.recent) >= self.limit:
            self.put_off += 1
            return self._reply(b"429 Too Many Requests", b"{}")
        self.recent.append(now)
        self.accepted.append(now)
        return self._reply(b"200 OK", b'{"data":{"_id":"%d"}}' % next(self.ids))

    def span(self) -> float:
        """Return the seconds between the first and the last accepted POST."""
        return self.accepted[-1] - self.accepted[0] if self.accepted else 0.0

    @staticmethod
    def _reply(status: bytes, body: bytes) -> bytes:
        return HEAD % (status, len(body)) + body


class Connection(asyncio.Protocol):
    """One connection; as little HTTP as the clients here need."""

    def __init__(self, stats: Stats) -> None:
        self.stats = stats
        self.received = b""
        self.transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that has arrived whole."""
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            head = self.received[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.received) < end + 4 + length:
                return
            method, path, _ = self.received.split(b" ", 2)
            self.received = self.received[end + 4 + length :]
            self.transport.write(self.stats.answer(method, path))


async def main() -> None:
    """Serve on a free loopback port until the process is ended."""
    stats = Stats(int(sys.argv[1]) if len(sys.argv) > 1 else None)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(stats), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.wait_for(server.serve_forever(), timeout=600)


if __name__ == "__main__":
    asyncio.run(main())
