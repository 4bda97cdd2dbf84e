"""The time that a run still takes: by what its limit allows, or the API where it is slower, and never by a burst."""

import pytest

from dialer.calls.pause import Pause, PauseReason
from dialer.cli.time_left import Pace, is_long, seconds_left, shown
from tests.support import NOON_MS


@pytest.mark.parametrize(
    ("left", "limit", "done", "seconds", "told"),
    [
        (1_971, 1, 29, 30.2, "0:32:51"),  # 0.96 a second, as the pacing keeps it
        (1_971, 1, 29, 0.6, "0:32:51"),  # outcomes that came in a burst
        (2_000, 1, 0, 0.0, "0:33:20"),
        (100, 5, 900, 180.0, "0:00:20"),
        (900, 5, 100, 100.0, "0:15:00"),  # a slow API: one a second where five are allowed
        (86_400, 1, 50, 52.0, "1 day, 0:00:00"),
        (0, 1, 2_000, 2_000.0, "0:00:00"),
    ],
)
def test_time_left(left: int, limit: float, done: int, seconds: float, told: str) -> None:
    """Calls left by the pace that the limit allows, or that was seen for long enough to be believed."""
    pace = Pace()
    pace.see(done, seconds=seconds)
    assert shown(seconds_left(left, pace.to_reckon_with(limit))) == told


def test_pauses_that_come_again_and_again_belong_to_the_pace() -> None:
    """An API that takes 4 calls a second and then asks to wait for one, where 10 are allowed, gets 2 a second."""
    pace = Pace()
    for call in range(400):
        pace.see(call + 1, seconds=call // 4 * 2 + call % 4 * 0.25)
    assert seconds_left(450, pace.to_reckon_with(10)) == pytest.approx(225, rel=0.03)
    assert len(pace.looks) < 100


def test_an_outage_is_forgotten_once_the_pace_is_back() -> None:
    """After 100 seconds without a call, a minute at the limit tells the pace again."""
    pace = Pace()
    for call in range(420):
        pace.see(call + 1, seconds=call / 5 + 100 * (call >= 100))
    assert seconds_left(500, pace.to_reckon_with(5)) == 100


@pytest.mark.parametrize(("seconds", "said"), [(1, False), (60, False), (120, True), (None, True)])
def test_long_pauses_are_no_part_of_the_pace(seconds: int | None, *, said: bool) -> None:
    """One that somebody ends, or that lasts minutes, is over once."""
    until_ms = None if seconds is None else NOON_MS + seconds * 1000
    assert is_long(Pause(PauseReason.API, NOON_MS, until_ms)) is said


def test_a_pause_is_waited_for_first() -> None:
    """What is left of a pause comes before the rest."""
    assert seconds_left(60, 1.0, pause_seconds=30) == 90
