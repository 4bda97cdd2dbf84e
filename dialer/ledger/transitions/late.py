"""Outcomes that come after their run was taken over: a call that was created is recorded all the same."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select, update

from dialer.calls.attempt import Claim, Settlement
from dialer.calls.outcome import Kind
from dialer.chunks import chunks
from dialer.ledger.database.schema import CLAIMABLE, State, attempts, contacts, run_rows
from dialer.ledger.known_contacts import ROW_STANDINGS
from dialer.ledger.transitions.doubted import doubt_holder, refuse_known_ids
from dialer.reasons import Reason

SURELY_NOT = (Kind.NOT_SENT, Kind.REFUSED)
"""Outcomes after which a contact may be called again."""

_MOST_IDS = 500


def settle_late(tx: Connection, settlement: Settlement) -> None:
    """Record a created call whose claim another holder of the lock has made unknown, or has released, or not yet seen.

    Its contact becomes created, unless a later attempt may exist: the end of that one lets `hold_created_late` do it.
    One with the id of another call leaves both in doubt: who was released meanwhile is unknown again. Any other outcome
    leaves the doubt that there is, and so changes nothing. Raises `CallIdKnown` as `settle_all` does.
    """
    claim, outcome = settlement.claim, settlement.outcome
    if outcome.repeats is not None:
        doubt_holder(tx, claim.run_id, outcome.repeats)
        _hold_released(tx, settlement)
    if outcome.kind != Kind.CREATED:
        return
    refuse_known_ids(tx, [settlement])
    is_last = contacts.c.attempts == claim.number
    known = {"reason": "", "message": "", "call_id": outcome.call_id}
    tx.execute(
        update(attempts)
        .where(attempts.c.contact_id == claim.contact_id, attempts.c.number == claim.number)
        .where(attempts.c.run_id == claim.run_id, attempts.c.call_id.is_(None))
        .values(outcome=Kind.CREATED, left_state=State.CREATED, settled_at_ms=settlement.settled_at_ms, **known)
    )
    tx.execute(
        update(contacts)
        .where(contacts.c.id == claim.contact_id)
        .where(contacts.c.state.in_(CLAIMABLE) | is_last & contacts.c.state.in_((State.CLAIMED, State.UNKNOWN)))
        .values(state=State.CREATED, planned_in=None, **known)
    )


def _hold_released(tx: Connection, settlement: Settlement) -> None:
    """Make a claim's contact unknown where another has let it go meanwhile, and has not claimed it again."""
    claim, outcome = settlement.claim, settlement.outcome
    is_let_go = (
        contacts.c.id == claim.contact_id,
        contacts.c.attempts == claim.number,
        contacts.c.state.in_(CLAIMABLE),
    )
    values = {"reason": outcome.reason, "message": outcome.message}
    if tx.execute(update(contacts).where(*is_let_go).values(state=State.UNKNOWN, planned_in=None, **values)).rowcount:
        tx.execute(
            update(attempts)
            .where(attempts.c.contact_id == claim.contact_id, attempts.c.number == claim.number)
            .values(outcome=Kind.UNKNOWN, left_state=State.UNKNOWN, **values)
        )


def hold_created_late(tx: Connection, contact_ids: Sequence[int]) -> None:
    """Make the contacts created whose last attempt came to nothing when an earlier one had created a call.

    That one's outcome came late: after the last attempt was claimed.
    """
    if not contact_ids:  # after most outcomes: the statement is not even built
        return
    last, earlier = attempts.alias(), attempts.alias()
    late_id = (
        select(func.max(earlier.c.call_id))
        .join(last, last.c.contact_id == earlier.c.contact_id)
        .where(earlier.c.contact_id == contacts.c.id, last.c.number == contacts.c.attempts)
        .where(earlier.c.number < last.c.number, earlier.c.settled_at_ms >= last.c.claimed_at_ms)
        .correlate(contacts)
        .scalar_subquery()
    )
    values = {"state": State.CREATED, "planned_in": None, "reason": "", "message": "", "call_id": late_id}
    for ids in chunks(contact_ids, _MOST_IDS):
        is_held = (contacts.c.id.in_(ids), contacts.c.state.in_(CLAIMABLE), late_id.is_not(None))
        tx.execute(update(contacts).where(*is_held).values(**values))


def skip_created(tx: Connection, claim: Claim) -> bool:
    """Return whether a late outcome has made the contact of a planned *claim* created; its row tells so then."""
    is_created = select(contacts.c.id).where(contacts.c.id == claim.contact_id, contacts.c.state == State.CREATED)
    if tx.scalar(is_created) is None:
        return False
    is_row = (run_rows.c.run_id == claim.run_id, run_rows.c.contact_id == claim.contact_id)
    tx.execute(update(run_rows).where(*is_row).values(ROW_STANDINGS[Reason.ALREADY_CREATED]._asdict()))
    return True
