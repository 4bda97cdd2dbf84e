"""Opens a ledger: its tables, its version, and the promise that it is whole."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, insert
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from dialer.clock import SystemClock
from dialer.errors import DialerError, LedgerHeld, LedgerUnreachable, LedgerUnusable, LockLost
from dialer.ledger.database import choice_tables, control_tables  # noqa: F401 - a new ledger has their tables too
from dialer.ledger.database.address import ledger_url, shown_url
from dialer.ledger.database.engine import open_engine, quick_check, read, write
from dialer.ledger.database.file_lock import DESCRIPTORS
from dialer.ledger.database.keyed_hashes import HASH_KEY, new_key
from dialer.ledger.database.lock import Copies, Holder, RunLock
from dialer.ledger.database.migrations import migrate, stored_version
from dialer.ledger.database.network_disks import refuse_network_disk
from dialer.ledger.database.refusal import why_refused
from dialer.ledger.database.schema import SCHEMA_VERSION, meta, metadata
from dialer.ledger.database.server import make_schema, refuse_unfit, wait_to_make_tables, why_unreachable
from dialer.ledger.database.tables import intakes  # noqa: F401 - as above

DEFAULT_LEDGER = Path(".dialer/ledger.db")
"""Beside the campaign file, so that the folder one stands in never changes the answer."""


def ledger_file(location: str | Path) -> Path | None:
    """Return the file of an SQLite ledger; None for a database server. Raises `LedgerUnusable` as `ledger_url` does."""
    url = ledger_url(location)
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def shown_location(location: str | Path) -> str:
    """Return the ledger's place for people: its path, or its URL without password and options, but with the schema."""
    file = ledger_file(location)
    return str(file) if file is not None else shown_url(ledger_url(location))


class Ledger:
    """An open ledger. Construct it with `Ledger.open`; use it as a context manager."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        is_file = engine.dialect.name == "sqlite"
        self._file = DESCRIPTORS.opened(Path(str(engine.url.database))) if is_file else None
        self._lock: RunLock | None = None

    @classmethod
    def open(cls, location: str | Path, *, is_kept: bool = True) -> Self:
        """Open the ledger at *location* (a path or an SQLAlchemy URL) and make its tables when it is new.

        One not *is_kept*, a dry run's copy, does not wait for the disk. One that an earlier program wrote is brought up
        to date first. Raises `LedgerUnusable` when it is damaged, of a newer version, or on another machine's disk,
        `LedgerHeld` when it is older and a run goes on it, `LedgerWriteFailed` when it cannot be brought up to date.
        """
        file = ledger_file(location)
        if file is not None:
            refuse_network_disk(file)
        engine = open_engine(location, is_kept=is_kept)
        try:
            quick_check(engine)
            if file is None:
                refuse_unfit(engine)
            _ensure_schema(engine)
        except SQLAlchemyError as error:
            engine.dispose()
            if file is None and isinstance(error, OperationalError):
                raise LedgerUnreachable(why_unreachable(engine.url, error)) from error
            why = why_refused(getattr(error, "orig", None))
            raise LedgerUnusable(f"{engine.url.database}: the ledger cannot be opened: {why}") from error
        except DialerError:
            engine.dispose()
            raise
        return cls(engine)

    @classmethod
    def open_existing(cls, location: str | Path) -> Self | None:
        """Open the ledger at *location*, or return None when there is no such file yet. Raises as `open` does."""
        file = ledger_file(location)
        return None if file is not None and not os.path.lexists(file) else cls.open(location)

    def read(self) -> AbstractContextManager[Connection]:
        """Open one transaction that only reads; see `dialer.ledger.database.engine.read`."""
        return read(self.engine)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open one transaction that writes; see `dialer.ledger.database.engine.write`.

        Raises `LockLost` where this ledger held a lock that another has taken over since.
        """
        with write(self.engine) as tx:
            if self._lock is not None:
                self._lock.refuse_older(tx)
            yield tx

    def write_own(self) -> AbstractContextManager[Connection]:
        """Open one transaction that writes, whoever has the lock by now.

        Only for what no other holder decides: what became of this holder's own requests, and the end of its own run.
        """
        return write(self.engine)

    @contextmanager
    def lock(
        self,
        *,
        what: str,
        since: datetime,
        campaign: str | None = None,
        run_id: str | None = None,
        copies: Copies = Copies.REFUSE,
    ) -> Iterator[RunLock]:
        """Hold the lock of *campaign*, or of the whole ledger; others are told *what* holds it, and *since* when.

        Raises as `RunLock` does; `LedgerUnusable` too where a newer program has brought the ledger to its own version
        meanwhile, and `LockLost` in place of any error that comes after the lock was lost.
        """
        with RunLock(self.engine, Holder(what, since, campaign, run_id), copies=copies) as held:
            try:
                _refuse_other_version(self.engine)
                held.begin_epoch()
                self._lock = held
                yield held
            except LockLost:
                raise
            except Exception as error:
                if why := held.why_lost():
                    raise held.lost(why) from error
                raise
            finally:
                self._lock = None

    def why_lost(self) -> str:
        """Say why the lock that is held here is lost; "" while it is not, or where none is held."""
        return "" if self._lock is None else self._lock.why_lost()

    def is_in_doubt(self) -> bool:
        """Return whether the lock that is held here may have been lost since anybody asked; it takes microseconds."""
        return self._lock is not None and self._lock.is_in_doubt()

    @property
    def outlives_locks(self) -> bool:
        """Whether a lock can be lost while its holder still works: a server's, but not that of a file."""
        return self.engine.dialect.name != "sqlite"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Do something that no other run of this ledger does meanwhile; it waits for them. The lock must be held."""
        if self._lock is None:
            yield
            return
        self._lock.begin_alone()
        try:
            yield
        finally:
            self._lock.end_alone()

    @property
    def where(self) -> str:
        """The database for messages: the file's path, or the name on the server; never a password."""
        return str(self.engine.url.database)

    def reconnect(self) -> None:
        """Let go of idle connections: a server may have ended them."""
        self.engine.dispose()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        if self._file is not None:
            DESCRIPTORS.closed(self._file)
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _ensure_schema(engine: Engine) -> None:
    version = _version(engine)
    if version is None:
        with write(engine) as tx:
            wait_to_make_tables(tx)
            make_schema(tx)
            metadata.create_all(tx)
            if stored_version(tx) is None:
                tx.execute(insert(meta).values(name="schema_version", value=str(SCHEMA_VERSION)))
                tx.execute(insert(meta).values(name=HASH_KEY, value=new_key()))
    elif isinstance(version, int) and version < SCHEMA_VERSION:
        _migrate(engine, version)
    _refuse_other_version(engine)


