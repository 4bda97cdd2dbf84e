"""One run at a time: the lock of a ledger, and the note that says who holds it."""

import json
import os
import socket
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text

from dialer.errors import LedgerHeld, LedgerUnusable

_PG_LOCK = 0x6469616C6572
"""The advisory lock's number on PostgreSQL: "dialer" in ASCII."""


class RunLock:
    """Held by the one run that may write. The system frees it when the process ends, however it ends.

    Use as a context manager; entering raises `LedgerHeld` at once when another process has it.
    """

    def __init__(self, engine: Engine, *, what: str, since: datetime) -> None:
        self._engine = engine
        self._holder = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "what": what,
            "since": since.isoformat(),
        }
        self._file: FileLock | None = None
        self._session: Connection | None = None

    def __enter__(self) -> Self:
        if self._engine.dialect.name == "sqlite":
            self._take_file(Path(str(self._engine.url.database)))
        else:
            self._take_advisory()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.release()
        if self._session is not None:
            self._session.close()

    def _take_file(self, ledger: Path) -> None:
        note = ledger.with_name(f"{ledger.name}.holder")
        self._file = FileLock(f"{ledger}.lock", timeout=0, mode=0o600)
        try:
            self._file.acquire()
        except Timeout:
            raise LedgerHeld(f"{ledger}: another run holds this ledger{_told_by(note)}. Wait for it to end.") from None
        except OSError as error:
            raise LedgerUnusable(f"{ledger}: the ledger cannot be locked: {error.strerror}.") from error
        descriptor = os.open(note, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(self._holder, file)

    def _take_advisory(self) -> None:
        # The lock belongs to this session, so it must stay open, and out of any transaction, while the run goes on.
        self._session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if not self._session.scalar(text("SELECT pg_try_advisory_lock(:n)"), {"n": _PG_LOCK}):
            self._session.close()
            self._session = None
            raise LedgerHeld("Another run holds this ledger. Wait for it to end.")


def _told_by(note: Path) -> str:
    try:
        holder = json.loads(note.read_text("utf-8"))
        return f": {holder['what']}, process {holder['pid']} on {holder['host']}, since {holder['since']}"
    except (OSError, ValueError, KeyError):
        return ""
