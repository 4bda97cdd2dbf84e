"""Opens a ledger: its tables, its version, and the promise that it is whole."""

from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine, insert, inspect, select
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from dialer.errors import LedgerUnusable
from dialer.ledger.connect import ledger_url, open_engine, quick_check, read, write
from dialer.ledger.schema import SCHEMA_VERSION, meta, metadata

DEFAULT_LEDGER = Path(".dialer/ledger.db")
"""Beside the campaign file, so that the folder one stands in never changes the answer."""

_SQLITE = "sqlite:///"


class Ledger:
    """An open ledger. Construct it with `Ledger.open`; use it as a context manager."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, location: str | Path) -> Self:
        """Open the ledger at *location* (a path or an SQLAlchemy URL) and make its tables when it is new.

        Raises `LedgerUnusable` when it is damaged or of another version.
        """
        engine = open_engine(location)
        try:
            quick_check(engine)
            _ensure_schema(engine)
        except (LedgerUnusable, SQLAlchemyError) as error:
            engine.dispose()
            if isinstance(error, LedgerUnusable):
                raise
            raise LedgerUnusable(f"The ledger cannot be opened: {type(error).__name__}.") from error
        return cls(engine)

    @classmethod
    def open_existing(cls, location: str | Path) -> Self | None:
        """Open the ledger at *location*, or give None when there is no such file yet. Raises as `open` does."""
        url = ledger_url(location)
        if url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).exists():
            return None
        return cls.open(location)

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
            metadata.create_all(tx)
            if tx.scalar(select(meta.c.value).where(meta.c.name == "schema_version")) is None:
                tx.execute(insert(meta).values(name="schema_version", value=str(SCHEMA_VERSION)))
    version = _version(engine)
    if version != str(SCHEMA_VERSION):
        raise LedgerUnusable(
            f"This ledger is of version {version}, this program writes version {SCHEMA_VERSION}."
            " Use the program that wrote it."
        )


def _version(engine: Engine) -> str | None:
    try:
        with read(engine) as tx:
            if not inspect(tx).has_table(meta.name):
                return None
            return tx.scalar(select(meta.c.value).where(meta.c.name == "schema_version"))
    except DatabaseError as error:
        raise LedgerUnusable("The ledger cannot be read.") from error
