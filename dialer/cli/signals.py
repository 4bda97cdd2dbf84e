"""Ctrl-C and SIGTERM outside the sending, where they need no care: nothing is in flight."""

import signal
import sys
from types import FrameType
from typing import Any

AGAIN_SECONDS = 0.05
"""So long after a signal was lost it is sent again."""


class Terminated(BaseException):
    """The process was sent SIGTERM."""


def take_signals() -> None:
    """Let SIGTERM raise `Terminated`, and let neither it nor Ctrl-C be lost.

    Python only prints what is raised in a callback of its own, of a weak reference for instance, and goes on: there the
    signal would end nothing. It is sent once more, to whichever handler then holds.
    """
    signal.signal(signal.SIGTERM, _terminate)
    sys.unraisablehook = _once_more


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated


def _once_more(lost: Any) -> None:
    number = {Terminated: signal.SIGTERM, KeyboardInterrupt: signal.SIGINT}.get(lost.exc_type)
    if number is None:
        sys.__unraisablehook__(lost)
        return
    signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(number))
    signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
