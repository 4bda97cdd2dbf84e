"""Asks a database for a sheet: one query in a transaction that only reads, its rows as JSON Lines of text."""

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from dialer.campaign.address import sqlite_file
from dialer.errors import SheetError, UsageError
from dialer.extras import install_command
from dialer.words import masked

CONNECT_SECONDS, BUSY_SECONDS, QUERY_SECONDS = 10, 30, 600
"""How long is waited: for a connection, for another program's transaction, for the next rows of the query."""

_ROWS = 1_000
_SETTINGS = {
    "statement_timeout": f"{QUERY_SECONDS}s",
    "lock_timeout": f"{BUSY_SECONDS}s",
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
}
"""In place of what server, database and role say: the same value is the same text everywhere."""

_SESSION = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 30,
    "tcp_user_timeout": 60_000,
    "client_encoding": "utf8",
    "application_name": "dialer",
}
"""What is said to libpq where the address does not say otherwise: a server that is gone is noticed within minutes."""

_APART = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"|\$(\w*)\$.*?\$\1\$", re.DOTALL)
_INNER = re.compile(r"\([^()]*\)")
_ORDER = re.compile(r"\border\s+by\b", re.IGNORECASE)


_NO_ORDER = (
    "The query has no ORDER BY: its rows may have other numbers each time, and --limit may take other people. Order it"
    " by a column that does not change."
)


def rows_of(address: str, query: str, *, label: str) -> Iterator[bytes]:
    """Yield the header and the rows of *query*, each as a line of JSON, as they arrive from the database at *address*.

    All of them are of one instant. Each value is the text that the database itself writes; NULL is an empty text, yes
    and no are true and false. Raises `SheetError` naming *label* for a database that cannot be asked and a query that
    it refuses, and `UsageError` where the driver is missing.
    """
    file = sqlite_file(address)
    try:
        engine = _server(address, label) if file is None else _file(file, label)
        with engine.connect() as connection:
            if file is None:
                _read_as_text(connection)
            options = {"yield_per": _ROWS, "no_parameters": True, "sqlite_raw_colnames": True}
            result = connection.exec_driver_sql(query, execution_options=options)
            if not result.returns_rows:
                raise SheetError(f"{label}: the query gives no rows. Write one that does: SELECT …")
            yield _line(result.keys())
            yield from map(_line, result)
    except (DBAPIError, sqlite3.Warning) as error:
        raise SheetError(f"{label}: {_why_refused(getattr(error, 'orig', error))}") from None
    except UnicodeDecodeError:
        raise SheetError(f"{label}: holds text that is not UTF-8. Convert it in the query.") from None
    except UnicodeError:  # no name of a host can be so
        raise SheetError(f"{label}: {_NO_HOST}") from None


def order_notes(query: str) -> tuple[str, ...]:
    """Say so where *query* leaves the order of its rows, and with it their numbers, to the database."""
    text, inner = _APART.sub(" ", query), 1
    while inner:
        text, inner = _INNER.subn(" ", text)
    if _ORDER.search(text):
        return ()
    return (_NO_ORDER,)


def _server(address: str, label: str) -> Engine:
    try:
        url = make_url(address).set(drivername="postgresql+psycopg").difference_update_query(["client_encoding"])
    except (ArgumentError, ValueError):
        raise SheetError(f"{label}: is no address of a database.") from None  # the cause would quote the address
    given = {name: value for name, value in _SESSION.items() if name not in url.query}
    try:
        engine = create_engine(url, poolclass=NullPool, isolation_level="REPEATABLE READ", connect_args=given)
    except ImportError as error:
        raise UsageError(f"{label}: its driver is not installed. Run: {install_command('postgresql')}") from error
    return engine.execution_options(postgresql_readonly=True)


def _read_as_text(connection: Connection) -> None:
    """Let every value arrive as the text that the server writes, which Python's own types do not hold exactly."""
    from psycopg.types.string import TextLoader  # noqa: PLC0415 - an extra

    for name, value in _SETTINGS.items():
        connection.exec_driver_sql(f"SET LOCAL {name} = '{value}'")
    adapters: Any = getattr(connection.connection.driver_connection, "adapters")  # noqa: B009 - psycopg's, untyped here
    for kind in adapters.types:
        for oid in filter(None, (kind.oid if kind.name != "bool" else 0, kind.array_oid)):
            adapters.register_loader(oid, TextLoader)


