"""What a person found out about an unknown call: that there is none, or which it is.

Decided, of the state machine in `dialer.ledger.transitions`. Who decided, and when, is the message of the row.
"""

from sqlalchemy import Connection, select

from dialer.calls.outcome import Kind
from dialer.calls.reconciliation import UnknownAttempt
from dialer.clock import iso_ms
from dialer.errors import CallIdKnown, TransitionRefused
from dialer.ledger.database.schema import State, attempts, contacts, run_rows, runs
from dialer.ledger.transitions.late import hold_created_late
from dialer.ledger.transitions.reconciled import resolve
from dialer.reasons import Reason

DECIDED = "Decided by hand by "
"""How the message of a decided row begins."""


def rows_of_unknown(tx: Connection, campaign_id: int) -> dict[int, list[int]]:
    """Return the contacts whose call may exist, by their row in the last sheet that held them."""
    query = (
        select(run_rows.c.contact_id, run_rows.c.row)
        .join(contacts, contacts.c.id == run_rows.c.contact_id)
        .join(runs, runs.c.id == run_rows.c.run_id)
        .where(contacts.c.campaign_id == campaign_id, contacts.c.state == State.UNKNOWN)
        .order_by(runs.c.started_at_ms, runs.c.id)
    )
    last_row = {contact_id: row for contact_id, row in tx.execute(query)}  # noqa: C416 - rows are no pairs
    found: dict[int, list[int]] = {}
    for contact_id, row in last_row.items():
        found.setdefault(row, []).append(contact_id)
    return found


def call_of(tx: Connection, contact_id: int) -> str | None:
    """Return the id of the call that a contact has by now, if it has one."""
    return tx.scalar(select(contacts.c.call_id).where(contacts.c.id == contact_id))


def decide(tx: Connection, attempt: UnknownAttempt, call_id: str | None, *, by: str, at_ms: int) -> None:
    """Write that the attempt's call is *call_id*, or that there is none (None): then it may be sent again.

    Not where an earlier attempt of its contact turned out to have created a call meanwhile: that is its call then.
    Raises `CallIdKnown` where another attempt has this id, and `TransitionRefused` where this one is not unknown.
    """
    who = f"{DECIDED}{by} at {iso_ms(at_ms)}: "
    if call_id is None:
        message = f"{who}there is no such call. It may be sent again."
        _decide(tx, attempt, State.FAILED, Kind.NOT_SENT, reason=Reason.RELEASED, message=message)
        hold_created_late(tx, [attempt.contact_id])
        return
    if tx.scalar(select(attempts.c.number).where(attempts.c.call_id == call_id).limit(1)) is not None:
        raise CallIdKnown(f"{call_id} is the id of another row's call.")
    message = f"{who}this is its call."
    _decide(tx, attempt, State.CREATED, Kind.CREATED, call_id=call_id, reason=Reason.DECIDED, message=message)


def _decide(tx: Connection, attempt: UnknownAttempt, state: State, outcome: Kind, **values: str) -> None:
    if not resolve(tx, attempt, state, outcome, **values):
        raise TransitionRefused(f"contact {attempt.contact_id}: its call has become known, and it is not unknown")


def decisions_of(tx: Connection, campaign_id: int) -> list[str]:
    """Return the messages of the campaign's decided attempts, each with the row it is about, the last first."""
    last_row = (
        select(run_rows.c.row)
        .join(runs, runs.c.id == run_rows.c.run_id)
        .where(run_rows.c.contact_id == contacts.c.id)
        .order_by(runs.c.started_at_ms.desc(), runs.c.id.desc())
        .limit(1)
        .correlate(contacts)
        .scalar_subquery()
    )
    query = (
        select(attempts.c.message, last_row)
        .join(contacts, contacts.c.id == attempts.c.contact_id)
        .where(contacts.c.campaign_id == campaign_id, attempts.c.reason.in_((Reason.DECIDED, Reason.RELEASED)))
        .where(attempts.c.message.startswith(DECIDED, autoescape=True))
    )
    told = sorted(((message, row) for message, row in tx.execute(query)), key=_when, reverse=True)
    return [message if row is None else f"row {row}: {message}" for message, row in told]


def _when(told: tuple[str, int | None]) -> str:
    """Return the instant of a decision's message, as it is written: such texts sort as the instants do."""
    return told[0].rpartition(" at ")[2]
