"""The rows of one group of a plan, and when they may be called: those that no cap touches, and those that one puts off.

Pure.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heapify, heappop, heappush
from itertools import chain

Intervals = Iterator[tuple[int, int]]

RankOf = Callable[[int], int]
"""Gives the rank of a row: those of a smaller one are called first."""


class Lane:
    """The rows of a group that no cap touches, by their ranks and within one in the sheet's order: free at any time.

    `until_ms` is when an open lane ends.
    """

    def __init__(self, rows: Sequence[int], intervals: Intervals, *, margin_ms: int, rank_of: RankOf) -> None:
        self._rows = rows
        self._next = self._end_of_rank = 0
        self._rank_of = rank_of
        self._intervals = intervals
        self._ahead: deque[tuple[int, int]] = deque()  # intervals read already: opening, end of use
        self._margin_ms = margin_ms
        self.is_open = False
        self.until_ms = 0

    def head(self, instant_ms: int) -> tuple[int, int] | None:  # noqa: ARG002 - a cap may put rows off, and none is here
        """Return the instant from which the next row is free, and the row; None when there is none."""
        return (0, self._rows[self._next]) if self._next < len(self._rows) else None

    def pop(self) -> None:
        """Take the next row out."""
        self._next += 1

    def peek(self, count: int) -> Sequence[int]:
        """Return up to *count* of the next rows, which stay: those of one rank."""
        if self._next >= self._end_of_rank:
            rank = self._rank_of(self._rows[self._next])
            self._end_of_rank = bisect_right(self._rows, rank, self._next, key=self._rank_of)
        return self._rows[self._next : min(self._next + count, self._end_of_rank)]

    def skip(self, count: int) -> None:
        """Take *count* rows out."""
        self._next += count

    def has_beyond(self, count: int) -> bool:
        """Whether there are more than *count* rows left of the rank that was peeked at."""
        return self._next + count < self._end_of_rank

    def use_from(self, instant_ms: int, free_ms: int) -> tuple[int, int] | None:
        """Return (opening, end) of the first use from *instant_ms*, which never steps back; *free_ms* is the row's.

        What lies before a row that is free late is kept: another row may become free before it.
        """
        while self._ahead and self._ahead[0][1] <= instant_ms:
            self._ahead.popleft()
        wanted_ms = max(instant_ms, free_ms)
        for opens, until in chain(self._ahead, self._read_on()):
            if until > max(opens, wanted_ms):
                return max(opens, wanted_ms), until
        return None

    def _read_on(self) -> Iterator[tuple[int, int]]:
        for opens, closes in self._intervals:
            use = opens, closes - self._margin_ms
            self._ahead.append(use)
            yield use


class CappedLane(Lane):
    """The rows of a group that a cap may put off: of those that are free the first by rank, or whoever is free next."""

    def __init__(
        self, rows: Iterable[tuple[int, int]], intervals: Intervals, *, margin_ms: int, rank_of: RankOf
    ) -> None:
        super().__init__((), intervals, margin_ms=margin_ms, rank_of=rank_of)
        self._waiting = list(rows)
        self._free: list[tuple[int, int, int]] = []  # rank, instant from which it is free, row
        heapify(self._waiting)

    @property
    def next_free_ms(self) -> int | None:
        """The instant from which one row more is free."""
        return self._waiting[0][0] if self._waiting else None

    def head(self, instant_ms: int) -> tuple[int, int] | None:
        """Return the instant from which the next row is free, and the row."""
        while self._waiting and self._waiting[0][0] <= instant_ms:
            free_ms, row = heappop(self._waiting)
            heappush(self._free, (self._rank_of(row), free_ms, row))
        if self._free:
            return self._free[0][1:]
        return self._waiting[0] if self._waiting else None

    def pop(self) -> None:
        """Take the next row out, which is free."""
        heappop(self._free)

    def add(self, free_ms: int, row: int) -> None:
        """Let one more row wait."""
        heappush(self._waiting, (free_ms, row))