def _file(path: Path, label: str) -> Engine:
    if not path.is_file():
        raise SheetError(f"{label}: there is no such file. Check the path: it starts at the campaign file.")

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=BUSY_SECONDS)
        connection.text_factory = bytes.decode  # sqlite3 itself would quote a text that is not UTF-8
        connection.set_authorizer(_authorize)
        return connection

    return create_engine("sqlite://", poolclass=NullPool, creator=connect)


def _authorize(action: int, *_names: str | None) -> int:
    """Refuse other files, into which `ATTACH` and `VACUUM INTO` would write beside a database that is only read."""
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK


def _line(values: Any) -> bytes:
    return json.dumps(list(map(_text, values)), ensure_ascii=False).encode() + b"\n"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    return "" if value is None else str(value)


_NO_HOST = "its host is not known. Check the address, and the network."
_NO_SESSION = (
    ("pg_hba.conf", "the server does not let this user in from this machine. Ask whoever runs it."),
    ("certificate", "the server's certificate cannot be trusted. Mend it, or name its authority as sslrootcert."),
    ("password", "the user's name or password is wrong. Give them in PGUSER and PGPASSWORD, or in ~/.pgpass."),
    ("does not exist", "there is no such database or user. Check the address."),
    ("SSL", "the connection cannot be encrypted as sslmode in the address asks. Check both."),
    ("resolve host", _NO_HOST),
    ("bad value", "an option in the address is unknown, or its value is wrong. Mend it."),
    ("invalid", "an option in the address is unknown, or its value is wrong. Mend it."),
    ("too many c", "the server takes no more connections. Try again later."),
)
_BY_STATE = {
    "25006": "the query would change the database. Write one that only reads.",
    "57014": "the query took too long, and was cancelled. Make it faster, or let it give fewer rows.",
    "55P03": "another transaction held its tables for too long. Try again later.",
    "57P": "the server ended the session. Try again later.",
    "08P01": "the query has a parameter such as $1. Write the value in its place.",
    "08": "the connection was lost. Try again later.",
    "40": "another transaction was in the way. Try again.",
}
_BY_CODE = {
    sqlite3.SQLITE_AUTH: "the query names another file. Write one that only reads this database.",
    sqlite3.SQLITE_READONLY: "the query would change the database. Write one that only reads.",
    sqlite3.SQLITE_BUSY: "another program kept the database to itself for too long. Try again later.",
    sqlite3.SQLITE_LOCKED: "another program kept the database to itself for too long. Try again later.",
    sqlite3.SQLITE_NOTADB: "is no SQLite database. Check the path.",
    sqlite3.SQLITE_CORRUPT: "the database is damaged. Restore it.",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened. Let its file and its folder be read.",
}


def _why_refused(error: BaseException | None) -> str:
    """Return why a driver's *error* came, and what to do. Its own words only where they quote the query and no row."""
    if isinstance(error, sqlite3.Error | sqlite3.Warning):
        code = getattr(error, "sqlite_errorcode", None)
        is_of_query = code is None or code & 0xFF == sqlite3.SQLITE_ERROR
        known = _BY_CODE.get(0 if code is None else code & 0xFF, f"the query failed with SQLite's code {code}.")
        return _quoted(str(error)) if is_of_query else known
    state = getattr(error, "sqlstate", None)
    if not isinstance(state, str):
        said = str(error)
        unknown = "no connection can be made. Is the server running, and are host and port right?"
        return next((told for sign, told in _NO_SESSION if sign in said), unknown)
    if state.startswith("42"):
        return _quoted(str(getattr(getattr(error, "diag", None), "message_primary", "")))
    known = next((told for begin, told in _BY_STATE.items() if state.startswith(begin)), "")
    return known or f"the query failed with the code {state} (appendix A of PostgreSQL's documentation)."


def _quoted(said: str) -> str:
    return f"the query is refused: {masked(said.rstrip('.'))}. Mend query under [contacts]."
