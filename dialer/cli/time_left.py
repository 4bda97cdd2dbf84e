"""How long a run still takes, from its pace of late and not from its bursts. Pure."""

from dataclasses import dataclass, field
from datetime import timedelta

from dialer.calls.pause import Pause

ENOUGH_SECONDS = 10.0
ENOUGH_CALLS = 10
"""What was seen for less says little: until then a run is taken to keep to its limit."""

LATELY_SECONDS = 60.0
"""The pace is that of so long, or of `ENOUGH_CALLS` where these took longer."""

LONG_SECONDS = 120.0
"""A pause of at least this is over once; shorter ones, such as those that the API asks for, come again and again."""

NEAR = 0.9
"""A pace of at least this share of the limit is the limit: what lacks is room for late timers."""


def is_long(pause: Pause) -> bool:
    """Return whether *pause* says nothing of the pace: it is long, or nobody knows its end."""
    return pause.until_ms is None or pause.until_ms - pause.from_ms >= LONG_SECONDS * 1000


@dataclass
class Pace:
    """How many calls a second are done, as *looks* tell: how many were done after how many seconds."""

    looks: list[tuple[float, int]] = field(default_factory=lambda: [(0.0, 0)])

    def see(self, done: int, *, seconds: float) -> None:
        """Note that *done* calls are done after *seconds*, long pauses not counted."""
        if done == self.looks[-1][1]:
            return
        if len(self.looks) > 1 and self.looks[-1][0] - self.looks[-2][0] < 1:
            self.looks.pop()
        self.looks.append((seconds, done))
        while len(self.looks) > 2 and self._is_enough_since(*self.looks[1]):  # noqa: PLR2004 - two make a stretch
            self.looks.pop(0)

    def _is_enough_since(self, then: float, before: int) -> bool:
        seconds, done = self.looks[-1]
        return seconds - then >= LATELY_SECONDS and done - before >= ENOUGH_CALLS

    @property
    def seen(self) -> float:
        """Calls a second, of late."""
        (then, before), (seconds, done) = self.looks[0], self.looks[-1]
        return (done - before) / (seconds - then) if seconds > then else 0.0

    def to_reckon_with(self, limit: float) -> float:
        """Return the calls a second to come: *limit*, or what was seen where that is less and was seen for long."""
        (then, before), (seconds, done) = self.looks[0], self.looks[-1]
        is_known = done - before >= ENOUGH_CALLS and seconds - then >= ENOUGH_SECONDS
        return self.seen if is_known and self.seen < NEAR * limit else limit


def seconds_left(left: int, pace: float, *, pause_seconds: float = 0.0) -> float:
    """Return how long *left* calls take at *pace* calls a second, after a pause that lasts so long still."""
    return pause_seconds + left / pace


def shown(seconds: float) -> str:
    """Write a span for people, to the second: `0:32:51`."""
    return str(timedelta(seconds=round(seconds)))
