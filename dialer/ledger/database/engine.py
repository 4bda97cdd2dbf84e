"""Opens the ledger's database so that what it says it has stored survives a pulled plug.

SQLite by default: one file, 0600 in a 0700 folder, every commit synced to the disk. PostgreSQL by URL.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, Table, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from dialer.chunks import chunks
from dialer.errors import DialerError, LedgerConflict, LedgerUnusable, LedgerWriteFailed
from dialer.extras import install_command
from dialer.ledger.database.address import busy_seconds, ledger_url
from dialer.ledger.database.busy import WHEN_GONE, busy, is_busy, is_conflict, is_gone
from dialer.ledger.database.refusal import why_refused
from dialer.ledger.database.server import make_durable, server_engine
from dialer.ledger.database.sqlite_file import prepare_file

Transaction = Connection
"""An open transaction, as whoever is outside the ledger passes it on."""

_WRITES = "dialer_writes"

_COMPILED: dict[Any, Any] = {}
"""The statements that SQLite ledgers of this process have made: compiling one takes longer than running it."""


class SharingDialect(SQLiteDialect_pysqlite):
    """SQLite's dialect, equal for all ledgers of a process, so that each statement is compiled once for all."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SharingDialect)

    def __hash__(self) -> int:
        return hash(SharingDialect)


registry.register("sqlite.sharing", __name__, "SharingDialect")


def journal_mode(version: tuple[int, ...]) -> str:
    """Choose SQLite's journal for a library *version*: WAL, or TRUNCATE where WAL can lose data.

    Releases 3.7.0 to 3.51.2 have the WAL-reset bug (sqlite.org/wal.html#walresetbug), cured in 3.51.3 and in
    the maintenance releases 3.50.7 and 3.44.6. TRUNCATE rather than DELETE: with synchronous=FULL it syncs the
    emptied journal, so a committed claim cannot be rolled back by a power cut.
    """
    cured = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    return "WAL" if cured else "TRUNCATE"


MOST_VALUES = 30_000
"""So many values one statement may have: SQLite takes 32,766 (SQLITE_MAX_VARIABLE_NUMBER)."""

_CACHE = "cache_size = -16384"
"""16 MiB, where SQLite has 2: keys come in no order, and their index does not fit into 2 from 100,000 rows on."""


def open_engine(location: str | Path, *, is_kept: bool = True) -> Engine:
    """Open the database at *location*, creating an SQLite file (0600) and its folder (0700).

    One that is not kept, but thrown away at the end of a dry run, does not wait for the disk.

    Raises `LedgerUnusable` when the address makes no sense, when something else lies there, and when the file cannot
    be made.
    """
    url = ledger_url(location)
    is_file = url.get_backend_name() == "sqlite"
    if is_file:
        prepare_file(Path(str(url.database)), busy_seconds=busy_seconds(url))
    try:
        engine = _sqlite_engine(url) if is_file else server_engine(url)
    except ImportError as error:
        raise LedgerUnusable(
            f"The driver of PostgreSQL is not installed. Run: {install_command('postgresql')}"
        ) from error
    event.listen(engine, "handle_error", _without_values)
    if is_file:
        event.listen(engine, "connect", _configure if is_kept else _configure_thrown_away)
        event.listen(engine, "begin", _begin)
    else:
        event.listen(engine, "connect", make_durable)
    return engine


def _sqlite_engine(url: URL) -> Engine:
    return create_engine(
        url.set(drivername="sqlite+sharing"),
        connect_args={"timeout": busy_seconds(url)},
        hide_parameters=True,
        execution_options={"compiled_cache": _COMPILED},
    )


