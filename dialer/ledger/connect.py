"""Opens the ledger's database so that what it says it has stored survives a pulled plug.

SQLite by default: one file, 0600 in a 0700 folder, every commit synced to the disk. PostgreSQL by URL.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError, SQLAlchemyError

from dialer.errors import LedgerUnusable, LedgerWriteFailed

BUSY_TIMEOUT_MS = 30_000
"""How long a statement waits for another process, a reader of the results for instance."""

_WRITES = "dialer_writes"


def journal_mode(version: tuple[int, ...]) -> str:
    """Choose SQLite's journal for a library *version*: WAL, or TRUNCATE where WAL can lose data.

    Releases 3.7.0 to 3.51.2 have the WAL-reset bug (sqlite.org/wal.html#walresetbug), cured in 3.51.3 and in
    the maintenance releases 3.50.7 and 3.44.6. TRUNCATE rather than DELETE: with synchronous=FULL it syncs the
    emptied journal, so a committed claim cannot be rolled back by a power cut.
    """
    cured = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    return "WAL" if cured else "TRUNCATE"


def ledger_url(location: str | Path) -> str:
    """Give the SQLAlchemy URL of *location*: a URL as it is, a path as an SQLite file."""
    text = str(location)
    return text if "://" in text else f"sqlite:///{Path(text).absolute()}"


def open_engine(location: str | Path) -> Engine:
    """Open the database at *location*, creating an SQLite file (0600) and its folder (0700).

    Raises `LedgerUnusable` when the URL makes no sense or the file cannot be made.
    """
    try:
        url = make_url(ledger_url(location))
        if url.get_backend_name() != "sqlite":
            return create_engine(url)
        if url.database:
            _prepare_file(Path(url.database))
        engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise LedgerUnusable(
            "The ledger's address is neither a path nor a database URL with an installed driver."
        ) from error
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare_file(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise LedgerUnusable(f"{path}: the ledger cannot be opened: {error.strerror}.") from error


def _configure(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are opened by `_begin`, never by the driver's guesses
    for pragma in (
        f"journal_mode = {journal_mode(sqlite3.sqlite_version_info)}",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails at once when another process wrote in between,
    # whatever the busy timeout; BEGIN IMMEDIATE waits its turn instead.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """Open one transaction that writes; committed at the end, rolled back by any exception.

    Raises `LedgerWriteFailed` when the disk or the server refuses.
    """
    try:
        with engine.execution_options(**{_WRITES: True}).begin() as connection:
            yield connection
    except OperationalError as error:
        raise LedgerWriteFailed(_cause(error)) from error


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """Open one transaction that only reads. Raises `LedgerUnusable` when the database cannot be read."""
    try:
        with engine.connect() as connection:
            yield connection
    except DatabaseError as error:
        raise LedgerUnusable(_cause(error)) from error


def _cause(error: SQLAlchemyError) -> str:
    """Say what the database said, without the statement's values: they hold people's numbers."""
    said = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
    return f"The ledger's database refused: {said}."


def quick_check(engine: Engine) -> None:
    """Refuse a damaged SQLite file. Raises `LedgerUnusable`, saying how to go on."""
    if engine.dialect.name != "sqlite":
        return
    advice = "Keep the file, restore a copy of it made while no run was going, then run `dialer status`."
    try:
        with engine.connect() as connection:
            said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    except DatabaseError as error:
        raise LedgerUnusable(f"{engine.url.database}: this ledger is damaged or is no ledger. {advice}") from error
    if said != "ok":
        raise LedgerUnusable(f"{engine.url.database}: this ledger is damaged. {advice}")
