"""One run at a time on one ledger, told by name, and freed by the system whatever ends the run."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from dialer.errors import LedgerHeld, LedgerUnusable
from dialer.ledger.database.lock import _PG_LOCK, RunLock
from dialer.ledger.database.open import Ledger
from tests.support import MONDAY_NOON


def _lock(engine: Engine) -> RunLock:
    return RunLock(engine, what="a run of summer", since=MONDAY_NOON)


@contextmanager
def _other_process(location: str) -> Iterator["subprocess.Popen[str]"]:
    """Let another process hold the lock; it is killed at the end, if it was not before."""
    command = (sys.executable, "-m", "tests.ledger.holder", location)
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def _wait_until_free(engine: Engine) -> None:
    """Wait, in the server, until it has noticed that the holder's connection is gone."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(text("SET lock_timeout = '20s'"))
            connection.execute(text("SELECT pg_advisory_lock(:n), pg_advisory_unlock(:n)"), {"n": _PG_LOCK})


def test_second_process_is_told_who_holds_the_ledger_and_a_kill_frees_it(location: str) -> None:
    """While one run goes on another is refused at once, by name and process; after a SIGKILL the next one starts."""
    with Ledger.open(location) as ledger, _other_process(location) as process:
        with pytest.raises(LedgerHeld, match=f"a run of spring, process {process.pid}"), _lock(ledger.engine):
            pass
        process.kill()
        process.wait()
        _wait_until_free(ledger.engine)
        with _lock(ledger.engine):
            pass


def test_second_lock_of_the_same_process_is_refused(engine: Engine) -> None:
    """Two runs in one process are two runs; the first one's end lets the next begin."""
    with _lock(engine):
        for _ in range(2):
            with pytest.raises(LedgerHeld, match="summer"), _lock(engine):
                pass
    with _lock(engine):
        pass


def test_lock_ends_with_the_run_not_with_the_program(location: str) -> None:
    """A program that goes on after its run, with its connections open, holds nobody up."""
    with Ledger.open(location) as first, Ledger.open(location) as second:
        with _lock(first.engine):
            pass
        _wait_until_free(second.engine)
        with _lock(second.engine):
            pass


def test_failing_run_frees_the_lock(engine: Engine) -> None:
    """An exception ends the run and the lock with it."""
    with pytest.raises(KeyError), _lock(engine):
        raise KeyError
    _wait_until_free(engine)
    with _lock(engine):
        pass


def test_lock_and_its_note_are_private(sqlite: Engine, file: Path) -> None:
    """The files beside the ledger are 0600 even where everything is allowed."""
    before = os.umask(0)
    try:
        with _lock(sqlite):
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes["ledger.db.lock"] == modes["ledger.db.holder"] == 0o600


@pytest.mark.parametrize(
    "note", [b"", b"{", b"[]", b"3", b"null", b'{"pid": 1}', b"\xff\xfe", b"[" * 100_000], ids=lambda note: note[:9]
)
def test_unreadable_note_does_not_hide_the_lock(sqlite: Engine, file: Path, note: bytes) -> None:
    """Whatever stands in the note, a second run is refused because of the lock; it only cannot say by whom."""
    with _lock(sqlite):
        file.with_name("ledger.db.holder").write_bytes(note)
        with pytest.raises(LedgerHeld, match=r"holds this ledger\. Wait"), _lock(sqlite):
            pass


def test_note_that_cannot_be_written_frees_the_lock(sqlite: Engine, file: Path) -> None:
    """A run that cannot say who it is does not start, and does not keep the ledger either."""
    note = file.with_name("ledger.db.holder")
    note.mkdir()
    with pytest.raises(LedgerUnusable, match="holder"), _lock(sqlite):
        pass
    note.rmdir()
    with _lock(sqlite):
        pass


@pytest.mark.slow
def test_long_names_leave_the_process_readable(database: str) -> None:
    """However long a campaign's name, and in whatever script, the process that holds the ledger is told."""
    with Ledger.open(database) as ledger:
        lock = ledger.lock(what="a run of " + "весна" * 40, since=MONDAY_NOON)
        with lock, pytest.raises(LedgerHeld, match=f"process {os.getpid()} on"), _lock(ledger.engine):
            pass
