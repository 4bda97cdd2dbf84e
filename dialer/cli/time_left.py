"""How long a run still takes, from its pace and not from its bursts. Pure."""

from datetime import timedelta

ENOUGH_SECONDS = 10.0
ENOUGH_CALLS = 10
"""What was seen for less says little: until then a run is taken to keep to its limit."""

NEAR = 0.9
"""A pace of at least this share of the limit is the limit: what lacks is room for late timers."""


def calls_per_second(limit: float, *, done: int, seconds: float) -> float:
    """Return the pace to reckon with: *limit*, or what was seen, *done* calls in so many *seconds*, where it is less.

    The seconds are those in which the run could send: without its pauses.
    """
    if done < ENOUGH_CALLS or seconds < ENOUGH_SECONDS:
        return limit
    seen = done / seconds
    return limit if seen >= NEAR * limit else seen


def seconds_left(left: int, pace: float, *, pause_seconds: float = 0.0) -> float:
    """Return how long *left* calls take at *pace* calls a second, after a pause that lasts so long still."""
    return pause_seconds + left / pace


def shown(seconds: float) -> str:
    """Write a span for people, to the second: `0:32:51`."""
    return str(timedelta(seconds=round(seconds)))
