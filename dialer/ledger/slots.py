"""The plan as the ledger keeps it: which rows of a run wait for a slot, and the planned calls in slot order."""

from array import array
from collections.abc import Iterable
from itertools import islice

from sqlalchemy import Connection, bindparam, select, update

from dialer.ledger.schema import CLAIMABLE, attempts, contacts, run_rows
from dialer.status import Reason, Status
from dialer.submit import PlannedCall

PAGE_ROWS = 500


def waiting_rows(tx: Connection, run_id: str) -> "dict[tuple[str, ...], array[int]]":
    """Give the run's rows that wait to be sent and are not held, in sheet order, by the zones of their contact."""
    groups: dict[tuple[str, ...], array[int]] = {}
    query = (
        select(run_rows.c.row, contacts.c.zones)
        .join(contacts, contacts.c.id == run_rows.c.contact_id)
        .where(
            run_rows.c.run_id == run_id,
            run_rows.c.status == Status.PENDING,
            run_rows.c.reason == Reason.WAITING,
            contacts.c.planned_in == run_id,
            contacts.c.state.in_(CLAIMABLE),
        )
        .order_by(run_rows.c.row)
    )
    for row, zones in tx.execute(query):
        groups.setdefault(tuple(zones.split("|")), array("q")).append(row)
    return groups


def committed_slots(tx: Connection, campaign_id: int, *, from_ms: int) -> list[int]:
    """Give the slots, from *from_ms* on, of calls that this campaign created or may have created; ascending."""
    query = (
        select(attempts.c.slot_ms)
        .join(contacts, contacts.c.id == attempts.c.contact_id)
        .where(contacts.c.campaign_id == campaign_id, attempts.c.slot_ms >= from_ms)
        .where(attempts.c.outcome.is_(None) | attempts.c.outcome.in_(("created", "unknown")))
        .order_by(attempts.c.slot_ms)
    )
    return list(tx.scalars(query))


def clear_slots(tx: Connection, run_id: str) -> None:
    """Take back every slot of the run that was not claimed, before planning anew."""
    tx.execute(
        update(contacts).where(contacts.c.planned_in == run_id, contacts.c.state.in_(CLAIMABLE)).values(slot_ms=None)
    )


def set_slots(tx: Connection, run_id: str, planned: Iterable[tuple[int, int]]) -> None:
    """Store (row, slot in ms) pairs for the run's contacts."""
    contact_of_row = select(run_rows.c.contact_id).where(
        run_rows.c.run_id == bindparam("in_run"), run_rows.c.row == bindparam("at_row")
    )
    statement = (
        update(contacts).where(contacts.c.id == contact_of_row.scalar_subquery()).values(slot_ms=bindparam("slot"))
    )
    pairs = iter(planned)
    while chunk := list(islice(pairs, PAGE_ROWS)):
        tx.execute(statement, [{"in_run": run_id, "at_row": row, "slot": slot} for row, slot in chunk])


def hold_rows(tx: Connection, run_id: str, rows: Iterable[int], reason: Reason, message: str) -> None:
    """Note why rows of the run will not be sent by it."""
    statement = (
        update(run_rows)
        .where(run_rows.c.run_id == run_id, run_rows.c.row == bindparam("at_row"))
        .values(reason=reason, message=message)
    )
    chunk = [{"at_row": row} for row in rows]
    if chunk:
        tx.execute(statement, chunk)


def next_page(tx: Connection, run_id: str, *, after_ms: int) -> list[PlannedCall]:
    """Read the next planned calls in slot order, at most `PAGE_ROWS`, with slots later than *after_ms*."""
    columns = (contacts.c.id, contacts.c.phone, contacts.c.payload, contacts.c.slot_ms, contacts.c.attempts)
    query = (
        select(*columns)
        .where(
            contacts.c.planned_in == run_id,
            contacts.c.state.in_(CLAIMABLE),
            contacts.c.slot_ms > after_ms,
        )
        .order_by(contacts.c.slot_ms)
        .limit(PAGE_ROWS)
    )
    return [PlannedCall(*row) for row in tx.execute(query)]
