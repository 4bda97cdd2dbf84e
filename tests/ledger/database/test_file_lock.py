"""Every path to a ledger's file meets the same lock, and no lock of ours takes one of the database's away."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine

from dialer.errors import LedgerHeld
from dialer.ledger.database.file_lock import SiblingLock
from dialer.ledger.database.lock import Copies, Holder, RunLock
from dialer.ledger.database.open import Ledger
from tests.support import MONDAY_NOON


def _lock(engine: Engine) -> RunLock:
    return RunLock(engine, Holder("a run of spring", MONDAY_NOON, "spring"))


@pytest.mark.parametrize("way", ["symlink", "renamed", "neighbours deleted"])
def test_every_path_to_one_ledger_meets_one_lock(file: Path, sqlite: Engine, way: str) -> None:
    """The lock is on the file itself: no other name of it, and nothing that lies beside it, lets a second run in."""
    other = file.with_name("other.db")
    with _lock(sqlite):
        if way == "symlink":
            other.symlink_to(file)
        elif way == "renamed":
            file.rename(other)
        else:
            for path in file.parent.iterdir():
                if path != file:
                    path.unlink()
            other = file
        with Ledger.open(other) as ledger, pytest.raises(LedgerHeld, match="another run"), _lock(ledger.engine):
            pass
    assert not file.with_name("ledger.db.lock").exists()


def test_lock_is_lost_with_its_file(file: Path, sqlite: Engine) -> None:
    """A ledger that another was put in place of is not the one that was locked; the holder is told."""
    with _lock(sqlite) as held:
        assert not held.why_lost()
        file.rename(file.with_name("away.db"))
        assert held.why_lost() == "the ledger's file is gone"
        file.write_bytes(file.with_name("away.db").read_bytes())
        assert held.why_lost() == "the ledger's file was replaced by another"
        file.with_name("away.db").rename(file)
        assert not held.why_lost()


def test_lock_does_not_take_the_locks_of_the_database_away(file: Path) -> None:
    """Closing a file drops all locks that its process has on it: while a transaction is open that is not done."""
    with Ledger.open(file) as ledger, Ledger.open(file) as other, ledger.write() as tx:
        tx.exec_driver_sql("DELETE FROM suppressed")
        with RunLock(other.engine, Holder("a purge", MONDAY_NOON), copies=Copies.BEAR):
            pass
        second = sqlite3.connect(file, timeout=0)
        with closing(second), pytest.raises(sqlite3.OperationalError, match="locked"):
            second.execute("BEGIN IMMEDIATE")
        assert _other_process_is_refused(file)
    with sqlite3.connect(file, timeout=0) as free:
        free.execute("BEGIN IMMEDIATE")


def _other_process_is_refused(file: Path) -> bool:
    statement = f"import sqlite3; sqlite3.connect({str(file)!r}, timeout=0).execute('BEGIN IMMEDIATE')"
    return b"locked" in subprocess.run([sys.executable, "-c", statement], capture_output=True, check=False).stderr


def test_systems_without_locks_of_a_description_lock_a_file_beside_the_ledger(file: Path, tmp_path: Path) -> None:
    """There the whole ledger is one lock, the same through a symbolic link."""
    Ledger.open(file).close()
    link = tmp_path / "link.db"
    link.symlink_to(file)
    first, second = SiblingLock(file), SiblingLock(link)
    assert first.take(1, shared=True)
    assert first.take(2)
    assert not second.take(1, shared=True)
    assert not first.why_lost()
    first.release()
    assert second.take(1)
    second.release()
