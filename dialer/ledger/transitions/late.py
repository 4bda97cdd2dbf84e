"""Outcomes that come after their run was taken over: a call that was created is recorded all the same."""

from sqlalchemy import Connection, select, update

from dialer.calls.attempt import Claim, Settlement
from dialer.calls.outcome import Kind
from dialer.ledger.database.schema import State, attempts, contacts, run_rows
from dialer.ledger.known_contacts import ROW_STANDINGS
from dialer.reasons import Reason


def settle_late(tx: Connection, settlement: Settlement) -> None:
    """Record a created call whose claim another holder of the lock has made unknown, or has released, meanwhile.

    Its contact becomes created, unless a later attempt for it has begun. Any other outcome leaves the doubt that there
    is, and so changes nothing.
    """
    claim, outcome = settlement.claim, settlement.outcome
    if outcome.kind != Kind.CREATED:
        return
    known = {"reason": "", "message": "", "call_id": outcome.call_id}
    tx.execute(
        update(attempts)
        .where(attempts.c.contact_id == claim.contact_id, attempts.c.number == claim.number)
        .where(attempts.c.run_id == claim.run_id, attempts.c.call_id.is_(None))
        .values(outcome=Kind.CREATED, left_state=State.CREATED, settled_at_ms=settlement.settled_at_ms, **known)
    )
    tx.execute(
        update(contacts)
        .where(contacts.c.id == claim.contact_id, contacts.c.attempts == claim.number)
        .where(contacts.c.state != State.CREATED)
        .values(state=State.CREATED, planned_in=None, **known)
    )


def skip_created(tx: Connection, claim: Claim) -> bool:
    """Return whether a late outcome has made the contact of a planned *claim* created; its row tells so then."""
    is_created = select(contacts.c.id).where(contacts.c.id == claim.contact_id, contacts.c.state == State.CREATED)
    if tx.scalar(is_created) is None:
        return False
    is_row = (run_rows.c.run_id == claim.run_id, run_rows.c.contact_id == claim.contact_id)
    tx.execute(update(run_rows).where(*is_row).values(ROW_STANDINGS[Reason.ALREADY_CREATED]._asdict()))
    return True
