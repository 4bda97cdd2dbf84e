"""Which row is called at which instant: pace, open hours, caps and order in, slots out. Pure.

At each tick of the pace the group whose hours end first gives its next row, so that a short window is used
while it lasts; among groups that end together, the sheet's order decides. Rows that a cap puts off come in the order
in which they become free. Where rows have ranks, those of the smallest come first among all that are open and free.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from dialer.errors import UsageError
from dialer.schedule.by_row import ByRow
from dialer.schedule.caps import CapBook
from dialer.schedule.ready_queue import ReadyQueue
from dialer.schedule.slot_spacing import SlotSpacing

END_MARGIN_MS = 1_000
"""No slot lies in the last second of an interval: a repeated attempt moves its slot by some milliseconds."""

_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that may be called at the same times.

    *rows* are row numbers in ascending order, the sheet's own, each in one group only; by rank before that, where they
    have one. *intervals* are
    ascending, disjoint, half-open (open_ms, close_ms) in UTC, as `open_intervals` yields them; the plan reads
    them once and no further than it needs. Two that touch stay two: each has a close and a margin.
    """

    rows: Sequence[int]
    intervals: Iterator[tuple[int, int]]


class Planned(NamedTuple):
    """A row and its slot, in UTC milliseconds since the epoch."""

    row: int
    slot_ms: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan keeps to, beside the hours of each group.

    Slots lie in [*start_ms*, *end_ms*) and keep *end_margin_ms* from the end of their interval. At most *daily_limit*
    of them, with those taken earlier, lie in any 24 hours.
    """

    start_ms: int
    end_ms: int
    calls_per_minute: float
    end_margin_ms: int = END_MARGIN_MS
    daily_limit: int | None = None


def plan(
    groups: Sequence[Group],
    terms: Terms,
    *,
    taken_ms: Sequence[int] = (),
    caps: CapBook | None = None,
    ranks: ByRow | None = None,
) -> Iterator[Planned]:
    """Yield a slot for each row that fits into the *terms*, in order, no two at one instant.

    Slots follow the pace from an anchor: tick k is anchor + floor(k x 60,000 / *calls_per_minute*)
    milliseconds. The anchor is the start, and then each instant the plan has to jump to: the next opening
    when nothing is open, or the first instant clear of *taken_ms*. Those are slots committed earlier,
    ascending; new ones keep a whole tick (rounded down to milliseconds, as ticks are) from each, so that
    planning twice never doubles the pace.

    A slot lies inside an interval of its row's group and before its margin, and not before *caps*, which the plan
    uses up, allow its row. A row that finds none is not yielded. The same input gives the same plan. The time is linear
    in all that is given. *ranks* has the rank of every row, or is None: all are equal.

    Raises `UsageError` for a pace that is not above 0 and at most 60,000: two calls in one millisecond could
    not be told apart.
    """
    pace = terms.calls_per_minute
    if not 0 < pace <= _MINUTE_MS:
        raise UsageError(f"calls_per_minute is {pace}; it must be above 0 and at most {_MINUTE_MS:,}.")
    # Exact, and as written: with floats, a late tick of an odd pace could fall a millisecond short.
    tick = Fraction(_MINUTE_MS) / Fraction(str(pace))
    lanes = ReadyQueue(
        [(group.rows, group.intervals) for group in groups],
        start_ms=terms.start_ms,
        end_margin_ms=max(terms.end_margin_ms, END_MARGIN_MS),
        caps=caps,
        ranks=ranks,
    )
    taken = SlotSpacing(taken_ms, gap_ms=tick.numerator // tick.denominator, daily_limit=terms.daily_limit)
    return _walk(lanes, taken, tick, terms)


def _walk(lanes: ReadyQueue, taken: SlotSpacing, tick: Fraction, terms: Terms) -> Iterator[Planned]:
    tick_parts, parts_a_ms = tick.numerator, tick.denominator
    anchor = slot = terms.start_ms
    count = 0
    while True:
        free = _first_free(lanes, taken, slot)
        if free is None or free >= terms.end_ms:
            return
        if free != slot:
            anchor, slot, count = free, free, 0
        until_ms = min(lanes.steady_until_ms, taken.blocked_from_ms, terms.end_ms)
        ticks = -(-(until_ms - anchor) * parts_a_ms // tick_parts) - count  # those before until_ms
        rows = lanes.take_many(slot, ticks if taken.room is None else min(ticks, taken.room))
        for row in rows:
            slot = anchor + count * tick_parts // parts_a_ms
            yield Planned(row, slot)
            count += 1
        taken.add(anchor + k * tick_parts // parts_a_ms for k in range(count - len(rows), count))
        slot = anchor + count * tick_parts // parts_a_ms


def _first_free(lanes: ReadyQueue, taken: SlotSpacing, instant_ms: int) -> int | None:
    """Return the first instant from *instant_ms* on that is open and clear of taken slots, or none."""
    while True:
        clear_ms = taken.clear_from(instant_ms)
        open_ms = lanes.open_from(clear_ms)
        if open_ms is None or open_ms == clear_ms:
            return open_ms
        instant_ms = open_ms
