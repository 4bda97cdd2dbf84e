"""Many rows changed at once: each as if alone, each found by its key."""

import _sqlite3
import ctypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    event,
    insert,
    select,
    update,
)

from dialer.calls.outcome import Kind
from dialer.ledger.database.engine import MOST_VALUES, insert_many, open_engine, write
from dialer.ledger.database.many_rows import change_many, keep_little
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import meta
from dialer.ledger.transitions.claims import claim_all, settle_all
from tests.ledger.books import ready, settlement

things = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("note", Text, nullable=False, default="new"),
)
_take = (
    update(things)
    .where(things.c.id == bindparam("of_thing"), things.c.state == "free")
    .values(state="taken", note=bindparam("new_note"))
)


@pytest.fixture(name="tx")
def open_transaction(tmp_path: Path) -> Iterator[Connection]:
    """Open a transaction in which there are three things, the last of them taken."""
    engine = open_engine(tmp_path / "ledger.db")
    with write(engine) as tx:
        things.create(tx)
        tx.execute(
            insert(things), [{"id": 1, "state": "free"}, {"id": 2, "state": "free"}, {"id": 3, "state": "taken"}]
        )
        yield tx
    engine.dispose()


def _notes(tx: Connection) -> list[str]:
    return list(tx.scalars(select(things.c.note).order_by(things.c.id)))


@pytest.mark.parametrize(
    ("wanted", "changed", "notes"),
    [
        ([1], 1, ["a", "new", "new"]),
        ([1, 2], 2, ["a", "b", "new"]),
        ([2, 1, 3], 2, ["b", "a", "new"]),
        ([3, 4], 0, ["new", "new", "new"]),
    ],
)
def test_each_row_gets_its_own_values(tx: Connection, wanted: list[int], changed: int, notes: list[str]) -> None:
    """What is not in the state that the change leaves from stays as it is, and is not counted."""
    rows = [{"of_thing": thing, "new_note": note} for thing, note in zip(wanted, "abc", strict=False)]
    assert change_many(tx, _take, rows) == changed
    assert _notes(tx) == notes


def test_a_row_that_is_told_twice_is_counted_once(tx: Connection) -> None:
    """So whoever has claimed a contact twice in one group sees that one of the claims is missing."""
    assert change_many(tx, _take, [{"of_thing": 2, "new_note": note} for note in "ab"]) == 1


def test_more_rows_than_one_statement_takes_are_written(tx: Connection) -> None:
    """A group of any size is stored and changed; the columns that are left out have their defaults."""
    more = range(10, MOST_VALUES // 2 + 100)
    insert_many(tx, things, ("id", "state"), [(row, "free") for row in more])
    assert _notes(tx) == ["new"] * (3 + len(more))
    assert change_many(tx, _take, [{"of_thing": row, "new_note": "a"} for row in more]) == len(more)
    assert _notes(tx) == ["new"] * 3 + ["a"] * len(more)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_claims_and_outcomes_find_their_rows_by_key(engine: Engine) -> None:
    """However many contacts a ledger holds, writing a group reads those of the group alone."""
    wanted = ready(engine, 3)
    told: list[str] = []
    with write(engine) as tx:

        @event.listens_for(tx, "before_cursor_execute")
        def _explain(_: Connection, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
            if statement.startswith("UPDATE"):
                told.extend(row[-1] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

        claim_all(tx, wanted)
        settle_all(tx, [settlement(claim, Kind.CREATED) for claim in wanted])
    looks = [line for line in told if line.startswith(("SEARCH contacts", "SEARCH attempts", "SCAN"))]
    by_key = "SEARCH contacts USING INTEGER PRIMARY KEY (rowid=?)"
    by_number = "SEARCH attempts USING INDEX sqlite_autoindex_attempts_1 (contact_id=? AND number=?)"
    assert [line for line in looks if not line.startswith("SCAN")] == [by_key, by_number, by_key]
    assert all(line.startswith(("SCAN 3 CONSTANT ROWS", "SCAN (subquery")) for line in looks if line.startswith("SCAN"))


def test_a_connection_gives_the_memory_back_that_it_need_not_keep(tmp_path: Path) -> None:
    """A connection that is to keep little drops what it has read at once, and keeps no more of what it reads then."""
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        with ledger.write() as tx:
            tx.execute(insert(meta), [{"name": str(number), "value": "-" * 10_000} for number in range(1_000)])
        with ledger.read() as tx:
            before = sqlite_memory_used()
            keep_little(tx)
            tx.execute(select(meta)).all()
            assert sqlite_memory_used() < before - 7_000_000


def sqlite_memory_used() -> int:
    """Return how many bytes SQLite has in use in this process."""
    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_memory_used.restype = ctypes.c_longlong
    return int(library.sqlite3_memory_used())
