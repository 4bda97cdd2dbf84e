"""Whom another campaign has called: known by any of their numbers, and after a purge by the one that was called."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import Connection, Engine, event, text

from dialer.calls.outcome import Kind
from dialer.errors import LedgerWriteFailed
from dialer.ledger.database.engine import write
from dialer.ledger.database.open import Ledger
from dialer.ledger.known_contacts import remember_called
from dialer.ledger.suppression_list import suppress_numbers
from dialer.ledger.transitions.claims import claim_all, hold_suppressed_in_run
from dialer.ledger.transitions.excluded import hold_called_by
from tests.ledger.books import NOON_MS, attempt, claims, contact_rows, empty, people, planned, take_in, verdicts
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


def _opt_out(tx: Connection) -> None:
    suppress_numbers(tx, [number(3)], reason="asked", at_ms=NOON_MS)


def _call_of_another(tx: Connection) -> None:
    claim_all(tx, claims("w1", planned(tx.engine, "w1", [3])))


def _hold_excluded(tx: Connection, run_id: str) -> None:
    hold_called_by(tx, run_id, ["winter"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("hold", "other"), [(hold_suppressed_in_run, _opt_out), (_hold_excluded, _call_of_another)], ids=["list", "calls"]
)
def test_whoever_leaves_the_run_has_a_row_that_says_so(
    kept_ledger: Ledger, hold: Callable[[Connection, str], None], other: Callable[[Connection], None]
) -> None:
    """Whatever another commits before any one statement of the holding, no contact leaves with a row that waits."""
    engine, reached, tried = kept_ledger.engine, True, 0
    while reached:
        empty(kept_ledger)
        take_in(engine, "w1", people(2), content="w", campaign="winter")
        attempt(engine, claims("w1", planned(engine, "w1", [2]))[0], Kind.CREATED)
        with write(engine) as tx:
            suppress_numbers(tx, [number(9)], reason="asked", at_ms=NOON_MS)
        take_in(engine, "r1", people(3))
        reached = False
        with write(engine) as holding:
            left = tried

            def commit_between(*_: object) -> None:
                nonlocal left, reached
                left -= 1
                if left == -1:
                    reached = True
                    with suppress(LedgerWriteFailed), write(engine) as tx:
                        tx.execute(text("SET LOCAL lock_timeout = '20ms'"))  # it comes after the holding then
                        other(tx)

            event.listen(holding, "before_cursor_execute", commit_between)
            hold(holding, "r1")
            event.remove(holding, "before_cursor_execute", commit_between)
        of_run = [row for row in contact_rows(engine) if row.campaign_id == 2]
        gone = [row.planned_in is None for row in of_run]
        assert gone == [status == "skipped" for _, status, _ in verdicts(engine, "r1")]
        tried += 1
    assert tried > 2
