"""Rows that a retry is about to send: read with their cells, given another body, or left out."""

from sqlalchemy import Engine, select

from dialer.calls.outcome import Kind
from dialer.ledger.database.engine import write
from dialer.ledger.database.schema import contacts, runs
from dialer.ledger.renewed_rows import leave_out, renew_payloads, rows_to_send
from dialer.ledger.retries import Selection, retake_rows
from dialer.ledger.runs import begin_run
from dialer.ledger.transitions.reopened import hold_spent
from dialer.reasons import Reason
from tests.ledger.books import NOON_MS, attempt, claims, people, planned, sheet, take_in, verdicts


def test_rows_to_send_are_renewed_or_left_out(engine: Engine) -> None:
    """Those that failed and no others; another body is another request, whose refusals begin anew."""
    take_in(engine, "r1", people(4))
    wanted = claims("r1", planned(engine, "r1", range(2, 5)))
    for claim, kind in zip(wanted, (Kind.CREATED, Kind.REFUSED, Kind.REFUSED), strict=True):
        attempt(engine, claim, kind)
    with write(engine) as tx:
        run = begin_run(tx, run_id="again", campaign="spring", sheet=sheet(), started_at_ms=NOON_MS + 1, facts={})
        retake_rows(tx, run, "r1", Selection(max_calls=3))
        sheet_id = tx.scalar(select(runs.c.sheet_id).where(runs.c.id == "r1")) or 0
        first, second = rows_to_send(tx, run, sheet_id)
        renew_payloads(tx, {first.contact_id: "{}"})
        leave_out(tx, run, second.contact_id, Reason.CALL_VALUE_UNKNOWN, "why")
        held = hold_spent(tx, "again", 1)
        left = rows_to_send(tx, run, sheet_id)
        payload = tx.scalar(select(contacts.c.payload).where(contacts.c.id == first.contact_id))
    assert (held, [row.contact_id for row in left], payload) == (0, [first.contact_id], "{}")
    assert (4, "rejected", "call_value_unknown") in verdicts(engine, "again")
