"""Recognises a copy of a ledger's file, so that nobody runs it: the calls made since are not in it.

Each run leaves a new mark in the ledger and, beside it, in `ledger.db.owner`; the ledger also holds the number (inode)
of its own file. A file put back in its old place holds an older mark; a file copied elsewhere has another number; a
file moved on its disk keeps its number.

On a server a row holds the number of the transaction that wrote it, the server's timeline and the database's own
number. A row restored from a dump was written by another transaction, a server that was set back, or a replica that
took over, begins another timeline, and a database made from another as its template has another number. So it shows
also where nobody has counted the calls made since: on another machine than that which made them.
"""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, literal_column, select, text

from dialer.errors import LedgerUnusable
from dialer.ledger.database.engine import read, upsert, write
from dialer.ledger.database.schema import meta
from dialer.words import trouble

_MARK, _FILE_NUMBER = "owner_mark", "owner_file"
_TRANSACTION, _DATABASE = "owner_transaction", "owner_database"


def take_ownership(engine: Engine, *, adopt: bool = False) -> None:
    """Renew the mark of an SQLite ledger whose lock is held; a ledger that has no mark yet gets its first.

    Raises `LedgerUnusable` when the file is a copy, or older than the one that last ran here, unless *adopt* is set,
    and when the mark cannot be written.
    """
    file = Path(str(engine.url.database))
    note = file.with_name(f"{file.name}.owner")
    number = str(file.stat().st_ino)
    with read(engine) as tx:
        known = _stored(tx, _MARK)
        is_other_file = known is not None and _stored(tx, _FILE_NUMBER) != number
    left = _left_marks(note)
    if not adopt and (is_other_file or (left and known not in left)):
        raise LedgerUnusable(
            f"{file}: this is a copy of a ledger, or an older state of it that was put back: calls made since are not"
            " in it, and a run would ring those people again. Use the ledger that ran last. If there is no newer one,"
            " or if it was only moved to another disk, take this one over: dialer status --adopt"
        )
    mark = secrets.token_hex(16)
    # The note first, with both marks: a kill between the two writes leaves a note that fits the ledger either way,
    # also one that has no mark yet (None).
    _write_note(note, [mark, known])
    with write(engine) as tx:
        tx.execute(delete(meta).where(meta.c.name.in_([_MARK, _FILE_NUMBER])))
        tx.execute(insert(meta), [{"name": _MARK, "value": mark}, {"name": _FILE_NUMBER, "value": number}])
    _write_note(note, [mark])


def sign_rows(tx: Connection, *, anew: bool = False) -> None:
    """Let a ledger on a server hold which transaction wrote it, on which timeline, in which database.

    What it holds stays, unless *anew*: earlier programs did not write the database's number.
    """
    if tx.dialect.name != "postgresql":
        return
    number = tx.scalar(text("SELECT txid_current()"))
    signature = {_TRANSACTION: f"{number} {_timeline(tx)}", _DATABASE: _database(tx)}
    for name, value in signature.items():
        if not anew and _stored(tx, name) is not None:
            continue
        signed = upsert(tx, meta).values(name=name, value=value)
        if anew:
            tx.execute(signed.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
        else:  # the first runs of two campaigns may sign at once
            tx.execute(signed.on_conflict_do_nothing())


def is_put_back(tx: Connection) -> bool:
    """Return whether a ledger on a server was restored, in any way but by its files alone, since it was signed."""
    if tx.dialect.name != "postgresql":
        return False
    written_by: ColumnElement[str] = literal_column("xmin::text")
    row = tx.execute(select(meta.c.value, written_by).where(meta.c.name == _TRANSACTION)).one_or_none()
    if row is None:
        return False
    number, _, timeline = row[0].partition(" ")
    is_written_again = int(number) % _TRANSACTIONS != int(row[1])
    is_elsewhere = _stored(tx, _DATABASE) not in {_database(tx), None}
    return is_written_again or is_elsewhere or _timeline(tx) not in {timeline, None}


def _timeline(tx: Connection) -> str | None:
    """Return the server's timeline, 8 hex digits (PostgreSQL's documentation, section 25.3.6); a replica has none."""
    found: str | None = tx.scalar(text(_TIMELINE))
    return found


def _database(tx: Connection) -> str:
    """Return the number of the database on its server: a name may be given to another one."""
    return str(tx.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()")))


_TIMELINE = "SELECT CASE WHEN NOT pg_is_in_recovery() THEN left(pg_walfile_name(pg_current_wal_lsn()), 8) END"

_TRANSACTIONS = 1 << 32
"""After so many, `xmin` begins anew (PostgreSQL's documentation, section 5.6)."""


def _stored(tx: Connection, name: str) -> str | None:
    return tx.scalar(select(meta.c.value).where(meta.c.name == name))


def _left_marks(note: Path) -> list[Any]:
    """Read the marks that may be in the ledger; none where the note is not there or was cut by a power failure."""
    try:
        marks = json.loads(note.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    return marks if isinstance(marks, list) else []


def _write_note(note: Path, marks: list[str | None]) -> None:
    """Write the note beside its place and swap it in: a note cut short by a full disk would let a copy be run."""
    new = note.with_name(f"{note.name}.part")
    try:
        new.unlink(missing_ok=True)  # a kill's, whoever made it
        descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(marks, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(note)
    except OSError as error:
        raise LedgerUnusable(f"{note}: cannot be written: {trouble(error)}.") from error
