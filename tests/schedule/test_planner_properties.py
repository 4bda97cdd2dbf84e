"""Whatever is planned, the plan is the rule and keeps every promise."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.campaign.values import Cap
from dialer.schedule.by_row import ByRow
from dialer.schedule.caps import CapBook, CappedRow
from dialer.schedule.planner import END_MARGIN_MS, Group, Planned, Terms, plan

Intervals = tuple[tuple[int, int], ...]
Lane = tuple[tuple[int, ...], Intervals]


Ranks = dict[int, int]


def planned(
    lanes: list[Lane],
    *,
    end_ms: int,
    pace: float = 60.0,
    start_ms: int = 0,
    taken_ms: tuple[int, ...] = (),
    ranks: Ranks | None = None,
) -> list[Planned]:
    """Plan some lanes to the end, each (rows, intervals), by the *ranks* of their rows if they have any."""
    by_row = None
    if ranks is not None:
        by_row = ByRow()
        for row, rank in ranks.items():
            by_row[row] = rank
    groups = [Group(rows, iter(intervals)) for rows, intervals in by_rank(lanes, ranks or {})]
    return list(plan(groups, Terms(start_ms, end_ms, pace), taken_ms=taken_ms, ranks=by_row))


def by_rank(lanes: list[Lane], ranks: Ranks) -> list[Lane]:
    """Sort the rows of each lane by their ranks, and by the sheet within one."""
    return [(tuple(sorted(rows, key=lambda row: (ranks.get(row, 0), row))), intervals) for rows, intervals in lanes]


@st.composite
def intervals(draw: st.DrawFn) -> Intervals:
    """Up to five ascending intervals in the first two minutes, some touching, some too short to be of use."""
    edges = sorted(draw(st.sets(st.integers(0, 120), max_size=10)))
    return tuple((a * 1000, b * 1000) for a, b in pairwise(edges) if draw(st.booleans()))


@st.composite
def lanes(draw: st.DrawFn) -> list[Lane]:
    """Up to forty rows dealt to up to four groups."""
    count = draw(st.integers(1, 4))
    deal = draw(st.lists(st.integers(0, count - 1), max_size=40))
    return [(tuple(row for row, lane in enumerate(deal, 2) if lane == n), draw(intervals())) for n in range(count)]


paces = st.one_of(st.integers(1, 60_000), st.sampled_from([7, 10, 20, 30, 60, 90.5, 0.7, 333.3, 1000, 60_000]))
taken = st.lists(st.integers(-10_000, 130_000), max_size=8).map(lambda slots: tuple(sorted(slots)))


def usable(intervals: Intervals, instant_ms: int) -> bool:
    """Whether an instant lies in an interval and before its margin."""
    return any(opens <= instant_ms < closes - END_MARGIN_MS for opens, closes in intervals)


def reference(
    lanes: list[Lane], pace: float, start_ms: int, end_ms: int, taken_ms: tuple[int, ...], ranks: Ranks
) -> list[Planned]:
    """Follow the rule of the plan word by word, looking at everything anew at each tick."""
    left = [list(rows) for rows, _ in by_rank(lanes, ranks)]
    tenths = round(pace * 10)
    gap = 600_000 // tenths
    found: list[Planned] = []
    anchor, count = start_ms, 0
    while any(left):
        slot = anchor + count * 600_000 // tenths
        if slot >= end_ms:
            break
        blockers = [other for other in taken_ms if abs(other - slot) < gap]
        candidates = [
            (ranks.get(rows[0], 0), closes, rows[0], rows)
            for rows, (_, intervals) in zip(left, lanes, strict=True)
            for opens, closes in intervals
            if rows and opens <= slot < closes - END_MARGIN_MS
        ]
        if blockers:
            anchor, count = max(blockers) + gap, 0
        elif candidates:
            found.append(Planned(min(candidates)[3].pop(0), slot))
            count += 1
        else:
            later = [
                opens
                for rows, (_, intervals) in zip(left, lanes, strict=True)
                for opens, closes in intervals
                if rows and opens > slot and closes - opens > END_MARGIN_MS
            ]
            anchor, count = min(later, default=end_ms), 0
    return found


@pytest.mark.slow
@given(
    lanes=lanes(),
    pace=paces,
    start_ms=st.integers(0, 60_000),
    length_ms=st.integers(0, 90_000),
    taken_ms=taken,
    ranks=st.one_of(st.none(), st.lists(st.integers(0, 3), min_size=40, max_size=40)),
)
@settings(max_examples=150, deadline=None)
def test_the_plan_is_the_rule(
    lanes: list[Lane], pace: float, start_ms: int, length_ms: int, taken_ms: tuple[int, ...], ranks: list[int] | None
) -> None:
    """At each tick the open row of the smallest rank is next; then that of the group that closes first, then the sheet.

    Without ranks all rows have one.
    """
    end_ms, of_row = start_ms + length_ms, None if ranks is None else dict(enumerate(ranks, 2))

    found = planned(lanes, pace=pace, start_ms=start_ms, end_ms=end_ms, taken_ms=taken_ms, ranks=of_row)

    assert found == reference(lanes, pace, start_ms, end_ms, taken_ms, of_row or {})


@pytest.mark.slow
@given(
    lanes=lanes(),
    pace=paces,
    start_ms=st.integers(0, 60_000),
    length_ms=st.integers(0, 90_000),
    taken_ms=taken,
)
@settings(max_examples=150, deadline=None)
def test_no_slot_breaks_a_promise(
    lanes: list[Lane], pace: float, start_ms: int, length_ms: int, taken_ms: tuple[int, ...]
) -> None:
    """Slots ascend at the pace, keep it from earlier ones, lie in their group's hours; no row comes twice."""
    gap_ms = int(60_000 / pace)
    hours_of = {row: intervals for rows, intervals in lanes for row in rows}

    found = planned(lanes, pace=pace, start_ms=start_ms, end_ms=start_ms + length_ms, taken_ms=taken_ms)

    assert len({row for row, _ in found}) == len(found)
    assert all(later.slot_ms - earlier.slot_ms >= gap_ms >= 1 for earlier, later in pairwise(found))
    assert all(usable(hours_of[row], slot_ms) for row, slot_ms in found)
    assert all(start_ms <= slot_ms < start_ms + length_ms for _, slot_ms in found)
    assert all(abs(slot_ms - other) >= gap_ms for _, slot_ms in found for other in taken_ms)
    for rows, _ in lanes:
        of_group = [row for row, _ in found if row in rows]
        assert of_group == list(rows[: len(of_group)])


