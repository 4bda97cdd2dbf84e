"""Reads a ledger's address: a path to an SQLite file, or the URL of an SQLite file or a PostgreSQL database."""

import os
import re
from math import inf
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from dialer.errors import LedgerUnusable

_REMEDY = "Give a path such as .dialer/ledger.db, or postgresql://user@host/database."
_NO_ADDRESS = f"The ledger's address is neither a path nor a database URL with an installed driver. {_REMEDY}"
_NO_FILE = "An SQLite ledger is a file that outlives the run: give its path, with no option but ?timeout=SECONDS."

BUSY_SECONDS = 30.0
"""How long a statement waits for another process, unless the URL says otherwise."""

_TIMEOUT = "timeout"
SCHEMA = "schema"
"""The option of a PostgreSQL URL that names the schema with the ledger's tables: the driver knows none of that name."""

_SCHEMA_NAME = re.compile(r"(?!pg_)[a-z_][a-z0-9_]{0,62}")
_LONGEST_SECONDS = 3_600

_SQLITE = frozenset({"sqlite", "sqlite+pysqlite"})
_POSTGRESQL = frozenset({"postgres", "postgresql", "postgresql+psycopg"})
_PSYCOPG = "postgresql+psycopg"
"""The one driver that is asked for at installation."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""What a URL begins with; the one letter of a Windows drive is no scheme."""

_WINDOWS = re.compile(r"[A-Za-z]:|.*\\", re.DOTALL)


def ledger_url(location: str | Path) -> URL:
    """Return the SQLAlchemy URL of *location*: a URL as it is, a path as an SQLite file with an absolute path.

    `~` is the user's home, and a relative path starts in the folder one stands in, also in an SQLite URL. Raises
    `LedgerUnusable` for an address that makes no sense, for another kind of database, and for an SQLite ledger that is
    no plain file.
    """
    text = str(location)
    if isinstance(location, Path) or not _SCHEME.match(text.lstrip()):
        return _file_url(text)
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        raise LedgerUnusable(_NO_ADDRESS) from None  # the cause would quote the URL, password and all
    if url.drivername in _POSTGRESQL:
        schema_of(url)
        return url.set(drivername=_PSYCOPG)
    if url.drivername not in _SQLITE:
        raise LedgerUnusable(f"A ledger cannot be kept in {url.drivername!r}. {_REMEDY}")
    if url.host or url.username or set(url.query) - {_TIMEOUT} or not url.database:
        raise LedgerUnusable(_NO_FILE)
    file = _file_url(url.database).set(query=url.query)
    busy_seconds(file)
    return file


def schema_of(url: URL) -> str | None:
    """Return the schema that a PostgreSQL URL names. Raises `LedgerUnusable` for what is no name of one."""
    name = url.query.get(SCHEMA)
    if name is not None and not (isinstance(name, str) and _SCHEMA_NAME.fullmatch(name)):
        raise LedgerUnusable(
            f"The ledger's schema is {name!r}: give one name of small letters, digits and underscores that does not"
            " begin with a digit or pg_."
        )
    return name


def shown_url(url: URL) -> str:
    """Return *url* for people: without the password, and of its options only the schema."""
    schema = url.query.get(SCHEMA)
    return url.set(query={} if schema is None else {SCHEMA: schema}).render_as_string(hide_password=True)


def driver_url(url: URL) -> str:
    """Return *url* as libpq takes it, password and all: without the schema, and without the driver's name."""
    bare = url.set(drivername="postgresql").difference_update_query([SCHEMA])
    return bare.render_as_string(hide_password=False)


def in_schema(location: str, schema: str) -> str:
    """Return the URL of the ledger in *schema* of the database at *location*.

    Raises `LedgerUnusable` as `ledger_url` does, and for a ledger in a file, which has no schemas.
    """
    url = ledger_url(location)
    if url.get_backend_name() == "sqlite":
        raise LedgerUnusable(f"{url.database}: is a file, and only a PostgreSQL database has schemas: {schema}.")
    return url.update_query_dict({SCHEMA: schema}).render_as_string(hide_password=False)


def busy_seconds(url: URL) -> float:
    """Return how long a statement waits for another process, in seconds. Raises `LedgerUnusable` for no such time."""
    text = url.query.get(_TIMEOUT, BUSY_SECONDS)
    try:
        seconds = float(text) if not isinstance(text, tuple) else inf
    except ValueError:
        seconds = inf
    if not 0 <= seconds <= _LONGEST_SECONDS:
        raise LedgerUnusable(f"The ledger's timeout is {text!r}: give seconds from 0 to {_LONGEST_SECONDS}.")
    return seconds


def _file_url(text: str) -> URL:
    if text.strip() == ":memory:" or not text.strip():
        raise LedgerUnusable(_NO_FILE)
    if not text.isprintable() or text.endswith(("/", os.sep)):
        raise LedgerUnusable(f"The ledger's address names a folder, or no file at all. {_REMEDY}")
    if os.name != "nt" and _WINDOWS.match(text):
        raise LedgerUnusable(f"The ledger's address is a path of Windows, and this is another system. {_REMEDY}")
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise LedgerUnusable(f"The ledger's address begins with ~, and there is no such home. {_REMEDY}") from None
    return URL.create("sqlite", database=str(path.absolute()))
