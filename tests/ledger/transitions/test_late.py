"""An outcome that comes after its run was taken over is never lost where it says that a call exists."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from dialer.calls.attempt import Claim, Settlement
from dialer.calls.outcome import Kind, Outcome, repeated_id
from dialer.calls.reconciliation import Finding, Found
from dialer.errors import CallIdKnown, CreatedMeanwhile
from dialer.ledger.database.engine import read, write
from dialer.ledger.database.open import Ledger
from dialer.ledger.transitions.claims import recover, settle_all
from dialer.ledger.transitions.decided import decide
from dialer.ledger.transitions.late import settle_late
from dialer.ledger.transitions.reconciled import release_not_found, unknown_attempts, write_findings
from dialer.ledger.transitions.reopened import Policy, reopen_due
from dialer.ledger.writer import LedgerWriter
from tests.ledger.books import NOON_MS, attempt, attempt_rows, claim_each, contact_rows, ready, settlement, verdicts


@pytest.mark.parametrize("made", ["nothing yet", "unknown", "released"])
def test_created_call_is_recorded_whatever_was_made_of_its_claim(engine: Engine, made: str) -> None:
    """The taker has the lock alone, or made the claim unknown, or let it go even: its id comes in all the same."""
    claim = ready(engine, 1)[0]
    attempt(engine, claim, None)
    if made != "nothing yet":
        with write(engine) as tx:
            recover(tx, "spring", now_ms=NOON_MS)
    if made == "released":
        with read(engine) as tx:
            ((unknown,),) = unknown_attempts(tx, None).values()
        with write(engine) as tx:
            release_not_found(tx, [Found(unknown, Finding.NOT_FOUND)])
    late = Settlement(claim, Outcome(Kind.CREATED, call_id="call-1"), NOON_MS + 9)
    for _ in range(2):  # the answer to a commit may be lost
        with write(engine) as tx:
            settle_late(tx, late)

    (row,) = attempt_rows(engine)
    assert (row.outcome, row.left_state, row.call_id, row.reason) == ("created", "created", "call-1", "")
    assert [(row.state, row.call_id, row.planned_in) for row in contact_rows(engine)] == [("created", "call-1", None)]


@pytest.mark.parametrize("kind", [Kind.NOT_SENT, Kind.REFUSED, Kind.UNKNOWN])
def test_any_other_outcome_leaves_the_doubt(engine: Engine, kind: Kind) -> None:
    """What a run that was taken over says of its claims frees nobody: the taker looks for them."""
    claim = ready(engine, 1)[0]
    attempt(engine, claim, None)
    with write(engine) as tx:
        recover(tx, "spring", now_ms=NOON_MS)
        settle_late(tx, Settlement(claim, Outcome(kind), NOON_MS + 9))

    assert [row.outcome for row in attempt_rows(engine)] == ["unknown"]
    assert [row.state for row in contact_rows(engine)] == ["unknown"]


@pytest.mark.parametrize("released", [False, True], ids=["unknown", "released"])
def test_an_id_that_comes_late_and_twice_leaves_both_in_doubt(engine: Engine, *, released: bool) -> None:
    """Whoever has it, and whoever comes with it, though the taker had let that one go: nobody is called again."""
    first, second = ready(engine, 2)
    attempt(engine, first, Kind.CREATED)
    missing = _taken_over(engine, second)
    if released:
        with write(engine) as tx:
            release_not_found(tx, [missing])
    late = settlement(second, Kind.CREATED)
    late = replace(late, outcome=replace(late.outcome, call_id="call-1"))
    with pytest.raises(CallIdKnown), write(engine) as tx:
        settle_late(tx, late)
    with write(engine) as tx:
        settle_late(tx, replace(late, outcome=repeated_id(late.outcome)))

    assert [(row.state, row.call_id) for row in contact_rows(engine)] == [("unknown", None)] * 2
    assert [(row.outcome, row.left_state) for row in attempt_rows(engine)] == [("unknown", "unknown")] * 2


def _taken_over(engine: Engine, claim: Claim) -> Found:
    """Leave a claim open, let another take the run over, and return that nothing was found of it."""
    attempt(engine, claim, None)
    with write(engine) as tx:
        recover(tx, "spring", now_ms=NOON_MS)
    with read(engine) as tx:
        ((unknown,),) = unknown_attempts(tx, None).values()
    return Found(unknown, Finding.NOT_FOUND)


def _come_late(engine: Engine, claim: Claim) -> None:
    with write(engine) as tx:
        settle_late(tx, Settlement(claim, Outcome(Kind.CREATED, call_id="call-1"), NOON_MS + 9))


def test_run_goes_on_without_a_contact_that_was_created_after_its_plan(engine: Engine) -> None:
    """Released, planned anew, and then the call exists after all: it is not claimed, and its row is told as created."""
    first = ready(engine, 1)[0]
    missing = _taken_over(engine, first)
    with write(engine) as tx:
        release_not_found(tx, [missing])
    second, other = ready(engine, 2, "r2")
    _come_late(engine, first)

    async def claim_both() -> None:
        async with LedgerWriter(Ledger(engine)) as writer:
            late, stored = await claim_each(writer, [second, other])
        assert isinstance(late, CreatedMeanwhile)
        assert stored == other

    asyncio.run(claim_both())
    assert verdicts(engine, "r2")[0] == (2, "skipped", "already_created")
    assert [row.call_id for row in attempt_rows(engine)] == ["call-1", None]


@pytest.mark.parametrize("finding", [Finding.NOT_FOUND, Finding.CREATED])
def test_reconciliation_that_a_late_outcome_overtakes_changes_nothing(engine: Engine, finding: Finding) -> None:
    """What was unknown when the listing was read, and is created by now, is neither released nor found once more."""
    claim = ready(engine, 1)[0]
    found = Found(_taken_over(engine, claim).attempt, finding, "call-1" if finding == Finding.CREATED else None)
    _come_late(engine, claim)
    with write(engine) as tx:
        write_findings(tx, [found])
        released = release_not_found(tx, [found])

    assert released == 0
    assert [(row.state, row.call_id) for row in contact_rows(engine)] == [("created", "call-1")]


@pytest.mark.parametrize("late_first", [True, False], ids=["before its outcome", "after its outcome"])
@pytest.mark.parametrize(
    ("ending", "by_hand"), [(Kind.NOT_SENT, False), (Kind.REFUSED, False), (Kind.UNKNOWN, False), (Kind.UNKNOWN, True)]
)
@pytest.mark.parametrize("again", [True, False])
def test_a_later_attempt_that_came_to_nothing_frees_nobody_who_has_a_call(
    engine: Engine, ending: Kind, *, by_hand: bool, late_first: bool, again: bool
) -> None:
    """Released and sent again, and that was not sent, not found, or not there by a person's word: the first call, told
    late, is the person's call.
    """
    first = ready(engine, 1)[0]
    missing = _taken_over(engine, first)
    with write(engine) as tx:
        release_not_found(tx, [missing])
    second = replace(ready(engine, 1, "r2")[0], slot_ms=NOON_MS + 5)
    attempt(engine, second, None)
    if late_first:
        _come_late(engine, first)
    with write(engine) as tx:
        settle_all(tx, [settlement(second, ending, again=again)])
    if not late_first:
        _come_late(engine, first)
    if ending == Kind.UNKNOWN:
        assert [row.state for row in contact_rows(engine)] == ["unknown"]
        with read(engine) as tx:
            ((unknown,),) = unknown_attempts(tx, None).values()
        with write(engine) as tx:
            if by_hand:
                decide(tx, unknown, None, by="Ann", at_ms=NOON_MS)
            else:
                release_not_found(tx, [Found(unknown, Finding.NOT_FOUND)])

    assert [(row.state, row.call_id, row.planned_in) for row in contact_rows(engine)] == [("created", "call-1", None)]


def test_an_earlier_call_that_was_known_holds_nobody_who_is_redialled(engine: Engine) -> None:
    """Called, called again on purpose, and that was not sent: the person stays to be called."""
    first = ready(engine, 1)[0]
    attempt(engine, first, Kind.CREATED)
    with write(engine) as tx:
        reopen_due(tx, 1, Policy(max_calls=9, again_after_ms=0), now_ms=NOON_MS * 2)
    second = replace(ready(engine, 1, "r2")[0], slot_ms=NOON_MS + 5, claimed_at_ms=NOON_MS + 1_000)
    attempt(engine, second, Kind.NOT_SENT, again=True)

    assert [row.state for row in contact_rows(engine)] == ["pending"]
