"""The command line as people start it: within the tests' own process, on a terminal there, or as a real process."""

import io
import logging
import os
import pty
import signal
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from dialer.cli import main

CANARY_KEY = "canary-key-5d1f"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def environment(url: str | None) -> dict[str, str]:
    """Return the environment of a person who has a key, pointed at *url*."""
    root = str(Path(__file__).parents[2])
    extra = {} if url is None else {"AICALLER_BASE_URL": url, "AICALLER_API_KEY": CANARY_KEY}
    return os.environ | {"PYTHONPATH": root, "COLUMNS": "200"} | extra


def dialer(*arguments: str | Path, url: str | None = None, cwd: Path | None = None, typed: str = "") -> Ended:
    """Run the command line to its end, without a terminal: *typed* is all that standard input holds.

    It is the entry point that the installed command calls, without the half second or more that a process costs.
    """
    printed, told = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with _streams(io.StringIO(typed), printed, told):
        code = _ended(arguments, environment(url), cwd)
    return Ended(code, *(stream.buffer.getvalue().decode() for stream in (printed, told)))


def on_terminal(
    *arguments: str | Path,
    answer: str,
    url: str | None = None,
    extra: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> tuple[int, str]:
    """Run the command line on a terminal, type *answer*, and return the exit code and all that the terminal showed."""
    ours, theirs = pty.openpty()
    os.write(ours, answer.encode())  # it waits in the terminal until it is asked for
    shown: list[str] = []
    reader = threading.Thread(target=lambda: shown.append(read_all(ours)))
    reader.start()
    with os.fdopen(os.dup(theirs), encoding="utf-8") as keys, os.fdopen(theirs, "w", encoding="utf-8") as screen:
        with _streams(keys, screen, screen):
            code = _ended(arguments, environment(url) | {"TERM": "xterm-256color"} | (extra or {}), cwd)
        termios.tcflush(keys, termios.TCIFLUSH)  # what nobody has read would keep the terminal open
    reader.join()
    os.close(ours)
    return code, shown[0]


def on_terminal_of_its_own(*arguments: str | Path, answer: str, url: str) -> tuple[int, str]:
    """Do as `on_terminal` does, in a process whose standard streams the terminal is."""
    ours, theirs = pty.openpty()
    os.write(ours, answer.encode())
    with subprocess.Popen(
        [sys.executable, "-m", "dialer", *map(str, arguments)],
        env=environment(url) | {"TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = read_all(ours)
        os.close(ours)
        code = process.wait(timeout=60)
    return code, shown


def read_all(descriptor: int) -> str:
    """Read from a terminal until the last one that writes to it has ended."""
    parts = []
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:  # Linux tells the end of a terminal so
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts).decode("utf-8", "replace")


@contextmanager
def running(*arguments: str | Path, url: str) -> Iterator[subprocess.Popen[str]]:
    """Start the command line as a process, for signals and kills; it is killed at the end if it still runs."""
    with subprocess.Popen(
        [sys.executable, "-m", "dialer", *map(str, arguments)],
        env=environment(url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        stdin=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def _streams(keys: TextIO, printed: TextIO, told: TextIO) -> Iterator[None]:
    kept, sys.stdin = sys.stdin, keys
    try:
        with redirect_stdout(printed), redirect_stderr(told):
            yield
    finally:
        sys.stdin = kept


def _ended(arguments: tuple[str | Path, ...], variables: dict[str, str], cwd: Path | None) -> int:
    """Run the entry point, and take back all that it changes of its process."""
    with ExitStack() as kept:
        kept.callback(os.umask, os.umask(0o022))
        kept.callback(signal.signal, signal.SIGTERM, signal.getsignal(signal.SIGTERM))
        kept.enter_context(_changed_environment(variables))
        kept.enter_context(_fresh_logging())
        kept.callback(setattr, sys, "argv", sys.argv)
        if cwd is not None:
            kept.enter_context(chdir(cwd))
        sys.argv = ["dialer", *map(str, arguments)]
        try:
            main()
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


@contextmanager
def _changed_environment(variables: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _fresh_logging() -> Iterator[None]:
    """Log as a new process does: pytest's handlers would keep `--verbose` from setting up its own."""
    loggers = logging.getLogger(), logging.getLogger("dialer")
    before = [(logger, logger.handlers[:], logger.level) for logger in loggers]
    for logger in loggers:
        logger.handlers = []
    try:
        yield
    finally:
        for logger, handlers, level in before:
            logger.handlers = handlers
            logger.setLevel(level)
