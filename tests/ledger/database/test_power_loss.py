"""Power cuts: the statements that the ledger really executes, on a disk that forgets whatever was not synced.

The statements are taken down while the ledger's own writer claims and settles, then executed again by another build of
SQLite whose every write is watched. A cut is tried after each one.
"""

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import apsw
import pytest
from sqlalchemy import Engine, event

from dialer.calls.outcome import Kind
from dialer.ledger.database.engine import journal_mode, open_engine
from dialer.ledger.database.open import Ledger
from dialer.ledger.writer import LedgerWriter
from tests.ledger.books import ready, settlement
from tests.ledger.crash_disk import CrashDisk, Image, Watched

pytestmark = pytest.mark.slow

MODES = {mode: f"journal_mode = {mode}" for mode in (journal_mode((3, 51, 0)), journal_mode((3, 51, 3)))}
SHIPPED = "synchronous = FULL"
STATE = "SELECT id, state, attempts, reason, call_id FROM contacts ORDER BY id", "SELECT * FROM attempts ORDER BY 1, 2"

Statements = list[tuple[int, str]]
State = list[list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def statements(tmp_path_factory: pytest.TempPathFactory, new_file: Path) -> tuple[bytes, Statements]:
    """Return a ledger with three planned calls, and every statement that claims and settles them."""
    file = tmp_path_factory.mktemp("told") / "ledger.db"
    file.write_bytes(new_file.read_bytes())
    engine = open_engine(file)
    wanted = ready(engine, 3)
    engine.dispose()
    before = file.read_bytes()
    told: Statements = []
    _take_down(engine, told)

    async def work() -> None:
        async with LedgerWriter(Ledger(engine)) as book:
            await book.claim(wanted[:2])
            await book.settle([settlement(wanted[0], Kind.CREATED)])
            await asyncio.gather(book.claim([wanted[2]]), book.settle([settlement(wanted[1], Kind.UNKNOWN)]))

    asyncio.run(work())
    engine.dispose()
    return before, told


def _take_down(engine: Engine, told: Statements) -> None:
    def begin(plain: sqlite3.Connection, _record: object) -> None:
        plain.set_trace_callback(lambda statement: told.append((id(plain), statement)))

    event.listen(engine, "connect", begin, insert=True)


def _crash(folder: Path, recorded: tuple[bytes, Statements], **instead: str) -> tuple[list[Image], list[State | None]]:
    """Execute the statements on a watched disk; return what cuts could leave, and the ledger after each commit."""
    before, told = recorded
    file = folder / "watched.db"
    file.write_bytes(before)
    disk = CrashDisk(durable={"database": before})
    states = [_found(Image(disk.durable, 0), folder / "before")]
    with Watched(disk) as vfs:
        connections: dict[int, apsw.Connection] = {}
        for which, statement in told:
            if which not in connections:
                connections[which] = apsw.Connection(str(file), vfs=vfs.name)
            connection = connections[which]
            connection.execute(_instead(statement, instead)).fetchall()
            if statement == "COMMIT":
                states.append([connection.execute(query).fetchall() for query in STATE])
                disk.acknowledge()
        images = list(disk.images)  # before closing, which may tidy up
        for connection in connections.values():
            connection.close()
    return images, states


def _instead(statement: str, instead: dict[str, str]) -> str:
    name = statement.removeprefix("PRAGMA ").partition(" = ")[0]
    return f"PRAGMA {instead[name]}" if statement.startswith("PRAGMA") and name in instead else statement


def _found(image: Image, folder: Path) -> State | None:
    """Open what a cut left, as the next run does, and return what is in it; None when it is damaged."""
    folder.mkdir()
    with closing(sqlite3.connect(image.lay_out(folder), isolation_level=None)) as plain:
        try:
            whole = plain.execute("PRAGMA integrity_check").fetchone()
            return [plain.execute(query).fetchall() for query in STATE] if whole == ("ok",) else None
        except sqlite3.DatabaseError:
            return None


def _harm(images: list[Image], states: list[State | None], folder: Path) -> Counter[str]:
    """Count the images that are damaged, that lack a commit that had returned, or that hold half of one."""
    harm: Counter[str] = Counter()
    for index, image in enumerate(images):
        found = _found(image, folder / str(index))
        if found is None:
            harm["damaged"] += 1
        elif found in states[: image.acknowledged]:
            harm["commit lost"] += 1
        elif found not in states[image.acknowledged : image.acknowledged + 2]:
            harm["half a commit"] += 1
    return harm


@pytest.mark.parametrize("mode", MODES)
def test_power_cut_loses_no_commit_that_returned(
    statements: tuple[bytes, Statements], tmp_path: Path, mode: str
) -> None:
    """Whatever a cut leaves, the ledger is whole and holds each claim and outcome that was acknowledged, no half."""
    images, states = _crash(tmp_path, statements, journal_mode=MODES[mode])
    assert len(states) >= 4
    assert {image.acknowledged for image in images} == set(range(len(states)))
    assert len(images) > 100
    assert not _harm(images, states, tmp_path)


@pytest.mark.parametrize("mode", MODES)
def test_weaker_sync_is_seen_to_lose_a_commit(statements: tuple[bytes, Statements], tmp_path: Path, mode: str) -> None:
    """The judge can fail: with NORMAL instead of FULL some cut takes back a claim whose call may be on the wire."""
    images, states = _crash(tmp_path, statements, journal_mode=MODES[mode], synchronous="synchronous = NORMAL")
    assert _harm(images, states, tmp_path)["commit lost"]


def test_deleting_the_journal_is_seen_to_lose_a_commit(statements: tuple[bytes, Statements], tmp_path: Path) -> None:
    """Why the journal is emptied and not deleted: a deletion that has not reached the disk takes the claim back."""
    images, states = _crash(tmp_path, statements, journal_mode="journal_mode = DELETE")
    assert _harm(images, states, tmp_path)["commit lost"]


def test_what_is_executed_is_what_is_shipped(statements: tuple[bytes, Statements]) -> None:
    """The statements are the ledger's own: its pragmas, its immediate transactions, its claims and outcomes."""
    told = [statement for _, statement in statements[1]]
    assert f"PRAGMA {SHIPPED}" in told
    assert f"PRAGMA journal_mode = {journal_mode(sqlite3.sqlite_version_info)}" in told
    assert told.count("BEGIN IMMEDIATE") == told.count("COMMIT") >= 3
    assert sum(statement.startswith("INSERT INTO attempts") for statement in told) == 2  # of three claims
    assert sum(statement.startswith("UPDATE attempts SET") for statement in told) == 2
