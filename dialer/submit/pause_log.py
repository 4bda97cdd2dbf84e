"""Remembers the pauses of one run, for its ledger and for whoever looks on."""

from dataclasses import replace

from dialer.calls.pause import Pause, PauseReason
from dialer.clock import Clock

TOGETHER_MS = 1_000
"""Pauses of one reason that lie nearer to each other than this are one."""


class PauseLog:
    """The pauses of one run in the order of their beginning."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pauses: list[Pause] = []

    def begin(self, reason: PauseReason, message: str = "") -> None:
        """Begin a pause whose end nobody knows; one of this reason that goes on already stays."""
        if self._open(reason) is None:
            self._pauses.append(Pause(reason, self._clock.now_ms(), None, message))

    def end(self, reason: PauseReason) -> None:
        """End the pause that goes on for *reason*, if one does."""
        index = self._open(reason)
        if index is not None:
            self._pauses[index] = replace(self._pauses[index], until_ms=self._clock.now_ms())

    def last(self, reason: PauseReason, seconds: float, message: str = "") -> None:
        """Note that nothing is sent for so many *seconds* from now; it lengthens the pause that is not over."""
        now_ms = self._clock.now_ms()
        until_ms = now_ms + round(seconds * 1000)
        for index, pause in enumerate(self._pauses):
            if pause.reason == reason and pause.until_ms is not None and pause.until_ms >= now_ms - TOGETHER_MS:
                self._pauses[index] = replace(pause, until_ms=max(pause.until_ms, until_ms))
                return
        self._pauses.append(Pause(reason, now_ms, until_ms, message))

    def current(self) -> Pause | None:
        """Return the pause that is going on; None while nothing holds the run back. One that was asked for is first."""
        now_ms = self._clock.now_ms()
        going = [pause for pause in self._pauses if pause.until_ms is None or pause.until_ms > now_ms]
        return min(going, key=lambda pause: (pause.reason != PauseReason.ASKED, pause.from_ms), default=None)

    def made(self) -> list[Pause]:
        """Return the pauses that have been made so far."""
        return list(self._pauses)

    def ended(self) -> list[Pause]:
        """Return the pauses of a run that has just ended: none lasts longer than the run."""
        now_ms = self._clock.now_ms()
        return [replace(pause, until_ms=min(pause.until_ms or now_ms, now_ms)) for pause in self._pauses]

    def _open(self, reason: PauseReason) -> int | None:
        found = (at for at, pause in enumerate(self._pauses) if pause.reason == reason and pause.until_ms is None)
        return next(found, None)
