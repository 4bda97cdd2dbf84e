"""A number is called as often as its caps allow and no more, whatever the order in which calls were made."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.campaign.values import Cap, parse_cap
from dialer.schedule.by_row import TextByRow
from dialer.schedule.caps import CapBook, CappedRow, next_allowed_ms

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
STRICT = tuple(parse_cap(text) for text in ("1/24h", "2/7d", "4/30d"))


def most_in(calls_ms: list[int], period_ms: int) -> int:
    """Count the most calls in any half-open stretch of a length: the judge of every property here."""
    return max((sum(begin <= call < begin + period_ms for call in calls_ms) for begin in calls_ms), default=0)


def most_with(instant_ms: int, calls_ms: list[int], period_ms: int) -> int:
    """Count the most calls in any half-open stretch of a length that a call at *instant_ms* is in."""
    together = [*calls_ms, instant_ms]
    begins = [begin for begin in together if begin <= instant_ms < begin + period_ms]
    return max(sum(begin <= call < begin + period_ms for call in together) for begin in begins)


@pytest.mark.parametrize(
    ("calls_days", "expected_day"),
    [([], None), ([0], 1), ([0, 1], 7), ([0, 2], 7), ([0, 7, 9, 16], 30), ([0, 8, 16, 24], 30), ([5], 6)],
)
def test_the_next_call_waits_for_the_cap_that_lasts_longest(calls_days: list[int], expected_day: int | None) -> None:
    """After one call a day, after two a week from the first of them, after four a month."""
    expected = None if expected_day is None else expected_day * DAY_MS
    assert next_allowed_ms([day * DAY_MS for day in calls_days], STRICT) == expected


@pytest.mark.slow
@given(
    calls_ms=st.lists(st.integers(0, 300), max_size=8, unique=True).map(sorted),
    cap=st.builds(Cap, st.integers(1, 4), st.integers(1, 100)),
)
def test_no_stretch_with_the_call_holds_too_many_and_none_earlier_after_the_others(
    calls_ms: list[int], cap: Cap
) -> None:
    """Counted as a person with a calendar would; after all the others, a millisecond less would be too early."""
    allowed_ms = next_allowed_ms(calls_ms, (cap,))
    if allowed_ms is None:
        assert len(calls_ms) < cap.calls
        return
    last = max(allowed_ms, calls_ms[-1] + 1)
    assert most_with(last, calls_ms, cap.period_ms) <= cap.calls
    if allowed_ms - 1 > calls_ms[-1]:
        assert most_with(allowed_ms - 1, calls_ms, cap.period_ms) > cap.calls


caps = st.lists(st.builds(Cap, st.integers(1, 4), st.integers(1, 100)), max_size=3).map(tuple)
calls = st.lists(st.integers(0, 300), max_size=8, unique=True).map(sorted)


@pytest.mark.slow
@given(calls_ms=calls, some_caps=caps, later=st.integers(0, 200))
def test_from_the_next_allowed_instant_on_no_cap_breaks(
    calls_ms: list[int], some_caps: tuple[Cap, ...], later: int
) -> None:
    """At that instant or at any after it, no stretch holds more calls than before, or than the cap allows."""
    instant_ms = (next_allowed_ms(calls_ms, some_caps) or 0) + later

    for cap in some_caps:
        after = most_in([*calls_ms, instant_ms], cap.period_ms)
        assert after <= max(cap.calls, most_in(calls_ms, cap.period_ms))


@pytest.mark.slow
@given(some_caps=caps, calls_ms=calls, count=st.integers(1, 6))
def test_rows_of_one_number_follow_each_other(some_caps: tuple[Cap, ...], calls_ms: list[int], count: int) -> None:
    """Each row becomes free when the one before it has its slot, in the sheet's order; together they keep the caps."""
    book = CapBook([CappedRow(row, "+1", some_caps) for row in range(2, count + 2)], {"+1": calls_ms})
    slots: list[int] = []
    row: int | None = 2
    while row is not None:
        free_ms = book.free_ms(row)
        assert free_ms is not None
        assert book.free_ms(row + 1) is None
        slots.append(max(free_ms, *calls_ms, *slots, 0))
        row = book.note(row, slots[-1])

    assert len(slots) == count
    assert all(earlier <= later for earlier, later in pairwise(slots))
    for cap in some_caps:
        found = most_in(sorted([*calls_ms, *slots]), cap.period_ms) if len(set(slots)) == count else 0
        assert found <= max(cap.calls, most_in(calls_ms, cap.period_ms))


def test_a_book_knows_only_its_own_rows() -> None:
    """A row whose number is called nowhere else is not looked at."""
    book = CapBook([CappedRow(7, "+1", STRICT)], {})

    assert 7 in book
    assert 8 not in book
    assert book.free_ms(7) == 0


def test_a_book_that_shares_the_phones_knows_only_its_own_rows() -> None:
    """Those of rows that a limit leaves out are there too: they have no turn, and nobody waits for them."""
    phones = TextByRow()
    for row, phone in ((2, "+1"), (3, "+2"), (4, "+1"), (5, "+1")):
        phones[row] = phone
    book = CapBook([CappedRow(row, phones[row], STRICT) for row in (2, 5)], {}, phones)

    assert list(book) == [2, 5]
    assert [book.free_ms(row) for row in (2, 3, 4, 5, 6)] == [0, None, None, None, None]
    assert book.note(2, 0) == 5
    assert book.note(5, 30 * HOUR_MS) is None


@pytest.mark.parametrize("text", ["1/24h", "2/7d", "4/30d", "3/48h", "1/8h"])
def test_a_cap_is_written_as_it_is_read(text: str) -> None:
    """What the rules and the plan show is what a campaign file takes."""
    assert parse_cap(str(parse_cap(text))) == parse_cap(text)


def test_a_row_that_has_to_wait_is_free_when_both_its_wait_and_its_caps_allow() -> None:
    """Whichever ends later decides, and the wait of one number is none of another's."""
    day = Cap(1, 24 * HOUR_MS)
    rows = [
        CappedRow(2, "+1", (day,), 5 * HOUR_MS),
        CappedRow(3, "+2", (day,), 30 * HOUR_MS),
        CappedRow(4, "+3", (day,)),
    ]
    book = CapBook(rows, {"+1": [0], "+2": [0]})
    assert [book.free_ms(row) for row in (2, 3, 4)] == [24 * HOUR_MS, 30 * HOUR_MS, 0]
