"""The budget in the ledger: a claim is its own reservation, whatever becomes of the process."""

import asyncio
import json

import pytest
from sqlalchemy import Engine, select, update

from dialer.calls.attempt import Claim
from dialer.calls.disposition import Disposition
from dialer.calls.outcome import Kind
from dialer.campaign.budget import Spending
from dialer.errors import BudgetSpent
from dialer.ledger.database.engine import read, write
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import runs
from dialer.ledger.dispositions import calls_without_end, write_dispositions
from dialer.ledger.purge import forget_people
from dialer.ledger.runs import campaign_id_of
from dialer.ledger.spending import spending_of
from dialer.ledger.transitions.claims import recover
from dialer.ledger.writer import LedgerWriter
from tests.ledger.books import NOON_MS, attempt, claim_each, ready, settlement


def spending(engine: Engine) -> Spending:
    """Return what the campaign has spent."""
    with read(engine) as tx:
        return spending_of(tx, campaign_id_of(tx, "spring") or 0)


def note_budget(engine: Engine, **budget: object) -> None:
    """Note a budget in the facts of the run, as a run with one does when it begins."""
    with write(engine) as tx:
        facts = json.loads(tx.scalar(select(runs.c.facts)) or "{}")
        tx.execute(update(runs).values(facts=json.dumps(facts | {"budget": budget})))


def claim_all(engine: Engine, wanted: list[Claim]) -> list[Claim | Exception]:
    """Claim all of *wanted* side by side."""

    async def work() -> list[Claim | Exception]:
        async with LedgerWriter(Ledger(engine)) as store:
            return await claim_each(store, wanted)

    return asyncio.run(work())


def ended(engine: Engine, *ends: Disposition) -> None:
    """Store how the open calls ended, in their order."""
    with write(engine) as tx:
        calls = calls_without_end(tx, campaign_id_of(tx, "spring") or 0, slots_from_ms=0, slots_to_ms=NOON_MS * 2)
        write_dispositions(tx, list(zip(calls, ends, strict=False)), seen_at_ms=NOON_MS + 3_600_000)


def test_whatever_may_be_a_call_is_reserved(engine: Engine) -> None:
    """Open claims, created and unknown calls count; those that surely are none do not."""
    for claim, kind in zip(
        ready(engine, 6), [None, Kind.CREATED, Kind.UNKNOWN, Kind.REFUSED, Kind.NOT_SENT, Kind.CREATED], strict=True
    ):
        attempt(engine, claim, kind)

    assert spending(engine) == Spending(calls=4, settled_seconds=0, reserved=4)


def test_an_end_settles_by_the_real_duration(engine: Engine) -> None:
    """A talk counts by its seconds, a call that nobody answered costs nothing, one that still rings stays reserved."""
    for claim in ready(engine, 4):
        attempt(engine, claim, Kind.CREATED)
    ended(
        engine,
        Disposition("call-1", "completed", duration_seconds=42.5, ended_at_ms=NOON_MS),
        Disposition("call-2", "noAnswer"),
        Disposition("call-3", "completed", ended_at_ms=NOON_MS),  # how long it took is not known
        Disposition("call-4", "inProgress", duration_seconds=5.0),
    )
    assert spending(engine) == Spending(calls=4, settled_seconds=42.5, reserved=2)


def test_a_purge_gives_no_money_back(engine: Engine) -> None:
    """Erased calls have been paid for."""
    for claim in ready(engine, 3):
        attempt(engine, claim, Kind.CREATED)
    ended(engine, Disposition("call-1", "completed", duration_seconds=60.0, ended_at_ms=NOON_MS))
    before = spending(engine)
    with write(engine) as tx:
        forget_people(tx, campaign_id_of(tx, "spring") or 0)

    assert before == spending(engine) == Spending(calls=3, settled_seconds=60, reserved=2)


@pytest.mark.parametrize(
    ("budget", "admitted"),
    [
        ({"max_calls": 4}, 4),
        ({"max_calls": 0}, 0),
        ({"cost_per_minute": "0.5", "minutes_per_call": "2", "max_cost": "7"}, 7),
        ({"max_calls": 100}, 20),
    ],
)
def test_no_claim_is_written_beyond_the_budget(engine: Engine, budget: dict[str, object], admitted: int) -> None:
    """However many workers claim at once, exactly as many claims are on the disk as the budget allows."""
    wanted = ready(engine, 20)
    note_budget(engine, **budget)
    answers = claim_all(engine, wanted)

    assert sum(isinstance(answer, Claim) for answer in answers) == admitted
    assert all(isinstance(answer, Claim | BudgetSpent) for answer in answers)
    assert spending(engine).calls == admitted


def test_a_kill_frees_nothing_and_a_call_that_was_not_sent_does(engine: Engine) -> None:
    """A claim whose process died counts on as unknown; one that surely was not sent makes room for another."""
    wanted = ready(engine, 6)
    note_budget(engine, max_calls=3)
    first = [claim for claim in claim_all(engine, wanted) if isinstance(claim, Claim)]
    with write(engine) as tx:
        recover(tx, "spring", now_ms=NOON_MS)
    assert not [answer for answer in claim_all(engine, wanted[3:]) if isinstance(answer, Claim)]

    assert (len(first), spending(engine).calls) == (3, 3)


def test_room_is_made_by_the_same_commit(engine: Engine) -> None:
    """What a settlement frees may be claimed at once."""
    wanted = ready(engine, 2)
    note_budget(engine, max_calls=1)

    async def work() -> list[Claim | Exception]:
        async with LedgerWriter(Ledger(engine)) as store:
            await store.claim(wanted[:1])
            refused = await store.claim(wanted[1:])
            await store.settle([settlement(wanted[0], Kind.NOT_SENT)])
            return [*refused, *await store.claim(wanted[1:])]

    refused, stored = asyncio.run(work())
    assert isinstance(refused, BudgetSpent)
    assert "max_calls = 1" in str(refused)
    assert stored == wanted[1]
