"""A host of a fleet: a worker's process with those that it has started, frozen, woken and killed together or alone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

_LONGEST_END_SECONDS = 120.0


def command_line(*words: str, environment: Mapping[str, str], said: Path) -> "subprocess.Popen[bytes]":
    """Start `dialer` with *words*; what it prints goes to *said*, what it complains of beside it."""
    with said.open("wb") as out, said.with_suffix(".err").open("wb") as err:
        return subprocess.Popen(
            [sys.executable, "-m", "dialer", *words],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )


def _descendants(pid: int) -> Iterator[int]:
    """Yield a process and all that it has started, the oldest first."""
    yield pid
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split():
            yield from _descendants(int(child))


class Host:
    """One worker on the campaigns of *folder*, with the *environment* of its machine; it begins at once."""

    def __init__(self, folder: Path, environment: Mapping[str, str], said: Path) -> None:
        self._said = said
        self._process = command_line("worker", str(folder), environment=environment, said=said)
        self._handles: dict[int, int] = {}
        self.thaws_at: float | None = None
        self.is_drained = False

    @property
    def is_dead(self) -> bool:
        """Whether its worker has ended."""
        return self._process.poll() is not None

    @property
    def has_begun(self) -> bool:
        """Whether its worker came as far as taking jobs: one that finds no database ends, and is begun anew."""
        return "Takes jobs of" in self._said.with_suffix(".err").read_text("utf-8", "replace")

    @property
    def told(self) -> str:
        """What its worker complained of last."""
        return self._said.with_suffix(".err").read_text("utf-8", "replace")[-2000:]

    @property
    def exit_code(self) -> int | None:
        """How its worker ended; None while it lives."""
        return self._process.poll()

    def _signal_all(self, number: signal.Signals) -> None:
        for pid in _descendants(self._process.pid):
            with suppress(ProcessLookupError):
                self._handles.setdefault(pid, os.pidfd_open(pid))
        for handle in self._handles.values():
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, number)

    def freeze(self, seconds: float) -> None:
        """Stop every process of the host for so long."""
        self._signal_all(signal.SIGSTOP)
        self.thaws_at = time.monotonic() + seconds

    def wake(self) -> None:
        """Let everything go on."""
        self._signal_all(signal.SIGCONT)
        self.thaws_at = None

    def kill(self, *, alone: bool) -> None:
        """Kill the worker *alone*, so that what it has started goes on without it, or the whole host."""
        if alone:
            self._signal_all(signal.SIGCONT)  # remembers them
            self._process.kill()
        else:
            self._signal_all(signal.SIGKILL)
        self._process.wait()
        self.thaws_at = None

    def drain(self) -> int:
        """Ask the worker to end, wait for that, and return its exit code."""
        self._process.terminate()
        return self._process.wait(timeout=_LONGEST_END_SECONDS)

    def clear(self) -> None:
        """Kill whatever is left of the host."""
        self._signal_all(signal.SIGKILL)
        self._process.wait()
        for handle in self._handles.values():
            os.close(handle)
        self._handles.clear()
