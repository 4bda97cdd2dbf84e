"""An event loop whose clock jumps to the next timer, so that hours of pacing pass in no time at all."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from dialer.clock import Clock
from tests.support import MONDAY_NOON

T = TypeVar("T")

TURNS = 100
"""After so many turns a moment passes in any case: a timer that is due anew at each of them would stop the time."""


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits: where it would, it tells how long; a loop that turns and turns takes time as well."""

    def __init__(self, jump: Callable[[float], None]) -> None:
        super().__init__()
        self._jump = jump
        self._turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("every task waits for another: this would hang for ever")
        self._turns += 1
        if not ready and (timeout or self._turns % TURNS == 0):
            self._jump(timeout or 0.0)
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """asyncio's usual loop, with a time of its own that starts at 0. What would run in a thread runs at once.

    *lateness* gives, at each jump, by how many seconds the timers are late: never none, as on a real loop, where
    a timer that is early by a rounding error finds that time has passed when it tries again.
    """

    def __init__(self, lateness: Callable[[], float] = lambda: 1e-6) -> None:
        self._at = 0.0
        self._lateness = lateness
        super().__init__(_JumpingSelector(self._jump))

    def time(self) -> float:
        """Return the seconds that have passed."""
        return self._at

    def _jump(self, seconds: float) -> None:
        self._at += seconds + self._lateness()

    def run_in_executor(  # type: ignore[override]
        self, _executor: Any, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Call *func* at once."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - whoever waits for it gets it
            done.set_exception(error)
        return done


class LoopClock(Clock):
    """The clock of a program that runs on a `JumpingLoop`; *now* is the wall-clock time at the loop's start."""

    def __init__(self, now: datetime = MONDAY_NOON) -> None:
        self._start = now
        self.slept: list[float] = []

    def now(self) -> datetime:
        """Return the wall-clock time."""
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Return the loop's time."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Wait on the loop."""
        self.slept.append(seconds)
        await asyncio.sleep(seconds)


def run(main: Coroutine[Any, Any, T], lateness: Callable[[], float] = lambda: 1e-6) -> T:
    """Run *main* on a loop whose time jumps."""
    with asyncio.Runner(loop_factory=lambda: JumpingLoop(lateness)) as runner:
        return runner.run(main)
