"""Opens a ledger: its tables, its version, and the promise that it is whole."""

from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, func, insert, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from dialer.errors import DialerError, LedgerUnusable
from dialer.ledger.database.engine import ledger_url, open_engine, quick_check, read, write
from dialer.ledger.database.keyed_hashes import HASH_KEY, new_key
from dialer.ledger.database.lock import Copies, RunLock
from dialer.ledger.database.network_disks import refuse_network_disk
from dialer.ledger.database.schema import SCHEMA_VERSION, meta, metadata

DEFAULT_LEDGER = Path(".dialer/ledger.db")
"""Beside the campaign file, so that the folder one stands in never changes the answer."""

_PG_SCHEMA_LOCK = 0x736368656D61
"""The advisory lock under which PostgreSQL makes the tables: "schema" in ASCII."""


def ledger_file(location: str | Path) -> Path | None:
    """Give the file of an SQLite ledger; None for a database server. Raises `LedgerUnusable` as `ledger_url` does."""
    url = ledger_url(location)
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def shown_location(location: str | Path) -> str:
    """Give the ledger's place for people: its path, or its URL without the password and without options."""
    file = ledger_file(location)
    return str(file) if file is not None else ledger_url(location).set(query={}).render_as_string(hide_password=True)


class Ledger:
    """An open ledger. Construct it with `Ledger.open`; use it as a context manager."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, location: str | Path) -> Self:
        """Open the ledger at *location* (a path or an SQLAlchemy URL) and make its tables when it is new.

        Raises `LedgerUnusable` when it is damaged, of another version, or on a disk of another machine.
        """
        file = ledger_file(location)
        if file is not None:
            refuse_network_disk(file)
        engine = open_engine(location)
        try:
            quick_check(engine)
            _ensure_schema(engine)
        except SQLAlchemyError as error:
            engine.dispose()
            raise LedgerUnusable(
                f"{engine.url.database}: the ledger cannot be opened: {type(error).__name__}."
            ) from error
        except DialerError:
            engine.dispose()
            raise
        return cls(engine)

    @classmethod
    def open_existing(cls, location: str | Path) -> Self | None:
        """Open the ledger at *location*, or give None when there is no such file yet. Raises as `open` does."""
        file = ledger_file(location)
        return None if file is not None and not file.exists() else cls.open(location)

    def read(self) -> AbstractContextManager[Connection]:
        """Open one transaction that only reads; see `dialer.ledger.database.engine.read`."""
        return read(self.engine)

    def write(self) -> AbstractContextManager[Connection]:
        """Open one transaction that writes; see `dialer.ledger.database.engine.write`."""
        return write(self.engine)

    def lock(self, *, what: str, since: datetime, copies: Copies = Copies.REFUSE) -> RunLock:
        """Return the lock of the ledger, not entered yet; others are told *what* holds it, and *since* when."""
        return RunLock(self.engine, what=what, since=since, copies=copies)

    @property
    def where(self) -> str:
        """The database for messages: the file's path, or the name on the server; never a password."""
        return str(self.engine.url.database)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _ensure_schema(engine: Engine) -> None:
    if _version(engine) is None:
        with write(engine) as tx:
            _wait_for_others(tx)
            metadata.create_all(tx)
            if tx.scalar(select(meta.c.value).where(meta.c.name == "schema_version")) is None:
                tx.execute(insert(meta).values(name="schema_version", value=str(SCHEMA_VERSION)))
                tx.execute(insert(meta).values(name=HASH_KEY, value=new_key()))
    version = _version(engine)
    if version != str(SCHEMA_VERSION):
        raise LedgerUnusable(
            f"{engine.url.database}: this ledger is of version {version}, this program writes version {SCHEMA_VERSION}."
            " Use the program that wrote it."
        )


def _version(engine: Engine) -> str | None:
    with read(engine) as tx:
        if not inspect(tx).has_table(meta.name):
            return None
        return tx.scalar(select(meta.c.value).where(meta.c.name == "schema_version"))


def _wait_for_others(tx: Connection) -> None:
    """Let one process make the tables; on SQLite a transaction that writes has waited already."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(_PG_SCHEMA_LOCK)))
