"""Whom another campaign has called: known by any of their numbers, and after a purge by the one that was called."""

import pytest
from sqlalchemy import Engine

from dialer.calls.outcome import Kind
from dialer.ledger.database.engine import write
from dialer.ledger.known_contacts import remember_called
from dialer.ledger.transitions.excluded import hold_called_by
from tests.ledger.books import attempt, claims, people, planned, take_in, verdicts
from tests.support import number

CALLED = {Kind.CREATED: True, Kind.UNKNOWN: True, None: True, Kind.REFUSED: False, Kind.NOT_SENT: False}


@pytest.mark.parametrize("kind", CALLED)
def test_whoever_may_have_been_called_is_held(engine: Engine, kind: Kind | None) -> None:
    """A call that was created, may have been or is claimed counts; one that surely was not leaves its person free."""
    take_in(engine, "w1", people(2), content="w", campaign="winter")
    attempt(engine, claims("w1", planned(engine, "w1", [2]))[0], kind)
    take_in(engine, "r1", people(2))
    for names, is_held in ((["autumn"], False), ([], False), (["autumn", "winter"], CALLED[kind])):
        with write(engine) as tx:
            hold_called_by(tx, "r1", names)
        first = ("skipped", "excluded_number") if is_held else ("pending", "waiting")
        assert verdicts(engine, "r1") == [(2, *first), (3, "pending", "waiting")]


def test_whoever_was_called_before_a_purge_is_held(engine: Engine) -> None:
    """The ledger has only their keyed hash."""
    winter = take_in(engine, "w1", people(1), content="w", campaign="winter")
    with write(engine) as tx:
        remember_called(tx, winter.campaign_id, [number(3)])
    take_in(engine, "r1", people(2))
    with write(engine) as tx:
        hold_called_by(tx, "r1", ["winter"])
    assert verdicts(engine, "r1") == [(2, "pending", "waiting"), (3, "skipped", "excluded_number")]
