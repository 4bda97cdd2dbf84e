"""An outcome that comes after its run was taken over is never lost where it says that a call exists."""

import pytest
from sqlalchemy import Engine

from dialer.calls.attempt import Settlement
from dialer.calls.outcome import Kind, Outcome
from dialer.calls.reconciliation import Finding, Found
from dialer.ledger.database.engine import read, write
from dialer.ledger.transitions.claims import recover
from dialer.ledger.transitions.late import settle_late
from dialer.ledger.transitions.reconciled import release_not_found, unknown_attempts
from tests.ledger.books import NOON_MS, attempt, attempt_rows, contact_rows, ready


@pytest.mark.parametrize("released", [False, True], ids=["unknown", "released"])
def test_created_call_is_recorded_whatever_was_made_of_its_claim(engine: Engine, *, released: bool) -> None:
    """The taker made the claim unknown, or let it go even: its id comes in all the same, and nobody calls again."""
    claim = ready(engine, 1)[0]
    attempt(engine, claim, None)
    with write(engine) as tx:
        recover(tx, "spring", now_ms=NOON_MS)
    if released:
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
