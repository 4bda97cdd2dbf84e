"""A new slot keeps its distance from all there are, and no day holds more than its limit: beside a count by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.schedule.slot_spacing import DAY_MS, NEVER_MS, SlotSpacing

HOUR_MS = 3_600_000


def fits(instant_ms: int, slots_ms: list[int], *, gap_ms: int, limit: int | None) -> bool:
    """Judge one instant by looking at every slot there is."""
    apart = all(abs(instant_ms - slot_ms) >= gap_ms for slot_ms in slots_ms)
    near = sum(abs(instant_ms - slot_ms) < DAY_MS for slot_ms in slots_ms)
    return apart and (limit is None or near < limit)


def given_slots(*slots_ms: int, gap_ms: int = 1_000, limit: int | None = None) -> SlotSpacing:
    """Return the spacing of slots that were committed earlier."""
    return SlotSpacing(slots_ms, gap_ms=gap_ms, daily_limit=limit)


def test_a_gap_is_kept_on_both_sides() -> None:
    """Just before a slot is as near as just after it; exactly a gap away is clear."""
    assert given_slots(5_000).clear_from(4_000) == 4_000
    assert given_slots(5_000).clear_from(4_001) == 6_000
    assert given_slots(5_000).clear_from(5_999) == 6_000
    assert given_slots(5_000, 6_500, 7_999).clear_from(4_500) == 8_999


def test_it_says_until_when_nothing_changes() -> None:
    """From one instant before the next slot's gap a plan has to ask again; without slots it never has to."""
    spacing = given_slots(5_000)
    assert spacing.clear_from(0) == 0
    assert spacing.blocked_from_ms == 4_001
    assert given_slots().blocked_from_ms == NEVER_MS
    assert given_slots().room is None


def test_a_full_day_is_passed_over() -> None:
    """A day ends 24 hours after its first slot, at whatever hour that was, and slots of the plan count as well."""
    spacing = given_slots(HOUR_MS, limit=2)
    assert spacing.clear_from(2 * HOUR_MS) == 2 * HOUR_MS
    assert spacing.room == 1
    spacing.add([2 * HOUR_MS])
    assert spacing.clear_from(3 * HOUR_MS) == HOUR_MS + DAY_MS


@pytest.mark.slow
@given(
    slots_ms=st.lists(st.integers(0, 5 * DAY_MS // HOUR_MS).map(lambda hour: hour * HOUR_MS), max_size=12).map(sorted),
    gap_ms=st.sampled_from([1, HOUR_MS, 2 * HOUR_MS + 1]),
    limit=st.one_of(st.none(), st.integers(1, 4)),
    wanted=st.lists(st.integers(0, 30), min_size=1, max_size=6),
)
def test_each_slot_is_the_first_that_fits(
    slots_ms: list[int], gap_ms: int, limit: int | None, wanted: list[int]
) -> None:
    """From instant to instant the answer fits, and at no hour before it would one have fitted."""
    spacing, all_ms, at_ms = given_slots(*slots_ms, gap_ms=gap_ms, limit=limit), list(slots_ms), 0
    for pause in wanted:
        at_ms += pause * HOUR_MS
        found_ms = spacing.clear_from(at_ms)

        assert fits(found_ms, all_ms, gap_ms=gap_ms, limit=limit)
        tried = {*range(at_ms, found_ms, HOUR_MS), *(ms + gap_ms for ms in all_ms), *(ms + DAY_MS for ms in all_ms)}
        earlier = [ms for ms in tried if at_ms <= ms < found_ms]
        assert not [ms for ms in earlier if fits(ms, all_ms, gap_ms=gap_ms, limit=limit)]
        assert spacing.room is None or spacing.room >= 1
        spacing.add([found_ms])
        if limit is not None:
            all_ms.append(found_ms)
        at_ms = found_ms + gap_ms