@pytest.mark.slow
@given(lanes=lanes(), pace=paces, taken_ms=taken)
@settings(deadline=None)
def test_the_same_input_gives_the_same_plan(lanes: list[Lane], pace: float, taken_ms: tuple[int, ...]) -> None:
    """Planning again from the same facts changes nothing."""
    first = planned(lanes, pace=pace, end_ms=120_000, taken_ms=taken_ms)

    assert planned(lanes, pace=pace, end_ms=120_000, taken_ms=taken_ms) == first


@pytest.mark.slow
@given(lanes=lanes(), pace=paces, count=st.integers(0, 20))
@settings(deadline=None)
def test_planning_the_rest_never_doubles_the_pace(lanes: list[Lane], pace: float, count: int) -> None:
    """Two plans, the second told of the first one's slots, together keep the pace."""
    before = planned(lanes, pace=pace, end_ms=120_000)[:count]
    done = {row for row, _ in before}
    rest = [(tuple(row for row in rows if row not in done), intervals) for rows, intervals in lanes]

    after = planned(rest, pace=pace, end_ms=120_000, taken_ms=tuple(slot_ms for _, slot_ms in before))

    together = sorted(slot_ms for _, slot_ms in before + after)
    assert all(later - earlier >= int(60_000 / pace) for earlier, later in pairwise(together))


