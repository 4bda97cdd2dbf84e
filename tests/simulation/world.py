"""The simulated machine: its time, its event loop, the moments at which its processes are killed, and the trace."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from dialer.clock import Clock, to_ms
from tests.submit.virtual_time import JumpingLoop
from tests.support import MONDAY_NOON

T = TypeVar("T")

LATENESS_SECONDS = 1e-6


class Killed(SystemExit):
    """The process is gone, as by SIGKILL.

    A `SystemExit`, because asyncio lets that through at once, from whatever task it comes: nothing that was under
    way gets another turn.
    """


class Gone(Exception):
    """Something of a killed process tried to touch the world; it can not."""


@dataclass(frozen=True)
class Death:
    """When to die: at the *nth* time that a moment of this name comes."""

    moment: str
    nth: int


class World(Clock):
    """Everything that one seed decides, and the trace of what came of it. Also the clock of its processes."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.seconds = 0.0
        self.trace: list[tuple[int, str, str]] = []
        self.happened: Counter[str] = Counter()
        self.is_dead = False
        self._death: Death | None = None
        self._freeze: Death | None = None
        self._meanwhile: Callable[[], None] = lambda: None
        self._passed: Counter[str] = Counter()

    def random(self, purpose: str) -> Random:
        """Return a stream of chance of its own for each *purpose*, so that one does not shift another."""
        return Random(f"{self.seed} {purpose}")

    def now(self) -> datetime:
        """Return the wall-clock time."""
        return MONDAY_NOON + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Return seconds that never step back."""
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        """Wait on the loop."""
        await asyncio.sleep(seconds)

    def advance(self, span: timedelta) -> None:
        """Let *span* pass between two processes."""
        self.seconds += span.total_seconds()

    def note(self, what: str, detail: object = "") -> None:
        """Add to the trace what a living process, or the API, did."""
        self.trace.append((self.now_ms(), what, str(detail)))

    def fault(self, what: str, detail: object = "") -> None:
        """Add to the trace, and count, a fault that really happened."""
        self.happened[what] += 1
        self.note(what, detail)

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the trace: the same for the same seed."""
        return hashlib.sha256(repr(self.trace).encode()).hexdigest()

    def told(self) -> str:
        """Return the trace for people, a line for each event."""
        start = to_ms(MONDAY_NOON)
        lines = (f"{(at - start) / 1000:12.3f} s  {what:28} {detail}" for at, what, detail in self.trace)
        return "\n".join(lines)

    def start_process(self, death: Death | None) -> None:
        """Begin a process that lives until it ends or until *death*."""
        self.is_dead = False
        self._death, self._freeze = death, None
        self._passed.clear()

    def freeze_at(self, moment: Death | None, meanwhile: Callable[[], None]) -> None:
        """Let the process stand still at a moment, as by SIGSTOP, while *meanwhile* happens to everything else."""
        self._freeze, self._meanwhile = moment, meanwhile

    @contextmanager
    def other_process(self) -> Iterator[None]:
        """Let another process live, to its end, while the present one stands still."""
        kept = self._death, self._passed
        self._death, self._passed = None, Counter()
        try:
            yield
        finally:
            self._death, self._passed = kept

    def moment(self, name: str) -> None:
        """Come to a named moment: the process dies here when it is the one."""
        if self.is_dead:
            raise Gone(name)
        self._passed[name] += 1
        if self._freeze == Death(name, self._passed[name]):
            self._freeze = None
            self._meanwhile()
        if self._death == Death(name, self._passed[name]):
            self.is_dead = True
            self.fault(f"killed: {name}")
            raise Killed(name)

    def run(self, main: Coroutine[Any, Any, T], /) -> T:
        """Run *main* on a loop of this world's time, as `asyncio.run` does on a real one."""
        loop = _Loop(self)
        loop.set_exception_handler(lambda _loop, _context: None)  # what a killed task leaves behind
        try:
            return loop.run_until_complete(main)
        finally:
            self._clear_away(loop)

    def _clear_away(self, loop: asyncio.AbstractEventLoop) -> None:
        """Free the memory of what was under way; a dead process cannot touch anything while that is done."""
        at = self.seconds
        while tasks := asyncio.all_tasks(loop):
            for task in tasks:
                task.cancel()
            with suppress(Killed):
                loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        self.seconds = at


class _Loop(JumpingLoop):
    """A loop on the world's time."""

    def __init__(self, world: World) -> None:
        self._world = world
        super().__init__()

    def time(self) -> float:
        return self._world.seconds

    def _jump(self, seconds: float) -> None:
        self._world.seconds += seconds + LATENESS_SECONDS
