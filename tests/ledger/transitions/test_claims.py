"""Every way a contact changes its state, against a model of a dozen lines, on both databases."""

import threading
import time
from dataclasses import asdict, replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Engine, insert, text

from dialer.calls.attempt import Claim
from dialer.calls.outcome import Kind
from dialer.errors import TransitionRefused
from dialer.ledger.database.engine import write
from dialer.ledger.database.schema import State, attempts
from dialer.ledger.transitions.claims import MAX_SHIFT_MS, claim_all, claim_one, next_state, recover
from tests.ledger.books import (
    NOON_MS,
    attempt,
    attempt_rows,
    contact_rows,
    person,
    planned,
    ready,
    take_in,
)
from tests.ledger.journey import Journey
from tests.support import number


@pytest.mark.slow
@pytest.mark.parametrize(("engine", "examples"), [("sqlite", 15), ("postgresql", 8)], indirect=["engine"])
def test_no_order_of_claims_outcomes_and_crashes_creates_a_call_twice(engine: Engine, examples: int) -> None:
    """Attempts are numbered without gap, unknown is never claimed, an instant is used once for a number."""
    run_state_machine_as_test(
        lambda: Journey(engine),  # type: ignore[arg-type]  # it takes any maker, also of a machine with an argument
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],  # 30 steps are read faster than they are shrunk on a disk
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("kind", Kind)
def test_each_outcome_leads_to_one_state(engine: Engine, kind: Kind, *, again: bool) -> None:
    """Only what surely was not created may be claimed again, and what the outcome said stays with the contact."""
    claim = ready(engine, 1)[0]
    attempt(engine, claim, kind, again=again)
    row = contact_rows(engine)[0]
    sure = {Kind.CREATED: State.CREATED, Kind.UNKNOWN: State.UNKNOWN}
    assert row.state == next_state(kind, again=again) == sure.get(kind, State.PENDING if again else State.FAILED)
    assert row.call_id == ("call-1" if kind == Kind.CREATED else None)
    assert row.planned_in == ("r1" if row.state == State.PENDING else None)
    told = attempt_rows(engine)[0]
    assert (told.outcome, told.left_state, told.settled_at_ms) == (kind, row.state, NOON_MS + 500)
    assert (told.reason, told.message) == (row.reason, row.message)


def test_claim_of_another_run_is_refused(engine: Engine) -> None:
    """A contact belongs to the run that means to call it; one that a later run took over is not claimed."""
    stale = ready(engine, 1, "r1")[0]
    take_in(engine, "r2", [person(2)])
    with pytest.raises(TransitionRefused, match=str(stale.contact_id)), write(engine) as tx:
        claim_one(tx, stale)
    assert attempt_rows(engine) == []


@pytest.mark.slow
def test_shifting_has_an_end(engine: Engine) -> None:
    """A claim does not leave its window for a free instant: beyond the span it is refused and nothing is written."""
    first, second = (person(row, phone=number(0), key=str(row)) for row in (2, 3))
    take_in(engine, "r1", [first, second])
    calls = planned(engine, "r1", [2, 3])
    claim = Claim(calls[0].contact_id, 1, "r1", number(0), NOON_MS, NOON_MS)
    with write(engine) as tx:
        tried = (replace(claim, number=shift + 1, slot_ms=NOON_MS + shift) for shift in range(MAX_SHIFT_MS))
        tx.execute(insert(attempts), [asdict(item) | {"reason": "", "message": ""} for item in tried])
    late = Claim(calls[1].contact_id, 1, "r1", number(0), NOON_MS, NOON_MS)
    with pytest.raises(TransitionRefused, match="every instant"), write(engine) as tx:
        claim_one(tx, late)
    assert contact_rows(engine)[1].state == State.PENDING
    with write(engine) as tx:
        assert claim_one(tx, replace(late, slot_ms=NOON_MS + 1)).slot_ms == NOON_MS + MAX_SHIFT_MS


def test_refusal_names_no_number(engine: Engine) -> None:
    """A refused claim is told by the contact's id, never by the person's number."""
    claim = ready(engine, 1)[0]
    attempt(engine, claim, Kind.UNKNOWN)
    with pytest.raises(TransitionRefused) as refused, write(engine) as tx:
        claim_one(tx, claim)
    assert claim.phone not in str(refused.value)


def test_recovery_of_nothing_counts_nothing(engine: Engine) -> None:
    """A start after an orderly end changes no row."""
    claim = ready(engine, 2)[0]
    attempt(engine, claim, Kind.CREATED)
    before = contact_rows(engine)
    with write(engine) as tx:
        assert recover(tx, "spring", now_ms=NOON_MS) == 0
    assert contact_rows(engine) == before


def test_recovery_counts_open_claims_of_its_campaign(engine: Engine) -> None:
    """A kill leaves unknowns, with the reason and when they were found; another campaign may be sending meanwhile."""
    for claim in ready(engine, 3)[:2]:
        attempt(engine, claim, None)
    take_in(engine, "s1", [person(9)], campaign="summer")
    call = planned(engine, "s1", [9])[0]
    attempt(engine, Claim(call.contact_id, 1, "s1", call.phone, call.slot_ms, NOON_MS), None)
    with write(engine) as tx:
        assert recover(tx, "spring", now_ms=NOON_MS + 9) == 2
    assert [row.state for row in contact_rows(engine)] == ["unknown", "unknown", "pending", "claimed"]
    assert {(row.outcome, row.reason, row.settled_at_ms) for row in attempt_rows(engine)} == {
        ("unknown", "interrupted", NOON_MS + 9),
        (None, "", None),
    }


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_two_writers_never_wait_for_each_other(engine: Engine) -> None:
    """Groups that hold the same contacts in another order take them in one order, so that neither is a deadlock's."""
    first, second = ready(engine, 2)
    refused: list[BaseException] = []

    def claim_both() -> None:
        try:
            with write(engine) as tx:
                claim_all(tx, [second, first])
        except TransitionRefused as error:
            refused.append(error)

    other = threading.Thread(target=claim_both)
    with write(engine) as tx:
        claim_all(tx, [first])
        other.start()
        waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        until = time.monotonic() + 10
        while not tx.scalar(waits) and time.monotonic() < until:
            pass
        claim_all(tx, [second])
    other.join()
    assert len(refused) == 1
    assert len(attempt_rows(engine)) == 2
