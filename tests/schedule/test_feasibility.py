"""What would make everybody fit is found by planning with it, never by a guess."""

import pytest

from dialer.schedule.feasibility import Misfit, Remedy, misfits_by_zones, remedy

HOUR_MS = 3_600_000


def short_by(rows: int, pace: float, end_ms: int) -> int:
    """Count what does not fit into an open stretch that begins at 0."""
    return max(0, rows - int(end_ms / 60_000 * pace))


def test_the_slowest_round_pace_and_the_first_full_hour() -> None:
    """Of 1,000 calls, 480 fit into an hour at 8 a minute; 17 a minute would do, or a third hour."""
    found = remedy(
        lambda pace, end: short_by(1000, pace, end), pace=8, fastest=60_000, end_ms=HOUR_MS, last_end_ms=100 * HOUR_MS
    )

    assert found == Remedy(17.0, 3 * HOUR_MS)


def test_paces_between_whole_numbers_have_two_figures() -> None:
    """Below ten a minute, tenths are tried."""
    found = remedy(
        lambda pace, end: short_by(130, pace, end), pace=1, fastest=100, end_ms=HOUR_MS, last_end_ms=2 * HOUR_MS
    )

    assert found.calls_per_minute == 2.2


def test_no_pace_beyond_the_fastest_is_advised() -> None:
    """What the API would not take is no advice; the fastest itself may be."""

    def misfits(pace: float, end_ms: int) -> int:
        return short_by(1000, pace, end_ms)

    too_slow = remedy(misfits, pace=8, fastest=16.5, end_ms=HOUR_MS, last_end_ms=HOUR_MS)
    just = remedy(misfits, pace=8, fastest=16.7, end_ms=HOUR_MS, last_end_ms=HOUR_MS)

    assert too_slow == Remedy(None, None)
    assert just.calls_per_minute == 16.7


def test_whoever_has_no_hours_fits_at_no_pace() -> None:
    """Where neither helps, nothing is promised."""
    assert remedy(lambda _pace, _end: 1, pace=1, fastest=10, end_ms=0, last_end_ms=9 * HOUR_MS) == Remedy(None, None)


@pytest.mark.parametrize("pace", [0.3, 1, 7, 42, 990])
def test_what_is_advised_was_tried(pace: float) -> None:
    """Whatever is given as a remedy, planning with it left nobody out."""
    tried: dict[tuple[float, int], int] = {}

    def misfits(faster: float, end_ms: int) -> int:
        return tried.setdefault((faster, end_ms), short_by(5_000, faster, end_ms))

    found = remedy(misfits, pace=pace, fastest=60_000, end_ms=2 * HOUR_MS, last_end_ms=1_000 * HOUR_MS)

    assert found.calls_per_minute is not None
    assert found.end_ms is not None
    assert tried[found.calls_per_minute, 2 * HOUR_MS] == tried[pace, found.end_ms] == 0


def test_misfits_are_counted_by_zones() -> None:
    """The zones with the most people left out come first; those where all fit are not named."""
    rows = {("A",): [2, 3, 4], ("B", "C"): [5, 6], ("D",): [7]}

    assert misfits_by_zones(rows, {3, 5, 6}) == [Misfit(("B", "C"), 2, 2), Misfit(("A",), 1, 3)]
