"""Looks at what lies in the place of an SQLite ledger before anything there is changed, and makes the file private."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from dialer.errors import LedgerUnusable
from dialer.ledger.database.busy import busy, is_busy
from dialer.ledger.database.refusal import why_refused
from dialer.words import trouble

OURS = frozenset({"meta", "campaigns", "attempts"})
"""Tables that every ledger has had since the first."""

_OTHERS_MODE = 0o077
_NAME_IT = "Nothing was changed. Give the path of a ledger, or of a new file."


def prepare_file(path: Path, *, busy_seconds: float) -> None:
    """Make sure that a ledger, or a file for a new one, lies at *path*: 0600, in a folder that is made 0700.

    Raises `LedgerUnusable` for whatever else lies there, which is left as it was, and where nothing can be made, and
    `LedgerBusy` where another command keeps the database to itself for *busy_seconds*.
    """
    try:
        if not _is_there(path, busy_seconds):
            _make(path)
        elif path.stat().st_mode & _OTHERS_MODE:
            path.chmod(0o600)  # also a copy put back with a wider mode; journals inherit it
    except OSError as error:
        raise LedgerUnusable(f"{path}: the ledger cannot be opened: {trouble(error)}.") from error


def _make(path: Path) -> None:
    if not path.parent.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.chmod(0o700)  # whatever the umask took away
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    path.chmod(0o600)


def _is_there(path: Path, busy_seconds: float) -> bool:
    """Return whether a ledger, or an empty file, lies at *path*. Raises `LedgerUnusable` for anything else."""
    try:
        found = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise LedgerUnusable(
                f"{path}: this link leads to {path.readlink()}, where no ledger is. Is its disk mounted? {_NAME_IT}"
            ) from None
        return False
    if not stat.S_ISREG(found.st_mode):
        what = "a folder" if stat.S_ISDIR(found.st_mode) else "a device, a pipe or a socket"
        raise LedgerUnusable(f"{path}: this is {what} and no ledger. {_NAME_IT}")
    if found.st_nlink > 1:
        raise LedgerUnusable(
            f"{path}: this file has a second name (a hard link), beside which SQLite would not find the journal of this"
            " one: what a killed run began would damage the ledger. Delete the name that has no .owner file beside it."
            " Nothing was changed."
        )
    if found.st_size and not _holds_a_ledger(path, busy_seconds):
        raise LedgerUnusable(f"{path}: this is another program's database and no ledger. {_NAME_IT}")
    return True


def _holds_a_ledger(path: Path, busy_seconds: float) -> bool:
    """Return whether the tables are a ledger's, or there are none yet; SQLite reads the file, so that locks are kept.

    A file that SQLite cannot read as its own is damaged or is no ledger. Raises `LedgerUnusable`.
    """
    try:
        names = _tables(path, busy_seconds)
    except sqlite3.OperationalError as error:
        if is_busy(error):
            raise busy(path) from error
        raise LedgerUnusable(f"{path}: the ledger cannot be used: {why_refused(error)}") from error
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            return True  # damaged: `quick_check` says so
        raise LedgerUnusable(
            f"{path}: this ledger is damaged or is no ledger. {_NAME_IT} If it was one, keep the file, restore a copy"
            " of it made while no run was going, then run `dialer status`."
        ) from error
    return not names or names >= OURS


def _tables(path: Path, busy_seconds: float) -> set[str]:
    try:
        return _read_tables(path, "ro", busy_seconds)
    except sqlite3.OperationalError as error:
        if is_busy(error):
            raise
        return _read_tables(
            path, "rw", busy_seconds
        )  # a run was killed within a transaction: only who may write can take it back


def _read_tables(path: Path, mode: str, busy_seconds: float) -> set[str]:
    uri = f"file:{quote(str(path))}?mode={mode}"
    with closing(sqlite3.connect(uri, timeout=busy_seconds, uri=True)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
