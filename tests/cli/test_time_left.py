"""The time that a run still takes: by what its limit allows, or the API where it is slower, and never by a burst."""

import pytest

from dialer.cli.time_left import calls_per_second, seconds_left, shown


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
    assert shown(seconds_left(left, calls_per_second(limit, done=done, seconds=seconds))) == told


def test_a_pause_is_waited_for_first() -> None:
    """What is left of a pause comes before the rest."""
    assert seconds_left(60, 1.0, pause_seconds=30) == 90
