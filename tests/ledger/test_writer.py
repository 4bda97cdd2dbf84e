"""The writer's word: what it has answered is on the disk, whatever comes after, and everyone is answered."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from dialer.calls.attempt import Claim
from dialer.calls.outcome import Kind
from dialer.errors import CallIdKnown, LedgerConflict, LedgerWriteFailed, TransitionRefused
from dialer.ledger.database.engine import read, write
from dialer.ledger.database.open import Ledger
from dialer.ledger.transitions.claims import claim_all, recover, settle_all
from dialer.ledger.writer import LedgerWriter
from tests.ledger.books import (
    attempt,
    attempt_rows,
    claim_each,
    claims,
    contact_rows,
    people,
    person,
    planned,
    ready,
    settlement,
    take_in,
)
from tests.support import MONDAY_NOON, number

PATIENCE_SECONDS = 20.0
"""Nobody may wait for ever: a hang is a failure and not a stuck test."""


async def _claim_all(engine: Engine, wanted: list[Claim]) -> list[Claim | Exception]:
    async with LedgerWriter(Ledger(engine)) as book, asyncio.timeout(PATIENCE_SECONDS):
        return await claim_each(book, wanted)


async def _settle_all(engine: Engine, claimed: list[Claim]) -> list[Claim | Exception]:
    async with LedgerWriter(Ledger(engine)) as book, asyncio.timeout(PATIENCE_SECONDS):
        return await book.settle([settlement(claim, Kind.CREATED) for claim in claimed])


def test_answered_claim_is_durable(engine: Engine) -> None:
    """The moment a claim is answered, another connection sees it; and so it is with an outcome."""
    wanted = ready(engine, 40)
    url = engine.url.render_as_string(hide_password=False).replace("+sharing", "")

    async def one(book: LedgerWriter, other: Engine, claim: Claim) -> None:
        assert await book.claim([claim]) == [claim]
        stored = {row.contact_id: row.outcome for row in attempt_rows(other)}
        assert stored[claim.contact_id] is None
        await book.settle([settlement(claim, Kind.UNKNOWN)])
        stored = {row.contact_id: row.outcome for row in attempt_rows(other)}
        assert stored[claim.contact_id] == "unknown"

    async def everyone(other: Engine) -> None:
        async with LedgerWriter(Ledger(engine)) as book, asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*(one(book, other, claim) for claim in wanted))

    with Ledger.open(url) as other:
        asyncio.run(everyone(other.engine))
    assert [row.state for row in contact_rows(engine)] == ["unknown"] * 40


def test_refused_claim_does_not_hurt_the_others(engine: Engine) -> None:
    """Among claims that share a commit, one of a contact that may exist is refused, and the rest are stored."""
    wanted = ready(engine, 30)
    attempt(engine, wanted[7], Kind.UNKNOWN)
    answers = asyncio.run(_claim_all(engine, wanted))
    assert isinstance(answers.pop(7), TransitionRefused)
    assert answers == wanted[:7] + wanted[8:]
    assert sum(row.state == "claimed" for row in contact_rows(engine)) == 29


def test_one_refused_claim_costs_a_group_few_commits(sqlite: Engine) -> None:
    """A number that joined the suppression list, or a contact that may exist, does not part all that came with it."""
    wanted = ready(sqlite, 64)
    attempt(sqlite, wanted[7], Kind.UNKNOWN)
    commits: list[object] = []
    event.listen(sqlite, "commit", commits.append)
    answers = asyncio.run(_claim_all(sqlite, wanted))
    assert [isinstance(answer, TransitionRefused) for answer in answers].index(True) == 7
    assert len(commits) <= 8  # six halves, and a last look at the one


@pytest.mark.slow
def test_fifty_tasks_claim_one_contact_and_one_wins(engine: Engine) -> None:
    """However many ask for the same contact at once, one attempt is written and one asker may send."""
    claim = ready(engine, 1)[0]
    answers = asyncio.run(_claim_all(engine, [claim] * 50))
    assert answers.count(claim) == 1
    assert sum(isinstance(answer, TransitionRefused) for answer in answers) == 49
    assert len(attempt_rows(engine)) == 1


def test_two_writers_claim_one_contact_and_one_wins(engine: Engine) -> None:
    """Also two programs that both believe they may run on the ledger never claim one contact twice."""
    wanted = ready(engine, 25)

    async def both() -> tuple[list[Claim | Exception], list[Claim | Exception]]:
        return await asyncio.gather(_claim_all(engine, wanted), _claim_all(engine, wanted[::-1]))

    first, second = asyncio.run(both())
    for pair in zip(first, second[::-1], strict=True):
        assert {type(answer) for answer in pair} == {Claim, TransitionRefused}
    assert len(attempt_rows(engine)) == 25


def test_an_outcome_shares_the_commit_of_the_next_claim(sqlite: Engine) -> None:
    """An outcome that comes a little before another claim takes no commit of its own, and alone it is written too."""
    first, *others = ready(sqlite, 31)
    commits: list[object] = []

    async def one_after_another() -> None:
        async with LedgerWriter(Ledger(sqlite)) as book, asyncio.timeout(PATIENCE_SECONDS):
            before = await book.claim([first])
            event.listen(sqlite, "commit", commits.append)
            for claim in others:
                settled = book.settle([settlement(item, Kind.CREATED) for item in before if isinstance(item, Claim)])
                for _ in range(5):
                    await asyncio.sleep(0)
                before = await book.claim([claim])
                assert settled.done()
            await book.settle([settlement(item, Kind.CREATED) for item in before if isinstance(item, Claim)])

    asyncio.run(one_after_another())
    assert len(commits) < 45  # of 61 changes, each pair of which shares one but where this machine stands still
    assert [row.state for row in contact_rows(sqlite)] == ["created"] * 31


def test_taken_instant_is_shifted_and_told(engine: Engine) -> None:
    """Three people on one number, planned for one instant, get three; each asker learns the one that was stored."""
    take_in(engine, "r1", [person(row, phone=number(0), key=str(row)) for row in (2, 3, 4)])
    calls = planned(engine, "r1", [2, 3, 4])
    wanted = [replace(claim, slot_ms=calls[0].slot_ms) for claim in claims("r1", calls)]
    answers = asyncio.run(_claim_all(engine, wanted))
    stored = {row.contact_id: row.slot_ms for row in attempt_rows(engine)}
    assert {answer.contact_id: answer.slot_ms for answer in answers if isinstance(answer, Claim)} == stored
    assert sorted(stored.values()) == [calls[0].slot_ms + shift for shift in range(3)]


_CONFLICTS = """
CREATE SEQUENCE conflicts;
CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('conflicts') <= {times} THEN RAISE EXCEPTION USING ERRCODE = '{code}'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER conflict BEFORE INSERT OR UPDATE ON attempts FOR EACH ROW EXECUTE FUNCTION conflict();
"""
"""No rollback takes back what a sequence has counted: the server refuses the first so many changes of attempts."""


@pytest.mark.slow
@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_transaction_that_the_server_takes_back_is_repeated(database: str, code: str) -> None:
    """A serialization failure or a deadlock ends no run: what is surely not stored is stored at the next try."""
    with Ledger.open(database) as ledger:
        wanted = ready(ledger.engine, 5)
        with ledger.write() as tx:
            tx.exec_driver_sql(_CONFLICTS.format(times=1, code=code))
        assert asyncio.run(_claim_all(ledger.engine, wanted)) == wanted
        assert [row.state for row in contact_rows(ledger.engine)] == ["claimed"] * 5
        with ledger.write() as tx:
            tx.exec_driver_sql("ALTER SEQUENCE conflicts RESTART")
        assert asyncio.run(_settle_all(ledger.engine, wanted)) == wanted
        assert [row.state for row in contact_rows(ledger.engine)] == ["created"] * 5


@pytest.mark.slow
def test_conflict_without_end_is_told_and_stores_nothing(database: str) -> None:
    """A transaction that the server takes back each time is told as what it is; nothing of it may be sent."""
    with Ledger.open(database) as ledger:
        wanted = ready(ledger.engine, 2)
        with ledger.write() as tx:
            tx.exec_driver_sql(_CONFLICTS.format(times=1000, code="40001"))
        answers = asyncio.run(_claim_all(ledger.engine, wanted))
        assert all("another program's transaction was in the way" in str(answer) for answer in answers)
        with pytest.raises(LedgerConflict), ledger.write() as tx:
            claim_all(tx, wanted)
        assert not attempt_rows(ledger.engine)


def test_leaving_finishes_what_was_asked(engine: Engine) -> None:
    """A run that ends while claims wait has them all written and answered."""
    wanted = ready(engine, 300)

    async def leave_early() -> list[Claim | Exception]:
        async with LedgerWriter(Ledger(engine)) as book:
            waiting = asyncio.ensure_future(claim_each(book, wanted))
            await asyncio.sleep(0)
        return await asyncio.wait_for(waiting, PATIENCE_SECONDS)

    assert asyncio.run(leave_early()) == wanted
    assert len(attempt_rows(engine)) == 300


def test_asker_after_the_end_is_refused(engine: Engine) -> None:
    """Who asks a writer that has ended is told so at once, and waits for nobody; nothing is written."""
    first, second = ready(engine, 2)

    async def ask_late() -> list[object]:
        async with LedgerWriter(Ledger(engine)) as book:
            await book.claim([first])
        async with asyncio.timeout(PATIENCE_SECONDS):
            return [*await book.claim([second]), *await book.settle([settlement(first, Kind.CREATED)])]

    assert [type(answer) for answer in asyncio.run(ask_late())] == [LedgerWriteFailed] * 2
    assert [(row.contact_id, row.outcome) for row in attempt_rows(engine)] == [(first.contact_id, None)]


def test_asker_who_gave_up_holds_nobody_up(engine: Engine) -> None:
    """A cancelled task's claim may be stored or not; the others' are, and the writer ends."""
    wanted = ready(engine, 20)

    async def give_up() -> list[Claim | Exception]:
        async with LedgerWriter(Ledger(engine)) as book, asyncio.timeout(PATIENCE_SECONDS):
            waiting = [book.claim([claim]) for claim in wanted]
            waiting.pop(3).cancel()
            return [answer for (answer,) in await asyncio.gather(*waiting)]

    answers = asyncio.run(give_up())
    assert answers == wanted[:3] + wanted[4:]
    assert len(attempt_rows(engine)) in (19, 20)


@pytest.mark.slow
def test_full_disk_is_told_to_everyone_who_waits(sqlite: Engine) -> None:
    """A disk that is full refuses claims by name, nobody waits for ever, and nothing half-claimed is left."""
    wanted = ready(sqlite, 900)
    with read(sqlite) as tx:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
    sqlite.dispose()
    event.listen(sqlite, "connect", lambda plain, _: plain.execute(f"PRAGMA max_page_count = {pages}"))
    answers = asyncio.run(_claim_all(sqlite, [*wanted, wanted[0]]))
    refused = [answer for answer in answers if isinstance(answer, LedgerWriteFailed)]
    assert refused
    assert all("full" in str(error) and number(2) not in str(error) for error in refused)
    stored = {row.contact_id for row in attempt_rows(sqlite)}
    assert {answer.contact_id for answer in answers if isinstance(answer, Claim)} == stored
    assert {row.id for row in contact_rows(sqlite) if row.state == "claimed"} == stored


def test_outcome_that_was_not_claimed_is_refused_alone(engine: Engine) -> None:
    """A settlement of an attempt that is not open is refused; those beside it are written."""
    wanted = ready(engine, 3)
    for claim in wanted[:2]:
        attempt(engine, claim, None)

    async def settle() -> list[object]:
        async with LedgerWriter(Ledger(engine)) as book, asyncio.timeout(PATIENCE_SECONDS):
            return list(await book.settle([settlement(claim, Kind.CREATED) for claim in wanted]))

    answers = asyncio.run(settle())
    assert answers[:2] == wanted[:2]
    assert isinstance(answers[2], TransitionRefused)
    assert [row.state for row in contact_rows(engine)] == ["created", "created", "pending"]


KILLS = 20


@pytest.mark.slow
def test_kill_at_any_moment_loses_no_promise(file: Path) -> None:
    """After a SIGKILL every claim and outcome that was acknowledged is there, the file is whole, the lock is free."""
    with Ledger.open(file) as ledger:
        take_in(ledger.engine, "r1", people(3000))
        planned(ledger.engine, "r1", range(2, 3002))
    promised: dict[str, set[tuple[int, int]]] = {"claimed": set(), "settled": set()}
    dice = random.Random(20)
    command = (sys.executable, "-m", "tests.ledger.claimer", str(file), "r1")
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=Path(__file__).parents[2]) as process:
        for _ in range(KILLS):
            _live_and_be_killed(process, dice.randrange(60), promised)
            _judge(file, promised)
        process.communicate(timeout=PATIENCE_SECONDS)
    assert len(promised["claimed"]) > KILLS


def _live_and_be_killed(
    process: "subprocess.Popen[str]", after: int, promised: dict[str, set[tuple[int, int]]]
) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("live\n")
    process.stdin.flush()
    pid, heard = None, 0
    for line in process.stdout:
        what, *told = line.split()
        if what == "dead":
            return
        if what == "pid":
            pid = int(told[0])
        else:
            promised[what].add((int(told[0]), int(told[1])))
            heard += 1
        if pid is not None and heard >= after:
            os.kill(pid, signal.SIGKILL)  # what it says until it is dead still counts
            pid, after = None, sys.maxsize


def _judge(file: Path, promised: dict[str, set[tuple[int, int]]]) -> None:
    with Ledger.open(file) as ledger, ledger.lock(what="a judge", since=MONDAY_NOON):
        tries = attempt_rows(ledger.engine)
        assert promised["claimed"] <= {(row.contact_id, row.number) for row in tries}
        created = {(row.contact_id, row.number) for row in tries if row.outcome == "created"}
        assert promised["settled"] <= created
        left_open = sum(row.outcome is None for row in tries)
        with ledger.write() as tx:
            assert tx.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert recover(tx, "spring", now_ms=1) == left_open
        states = {row.id: (row.state, row.attempts) for row in contact_rows(ledger.engine)}
        assert all(states[row.contact_id] == (row.outcome or "unknown", 1) for row in tries)


def test_an_id_that_is_known_is_refused_alone(engine: Engine) -> None:
    """One id is one call: whoever brings it second learns so, in the same group of writes or later."""
    wanted = ready(engine, 4)
    attempts = [settlement(claim, Kind.CREATED) for claim in wanted]
    for claim in wanted:
        attempt(engine, claim, None)
    repeating = [
        attempts[0],
        replace(attempts[1], outcome=attempts[0].outcome),
        attempts[2],
        replace(attempts[3], outcome=attempts[2].outcome),
    ]

    async def settle() -> list[object]:
        async with LedgerWriter(Ledger(engine)) as book, asyncio.timeout(PATIENCE_SECONDS):
            return list(await book.settle(repeating))

    answers = asyncio.run(settle())

    assert [type(answer) for answer in answers] == [Claim, CallIdKnown, Claim, CallIdKnown]
    assert [row.call_id for row in contact_rows(engine)] == ["call-1", None, "call-3", None]


@pytest.mark.slow
def test_an_id_that_two_runs_bring_at_once_is_taken_once(engine: Engine) -> None:
    """The second waits for the first one's commit, and learns then that the call is another's."""
    mine, other = ready(engine, 2)
    for claim in (mine, other):
        attempt(engine, claim, None)
    settled = settlement(mine, Kind.CREATED)
    answers: list[object] = []

    def settle_other() -> None:
        with pytest.raises(CallIdKnown) as refused, write(engine) as tx:
            settle_all(tx, [replace(settled, claim=other)])
        answers.append(refused.type)

    second = threading.Thread(target=settle_other)
    with write(engine) as tx:
        settle_all(tx, [settled])
        second.start()
        second.join(0.2)  # where it does not wait, it is done by now
    second.join(PATIENCE_SECONDS)

    assert answers == [CallIdKnown]
