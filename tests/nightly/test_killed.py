"""A night that is killed, at whichever of its steps: the next start leaves exactly one whole summary of it."""

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, event

from dialer.exit_codes import GOOD_EXITS
from dialer.jobs.runtime import Runtime
from dialer.nightly.folder import NightlyOptions, run_nightly
from dialer.sandbox import Sandbox
from dialer.settings import Settings
from tests.chaos.judge import summaries, wrong_mornings
from tests.nightly.nights import Folder
from tests.support import MONDAY_NOON

NIGHT = MONDAY_NOON.date()
PEOPLE = 3
_FILES = ("open", "os.rename", "os.link", "os.remove", "os.mkdir")
_STATEMENTS = ("before_cursor_execute", "commit", "rollback")


class _Night:
    """The night of one campaign, with an API that outlives it."""

    def __init__(self, kept: ExitStack) -> None:
        self._folder = Folder(Path(kept.enter_context(tempfile.TemporaryDirectory())))
        self._sandbox = kept.enter_context(Sandbox(now_ms=self._folder.clock.now_ms))
        self._folder.campaign("spring", range(PEOPLE))

    def start(self, *, later: timedelta = timedelta()) -> None:
        """Start the night as a fleet does, so much later."""
        self._folder.clock.advance(later.total_seconds())
        settings = Settings(base_url=self._sandbox.url, api_key=SecretStr("a-key"))
        runtime = Runtime(settings=settings, clock=self._folder.clock)
        run_nightly(self._folder.path / "spring.toml", options=NightlyOptions(night=NIGHT), runtime=runtime)

    def kill(self, step: int) -> int:
        """Start it in a process that dies before its *step*, without another word; return how many steps it took."""
        reading, writing = os.pipe()
        if not (child := os.fork()):
            try:
                _die_at(step, writing)
                self.start()
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            steps = pipe.read().count(b".")
        os.waitpid(child, 0)
        return steps

    @property
    def told(self) -> list[tuple[str, date, int]]:
        """The campaign, the night and the exit code of each summary."""
        return list(summaries(self._folder.path / "results"))

    @property
    def rung(self) -> Counter[str]:
        """How often each number was called."""
        return Counter(str(call["toPhoneNumber"]) for call in self._sandbox.created)


def _die_at(last: int, writing: int) -> None:
    """Let this process end before the statement or the operation on a file that is its *last* step."""
    steps = count()

    def step(*_: object) -> None:
        if next(steps) == last:
            os._exit(9)
        os.write(writing, b".")

    def audit(name: str, _args: object) -> None:
        if name in _FILES:
            step()

    for name in _STATEMENTS:
        event.listen(Engine, name, step)
    sys.addaudithook(audit)


def _breaches(steps: Iterable[int], *, again: int | None = None) -> Iterator[str]:
    """Kill a night before each of *steps*, and the next start before *again*, and tell what is wrong after one more."""
    for step in steps:
        with ExitStack() as kept:
            night = _Night(kept)
            night.kill(step)
            if again is not None:
                night.kill(again)
            for _ in range(2):
                night.start(later=timedelta(hours=1))
            yield from (f"step {step}, {again}: {wrong}" for wrong in wrong_mornings(night.told, ["spring"], [NIGHT]))
            is_done = any(code in GOOD_EXITS for *_, code in night.told)
            rung = night.rung
            if max(rung.values(), default=0) > 1 or (is_done and len(rung) < PEOPLE):
                yield f"step {step}, {again}: {sorted(rung.values())} calls"


def _steps() -> int:
    """Count the steps of a night that nobody kills."""
    with ExitStack() as kept:
        return _Night(kept).kill(sys.maxsize)


@pytest.mark.slow
def test_a_night_that_is_killed_has_one_summary() -> None:
    """At steps all over it, and at each of those that follow its last call; `python -m tests.nightly.test_killed` plays
    them all, and kills the next start as well.
    """
    steps = _steps()

    assert not list(_breaches(range(5, steps, 80)))


def main() -> int:
    """Kill a night at each of its steps, and the start after one that was done untold at each of its own."""
    steps = _steps()
    found = list(_breaches(range(steps)))
    last = steps - 20
    for again in range(steps):
        found += _breaches([last], again=again)
    sys.stdout.write("\n".join([f"{steps} steps, {len(found)} breaches", *found, ""]))
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main())
