"""Created calls whose id turns out to be another call's: they become unknown, and the listing tells which they are.

Doubted, of the state machine in `dialer.ledger.transitions`. Only a contact changes whose last call it is: one that was
reopened since is called again on purpose, whatever became of the call before.
"""

from collections.abc import Sequence
from itertools import chain

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from dialer.calls.attempt import Settlement
from dialer.calls.outcome import Kind
from dialer.calls.reconciliation import Listing, UnknownAttempt
from dialer.chunks import chunks
from dialer.errors import CallIdKnown
from dialer.ledger.database.engine import MOST_VALUES, marks
from dialer.ledger.database.schema import State, attempts, contacts, dispositions
from dialer.reasons import Reason

_REPEATED = "The API answered another call with this one's id, {call_id}, too. The call may exist."
_LISTED = "The API lists the id of this call, {call_id}, as the call of another row. The call may exist."


def refuse_known_ids(tx: Connection, settlements: Sequence[Settlement]) -> None:
    """Raise `CallIdKnown` where another attempt has the id of one of *settlements*, or two of these have the same.

    No unique index does this: the ledgers of earlier programs hold some ids twice. On PostgreSQL, where two runs may
    write at once, the later one waits here for the other's commit.
    """
    brought = {item.outcome.call_id: item.claim for item in settlements if item.outcome.call_id is not None}
    if not brought:
        return
    if tx.dialect.name == "postgresql":
        lock = "pg_advisory_xact_lock(hashtextextended(call_id, 0))"
        tx.exec_driver_sql(f"SELECT {lock} FROM unnest(%s::text[]) AS call_id", (sorted(brought),))  # noqa: S608 - no value
    is_known = any(
        (contact_id, number) != (brought[call_id].contact_id, brought[call_id].number)
        for call_ids in chunks(brought, MOST_VALUES)
        for call_id, contact_id, number in tx.exec_driver_sql(
            f"SELECT call_id, contact_id, number FROM attempts WHERE call_id IN ({marks(tx, len(call_ids))})",  # noqa: S608 - no value
            tuple(call_ids),
        )
    )  # its own: the answer to an earlier commit may be lost
    if is_known or len(brought) < sum(item.outcome.call_id is not None for item in settlements):
        raise CallIdKnown("The reply to a new call has the id of another call.")


def doubt_holder(tx: Connection, run_id: str, call_id: str) -> None:
    """Make the call unknown that a run has created with *call_id*: its reply was not the only one with that id.

    The call of an earlier run keeps its id: it was alone with it when that run ended.
    """
    _doubt(tx, _REPEATED, attempts.c.call_id == call_id, attempts.c.run_id == run_id)


def doubt_misplaced(
    tx: Connection, sought: Sequence[UnknownAttempt], passes: Sequence[Listing]
) -> frozenset[tuple[int, int]]:
    """Make the calls unknown whose id the listing gives to one of the *sought* attempts of the same campaign.

    Number and exact instant show it. Return the contact and number of each attempt that became unknown. A run that was
    killed leaves such a call, where its reply had the other's id and the other's own reply was still to come.
    """
    wanted = {(attempt.phone, attempt.slot_ms) for attempt in sought}
    listed = chain.from_iterable(listing.calls for listing in passes)
    ids = {call.call_id for call in listed if (call.phone, call.slot_ms) in wanted}
    if not ids:
        return frozenset()
    campaign = select(contacts.c.campaign_id).where(contacts.c.id == sought[0].contact_id).scalar_subquery()
    return _doubt(tx, _LISTED, attempts.c.call_id.in_(ids), contacts.c.campaign_id == campaign)


def _doubt(tx: Connection, message: str, *which: ColumnElement[bool]) -> frozenset[tuple[int, int]]:
    its_last = and_(contacts.c.id == attempts.c.contact_id, contacts.c.attempts == attempts.c.number)
    holders = (
        select(attempts.c.contact_id, attempts.c.number, attempts.c.call_id)
        .join(contacts, its_last)
        .where(*which, attempts.c.outcome == Kind.CREATED)
        .where(contacts.c.state == State.CREATED, contacts.c.call_id == attempts.c.call_id)
    )
    doubted = set()
    for contact_id, number, call_id in tx.execute(holders).all():
        has_id = (contacts.c.id == contact_id, contacts.c.state == State.CREATED, contacts.c.call_id == call_id)
        values = {"reason": Reason.ID_REPEATED, "message": message.format(call_id=call_id), "call_id": None}
        if not tx.execute(update(contacts).where(*has_id).values(state=State.UNKNOWN, **values)).rowcount:
            continue
        is_attempt = (attempts.c.contact_id == contact_id, attempts.c.number == number)
        tx.execute(update(attempts).where(*is_attempt).values(outcome=Kind.UNKNOWN, left_state=State.UNKNOWN, **values))
        its_end = (dispositions.c.contact_id == contact_id, dispositions.c.number == number)
        tx.execute(delete(dispositions).where(*its_end))  # the other call's
        doubted.add((int(contact_id), int(number)))
    return frozenset(doubted)
