"""A database that another keeps to itself is told from one that is broken, at every door of the ledger."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, make_url, update

from dialer.errors import LedgerBusy, LedgerUnusable
from dialer.exit_codes import EXIT_HELD, exit_code_of
from dialer.ledger.database.engine import open_engine
from dialer.ledger.database.lock import Holder, RunLock
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import campaigns
from dialer.ledger.purge import erase_traces
from tests.support import MONDAY_NOON


def _open(ledger: Ledger) -> None:
    Ledger.open(str(ledger.engine.url.set(drivername="sqlite"))).close()


def _read(ledger: Ledger) -> None:
    with ledger.read() as tx:
        tx.execute(campaigns.select())


def _write(ledger: Ledger) -> None:
    with ledger.write() as tx:
        tx.execute(insert(campaigns).values(name="autumn"))


def _lock(ledger: Ledger) -> None:
    with ledger.lock(what="a purge", since=MONDAY_NOON):
        pass


@pytest.fixture
def impatient(file: Path) -> Iterator[Ledger]:
    """Return a ledger whose statements wait no longer than a moment."""
    with Ledger.open(f"sqlite:///{file}?timeout=0.05") as ledger:
        ledger.engine.dispose()
        yield ledger


@pytest.mark.parametrize("work", [_open, _read, _write, _lock, erase_traces])
def test_whatever_meets_a_busy_file_says_so(impatient: Ledger, file: Path, work: Callable[[Ledger], None]) -> None:
    """Nothing calls the ledger damaged, or itself done, while another stands still within a commit."""
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LedgerBusy, match=r"another command keeps the ledger to itself.*kill -CONT") as refused:
            work(impatient)
        other.rollback()
        assert exit_code_of(refused.value) == EXIT_HELD
        work(impatient)


@pytest.mark.slow
def test_a_transaction_that_stands_still_on_a_server_is_told(database: str) -> None:
    """PostgreSQL, too, waits no longer than it was told: here by the URL, else as long as SQLite."""
    with Ledger.open(database) as usual, usual.read() as tx:
        assert tx.exec_driver_sql("SHOW lock_timeout").scalar() == "30s"
    url = make_url(database).update_query_dict({"options": "-clock_timeout=50"})
    with Ledger.open(url.render_as_string(hide_password=False)) as ledger:
        with ledger.write() as tx:
            tx.execute(insert(campaigns).values(name="spring"))
        with ledger.write() as tx:
            tx.execute(update(campaigns).values(name="summer"))
            with pytest.raises(LedgerBusy, match="another command keeps"), ledger.write() as other:
                other.execute(update(campaigns).values(name="winter"))


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def test_a_holder_that_plans_for_ever_holds_nobody_up_for_ever(
    kind: str, file: Path, request: pytest.FixtureRequest
) -> None:
    """Whoever waits for another's plan gives up after a while, and gets its turn once that has ended."""
    location = str(file) if kind == "sqlite" else request.getfixturevalue("database")
    Ledger.open(location).close()
    engine = open_engine(location)
    first = RunLock(engine, Holder("a run of spring", MONDAY_NOON, "spring"), patience_seconds=0.05)
    second = RunLock(engine, Holder("a run of autumn", MONDAY_NOON, "autumn"), patience_seconds=0.05)
    with second, first:
        first.begin_alone()
        with pytest.raises(LedgerBusy):
            second.begin_alone()
        first.end_alone()
        second.begin_alone()
        second.end_alone()
    engine.dispose()


@pytest.mark.parametrize("timeout", ["-1", "soon", "nan", "1e9", "1&timeout=2"])
def test_a_timeout_that_is_none_is_refused(file: Path, timeout: str) -> None:
    """A wrong option is told, and no file is made."""
    with pytest.raises(LedgerUnusable, match="timeout"):
        Ledger.open(f"sqlite:///{file}?timeout={timeout}")
    assert not file.exists()
