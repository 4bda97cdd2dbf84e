"""Runs one process to its end, or until something has happened, and tells what it took."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LONGEST_SECONDS = 900
LOOK_SECONDS = 0.02

DIALER = (sys.executable, "-m", "dialer")


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock and of the processor, and the most memory (KiB) that one process had."""

    seconds: float
    processor_seconds: float
    kib: int


def spent(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    until: Callable[[], bool] | None = None,
) -> Spent:
    """Run *command* in *folder*; with *until*, kill it when that has happened. Raises when it fails before."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL
    )
    while until is not None and not _has_ended(process.pid):
        if until() or time.perf_counter() - began > LONGEST_SECONDS:
            process.kill()
            break
        time.sleep(LOOK_SECONDS)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    allowed = {-9} if until is not None else {0, 3}  # 3: rows were rejected
    if process.returncode not in allowed:
        raise RuntimeError(f"{' '.join(command)}: exit {process.returncode}")
    return Spent(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss)


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
