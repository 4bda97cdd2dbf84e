"""The pauses of a run: one for each while, whoever holds the run back, and none beyond the run's end."""

from dialer.calls.pause import Pause, PauseReason
from dialer.submit.pause_log import PauseLog
from tests.support import NOON_MS, FakeClock


def test_pauses_that_touch_are_one() -> None:
    """Workers that are put off one after the other make one pause, as long as the longest; later ones are another."""
    clock = FakeClock()
    log = PauseLog(clock)
    log.last(PauseReason.API, 2)
    clock.advance(1)
    log.last(PauseReason.API, 5)
    log.last(PauseReason.API, 0.5)
    clock.advance(60)
    log.last(PauseReason.API, 1, "again")
    assert log.made() == [
        Pause(PauseReason.API, NOON_MS, NOON_MS + 6_000),
        Pause(PauseReason.API, NOON_MS + 61_000, NOON_MS + 62_000, "again"),
    ]


def test_what_was_asked_for_is_told_before_anything_else() -> None:
    """A person who paused the run is not told of the API's own pause that goes on as well."""
    clock = FakeClock()
    log = PauseLog(clock)
    assert log.current() is None
    log.last(PauseReason.API, 30)
    log.begin(PauseReason.ASKED, "by ada")
    log.begin(PauseReason.ASKED, "by bob")
    assert log.current() == Pause(PauseReason.ASKED, NOON_MS, None, "by ada")
    clock.advance(10)
    log.end(PauseReason.ASKED)
    log.end(PauseReason.OUTAGE)
    assert log.current() == Pause(PauseReason.API, NOON_MS, NOON_MS + 30_000)
    clock.advance(20)
    assert log.current() is None


def test_no_pause_lasts_longer_than_its_run() -> None:
    """A pause that was going on when the run stopped ends there."""
    clock = FakeClock()
    log = PauseLog(clock)
    log.last(PauseReason.API, 30)
    log.begin(PauseReason.OUTAGE)
    clock.advance(5)
    assert {pause.until_ms for pause in log.ended()} == {NOON_MS + 5_000}