def _migrate(engine: Engine, version: int) -> None:
    """Bring an older ledger up to date: under the run lock, so that no run of an older program can be going on it.

    Raises `LedgerHeld` when one is. A copy of a ledger is migrated as well, for it must be erasable.
    """
    holder = Holder(f"bringing the ledger from version {version} to {SCHEMA_VERSION}", SystemClock().now())
    try:
        with _older_program_excluded(engine), RunLock(engine, holder, copies=Copies.BEAR), write(engine) as tx:
            wait_to_make_tables(tx)
            migrate(tx)
    except LedgerHeld as error:
        raise LedgerHeld(f"{error} Then this program brings it from version {version} to {SCHEMA_VERSION}.") from None


@contextmanager
def _older_program_excluded(engine: Engine) -> Iterator[None]:
    """Hold the lock that programs of version 3 and before take on SQLite, a file beside the ledger."""
    if engine.dialect.name != "sqlite":  # there they take the lock of the whole ledger
        yield
        return
    lock = FileLock(f"{engine.url.database}.lock", mode=0o600)
    try:
        with lock.acquire(timeout=0):
            yield
    except Timeout:
        raise LedgerHeld(f"{engine.url.database}: another run holds this ledger. Wait for it to end.") from None


def _refuse_other_version(engine: Engine) -> None:
    """Raise `LedgerUnusable` for a ledger whose tables are not of this program's version."""
    version = _version(engine)
    if version == SCHEMA_VERSION:
        return
    raise LedgerUnusable(
        f"{engine.url.database}: this ledger is of version {version}, and this program knows version {SCHEMA_VERSION}."
        " Install the newer program that wrote it. Nothing was changed."
    )


def _version(engine: Engine) -> int | str | None:
    with read(engine) as tx:
        return stored_version(tx)
