"""The plan keeps the hours, the pace, the order and what was promised earlier."""

from array import array
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from dialer.calls.attempt import MOVED_MS
from dialer.campaign.values import Cap, parse_hours
from dialer.clock import from_ms, to_ms
from dialer.errors import UsageError
from dialer.schedule.calendar import Calendar
from dialer.schedule.caps import CapBook, CappedRow
from dialer.schedule.planner import END_MARGIN_MS, Group, Planned, Terms, plan
from dialer.schedule.windows import open_intervals

Intervals = tuple[tuple[int, int], ...]
Lane = tuple[tuple[int, ...], Intervals]
HOUR_MS = 3_600_000


def planned(
    lanes: list[Lane], *, end_ms: int, pace: float = 60.0, start_ms: int = 0, taken_ms: tuple[int, ...] = ()
) -> list[Planned]:
    """Plan some lanes to the end, each (rows, intervals)."""
    groups = [Group(rows, iter(intervals)) for rows, intervals in lanes]
    return list(plan(groups, Terms(start_ms, end_ms, pace), taken_ms=taken_ms))


def test_slots_are_spread_evenly() -> None:
    """Seven calls a minute over an hour are 420 slots, the last as true to the pace as the first."""
    found = planned([(tuple(range(2, 1000)), ((0, 2 * HOUR_MS),))], pace=7, end_ms=HOUR_MS)

    assert [slot_ms for _, slot_ms in found] == [k * 60_000 // 7 for k in range(420)]


@pytest.mark.slow
def test_a_pace_written_in_decimals_is_exact() -> None:
    """At 0.1 calls a minute a million minutes hold a hundred thousand slots, each on the very millisecond."""
    found = planned([(tuple(range(100_000)), ((0, 10**15),))], pace=0.1, end_ms=10**15)

    assert [slot_ms for _, slot_ms in found[-2:]] == [99_998 * 600_000, 99_999 * 600_000]


def test_the_group_that_closes_first_goes_first() -> None:
    """Rows whose hours end soon are not left for later, whatever their place in the sheet."""
    found = planned([((2, 3), ((0, 60_000),)), ((4, 5), ((0, 10_000),))], end_ms=60_000)

    assert [row for row, _ in found] == [4, 5, 2, 3]


def test_an_opening_that_closes_sooner_takes_over() -> None:
    """A group that opens later and closes earlier takes the next tick."""
    found = planned([((2, 3, 4), ((0, 60_000),)), ((5,), ((500, 10_000),))], end_ms=60_000)

    assert found == [(2, 0), (5, 1000), (3, 2000), (4, 3000)]


def test_groups_that_close_together_follow_the_sheet() -> None:
    """Among equals, the rows come in the sheet's order."""
    found = planned([((2, 5, 6), ((0, 60_000),)), ((3, 4, 7), ((0, 60_000),))], end_ms=60_000)

    assert [row for row, _ in found] == [2, 3, 4, 5, 6, 7]


def test_nothing_open_jumps_to_the_opening() -> None:
    """A plan made at night begins in the morning, at the first instant allowed."""
    found = planned([((2, 3), ((7_777, 60_000),))], end_ms=60_000)

    assert found == [(2, 7_777), (3, 8_777)]


def test_the_last_second_stays_free() -> None:
    """The first slot of an interval may be its opening; the last keeps more than the margin to its close."""
    found = planned([(tuple(range(2, 9000)), ((0, 3_000),))], pace=60_000, end_ms=60_000)

    assert (found[0].slot_ms, found[-1].slot_ms) == (0, 3_000 - END_MARGIN_MS - 1)


def test_an_interval_as_short_as_the_margin_is_not_used() -> None:
    """A second of opening is no time to call."""
    found = planned([((2,), ((0, END_MARGIN_MS), (5_000, 5_000 + END_MARGIN_MS + 1)))], end_ms=60_000)

    assert found == [(2, 5_000)]


def test_a_whole_pace_already_taken_leaves_no_room() -> None:
    """Where an earlier plan fills the minute, a second one waits for the next."""
    found = planned([((2,), ((0, 600_000),))], pace=10, end_ms=600_000, taken_ms=tuple(range(0, 60_000, 6_000)))

    assert found == [(2, 60_000)]


def test_a_slot_taken_before_the_start_still_counts() -> None:
    """A plan made just after a slot keeps its distance from it."""
    found = planned([((2,), ((0, 60_000),))], start_ms=10_000, end_ms=60_000, taken_ms=(2_000, 9_500))

    assert found == [(2, 10_500)]


def test_what_does_not_fit_is_left_out() -> None:
    """Rows beyond the capacity of their hours get no slot, and nobody is called late."""
    found = planned([(tuple(range(2, 100)), ((0, 5_001),))], end_ms=10**9)

    assert [row for row, _ in found] == [2, 3, 4, 5, 6]


def test_rows_spill_to_the_next_permitted_day() -> None:
    """A campaign larger than its day goes on at the same local hour of the next, over a change of clocks."""
    start_ms, end_ms = (to_ms(datetime(2026, 3, day, tzinfo=UTC)) for day in (6, 14))
    week = {day: parse_hours("09:00-10:00") for day in range(5)}
    hours = open_intervals(Calendar(week), ["America/New_York"], start_ms=start_ms, end_ms=end_ms)

    found = list(plan([Group(array("q", range(2, 102)), hours)], Terms(start_ms, end_ms, 1)))

    assert len(found) == 100
    assert from_ms(found[59].slot_ms) < datetime(2026, 3, 6, 15, tzinfo=UTC)
    assert from_ms(found[60].slot_ms) == datetime(2026, 3, 9, 13, tzinfo=UTC)


def test_idle_years_cost_nothing() -> None:
    """The plan jumps over closed time, never counting its ticks, and reads no interval it does not need."""
    read: list[int] = []

    def hours() -> Iterator[tuple[int, int]]:
        for year in range(10):
            read.append(year)
            yield year * 10**11, year * 10**11 + 2_000

    found = plan([Group(range(2, 3_002), hours())], Terms(0, 10**13, 60_000))

    assert [slot_ms // 10**11 for _, slot_ms in found] == [0] * 1_000 + [1] * 1_000 + [2] * 1_000
    assert read == [0, 1, 2]


@pytest.mark.parametrize("pace", [0, -1, 60_000.5, float("nan"), float("inf")])
def test_a_pace_that_cannot_be_kept_is_refused(pace: float) -> None:
    """A pace of nothing, or of more than one call a millisecond, is an error when the plan is asked for."""
    with pytest.raises(UsageError, match="calls_per_minute"):
        plan([], Terms(0, 1, pace))


@pytest.mark.parametrize("lanes", [[], [((), ((0, 60_000),))], [((2,), ())]])
def test_nothing_to_plan_is_an_empty_plan(lanes: list[Lane]) -> None:
    """No group, no row or no hours: no slot."""
    assert planned(lanes, end_ms=60_000) == []


def test_a_row_waits_until_its_cap_allows() -> None:
    """A number called elsewhere comes when it may, in hours that lie before those of rows put off longer."""
    day = 24 * HOUR_MS
    caps = CapBook(
        [CappedRow(2, "+1", (Cap(1, day),)), CappedRow(3, "+2", (Cap(1, day),))], {"+1": [2 * day], "+2": [HOUR_MS]}
    )
    intervals = iter([(n * day, n * day + 2 * HOUR_MS) for n in range(9)])

    found = plan([Group((2, 3, 4), intervals)], Terms(0, 9 * day, 60), caps=caps)

    assert list(found) == [(4, 0), (3, day + HOUR_MS), (2, 3 * day)]


def test_a_second_row_of_a_number_follows_the_first() -> None:
    """Two people behind one number are not called on one day, wherever its claim still moves the first call."""
    day = 24 * HOUR_MS
    one_a_day = (Cap(1, day),)
    caps = CapBook([CappedRow(2, "+1", one_a_day), CappedRow(5, "+1", one_a_day)], {})
    lanes = [Group((2, 3), iter([(0, 9 * day)])), Group((4, 5), iter([(0, HOUR_MS), (day, day + 2 * HOUR_MS)]))]

    assert list(plan(lanes, Terms(0, 9 * day, 60), caps=caps)) == [
        (4, 0),
        (2, 1000),
        (3, 2000),
        (5, day + 1000 + MOVED_MS),
    ]


def test_a_row_that_its_cap_puts_beyond_the_end_is_left_out() -> None:
    """A cap that lasts longer than the campaign leaves no slot."""
    caps = CapBook([CappedRow(2, "+1", (Cap(1, 24 * HOUR_MS),))], {"+1": [0]})

    assert list(plan([Group((2, 3), iter([(0, HOUR_MS)]))], Terms(0, HOUR_MS, 60), caps=caps)) == [(3, 0)]


@pytest.mark.parametrize("taken_ms", [(), (3_000,), (HOUR_MS, 30 * HOUR_MS)])
def test_a_day_holds_no_more_than_its_limit(taken_ms: tuple[int, ...]) -> None:
    """With what was given before, no 24 hours hold more slots than the limit; the next comes as soon as may be."""
    day = 24 * HOUR_MS
    terms = Terms(0, 9 * day, 60, daily_limit=3)

    slots = [slot_ms for _, slot_ms in plan([Group(range(2, 12), iter([(0, 9 * day)]))], terms, taken_ms=taken_ms)]

    together = sorted([*slots, *taken_ms])
    assert len(slots) == 10
    assert all(sum(begin <= slot < begin + day for slot in together) <= 3 for begin in together)
    if not taken_ms:
        assert slots[:6] == [0, 1000, 2000, day, day + 1000, day + 2000]


def test_the_margin_is_kept_before_every_close() -> None:
    """The API may dial late: nobody is given one of the last minutes of their hours."""
    found = list(plan([Group(range(2, 99), iter([(0, HOUR_MS)]))], Terms(0, 9 * HOUR_MS, 1, 900_000)))

    assert [slot_ms for _, slot_ms in found] == [minute * 60_000 for minute in range(45)]
