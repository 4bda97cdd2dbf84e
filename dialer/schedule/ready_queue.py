"""The rows that still wait for a slot, in lanes: those open now apart from those yet to open. Pure."""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from heapq import heapify, heappop, heappush, heapreplace
from itertools import chain, tee

from dialer.schedule.by_row import ByRow
from dialer.schedule.caps import CapBook
from dialer.schedule.lanes import CappedLane, Intervals, Lane, RankOf
from dialer.schedule.slot_spacing import NEVER_MS

_AT_ONCE = 4_096
_WORTHWHILE = 8


class ReadyQueue:
    """The groups that still have rows and hours; a group with capped rows has a second lane, for these.

    The heaps let a tick cost the logarithm of the number of lanes, and idle time nothing. An entry of the heaps of
    waiting lanes and of ends may be out of date: it is judged anew when it comes up.

    *ranks* are those of the rows; without them all have one.
    """

    def __init__(
        self,
        groups: Sequence[tuple[Sequence[int], Intervals]],
        *,
        start_ms: int,
        end_margin_ms: int,
        caps: CapBook | None,
        ranks: ByRow | None = None,
    ) -> None:
        self._has_ranks = ranks is not None
        self._rank_of: RankOf = (lambda _row: 0) if ranks is None else ranks.__getitem__
        self._margin_ms = end_margin_ms
        self._caps = caps
        self._lanes: list[Lane] = []
        self._lane_of = ByRow()  # of capped rows
        self._open: list[tuple[int, int, int, int]] = []  # rank of the head row, end of use, head row, lane
        self._ends: list[tuple[int, int]] = []  # end of use, lane
        self._waiting: list[tuple[int, int]] = []  # opening, lane
        for rows, intervals in groups:
            self._add_group(rows, intervals)
        for index in range(len(self._lanes)):
            self._wait(index, start_ms)

    def _add_group(self, rows: Sequence[int], intervals: Intervals) -> None:
        caps = self._caps
        capped = array("i", (row for row in rows if row in caps) if caps is not None else ())
        if caps is None or not capped:
            self._lanes.append(Lane(rows, intervals, margin_ms=self._margin_ms, rank_of=self._rank_of))
            return
        intervals, again = tee(intervals)
        free_rows = array("i", (row for row in rows if row not in caps))
        self._lanes.append(Lane(free_rows, intervals, margin_ms=self._margin_ms, rank_of=self._rank_of))
        for row in capped:
            self._lane_of[row] = len(self._lanes)
        free = ((free_ms, row) for row in capped if (free_ms := caps.free_ms(row)) is not None)
        self._lanes.append(CappedLane(free, again, margin_ms=self._margin_ms, rank_of=self._rank_of))

    @property
    def steady_until_ms(self) -> int:
        """While a lane is open, the instant of the next opening or closing."""
        opening = self._waiting[0][0] if self._waiting else NEVER_MS
        while not self._ends_at(*self._ends[0]):
            heappop(self._ends)
        return min(opening, self._ends[0][0])

    def _ends_at(self, until_ms: int, index: int) -> bool:
        return self._lanes[index].is_open and self._lanes[index].until_ms == until_ms

    def open_from(self, instant_ms: int) -> int | None:
        """Go on to *instant_ms*; return it if a lane is open then, else the next opening, or none."""
        self._close(instant_ms)
        while self._waiting and self._waiting[0][0] <= instant_ms:
            index = heappop(self._waiting)[1]
            if not self._lanes[index].is_open:
                self._enter(index, instant_ms)
            elif self._has_ranks:  # a row has become free, perhaps of a smaller rank than the next
                self._set_head(index, instant_ms)
        if self._open:
            return instant_ms
        return self._waiting[0][0] if self._waiting else None

    def _close(self, instant_ms: int) -> None:
        """Let the lanes wait that end by *instant_ms*."""
        closed = set()
        while self._ends and self._ends[0][0] <= instant_ms:
            until_ms, index = heappop(self._ends)
            if self._ends_at(until_ms, index):
                self._lanes[index].is_open = False
                closed.add(index)
        if closed:
            self._open = [entry for entry in self._open if entry[-1] not in closed]
            heapify(self._open)
        for index in closed:
            self._wait(index, instant_ms)

    def take(self, slot_ms: int) -> int:
        """Return the next row for *slot_ms*: of the smallest rank, of the lane that closes first, the smallest row."""
        _, until_ms, row, index = self._open[0]
        lane = self._lanes[index]
        lane.pop()
        head = lane.head(slot_ms)
        if head is not None and head[0] <= slot_ms:
            heapreplace(self._open, (self._rank_of(head[1]), until_ms, head[1], index))
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
        rank_and_end = self._open[0][:2]
        tied = [entry for entry in self._open if entry[:2] == rank_and_end] if most >= _WORTHWHILE else []
        lanes = [self._lanes[entry[-1]] for entry in tied]
        if not lanes or any(isinstance(lane, CappedLane) for lane in lanes):
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
        self._reopen([entry[-1] for entry in tied], slot_ms)
        return merged

    def _reopen(self, indices: Sequence[int], slot_ms: int) -> None:
        """Put open lanes back into their order; those without rows are done."""
        self._open = [entry for entry in self._open if entry[-1] not in indices]
        for index in indices:
            head = self._lanes[index].head(slot_ms)
            self._lanes[index].is_open = head is not None
            if head is not None:
                self._open.append(self._entry(index, head[1]))
        heapify(self._open)

    def _entry(self, index: int, row: int) -> tuple[int, int, int, int]:
        return self._rank_of(row), self._lanes[index].until_ms, row, index

    def _set_head(self, index: int, instant_ms: int) -> None:
        """Let an open lane have the turn of the row that is its next by now."""
        self._reopen((index,), instant_ms)
        self._watch(index)

    def _watch(self, index: int) -> None:
        """Have an open lane looked at when one more of its rows is free, whose rank may be smaller than the next's."""
        lane = self._lanes[index]
        if self._has_ranks and isinstance(lane, CappedLane) and lane.next_free_ms is not None:
            heappush(self._waiting, (lane.next_free_ms, index))

    def _let_follow(self, row: int, slot_ms: int) -> None:
        """Let the next row of the same number wait for its turn."""
        assert self._caps is not None  # noqa: S101 - only its rows have lanes of their own
        follower = self._caps.note(row, slot_ms)
        index = self._lane_of.get(follower) if follower is not None else None
        if follower is None or index is None:
            return
        lane, free_ms = self._lanes[index], self._caps.free_ms(follower)
        assert isinstance(lane, CappedLane)  # noqa: S101 - as above
        assert free_ms is not None  # noqa: S101 - it has just become free
        lane.add(free_ms, follower)
        if not lane.is_open:
            self._wait(index, slot_ms)
        elif lane.head(slot_ms) == (free_ms, follower):  # it comes before the row that was next
            self._set_head(index, slot_ms)
        else:
            self._watch(index)

    def _enter(self, index: int, instant_ms: int) -> None:
        """Open a lane whose opening has come; where it has not, for its row, let it wait."""
        lane, head = self._lanes[index], self._lanes[index].head(instant_ms)
        use = None if head is None else lane.use_from(instant_ms, head[0])
        if head is None or use is None:
            return
        if use[0] <= instant_ms:
            lane.is_open, lane.until_ms = True, use[1]
            heappush(self._open, self._entry(index, head[1]))
            heappush(self._ends, (use[1], index))
            self._watch(index)
        else:
            heappush(self._waiting, (use[0], index))

    def _wait(self, index: int, instant_ms: int) -> None:
        """Let a lane wait for its next use after *instant_ms*; drop it when it has none."""
        lane, head = self._lanes[index], self._lanes[index].head(instant_ms)
        use = None if head is None else lane.use_from(instant_ms, head[0])
        if use is not None:
            heappush(self._waiting, (use[0], index))
