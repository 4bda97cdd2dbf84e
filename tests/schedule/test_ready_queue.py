"""Who comes next: the group that closes first, by the sheet among equals, whether rows are taken one by one or many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.calls.attempt import MOVED_MS
from dialer.campaign.values import Cap
from dialer.schedule.by_row import ByRow
from dialer.schedule.caps import CapBook, CappedRow
from dialer.schedule.ready_queue import ReadyQueue

Lanes = list[tuple[list[int], list[tuple[int, int]]]]
END_MS = 100_000
SHARED = Cap(1, 50)


def queue_of(lanes: Lanes, capped: frozenset[int] = frozenset(), margin_ms: int = 0) -> ReadyQueue:
    """Return a queue of groups, each (rows, intervals); the *capped* rows share one number, called once in 50 ms."""
    caps = CapBook([CappedRow(row, "+12125550100", (SHARED,)) for row in capped], {}) if capped else None
    groups = [(rows, iter(intervals)) for rows, intervals in lanes]
    return ReadyQueue(groups, start_ms=0, end_margin_ms=margin_ms, caps=caps)


def emptied(queue: ReadyQueue, most: int) -> list[tuple[int, int]]:
    """Take every row, up to *most* at a time, one for each ms; return (ms, row)."""
    taken: list[tuple[int, int]] = []
    at_ms = 0
    while (open_ms := queue.open_from(at_ms)) is not None and open_ms < END_MS:
        if open_ms == at_ms:
            rows = queue.take_many(at_ms, min(most, queue.steady_until_ms - at_ms))
            taken += [(at_ms + index, row) for index, row in enumerate(rows)]
            open_ms += len(rows)
        at_ms = open_ms
    return taken


def test_a_lane_waits_for_its_hours_and_ends_with_them() -> None:
    """Rows that are left when the hours end wait for the next opening; after the last nobody is left over unseen."""
    queue = queue_of([([2, 3], [(10, 11), (20, 30)])])
    assert queue.open_from(0) == 10
    assert queue.open_from(10) == 10
    assert queue.take(10) == 2
    assert queue.open_from(11) == 20
    assert queue.open_from(20) == 20
    assert queue.take(20) == 3
    assert queue.open_from(21) is None


def test_the_margin_before_a_close_is_not_used() -> None:
    """Hours no longer than the margin are none."""
    assert queue_of([([2], [(0, 5), (10, 16)])], margin_ms=5).open_from(0) == 10


def test_a_row_that_shares_its_number_waits_for_its_turn() -> None:
    """Others of the group go on meanwhile, and nobody is lost."""
    queue = queue_of([([2, 3, 4], [(0, END_MS)])], capped=frozenset({2, 3}))
    assert emptied(queue, 1) == [(0, 2), (1, 4), (50 + MOVED_MS, 3)]


@pytest.mark.slow
@given(deal=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from([0, 1, 30])), max_size=20))
def test_every_row_is_taken_once_whatever_its_caps(deal: list[tuple[int, int, int]]) -> None:
    """Rows (group, number, hours of its cap) of shared numbers, some without a cap: free at once, each has its turn."""
    phones = ["+12125550100", "+12125550101", "+12125550102"]
    rows = [
        CappedRow(row, phones[phone], (Cap(1, period),) if period else ())
        for row, (_, phone, period) in enumerate(deal, 2)
    ]
    groups = [([row for row, (group, *_) in enumerate(deal, 2) if group == at], iter([(0, END_MS)])) for at in range(3)]
    queue = ReadyQueue(groups, start_ms=0, end_margin_ms=0, caps=CapBook(rows, {}))
    taken = emptied(queue, 1)

    assert sorted(row for _, row in taken) == list(range(2, len(deal) + 2))


@st.composite
def lanes(draw: st.DrawFn) -> Lanes:
    """Deal up to sixty rows to up to four groups, some of which close together."""
    count = draw(st.integers(1, 4))
    deal = draw(st.lists(st.integers(0, count - 1), max_size=60))
    hours = st.sampled_from([[(0, 40)], [(0, 20), (30, 200)], [(5, 200)], [(100, 900)], [(0, 900)]])
    return [([row for row, lane in enumerate(deal, 2) if lane == n], draw(hours)) for n in range(count)]


@pytest.mark.slow
@given(lanes=lanes(), capped=st.frozensets(st.integers(2, 61), max_size=4), most=st.integers(2, 100))
def test_many_at_once_are_those_that_come_one_by_one(lanes: Lanes, capped: frozenset[int], most: int) -> None:
    """Taking many is only faster: each row comes at the same instant, in the same order, and none twice."""
    present = capped & {row for rows, _ in lanes for row in rows}
    one_by_one = emptied(queue_of(lanes, present), 1)

    assert emptied(queue_of(lanes, present), most) == one_by_one
    assert len({row for _, row in one_by_one}) == len(one_by_one)


@pytest.mark.slow
@given(
    deal=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.sampled_from([None, 0, 7, 30, 90])), max_size=30),
    most=st.integers(2, 100),
)
def test_whoever_is_open_and_free_comes_by_rank(deal: list[tuple[int, int, int | None]], most: int) -> None:
    """Of rows (group, rank, instant before which it waits) none is taken while one of a smaller rank could be."""
    hours = [[(0, 20), (40, 900)], [(10, 900)], [(0, 900)]]
    ranks = ByRow()
    for row, (_, rank, _) in enumerate(deal, 2):
        ranks[row] = rank
    waits = {row: free_ms for row, (_, _, free_ms) in enumerate(deal, 2) if free_ms is not None}
    caps = CapBook([CappedRow(row, f"+121255501{row:02d}", (), free_ms) for row, free_ms in waits.items()], {})
    groups = [
        (
            sorted((row for row, (group, *_) in enumerate(deal, 2) if group == at), key=lambda row: (ranks[row], row)),
            spans,
        )
        for at, spans in enumerate(hours)
    ]
    queue = ReadyQueue(
        [(rows, iter(spans)) for rows, spans in groups], start_ms=0, end_margin_ms=0, caps=caps, ranks=ranks
    )
    taken = emptied(queue, most)

    left = dict(enumerate(deal, 2))
    for at_ms, row in taken:
        del left[row]
        for other, (group, rank, free_ms) in left.items():
            is_open = any(opens <= at_ms < closes for opens, closes in hours[group])
            assert rank >= ranks[row] or not is_open or at_ms < (free_ms or 0), (other, row, at_ms)
    assert not left
