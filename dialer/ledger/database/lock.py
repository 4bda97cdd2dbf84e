"""One run at a time: the lock of a ledger, and the note that says who holds it."""

import json
import os
import socket
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text

from dialer.errors import LedgerHeld, LedgerUnusable
from dialer.ledger.database.copy_guard import take_ownership

_PG_LOCK = 0x6469616C6572
"""The advisory lock's number on PostgreSQL: "dialer" in ASCII."""

_PG_HOLDER = """
SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND (classid::bigint << 32) + objid::bigint = :n
"""


class Copies(StrEnum):
    """What to do with a ledger's file that is a copy, or older than the one that last ran."""

    REFUSE = "refuse"
    BEAR = "bear"  # for what sends nothing, such as a purge: every copy must be erasable
    ADOPT = "adopt"  # from now on it is the ledger


class RunLock:
    """Held by the one run that may write. The system frees it when the process ends, however it ends.

    Use as a context manager; entering raises `LedgerHeld` at once when another process has it, and `LedgerUnusable`
    for a copy of a ledger unless *copies* allows it.
    """

    def __init__(self, engine: Engine, *, what: str, since: datetime, copies: Copies = Copies.REFUSE) -> None:
        self._engine = engine
        self._copies = copies
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
            try:
                # Not where the process is being ended: it leaves what a kill leaves, and the next start bears it.
                if self._copies != Copies.BEAR and (kind is None or issubclass(kind, Exception)):
                    self._renew_mark()
            finally:
                self._file.release()
        if self._session is not None:
            self._session.close()

    def _renew_mark(self) -> None:
        """Leave another mark than the one during the run: a backup made meanwhile lacks what came after it."""
        with suppress(Exception):  # the lock must be released whatever fails; the next start finds marks that fit
            take_ownership(self._engine, adopt=True)

    def _take_file(self, ledger: Path) -> None:
        note = ledger.with_name(f"{ledger.name}.holder")
        self._file = FileLock(f"{ledger}.lock", timeout=0, mode=0o600)
        try:
            self._file.acquire()
        except Timeout:
            raise LedgerHeld(
                f"{ledger}: another run holds this ledger{_holder_in(note)}. Wait for it to end."
            ) from None
        except OSError as error:
            raise LedgerUnusable(f"{ledger}: the ledger cannot be locked: {error.strerror}.") from error
        try:
            descriptor = os.open(note, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(self._holder, file)
        except OSError as error:
            self._file.release()
            raise LedgerUnusable(f"{note}: cannot be written: {error.strerror}.") from error
        try:
            if self._copies != Copies.BEAR:
                take_ownership(self._engine, adopt=self._copies == Copies.ADOPT)
        except BaseException:  # nobody leaves a lock that was not entered
            self._file.release()
            raise

    def _take_advisory(self) -> None:
        # The lock belongs to this session, so it must stay open, and out of any transaction, while the run goes on;
        # and it must not go back to the pool, where it would outlive the run with the lock in its hand.
        session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        session.detach()
        if session.scalar(text("SELECT pg_try_advisory_lock(:n)"), {"n": _PG_LOCK}):
            session.execute(text("SELECT set_config('application_name', :label, false)"), {"label": self._label()})
            self._session = session
            return
        holder = session.scalar(text(_PG_HOLDER), {"n": _PG_LOCK})
        session.close()
        raise LedgerHeld(f"Another run holds this ledger{f': {holder}' if holder else ''}. Wait for it to end.")

    def _label(self) -> str:
        """Return the holder in the 63 bytes that PostgreSQL keeps of a session's name; the run's name gives way."""
        rest = f", process {self._holder['pid']} on {self._holder['host']}"[:40]
        return str(self._holder["what"])[: 63 - len(rest)].encode("ascii", "replace").decode("ascii") + rest


def _holder_in(note: Path) -> str:
    try:
        holder = json.loads(note.read_text("utf-8"))
        return f": {holder['what']}, process {holder['pid']} on {holder['host']}, since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""  # whoever holds the ledger is just writing it, or it is not ours
