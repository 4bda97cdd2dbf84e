"""What a person found out settles an unknown attempt once, under their name, and takes no other row's call."""

import pytest
from sqlalchemy import Engine

from dialer.calls.outcome import Kind
from dialer.calls.reconciliation import UnknownAttempt
from dialer.errors import CallIdKnown, TransitionRefused
from dialer.ledger.database.engine import read, write
from dialer.ledger.database.schema import State
from dialer.ledger.transitions.decided import call_of, decide, decisions_of, rows_of_unknown
from dialer.ledger.transitions.reconciled import unknown_attempts
from tests.ledger.books import NOON_MS, attempt, claims, contact_rows, people, planned, take_in

BY = "ada@office"


def lost(engine: Engine, kinds: tuple[Kind, ...] = (Kind.UNKNOWN, Kind.UNKNOWN)) -> list[UnknownAttempt]:
    """Make a call of each kind for the rows from 2 on, and return the unknown ones."""
    take_in(engine, "r1", people(len(kinds)))
    made = claims("r1", planned(engine, "r1", range(2, len(kinds) + 2)))
    for claim, kind in zip(made, kinds, strict=True):
        attempt(engine, claim, kind)
    with read(engine) as tx:
        return [item for found in unknown_attempts(tx, 1).values() for item in found]


def test_a_call_that_was_found_is_the_rows(engine: Engine) -> None:
    """It is created with this id, as if its reply had come; the message tells who said so, and when."""
    first, _ = lost(engine)
    with write(engine) as tx:
        decide(tx, first, "call-9", by=BY, at_ms=NOON_MS)
    contact = contact_rows(engine)[0]

    assert (contact.state, contact.call_id, contact.reason) == (State.CREATED, "call-9", "decided")
    assert contact.message == "Decided by hand by ada@office at 2026-11-23T17:00:00.000Z: this is its call."
    with read(engine) as tx:
        assert call_of(tx, contact.id) == "call-9"


def test_a_call_that_is_not_there_frees_the_row(engine: Engine) -> None:
    """It has failed, and a later run may send it; nothing of the other row changes."""
    first, _ = lost(engine)
    with write(engine) as tx:
        decide(tx, first, None, by=BY, at_ms=NOON_MS)
    freed, other = contact_rows(engine)

    assert (freed.state, freed.call_id, freed.reason) == (State.FAILED, None, "released")
    assert (other.state, other.message) == (State.UNKNOWN, other.message)
    with read(engine) as tx:
        assert decisions_of(tx, 1) == [f"row 2: {freed.message}"]


def test_what_was_decided_is_decided(engine: Engine) -> None:
    """Neither another word about it, nor one about a row whose outcome is known, changes anything."""
    first, _ = lost(engine)
    with write(engine) as tx:
        decide(tx, first, "call-9", by=BY, at_ms=NOON_MS)
    with pytest.raises(TransitionRefused), write(engine) as tx:
        decide(tx, first, None, by=BY, at_ms=NOON_MS)
    assert contact_rows(engine)[0].call_id == "call-9"


def test_no_call_is_two_rows(engine: Engine) -> None:
    """An id that the ledger knows, of whichever row, is refused, and nothing of the decision stays."""
    first, second = lost(engine)
    with write(engine) as tx:
        decide(tx, first, "call-9", by=BY, at_ms=NOON_MS)
    with pytest.raises(CallIdKnown), write(engine) as tx:
        decide(tx, second, "call-9", by=BY, at_ms=NOON_MS)
    assert contact_rows(engine)[1].state == State.UNKNOWN


def test_rows_are_those_of_the_sheet_that_held_them_last(engine: Engine) -> None:
    """A sheet that was sorted since has other numbers: the newer ones count, and known outcomes have none."""
    lost(engine, (Kind.UNKNOWN, Kind.CREATED, Kind.UNKNOWN))
    with read(engine) as tx:
        assert rows_of_unknown(tx, 1) == {2: [1], 4: [3]}
        assert rows_of_unknown(tx, 2) == {}
