"""Distinguishes a database that another command keeps to itself from one that is broken."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from dialer.errors import (
    DialerError,
    LedgerBusy,
    LedgerUnreachable,
    LedgerUnusable,
    LedgerWriteFailed,
    LedgerWriteLost,
)

PRIMARY_CODE = 0xFF
"""The part of SQLite's extended result codes that says what kind of error it is (sqlite.org/rescode.html)."""

_LOCK_NOT_AVAILABLE = "55P03"
"""What PostgreSQL says when `lock_timeout` has passed (its documentation, appendix A)."""

_TAKEN_BACK = ("40001", "40P01")
"""What PostgreSQL says of a serialization failure and of a deadlock; whoever is told so has stored nothing."""

_GONE = ("08", "57P", "53300")
"""How what PostgreSQL says begins where it ends a session or has none to give; who cannot connect is told nothing."""

STANDS_STILL = (
    "one that stands still (Ctrl-Z, SIGSTOP, a suspended machine) must first go on (fg, kill -CONT) or be ended"
)
"""What to do about a command that is waited for and does not end."""


def is_busy(error: BaseException | None) -> bool:
    """Return whether a driver's *error* says that another kept what a statement needs until its time had passed."""
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int):
        return code & PRIMARY_CODE in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return getattr(error, "sqlstate", None) == _LOCK_NOT_AVAILABLE


def is_conflict(error: BaseException | None) -> bool:
    """Return whether a driver's *error* says that a server took a transaction back for the sake of another one."""
    return getattr(error, "sqlstate", None) in _TAKEN_BACK


WHEN_GONE: Mapping[type[DialerError], type[DialerError]] = {
    LedgerUnusable: LedgerUnreachable,
    LedgerWriteFailed: LedgerWriteLost,
}
"""Which error of a ledger whose server is gone stands in the place of another."""


def is_gone(error: BaseException | None) -> bool:
    """Return whether a driver's *error* says that a server has ended the session, or has none to give for now."""
    if error is None or isinstance(error, sqlite3.Error):
        return False
    state = getattr(error, "sqlstate", None)
    return type(error).__name__ == "OperationalError" if state is None else state.startswith(_GONE)


def busy(where: str | Path | None) -> LedgerBusy:
    """Return the error that says so of the database at *where*."""
    return LedgerBusy(
        f"{where}: another command keeps the ledger to itself. Run this again when it has ended; {STANDS_STILL}."
    )