def _without_values(context: ExceptionContext) -> None:
    """Cut an error to its first line: on the next ones PostgreSQL quotes the row, a person's number with it."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\n")[0], *error.args[1:])


def _configure(connection: Any, _record: Any) -> None:
    journal = journal_mode(sqlite3.sqlite_version_info)
    kept = ("synchronous = FULL", "secure_delete = ON")
    _set(connection, f"journal_mode = {journal}", *kept, "foreign_keys = ON", _CACHE)


def _configure_thrown_away(connection: Any, _record: Any) -> None:
    _set(connection, "journal_mode = TRUNCATE", "synchronous = OFF", "foreign_keys = ON", _CACHE)


def _set(connection: Any, *pragmas: str) -> None:
    connection.isolation_level = None  # transactions are opened by `_begin`, never by the driver's guesses
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails at once when another process wrote in between,
    # whatever the busy timeout; BEGIN IMMEDIATE waits its turn instead.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """Open one transaction that writes; committed at the end, rolled back by any exception.

    Raises `LedgerWriteFailed` when the disk or the server refuses, also as the `LedgerBusy` of a database that another
    command keeps to itself, as `LedgerConflict`, or as `LedgerWriteLost`; a constraint's `IntegrityError` passes.
    """
    try:
        with engine.connect() as connection, connection.execution_options(**{_WRITES: True}).begin():
            yield connection
    except IntegrityError:
        raise
    except DBAPIError as error:
        kind = LedgerConflict if is_conflict(error.orig) else LedgerWriteFailed
        raise _refusal(engine, error, kind) from error


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """Open one transaction that only reads, and sees one moment of the ledger however many statements it makes.

    Raises `LedgerUnusable` when the database cannot be read, also as `LedgerBusy`.
    """
    if engine.dialect.name == "postgresql":  # where SQLite has one moment for a transaction, it has one for a statement
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        raise _refusal(engine, error, LedgerUnusable) from error


@contextmanager
def asking(engine: Engine) -> Iterator[None]:
    """Ask the database for something in a session of one's own.

    Raises `LedgerUnusable` where it gives no answer, also as `LedgerBusy`.
    """
    try:
        yield
    except DBAPIError as error:
        raise _refusal(engine, error, LedgerUnusable) from error


def _refusal(engine: Engine, error: DBAPIError, kind: type[DialerError]) -> DialerError:
    """Return what becomes of a database's *error*: `LedgerBusy`, or else one of *kind*.

    It says what that means, without the statement's values: they hold people's numbers.
    """
    if is_busy(error.orig):
        return busy(engine.url.database)
    if error.connection_invalidated or is_gone(error.orig):
        kind = WHEN_GONE.get(kind, kind)
    return kind(f"{engine.url.database}: the ledger cannot be used: {why_refused(error.orig)}")


def quick_check(engine: Engine) -> None:
    """Refuse a damaged SQLite file. Raises `LedgerUnusable`, saying how to go on."""
    if engine.dialect.name != "sqlite":
        return
    advice = "Keep the file, restore a copy of it made while no run was going, then run `dialer status`."
    try:
        with engine.connect() as connection:
            said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    except OperationalError as error:  # locked, not readable: nothing is said about what is in it
        raise _refusal(engine, error, LedgerUnusable) from error
    except DBAPIError as error:
        raise LedgerUnusable(f"{engine.url.database}: this ledger is damaged or is no ledger. {advice}") from error
    if said != "ok":
        raise LedgerUnusable(f"{engine.url.database}: this ledger is damaged. {advice}")


def upsert(tx: Connection, table: Table) -> Any:
    """Return the database's own INSERT into *table*, with its methods `on_conflict_do_nothing` and `…_do_update`."""
    return import_module(f"sqlalchemy.dialects.{tx.dialect.name}").insert(table)


def marks(tx: Connection, count: int) -> str:
    """Return *count* placeholders of the database's own SQL, separated by commas.

    SQLAlchemy renders and binds a list of values anew for each statement: of the 11 s of a plan of 100,000 rows, 2.5 s.
    """
    return ", ".join(["?" if tx.dialect.name == "sqlite" else "%s"] * count)


def insert_many(tx: Connection, table: Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert *rows*, the values of the columns *names*; the other columns have their defaults.

    In the database's own SQL: SQLAlchemy's insert looks each value of each row up by its name, which took an eighth of
    a plan's time (100,000 rows: 2.6 s of 20). SQLite gets many rows at once, for the half of the time: 5 µs a claim.
    """
    if not rows:
        return
    defaults = {
        column.name: column.default.arg
        for column in table.columns
        if column.name not in names and column.server_default is None
        if isinstance(column.default, ScalarElementColumnDefault)
    }
    into, *columns = map(tx.dialect.identifier_preparer.quote, (table.name, *names, *defaults))
    values = f"({marks(tx, len(columns))})"
    statement = f"INSERT INTO {into} ({', '.join(columns)}) VALUES "  # noqa: S608 - names of our own tables
    rest = tuple(defaults.values())
    rows = [row + rest for row in rows] if rest else list(rows)
    if tx.dialect.name != "sqlite":
        tx.exec_driver_sql(statement + values, rows)
        return
    for chunk in chunks(rows, MOST_VALUES // len(columns)):
        tx.exec_driver_sql(statement + ", ".join([values] * len(chunk)), tuple(chain.from_iterable(chunk)))
