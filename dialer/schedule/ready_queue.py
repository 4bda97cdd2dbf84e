"""The rows that still wait for a slot, in lanes: those open now apart from those yet to open. Pure."""

from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from heapq import heapify, heappop, heappush, heapreplace
from itertools import chain, tee

from dialer.schedule.by_row import ByRow
from dialer.schedule.caps import CapBook
from dialer.schedule.slot_spacing import NEVER_MS

Intervals = Iterator[tuple[int, int]]

_AT_ONCE = 4_096
_WORTHWHILE = 8


class _Rows:
    """The rows of a group that no cap touches, in the sheet's order: free at any time."""

    def __init__(self, rows: Sequence[int], intervals: Intervals, *, margin_ms: int) -> None:
        self._rows = rows
        self._next = 0
        self._intervals = intervals
        self._ahead: deque[tuple[int, int]] = deque()  # intervals read already: opening, end of use
        self._margin_ms = margin_ms
        self.is_open = False

    def head(self) -> tuple[int, int] | None:
        """Return the instant from which the next row is free, and the row; None when there is none."""
        return (0, self._rows[self._next]) if self._next < len(self._rows) else None

    def pop(self) -> None:
        """Take the next row out."""
        self._next += 1

    def peek(self, count: int) -> Sequence[int]:
        """Return up to *count* of the next rows, which stay."""
        return self._rows[self._next : self._next + count]

    def skip(self, count: int) -> None:
        """Take *count* rows out."""
        self._next += count

    def has_beyond(self, count: int) -> bool:
        """Whether there are more than *count* rows left."""
        return self._next + count < len(self._rows)

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


class _CappedRows(_Rows):
    """The rows of a group that a cap may put off, the one that is free first in front."""

    def __init__(self, rows: Iterable[tuple[int, int]], intervals: Intervals, *, margin_ms: int) -> None:
        super().__init__((), intervals, margin_ms=margin_ms)
        self._waiting = list(rows)
        heapify(self._waiting)

    def head(self) -> tuple[int, int] | None:
        """Return the instant from which the next row is free, and the row."""
        return self._waiting[0] if self._waiting else None

    def pop(self) -> None:
        """Take the next row out."""
        heappop(self._waiting)

    def add(self, free_ms: int, row: int) -> None:
        """Let one more row wait."""
        heappush(self._waiting, (free_ms, row))


