"""Which row is called at which instant: pace, open hours and order in, slots out. Pure.

At each tick of the pace the group whose hours end first gives its next row, so that a short window is used
while it lasts; among groups that end together, the sheet's order decides.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush, heapreplace
from typing import NamedTuple

from dialer.errors import UsageError

END_MARGIN_MS = 1_000
"""No slot lies in the last second of an interval: a repeated attempt moves its slot by some milliseconds."""

_MINUTE_MS = 60_000
_NEVER_MS = 2**63


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that may be called at the same times.

    *rows* are row numbers in ascending order, the sheet's own, each in one group only. *intervals* are
    ascending, disjoint, half-open (open_ms, close_ms) in UTC, as `open_intervals` yields them; the plan reads
    them once and no further than it needs. Two that touch stay two: each has a close and a margin.
    """

    rows: Sequence[int]
    intervals: Iterator[tuple[int, int]]


class Planned(NamedTuple):
    """A row and its slot, in UTC milliseconds since the epoch."""

    row: int
    slot_ms: int


def plan(
    groups: Sequence[Group],
    *,
    start_ms: int,
    end_ms: int,
    calls_per_minute: float,
    taken_ms: Sequence[int] = (),
) -> Iterator[Planned]:
    """Yield a slot for each row that fits into [*start_ms*, *end_ms*), in order, no two at one instant.

    Slots follow the pace from an anchor: tick k is anchor + floor(k x 60,000 / *calls_per_minute*)
    milliseconds. The anchor is the start, and then each instant the plan has to jump to: the next opening
    when nothing is open, or the first instant clear of *taken_ms*. Those are slots committed earlier,
    ascending; new ones keep a whole tick (rounded down to milliseconds, as ticks are) from each, so that
    planning twice never doubles the pace.

    A slot lies inside an interval of its row's group and before its last `END_MARGIN_MS`. A row that finds
    none is not yielded. The same input gives the same plan. The time is linear in all that is given.

    Raises `UsageError` for a pace that is not above 0 and at most 60,000: two calls in one millisecond could
    not be told apart.
    """
    if not 0 < calls_per_minute <= _MINUTE_MS:
        raise UsageError(f"calls_per_minute is {calls_per_minute}; it must be above 0 and at most {_MINUTE_MS:,}.")
    # Exact, and as written: with floats, a late tick of an odd pace could fall a millisecond short.
    tick = Fraction(_MINUTE_MS) / Fraction(str(calls_per_minute))
    lanes = _Lanes(groups, start_ms=start_ms)
    taken = _Taken(taken_ms, gap_ms=tick.numerator // tick.denominator)
    return _walk(lanes, taken, tick, start_ms=start_ms, end_ms=end_ms)


def _walk(lanes: "_Lanes", taken: "_Taken", tick: Fraction, *, start_ms: int, end_ms: int) -> Iterator[Planned]:
    tick_parts, parts_a_ms = tick.numerator, tick.denominator
    anchor = slot = start_ms
    count = 0
    while True:
        free = _first_free(lanes, taken, slot)
        if free is None or free >= end_ms:
            return
        if free != slot:
            anchor, slot, count = free, free, 0
        until_ms = min(lanes.steady_until_ms, taken.blocked_from_ms, end_ms)
        while slot < until_ms and lanes.any_open:
            yield Planned(lanes.take(), slot)
            count += 1
            slot = anchor + count * tick_parts // parts_a_ms


def _first_free(lanes: "_Lanes", taken: "_Taken", instant_ms: int) -> int | None:
    """Give the first instant from *instant_ms* on that is open and clear of taken slots, or none."""
    while True:
        clear_ms = taken.clear_from(instant_ms)
        open_ms = lanes.open_from(clear_ms)
        if open_ms is None or open_ms == clear_ms:
            return open_ms
        instant_ms = open_ms


class _Taken:
    """The slots committed earlier, passed once from left to right."""

    def __init__(self, slots_ms: Sequence[int], *, gap_ms: int) -> None:
        self._slots_ms = slots_ms
        self._gap_ms = gap_ms
        self._next = 0

    def clear_from(self, instant_ms: int) -> int:
        """Give the first instant from *instant_ms* on that keeps the gap on both sides."""
        slots, gap = self._slots_ms, self._gap_ms
        self._next = bisect_right(slots, instant_ms - gap, lo=self._next)
        while self._next < len(slots) and slots[self._next] < instant_ms + gap:
            instant_ms = slots[self._next] + gap
            self._next += 1
        return instant_ms

    @property
    def blocked_from_ms(self) -> int:
        """The first instant, after the one last found clear, that is too near to a taken slot."""
        if self._next == len(self._slots_ms):
            return _NEVER_MS
        return self._slots_ms[self._next] - self._gap_ms + 1


class _Lanes:
    """The groups that still have rows and hours, those open now apart from those yet to open.

    Both are heaps, so that a tick costs the logarithm of the number of groups, and idle time costs nothing.
    """

    def __init__(self, groups: Sequence[Group], *, start_ms: int) -> None:
        self._groups = groups
        self._next = [0] * len(groups)
        self._open: list[tuple[int, int, int]] = []  # end of use, head row, group
        self._waiting: list[tuple[int, int, int]] = []  # opening, end of use, group
        for index in range(len(groups)):
            self._wait(index, start_ms)

    @property
    def any_open(self) -> bool:
        """Whether a group can give a row."""
        return bool(self._open)

    @property
    def steady_until_ms(self) -> int:
        """While a group is open, the instant of the next opening or closing."""
        opening = self._waiting[0][0] if self._waiting else _NEVER_MS
        return min(opening, self._open[0][0])

    def open_from(self, instant_ms: int) -> int | None:
        """Go on to *instant_ms*; give it if a group is open then, else the next opening, or none."""
        while self._open and self._open[0][0] <= instant_ms:
            self._wait(heappop(self._open)[2], instant_ms)
        while self._waiting and self._waiting[0][0] <= instant_ms:
            _, until_ms, index = heappop(self._waiting)
            if until_ms <= instant_ms:
                self._wait(index, instant_ms)
            else:
                heappush(self._open, (until_ms, self._groups[index].rows[self._next[index]], index))
        if self._open:
            return instant_ms
        return self._waiting[0][0] if self._waiting else None

    def take(self) -> int:
        """Give the next row of the open group that closes first, the smallest such row among equals."""
        until_ms, row, index = self._open[0]
        rows = self._groups[index].rows
        self._next[index] += 1
        if self._next[index] < len(rows):
            heapreplace(self._open, (until_ms, rows[self._next[index]], index))
        else:
            heappop(self._open)
        return row

    def _wait(self, index: int, instant_ms: int) -> None:
        """Let a group wait for its next interval of use after *instant_ms*; drop it when it has none."""
        if self._next[index] == len(self._groups[index].rows):
            return
        for open_ms, close_ms in self._groups[index].intervals:
            until_ms = close_ms - END_MARGIN_MS
            if until_ms > max(open_ms, instant_ms):
                heappush(self._waiting, (open_ms, until_ms, index))
                return
