"""One run at a time on one ledger, told by name, and freed by the system whatever ends the run."""

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, select, text

from dialer.errors import DialerError, LedgerHeld, LedgerWriteFailed, LockLost
from dialer.ledger.database.lock import WHOLE_LEDGER, Copies, Holder, RunLock
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import campaigns, meta
from tests.ledger.postgres import end_sessions
from tests.support import MONDAY_NOON


@contextmanager
def _lock(engine: Engine, campaign: str | None = None) -> Iterator[RunLock]:
    with RunLock(engine, Holder(f"a run of {campaign or 'summer'}", MONDAY_NOON, campaign)) as held:
        held.begin_epoch()
        yield held


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
            connection.execute(text("SELECT pg_advisory_lock(:n), pg_advisory_unlock(:n)"), {"n": WHOLE_LEDGER})


@pytest.mark.slow
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


def test_campaigns_go_on_side_by_side(engine: Engine) -> None:
    """Each campaign has its lock: a second run of one is refused, by the name of its holder, one of another is not."""
    with _lock(engine, "spring"), _lock(engine, "autumn"):
        for campaign in ("spring", "autumn"):
            with pytest.raises(LedgerHeld, match=f"holds this campaign: a run of {campaign}, process {os.getpid()} on"):
                _enter(engine, campaign)


def test_work_on_the_whole_ledger_excludes_every_run(engine: Engine) -> None:
    """It waits for no run to end and lets none begin, and says which stand in its way."""
    told = r"holds this ledger: a run of (spring|autumn), .*; a run of"
    with _lock(engine, "spring"), _lock(engine, "autumn"), pytest.raises(LedgerHeld, match=told):
        _enter(engine, None)
    _wait_until_free(engine)
    with _lock(engine), pytest.raises(LedgerHeld, match="holds this ledger: a run of summer"):
        _enter(engine, "spring")
    _wait_until_free(engine)
    _enter(engine, "spring")


def _enter(engine: Engine, campaign: str | None) -> None:
    with _lock(engine, campaign):
        pass


def test_who_was_taken_over_writes_nothing_more(engine: Engine) -> None:
    """Whoever takes a lock fences off who had it before, however that one lost it; its own past it may still write."""
    before, after = Ledger(engine), Ledger(engine)
    with before.lock(what="a run", since=MONDAY_NOON, campaign="spring") as held:
        with before.write() as tx:
            _note(tx, "one")
        held.lose()
        with after.lock(what="another run", since=MONDAY_NOON, campaign="spring"), after.write() as tx:
            _note(tx, "two")
        with pytest.raises(LockLost, match="another has taken it over"), before.write() as tx:
            _note(tx, "three")
        with before.write_own() as tx:
            _note(tx, "four")
    with before.read() as tx:
        assert set(tx.scalars(select(meta.c.name))) >= {"one", "two", "four"}
        assert tx.scalar(select(meta.c.name).where(meta.c.name == "three")) is None


def test_work_on_the_whole_ledger_fences_every_run_off(engine: Engine) -> None:
    """A run of any campaign that lost its lock before a purge writes nothing after it."""
    before, after = Ledger(engine), Ledger(engine)
    with before.lock(what="a run", since=MONDAY_NOON, campaign="spring") as held:
        held.lose()
        with after.lock(what="a purge", since=MONDAY_NOON, copies=Copies.BEAR):
            pass
        with pytest.raises(LockLost), before.write():
            pass


def test_error_after_the_lock_was_lost_is_told_as_that(engine: Engine) -> None:
    """Whatever goes wrong because the lock is gone, what is told is that it is gone, and where to look."""
    with pytest.raises(LockLost, match=r"the lock of a run was lost: .*`dialer status`"):
        _fail_without_the_lock(Ledger(engine))


def _fail_without_the_lock(ledger: Ledger) -> None:
    with ledger.lock(what="a run", since=MONDAY_NOON, campaign="spring") as held:
        held.lose()
        raise LedgerWriteFailed


@pytest.mark.slow
def test_takeover_waits_for_a_transaction_that_is_under_way(location: str) -> None:
    """What a holder was writing when it was taken over is there before the next one looks, or is never written."""
    found: list[int] = []
    with (
        Ledger.open(location) as first,
        Ledger.open(location) as second,
        first.lock(what="a run", since=MONDAY_NOON, campaign="spring") as held,
    ):
        held.lose()
        taker = threading.Thread(target=_look_under_lock, args=(second, found))
        with first.write() as tx:
            _note(tx, "late")
            taker.start()
            taker.join(timeout=0.3)
            assert taker.is_alive()
        taker.join()
    assert found == [1]


def _look_under_lock(ledger: Ledger, found: list[int]) -> None:
    lock = ledger.lock(what="another run", since=MONDAY_NOON, campaign="spring", copies=Copies.BEAR)
    with lock, ledger.read() as tx:
        found.append(len(tx.scalars(select(meta.c.name).where(meta.c.name == "late")).all()))


def _note(tx: Connection, name: str) -> None:
    tx.execute(meta.insert().values(name=name, value=""))


@pytest.mark.slow
def test_alone_is_one_holder_at_a_time(engine: Engine) -> None:
    """What must not be done by two campaigns at once is done by one after the other."""
    first, second = Ledger(engine), Ledger(engine)
    order: list[str] = []

    def wait_for_the_first() -> None:
        with second.alone():
            order.append("second")

    with (
        first.lock(what="a run", since=MONDAY_NOON, campaign="spring"),
        second.lock(what="a run", since=MONDAY_NOON, campaign="autumn"),
    ):
        with first.alone():
            other = threading.Thread(target=wait_for_the_first)
            other.start()
            other.join(timeout=0.2)
            order.append("first")
        other.join()
    assert order == ["first", "second"]


@pytest.mark.slow
def test_a_server_that_ends_every_session_is_told_at_any_statement(database: str) -> None:
    """From the opening of a ledger to the end of a lock, each statement may find its session ended: none is a bug."""
    passed = Counter[str]()

    def end_all(*_: Any) -> None:
        if passed["ending"]:
            return
        passed["statements"] += 1
        if passed["statements"] == passed["nth"]:
            passed["ending"] = 1
            end_sessions(database, only_locks=False)
            passed["ending"] = 0

    def open_and_lock() -> None:
        with (
            Ledger.open(database) as ledger,
            ledger.lock(what="a run", since=MONDAY_NOON, campaign="spring"),
            ledger.alone(),
            ledger.read() as tx,
        ):
            tx.execute(select(campaigns.c.name))

    open_and_lock()
    event.listen(Engine, "before_cursor_execute", end_all)
    try:
        for nth in count(1, 2):  # every other one: half the time, and each kind of statement is there
            passed.update(nth=nth - passed["nth"], statements=-passed["statements"])
            with suppress(DialerError):
                open_and_lock()
            if passed["statements"] < nth:
                break
    finally:
        event.remove(Engine, "before_cursor_execute", end_all)
    assert passed["nth"] > 10
