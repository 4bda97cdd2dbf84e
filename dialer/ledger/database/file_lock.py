"""Locks on the file of an SQLite ledger itself, so that every path to it, through links too, meets the same lock.

On Linux they are locks of an open file description (fcntl(2), F_OFD_SETLK) on bytes far beyond the file's end: they
stand beside the locks of SQLite, end with the process, and two holders in one process exclude each other. Elsewhere a
file beside the ledger is locked.
"""

import os
import struct
import sys
from collections import Counter, defaultdict
from pathlib import Path
from time import monotonic, sleep
from typing import Protocol

from filelock import FileLock, Timeout

from dialer.errors import LedgerUnusable
from dialer.words import trouble

if sys.platform == "linux":
    import fcntl

_FIRST_BYTE = 1 << 62
"""SQLite locks bytes at 2**30, and no file system has files so long."""

_LOOK_SECONDS = 0.02

_FLOCK = "hhqqi0q"
"""The C structure `flock` with a 64-bit `off_t`: kind, whence, start, length, process; padded at its end."""


class Locks(Protocol):
    """Locks by number, below 2**61, that one holder takes and lets go together."""

    def take(self, number: int, *, shared: bool = False, wait_seconds: float = 0) -> bool:
        """Take one lock; return whether it is held, at the latest after *wait_seconds*."""

    def give_back(self, number: int) -> None:
        """Let one lock go."""

    def is_taken(self, number: int) -> bool:
        """Return whether another holder has this lock; it is not taken to find out."""

    def why_lost(self) -> str:
        """Say why the locks are not held any more; "" while they surely are."""

    def is_in_doubt(self) -> bool:
        """Return whether something has come that may have ended the locks; it takes microseconds."""

    def release(self) -> None:
        """Let all locks go."""


class _Descriptors:
    """Descriptors of ledgers' files. One is closed only when this process has no open ledger on its file any more.

    Closing any descriptor of a file takes away all locks that SQLite holds on it in this process (fcntl(2)).
    """

    def __init__(self) -> None:
        self._ledgers: Counter[tuple[int, int]] = Counter()
        self._idle: defaultdict[tuple[int, int], list[int]] = defaultdict(list)

    def opened(self, file: Path) -> tuple[int, int]:
        """Count a ledger as open; return the identity of its file, by which it is `closed`."""
        found = file.stat()
        identity = (found.st_dev, found.st_ino)
        self._ledgers[identity] += 1
        return identity

    def closed(self, identity: tuple[int, int]) -> None:
        """Count a ledger as closed."""
        self._ledgers[identity] -= 1
        self._close_unused(identity)

    def take(self, file: Path) -> int:
        """Return a descriptor of *file* that nobody else uses."""
        found = file.stat()
        idle = self._idle[found.st_dev, found.st_ino]
        return idle.pop() if idle else os.open(file, os.O_RDWR)

    def give_back(self, descriptor: int) -> None:
        """Take a descriptor back that bears no lock any more."""
        found = os.fstat(descriptor)
        self._idle[found.st_dev, found.st_ino].append(descriptor)
        self._close_unused((found.st_dev, found.st_ino))

    def _close_unused(self, identity: tuple[int, int]) -> None:
        if self._ledgers[identity] <= 0:
            for descriptor in self._idle.pop(identity, ()):
                os.close(descriptor)
            del self._ledgers[identity]


DESCRIPTORS = _Descriptors()


def file_locks(file: Path) -> Locks:
    """Return the locks of the ledger in *file*, none of them taken. Raises `LedgerUnusable` where it has none."""
    try:
        return InodeLocks(file) if sys.platform == "linux" else SiblingLock(file)
    except OSError as error:
        raise LedgerUnusable(f"{file}: the ledger cannot be locked: {trouble(error)}.") from error


if sys.platform == "linux":

    class InodeLocks:
        """Locks on single bytes of the ledger's file, beyond its end."""

        def __init__(self, file: Path) -> None:
            self._file = file
            self._descriptor = DESCRIPTORS.take(file)

        def take(self, number: int, *, shared: bool = False, wait_seconds: float = 0) -> bool:
            """Take one lock; see `Locks`."""
            until = monotonic() + wait_seconds
            while not self._took(number, shared=shared):
                if monotonic() >= until:
                    return False
                sleep(_LOOK_SECONDS)  # the system's own wait has no end
            return True

        def _took(self, number: int, *, shared: bool) -> bool:
            try:
                self._set(fcntl.F_RDLCK if shared else fcntl.F_WRLCK, _FIRST_BYTE + number, 1)
            except (BlockingIOError, PermissionError):  # both stand for a lock of another (fcntl(2))
                return False
            return True

        def give_back(self, number: int) -> None:
            """Let one lock go."""
            self._set(fcntl.F_UNLCK, _FIRST_BYTE + number, 1)

        def is_taken(self, number: int) -> bool:
            """Return whether another holder has this lock; see `Locks`."""
            asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, _FIRST_BYTE + number, 1, 0)
            kind, *_ = struct.unpack(_FLOCK, fcntl.fcntl(self._descriptor, fcntl.F_OFD_GETLK, asked))
            return bool(kind != fcntl.F_UNLCK)

        def why_lost(self) -> str:
            """Say whether another file stands in the ledger's place: its lock is another one."""
            ours = os.fstat(self._descriptor)
            try:
                found = self._file.stat()
            except OSError:
                return "the ledger's file is gone"
            is_same = (found.st_dev, found.st_ino) == (ours.st_dev, ours.st_ino)
            return "" if is_same else "the ledger's file was replaced by another"

        def is_in_doubt(self) -> bool:
            """Return False: nobody but this process ends its locks."""
            return False

        def release(self) -> None:
            """Let all locks go."""
            self._set(fcntl.F_UNLCK, _FIRST_BYTE, 0)
            DESCRIPTORS.give_back(self._descriptor)

        def _set(self, kind: int, start: int, length: int) -> None:
            fcntl.fcntl(self._descriptor, fcntl.F_OFD_SETLK, struct.pack(_FLOCK, kind, os.SEEK_SET, start, length, 0))


class SiblingLock:
    """One lock for everything, on a file beside the ledger: whoever has it may take any lock, and nobody else one."""

    def __init__(self, file: Path) -> None:
        self._lock = FileLock(f"{file.resolve()}.lock", mode=0o600)

    def take(self, number: int, *, shared: bool = False, wait_seconds: float = 0) -> bool:  # noqa: ARG002 - one for all
        """Take the lock; see `Locks`."""
        try:
            if not self._lock.is_locked:
                self._lock.acquire(timeout=wait_seconds)
        except Timeout:
            return False
        return True

    def give_back(self, number: int) -> None:
        """Keep the one lock."""

    def is_taken(self, number: int) -> bool:
        """Return whether another has the one lock: for a moment, it is taken to find out."""
        is_free = self.take(number)
        self.release()
        return not is_free

    def why_lost(self) -> str:
        """Return "": the lock ends with its process."""
        return ""

    def is_in_doubt(self) -> bool:
        """Return False: nobody but this process ends its lock."""
        return False

    def release(self) -> None:
        """Let the lock go."""
        self._lock.release()
