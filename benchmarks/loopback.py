"""A server that does nothing but answer, so that what is measured is the client: run as a process of its own.

`python benchmarks/loopback.py [--limit N] [--latency SECONDS] [--pause-at N --pause-status 429]` prints its port. Every
POST is answered with 200 and a new id, that long after it came. With a limit, any request is answered 429 of which as
many were let through in the second before it came, by this process's monotonic clock. POST number `pause-at` is
answered with that status and a `Retry-After`. A GET of `/stats` tells what was received.
"""

import argparse
import asyncio
import itertools
import json
import time
from collections import deque

HEAD = b"HTTP/1.1 %s\r\ncontent-type: application/json\r\n%scontent-length: %d\r\n\r\n"
PAUSE_SECONDS = 2


class Second:
    """The instants of the last second."""

    def __init__(self) -> None:
        self._instants: deque[float] = deque()

    def held_at(self, now: float) -> int:
        """Return how many lie less than a second before *now*."""
        while self._instants and now - self._instants[0] >= 1.0:
            self._instants.popleft()
        return len(self._instants)

    def add(self, now: float) -> None:
        """Add one that came *now*."""
        self._instants.append(now)


class Stats:
    """What all connections together have received; instants in seconds."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.ids = itertools.count(10**19)
        self.let_through, self.received = Second(), Second()
        self.posts: list[float] = []
        self.created = self.put_off = 0
        self.most_in_a_second = 0

    def answer(self, method: bytes, path: bytes, body: bytes) -> bytes:
        """Return the whole reply to one request; that to a batch repeats each of its calls, as the API does."""
        if path == b"/stats":
            return self._reply(b"200 OK", json.dumps(self.told()).encode())
        now = time.monotonic()
        self.most_in_a_second = max(self.most_in_a_second, self.received.held_at(now) + 1)
        self.received.add(now)
        if self.options.limit is not None and self.let_through.held_at(now) >= self.options.limit:
            self.put_off += 1
            return self._reply(b"429 Too Many Requests", b"{}")
        self.let_through.add(now)
        if method != b"POST":
            return self._reply(b"404 Not Found", b"{}")
        self.posts.append(now)
        if len(self.posts) == self.options.pause_at:
            return self._reply(b"%d Wait" % self.options.pause_status, b"{}", b"retry-after: %d\r\n" % PAUSE_SECONDS)
        if path.endswith(b"/batch"):
            calls = [call | {"_id": str(next(self.ids))} for call in json.loads(body)["phoneCalls"]]
            self.created += len(calls)
            return self._reply(b"200 OK", json.dumps({"data": calls}).encode())
        self.created += 1
        return self._reply(b"200 OK", b'{"data":{"_id":"%d"}}' % next(self.ids))

    def told(self) -> dict[str, float]:
        """Return the figures; where a pause was asked for, those of the pace are of the time after it.

        The pace is counted from the second POST: the first goes alone, until the API has shown what it makes of it.
        """
        pause_at = self.options.pause_at
        over = self.posts[pause_at - 1] + PAUSE_SECONDS - 1 if pause_at and len(self.posts) >= pause_at else 0.0
        posts = [post for post in self.posts if post > over] or [0.0]
        return {
            "accepted": self.created,
            "put_off": self.put_off,
            "seconds": posts[-1] - posts[0],
            "paced_posts": len(posts) - 1,
            "paced_seconds": posts[-1] - posts[min(1, len(posts) - 1)],
            "most_in_a_second": self.most_in_a_second,
        }

    @staticmethod
    def _reply(status: bytes, body: bytes, header: bytes = b"") -> bytes:
        return HEAD % (status, header, len(body)) + body


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
            body, self.received = self.received[end + 4 : end + 4 + length], self.received[end + 4 + length :]
            self._write_late(
                self.stats.answer(method, path, body), 0.0 if path == b"/stats" else self.stats.options.latency
            )

    def _write_late(self, reply: bytes, seconds: float) -> None:
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self.transport.write, reply)
        else:
            self.transport.write(reply)


async def main() -> None:
    """Serve on a free loopback port until the process is ended."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--limit", type=int)
    arguments.add_argument("--latency", type=float, default=0.0)
    arguments.add_argument("--pause-at", type=int)
    arguments.add_argument("--pause-status", type=int, default=429)
    stats = Stats(arguments.parse_args())
    serving = asyncio.get_running_loop()
    server = await serving.create_server(lambda: Connection(stats), "127.0.0.1", 0, backlog=1_024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.wait_for(server.serve_forever(), timeout=600)


if __name__ == "__main__":
    asyncio.run(main())