@st.composite
def capped(draw: st.DrawFn, lanes: list[Lane]) -> tuple[list[CappedRow], dict[str, list[int]]]:
    """Return some rows numbers that they share, or that are called elsewhere."""
    rows = sorted(row for rows, _ in lanes for row in rows)
    caps = (Cap(1, draw(st.integers(1, 40)) * 1000), Cap(2, draw(st.integers(1, 90)) * 1000))
    chosen = [row for row in rows if draw(st.booleans())]
    numbers = {row: f"+{draw(st.integers(1, 5))}" for row in chosen}
    history = {f"+{n}": sorted(draw(st.sets(st.integers(-30_000, 90_000), max_size=2))) for n in range(1, 4)}
    return [CappedRow(row, number, caps) for row, number in numbers.items()], history


def most_in(calls_ms: list[int], period_ms: int) -> int:
    """Count the most calls in any half-open stretch of a length."""
    return max((sum(begin <= call < begin + period_ms for call in calls_ms) for begin in calls_ms), default=0)


@pytest.mark.slow
@given(data=st.data(), lanes=lanes(), pace=paces, limit=st.one_of(st.none(), st.integers(1, 50)), taken_ms=taken)
@settings(max_examples=150, deadline=None)
def test_no_slot_breaks_a_cap(
    data: st.DataObject, lanes: list[Lane], pace: float, limit: int | None, taken_ms: tuple[int, ...]
) -> None:
    """With caps and a daily limit, hours and pace still hold, no number is called too often, and no day is too full."""
    rows, history = data.draw(capped(lanes))
    hours_of = {row: intervals for rows_of, intervals in lanes for row in rows_of}
    groups = [Group(rows_of, iter(intervals)) for rows_of, intervals in lanes]
    terms = Terms(0, 120_000, pace, daily_limit=limit)

    found = list(plan(groups, terms, taken_ms=taken_ms, caps=CapBook(rows, history)))

    assert len({row for row, _ in found}) == len(found)
    assert all(usable(hours_of[row], slot_ms) for row, slot_ms in found)
    assert all(later.slot_ms - earlier.slot_ms >= int(60_000 / pace) for earlier, later in pairwise(found))
    slots = dict(found)
    for number in {item.phone for item in rows}:
        own = [slots[item.row] for item in rows if item.phone == number and item.row in slots]
        for cap in rows[0].caps:
            before = history.get(number, [])
            assert most_in([*before, *own], cap.period_ms) <= max(cap.calls, most_in(before, cap.period_ms))
    if limit is not None and found:
        assert len(found) + len(taken_ms) <= max(limit, len(taken_ms))


@pytest.mark.slow
@given(data=st.data(), lanes=lanes(), pace=st.sampled_from([60, 600]))
@settings(max_examples=100, deadline=None)
def test_a_capped_row_is_left_out_only_where_nothing_was_left(
    data: st.DataObject, lanes: list[Lane], pace: float
) -> None:
    """A row whose cap allowed it early enough has a slot, unless others filled every usable instant after that."""
    rows, history = data.draw(capped(lanes))
    book = CapBook(rows, history)
    first_free = {item.row: book.free_ms(item.row) for item in rows}
    hours_of = {row: intervals for rows_of, intervals in lanes for row in rows_of}
    groups = [Group(rows_of, iter(intervals)) for rows_of, intervals in lanes]

    found = list(plan(groups, Terms(0, 120_000, pace), caps=book))

    slots = {slot_ms for _, slot_ms in found}
    tick = 60_000 // int(pace)
    planned_rows = {row for row, _ in found}
    for row, free_ms in first_free.items():
        if row in planned_rows or free_ms is None:
            continue
        usable_ms = [at for at in range(max(free_ms, 0), 120_000, tick) if usable(hours_of[row], at)]
        assert all(any(abs(at - slot) < tick for slot in slots) for at in usable_ms)
