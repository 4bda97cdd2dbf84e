"""A run's requests over its time."""

import pytest

from dialer.calls.pause import Pause, PauseReason
from dialer.results.report import frames
from dialer.results.report.timeline import MOST_STEPS, timeline_of
from tests.results.report.test_frames import call
from tests.support import NOON_MS


def claimed(*seconds: float, http_status: int = 200, outcome: str = "created") -> frames.Frame:
    """Return attempts of one run that were claimed so many *seconds* after noon."""
    calls = [
        call(outcome=outcome)._replace(claimed_at_ms=NOON_MS + round(second * 1000), http_status=http_status)
        for second in seconds
    ]
    return frames.frame_of_calls(calls)


def test_requests_are_told_by_the_second() -> None:
    """A short run is told second by second, with the seconds in which nothing was sent."""
    found = timeline_of(claimed(0, 0.2, 0.4, 3), "r", 5.0, now_ms=NOON_MS)

    assert found is not None
    assert [bar.count for bar in found.bars] == [3, 0, 0, 1]
    assert (found.step_seconds, found.limit) == (1, 5.0)
    assert (found.ticks[0], found.ticks[-1]) == ("17:00:00", "17:00:04")


@pytest.mark.parametrize(("seconds", "ticks"), [(0.2, 2), (1.5, 3), (2.5, 4), (3.5, 5), (50, 5), (4_000, 5)])
def test_no_two_instants_below_the_chart_are_the_same(seconds: float, ticks: int) -> None:
    """A run of three seconds has four instants, a longer one five, evenly spread."""
    found = timeline_of(claimed(0, seconds), "r", 1.0, now_ms=NOON_MS)

    assert found is not None
    assert len(set(found.ticks)) == len(found.ticks) == ticks


@pytest.mark.slow
def test_a_long_run_is_told_in_longer_stretches() -> None:
    """However long it is there are few bars, each of calls a second."""
    found = timeline_of(claimed(*range(0, 36_000, 2)), "r", 1.0, now_ms=NOON_MS)

    assert found is not None
    assert len(found.bars) <= MOST_STEPS + 1
    assert {round(bar.count, 3) for bar in found.bars} == {0.5}


def test_pauses_lie_where_they_were() -> None:
    """A pause is drawn over its part of the time, one that goes on up to now, and one outside not at all."""
    pauses = [
        Pause(PauseReason.API, NOON_MS + 2_000, NOON_MS + 5_000, "for 3 s"),
        Pause(PauseReason.ASKED, NOON_MS + 8_000),
        Pause(PauseReason.OUTAGE, NOON_MS - 9_000, NOON_MS - 5_000),
    ]
    found = timeline_of(claimed(0, 9.5), "r", 1.0, pauses, now_ms=NOON_MS + 20_000)

    assert found is not None
    assert [(span.begin, span.end) for span in found.pauses] == [(0.2, 0.5), (0.8, 1.0)]
    assert "the API asked to wait. for 3 s" in found.pauses[0].note


def test_what_the_api_put_off_is_counted() -> None:
    """Answers that ask for patience are told; a run that sent nothing has no chart."""
    found = timeline_of(claimed(0, 1, http_status=429, outcome="not_sent"), "r", 1.0, now_ms=NOON_MS)

    assert found is not None
    assert found.put_off == 2
    assert timeline_of(claimed(), "r", 1.0, now_ms=NOON_MS) is None
