"""A migration that fails, is killed or meets others, and ledgers that are not to be migrated: nothing is half done."""

import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, update

from dialer.errors import LedgerHeld, LedgerUnusable, LedgerWriteFailed
from dialer.ledger.database.lock import Copies, Holder, RunLock
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import SCHEMA_VERSION, meta
from tests.ledger.books import contact_rows
from tests.ledger.database.older import content_of, schema_of, write_older
from tests.support import MONDAY_NOON


@contextmanager
def _before_each_statement(hook: Callable[..., None]) -> Iterator[None]:
    event.listen(Engine, "before_cursor_execute", hook)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", hook)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["1_first", "3_again"])
def test_whatever_fails_on_the_way_leaves_the_older_ledger_whole(file: Path, new_file: Path, version: str) -> None:
    """At whichever statement a migration fails, the ledger is what it was, or it is wholly migrated."""
    engine = write_older(str(file), version)
    before = content_of(engine)
    statements: list[str] = []
    failing = 0

    def fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)
        if len(statements) == failing:
            raise LedgerWriteFailed

    while content_of(engine) == before:
        failing += 1
        statements.clear()
        with suppress(LedgerWriteFailed), _before_each_statement(fail):
            Ledger.open(file).close()
    with Ledger.open(file) as ledger, Ledger.open(new_file) as new:
        assert schema_of(ledger.engine) == schema_of(new.engine)
    assert sum(statement.startswith("DROP TABLE") for statement in statements) >= 2  # steps were failed within
    engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("where", ["middle", "end"])
def test_kill_on_the_way_leaves_the_older_ledger_whole(location: str, where: str) -> None:
    """A SIGKILL after the first step, or before the commit, changes nothing; the next start takes every step."""
    engine = write_older(location, "1")
    before = content_of(engine)
    command = (sys.executable, "-m", "tests.ledger.database.killed_migration", location, where)
    ended = subprocess.run(command, cwd=Path(__file__).parents[3], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert content_of(engine) == before
    engine.dispose()
    Ledger.open(location).close()


@pytest.mark.slow
def test_views_of_others_are_not_dropped(database: str) -> None:
    """A view that somebody made on the server's tables stops the migration, with its reason, and nothing is changed."""
    engine = write_older(database, "2")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW who AS SELECT phone FROM contacts")
    before = content_of(engine)
    with pytest.raises(LedgerWriteFailed, match="others have built on its tables"):
        Ledger.open(database)
    assert content_of(engine) == before
    engine.dispose()


def test_ledger_is_not_migrated_under_a_run(location: str) -> None:
    """While a run of the older program goes on nobody changes its tables; who opens the ledger is told to wait."""
    engine = write_older(location, "2")
    before = content_of(engine)
    with RunLock(engine, Holder("a run of spring", MONDAY_NOON), copies=Copies.BEAR):
        with pytest.raises(LedgerHeld, match=rf"another run.*Wait for it to end.* from version 2 to {SCHEMA_VERSION}"):
            Ledger.open(location)
        assert content_of(engine) == before
    engine.dispose()
    Ledger.open(location).close()


def test_many_may_open_an_older_ledger_at_once(location: str) -> None:
    """Programs started together migrate it once; who comes too early is told to wait and finds it ready later."""
    write_older(location, "1_first").dispose()
    at_once = threading.Barrier(4)
    failed: list[BaseException] = []

    def start() -> None:
        at_once.wait()
        try:
            Ledger.open(location).close()
        except BaseException as error:  # noqa: BLE001 - told to the main thread
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {type(error) for error in failed} <= {LedgerHeld}
    assert len(failed) < len(threads)
    with Ledger.open(location) as ledger:
        assert len(contact_rows(ledger.engine)) == 10


def test_ledger_of_today_is_opened_untouched(file: Path, new_file: Path) -> None:
    """A ledger of this program's version is not written to by opening it."""
    file.parent.mkdir()
    shutil.copy(new_file, file)
    before = file.read_bytes()
    Ledger.open(file).close()
    assert file.read_bytes() == before


def test_newer_ledger_is_refused_and_not_touched(location: str) -> None:
    """A program that does not know the tables says both versions and what to install, and writes nothing."""
    with Ledger.open(location) as ledger:
        with ledger.write() as tx:
            tx.execute(update(meta).where(meta.c.name == "schema_version").values(value="99"))
        before = content_of(ledger.engine)
        message = rf"ledger.*version 99.*knows version {SCHEMA_VERSION}\. Install the newer.* Nothing was changed"
        with pytest.raises(LedgerUnusable, match=message):
            Ledger.open(location)
        assert content_of(ledger.engine) == before


def test_run_does_not_begin_on_a_ledger_that_became_newer(location: str) -> None:
    """A newer program may migrate the ledger after it was opened here and before it is locked: then nothing is sent."""
    with Ledger.open(location) as ledger:
        with ledger.write() as tx:
            tx.execute(update(meta).where(meta.c.name == "schema_version").values(value="99"))
        with pytest.raises(LedgerUnusable, match="version 99"), ledger.lock(what="a run", since=MONDAY_NOON):
            pass
