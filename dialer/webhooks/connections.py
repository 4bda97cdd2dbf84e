"""Bounds what a client of the receiver may hold: how long its request takes to arrive, and how many connections.

uvicorn has a limit of connections, beyond which it answers everybody 503, and none for how long the head of a request
takes. So its protocol is told here when to give a connection up.
"""

import asyncio
from dataclasses import dataclass

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle


@dataclass(frozen=True, slots=True)
class Limits:
    """What clients may hold: so many seconds for the head and for the body of a request, so many connections."""

    head_seconds: float = 5.0
    body_seconds: float = 10.0
    connections: int = 128
    connections_of_address: int = 96


DEFAULT_LIMITS = Limits()


def limited(limits: Limits) -> type[H11Protocol]:
    """Return uvicorn's protocol under *limits*."""

    class _UnderLimits(_Limited):
        given = limits

    return _UnderLimits


class _Limited(H11Protocol):
    """A connection of one request that makes room for itself: the oldest that waits for its client gives way.

    So there is always a place for a request that arrives whole, such as one of a monitor, however many connections are
    held open; what has arrived and is being answered never gives way.
    """

    given = DEFAULT_LIMITS
    _head_ends: asyncio.TimerHandle | None = None
    since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Take the connection, and make room for it."""
        super().connection_made(transport)
        self.since = self.loop.time()
        self._head_ends = self.loop.call_later(self.given.head_seconds, self.give_up)
        others = [other for other in self.connections if isinstance(other, _Limited) and other is not self]
        host = self.client and self.client[0]
        same = [other for other in others if (other.client and other.client[0]) == host]
        for crowd, most in ((same, self.given.connections_of_address), (others, self.given.connections)):
            if len(crowd) >= most:
                waiting = (other for other in crowd if other.waits_for_client)
                min(waiting, key=_since, default=self).give_up()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._head_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a piece."""
        super().data_received(data)
        if self.cycle is not None:
            self._head_came()

    @property
    def waits_for_client(self) -> bool:
        """Whether its request has not arrived as a whole, or its answer was not taken yet."""
        cycle: RequestResponseCycle | None = self.cycle  # which is set when a head has come
        return cycle is None or cycle.response_complete or cycle.more_body

    def _head_came(self) -> None:
        if self._head_ends is not None:
            self._head_ends.cancel()
            self._head_ends = None

    def give_up(self) -> None:
        """End the connection at once."""
        self.connections.discard(self)
        self.transport.abort()


def _since(connection: _Limited) -> float:
    return connection.since
