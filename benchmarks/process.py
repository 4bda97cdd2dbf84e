"""Runs one process to its end, or until something has happened, and tells what it took."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LONGEST_SECONDS = 900
LOOK_SECONDS = 0.02

DIALER = (sys.executable, "-m", "dialer")


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock and of the processor, and the most memory (KiB) that the process had; on Linux only."""

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
    kib = 0
    while not _has_ended(process.pid):
        kib = _most_kib(process.pid) or kib
        if (until is not None and until()) or time.perf_counter() - began > LONGEST_SECONDS:
            process.kill()
            break
        time.sleep(LOOK_SECONDS)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    allowed = {-9} if until is not None else {0, 3}  # 3: rows were rejected
    if process.returncode not in allowed:
        raise RuntimeError(f"{' '.join(command)}: exit {process.returncode}")
    return Spent(seconds, used.ru_utime + used.ru_stime, kib)


def _most_kib(pid: int) -> int:
    """Return what the kernel says: `wait4` counts the parent's memory, too, from which the process was forked."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