class ReadyQueue:
    """The groups that still have rows and hours; a group with capped rows has a second lane, for these.

    Both heaps let a tick cost the logarithm of the number of lanes, and idle time nothing. An entry of the heap of
    waiting lanes may be out of date: it is judged anew when it comes up.
    """

    def __init__(
        self,
        groups: Iterable[tuple[Sequence[int], Intervals]],
        *,
        start_ms: int,
        end_margin_ms: int,
        caps: CapBook | None,
    ) -> None:
        self._margin_ms = end_margin_ms
        self._caps = caps
        self._lanes: list[_Rows] = []
        self._lane_of = ByRow("i")  # of capped rows
        self._open: list[tuple[int, int, int]] = []  # end of use, head row, lane
        self._waiting: list[tuple[int, int]] = []  # opening, lane
        for rows, intervals in groups:
            self._add_group(rows, intervals)
        for index in range(len(self._lanes)):
            self._wait(index, start_ms)

    def _add_group(self, rows: Sequence[int], intervals: Intervals) -> None:
        caps = self._caps
        capped = array("i", (row for row in rows if row in caps) if caps is not None else ())
        if caps is None or not capped:
            self._lanes.append(_Rows(rows, intervals, margin_ms=self._margin_ms))
            return
        intervals, again = tee(intervals)
        free_rows = array("i", (row for row in rows if row not in caps))
        self._lanes.append(_Rows(free_rows, intervals, margin_ms=self._margin_ms))
        for row in capped:
            self._lane_of[row] = len(self._lanes)
        free = ((free_ms, row) for row in capped if (free_ms := caps.free_ms(row)) is not None)
        self._lanes.append(_CappedRows(free, again, margin_ms=self._margin_ms))

    @property
    def steady_until_ms(self) -> int:
        """While a lane is open, the instant of the next opening or closing."""
        opening = self._waiting[0][0] if self._waiting else NEVER_MS
        return min(opening, self._open[0][0])

    def open_from(self, instant_ms: int) -> int | None:
        """Go on to *instant_ms*; return it if a lane is open then, else the next opening, or none."""
        while self._open and self._open[0][0] <= instant_ms:
            index = heappop(self._open)[2]
            self._lanes[index].is_open = False
            self._wait(index, instant_ms)
        while self._waiting and self._waiting[0][0] <= instant_ms:
            index = heappop(self._waiting)[1]
            if not self._lanes[index].is_open:
                self._enter(index, instant_ms)
        if self._open:
            return instant_ms
        return self._waiting[0][0] if self._waiting else None

    def take(self, slot_ms: int) -> int:
        """Return the next row of the open lane that closes first, the smallest such row among equals, for *slot_ms*."""
        until_ms, row, index = self._open[0]
        lane = self._lanes[index]
        lane.pop()
        head = lane.head()
        if head is not None and head[0] <= slot_ms:
            heapreplace(self._open, (until_ms, head[1], index))
        else:
            heappop(self._open)
            lane.is_open = False
            self._wait(index, slot_ms)
        if self._caps is not None and row in self._lane_of:
            self._let_follow(row, slot_ms)
        return row

    def take_many(self, slot_ms: int, most: int) -> Sequence[int]:
        """Return the next rows, one to *most* of them, as `take` would give them one by one, the first for *slot_ms*.

        Rows that no cap touches are taken many at once: nothing that happens to one changes the turn of the next.
        """
        until_ms = self._open[0][0]
        tied = [entry for entry in self._open if entry[0] == until_ms] if most >= _WORTHWHILE else []
        lanes = [self._lanes[index] for _, _, index in tied]
        if not lanes or any(isinstance(lane, _CappedRows) for lane in lanes):
            return (self.take(slot_ms),)
        share = min(-(-most // len(lanes)), _AT_ONCE)
        chunks = [lane.peek(share) for lane in lanes]
        merged = sorted(chain.from_iterable(chunks)) if len(chunks) > 1 else chunks[0]
        # Beyond the last row seen of a lane that has more, that lane's next row might come first.
        seen = min(
            (chunk[-1] for lane, chunk in zip(lanes, chunks, strict=True) if lane.has_beyond(share)), default=None
        )
        merged = merged[: most if seen is None else min(most, bisect_right(merged, seen))]
        for lane, chunk in zip(lanes, chunks, strict=True):
            lane.skip(bisect_right(chunk, merged[-1]))
        self._reopen(until_ms, [index for _, _, index in tied])
        return merged

    def _reopen(self, until_ms: int, indices: Sequence[int]) -> None:
        """Put the lanes that end at *until_ms* back into their order; those without rows are done."""
        self._open = [entry for entry in self._open if entry[0] != until_ms]
        for index in indices:
            head = self._lanes[index].head()
            self._lanes[index].is_open = head is not None
            if head is not None:
                self._open.append((until_ms, head[1], index))
        heapify(self._open)

    def _let_follow(self, row: int, slot_ms: int) -> None:
        """Let the next row of the same number wait for its turn."""
        assert self._caps is not None  # noqa: S101 - only its rows have lanes of their own
        follower = self._caps.note(row, slot_ms)
        index = self._lane_of.get(follower) if follower is not None else None
        if follower is None or index is None:
            return
        lane, free_ms = self._lanes[index], self._caps.free_ms(follower)
        assert isinstance(lane, _CappedRows)  # noqa: S101 - as above
        assert free_ms is not None  # noqa: S101 - it has just become free
        lane.add(free_ms, follower)
        if not lane.is_open:
            self._wait(index, slot_ms)
        elif lane.head() == (free_ms, follower):  # free before the row that was next: it comes before it
            self._open = [(until, follower if at == index else row, at) for until, row, at in self._open]
            heapify(self._open)

    def _enter(self, index: int, instant_ms: int) -> None:
        """Open a lane whose opening has come; where it has not, for its row, let it wait."""
        lane, head = self._lanes[index], self._lanes[index].head()
        use = None if head is None else lane.use_from(instant_ms, head[0])
        if head is None or use is None:
            return
        if use[0] <= instant_ms:
            lane.is_open = True
            heappush(self._open, (use[1], head[1], index))
        else:
            heappush(self._waiting, (use[0], index))

    def _wait(self, index: int, instant_ms: int) -> None:
        """Let a lane wait for its next use after *instant_ms*; drop it when it has none."""
        lane, head = self._lanes[index], self._lanes[index].head()
        use = None if head is None else lane.use_from(instant_ms, head[0])
        if use is not None:
            heappush(self._waiting, (use[0], index))
