"""Remembers which row had a contact's key first, in memory that does not grow with the sheet."""

import hashlib
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

CACHE_KIB = 4096
"""What SQLite may keep of the keys in memory; the rest lies in a file that nobody can open and that ends with it."""

_DIGEST_BYTES = 16


class FirstRows:
    """The first row of every key seen so far. Construct it with `remember_first_rows`.

    A dictionary of a million keys takes 150 MB. Here they lie in an unnamed temporary database, as 128-bit digests
    under a key of their own: no number reaches the disk, and two keys share one digest with a chance of 1e-26.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._secret = secrets.token_bytes(_DIGEST_BYTES)
        database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("CREATE TABLE first (key BLOB PRIMARY KEY, row INTEGER) WITHOUT ROWID")

    def digest(self, key: str) -> bytes:
        """Return what stands for *key* here."""
        return hashlib.blake2b(
            key.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES, key=self._secret
        ).digest()

    def find_repeats(self, keys: Sequence[tuple[bytes, int]]) -> dict[int, int]:
        """Take (digest, row) pairs in the sheet's order; tell each row that is not its key's first, and which is."""
        before = self._database.total_changes
        # Sorted, so that each page of the table is touched once for many keys.
        self._database.executemany("INSERT INTO first VALUES (?, ?) ON CONFLICT DO NOTHING", sorted(keys))
        if self._database.total_changes - before == len(keys):
            return {}
        found = ((row, self._first(key)) for key, row in keys)
        return {row: first for row, first in found if first != row}

    def _first(self, key: bytes) -> int:
        (row,) = self._database.execute("SELECT row FROM first WHERE key = ?", (key,)).fetchone()
        return int(row)


@contextmanager
def remember_first_rows() -> Iterator[FirstRows]:
    """Return an empty memory of first rows, and throw it away afterwards."""
    with closing(sqlite3.connect("", isolation_level=None)) as database:
        database.execute("BEGIN")  # one transaction for all: nothing of it is ever kept
        yield FirstRows(database)
