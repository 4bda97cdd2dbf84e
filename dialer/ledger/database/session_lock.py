"""Locks of a ledger on PostgreSQL: advisory locks of one session, which ends when its holder or the way to it does."""

import hashlib
import selectors
import threading
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from dialer.ledger.database.busy import is_busy
from dialer.ledger.database.server import SCHEMA_OPTION

_TAKE = "SELECT pg_try_advisory_lock(:n)"
_TAKE_SHARED = "SELECT pg_try_advisory_lock_shared(:n)"
_PATIENCE = "SELECT set_config('lock_timeout', :ms, false)"
_WAIT = "SELECT true FROM (SELECT pg_advisory_lock(:n)) AS waited"
_GIVE_BACK = "SELECT pg_advisory_unlock_all()"
_STATE = """
SELECT pg_backend_pid(), count(*) FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pid = pg_backend_pid()
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


_IS_TAKEN = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid = :high AND objid = :low
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def number_in_schema(engine: Engine, number: int) -> int:
    """Return the number of a lock: the server knows one set for a database, and each schema of it may hold a ledger."""
    schema = engine.get_execution_options().get(SCHEMA_OPTION)
    return number if schema is None else number ^ (int.from_bytes(hashlib.sha256(schema.encode()).digest()[:8]) >> 3)


def is_lock_taken(tx: Connection, number: int) -> bool:
    """Return whether any session has the lock *number* of this ledger; it is not taken to find out."""
    number = number_in_schema(tx.engine, number)
    halves = {"high": number >> 32, "low": number & 0xFFFFFFFF}
    return bool(tx.scalar(text(_IS_TAKEN), halves))


class SessionLocks:
    """Advisory locks of a session that is used for nothing else; see `dialer.ledger.database.file_lock.Locks`."""

    def __init__(self, engine: Engine) -> None:
        # The session must stay open, and out of any transaction, while the locks are held; and it must not go back to
        # the pool, where it would outlive the run with the locks in its hand.
        self._session: Connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._session.detach()
        self._held: list[int] = []
        self._using = threading.Lock()  # a run plans in one thread and asks for its lock in another
        self._pid, _ = self._state()
        self._unasked = selectors.DefaultSelector()
        socket: Any = self._session.connection.dbapi_connection
        self._unasked.register(socket, selectors.EVENT_READ)

    def take(self, number: int, *, shared: bool = False, wait_seconds: float = 0) -> bool:
        """Take one lock; see `Locks`."""
        number = number_in_schema(self._session.engine, number)
        with self._using:
            if wait_seconds:
                taken = self._wait(number, wait_seconds)
            else:
                taken = bool(self._session.scalar(text(_TAKE_SHARED if shared else _TAKE), {"n": number}))
            self._held += [number] if taken else []
        return taken

    def _wait(self, number: int, seconds: float) -> bool:
        self._session.execute(text(_PATIENCE), {"ms": str(round(seconds * 1000))})
        try:
            return bool(self._session.scalar(text(_WAIT), {"n": number}))
        except OperationalError as error:
            if is_busy(error.orig):
                return False
            raise

    def give_back(self, number: int) -> None:
        """Let one lock go that was taken for itself alone."""
        number = number_in_schema(self._session.engine, number)
        with self._using:
            self._session.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": number})
            self._held.remove(number)

    def is_taken(self, number: int) -> bool:
        """Return whether any session has this lock; see `dialer.ledger.database.file_lock.Locks`."""
        with self._using:
            return is_lock_taken(self._session, number)

    def why_lost(self) -> str:
        """Ask the server whether this is still the same session, with all its locks."""
        try:
            with self._using:
                pid, held = self._state()
        except SQLAlchemyError:
            return "its session on the server has ended"
        return "" if (pid, held) == (self._pid, len(self._held)) else "the server gave its session to somebody else"

    def is_in_doubt(self) -> bool:
        """Return whether the server has sent what nobody asked for, as it does when it ends a session."""
        return not self._using.locked() and bool(self._unasked.select(0))

    def _state(self) -> tuple[int, int]:
        pid, held = self._session.execute(text(_STATE)).one()
        return int(pid), int(held)

    def release(self) -> None:
        """End the session, and with it its locks."""
        self._unasked.close()
        try:
            self._session.execute(text(_GIVE_BACK))  # at once: the server may notice the end of a session later
        except SQLAlchemyError:
            pass  # it has ended already
        finally:
            self._session.close()
