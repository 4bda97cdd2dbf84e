"""The rows that a retry is about to send, and what becomes of them where the campaign file has changed since."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from dialer.ledger.database.schema import CLAIMABLE, contacts, run_rows, sheet_rows
from dialer.ledger.runs import Run
from dialer.reasons import Reason


class RowToSend(NamedTuple):
    """A contact that a run means to call, with its part of the body and the cells of its row, both in JSON."""

    contact_id: int
    payload: str
    cells: str


def rows_to_send(tx: Connection, run: Run, sheet_id: int) -> list[RowToSend]:
    """Return the rows that *run* means to send, with their cells in the sheet that they were read from."""
    of_row = (sheet_rows.c.sheet_id == sheet_id) & (sheet_rows.c.row == run_rows.c.row)
    query = (
        select(contacts.c.id, contacts.c.payload, sheet_rows.c.cells)
        .select_from(run_rows.join(contacts, contacts.c.id == run_rows.c.contact_id).join(sheet_rows, of_row))
        .where(run_rows.c.run_id == run.id, run_rows.c.reason == Reason.WAITING, contacts.c.planned_in == run.id)
    )
    return [RowToSend(*found) for found in tx.execute(query)]


def renew_payloads(tx: Connection, payloads: Mapping[int, str]) -> None:
    """Store other parts of the body, by contact; as after a mend, earlier refusals do not count, for those were another
    request's.
    """
    for contact_id, payload in payloads.items():
        is_it = (contacts.c.id == contact_id, contacts.c.state.in_(CLAIMABLE))
        tx.execute(update(contacts).where(*is_it).values(payload=payload, mended_at=contacts.c.attempts))


def leave_out(tx: Connection, run: Run, contact_id: int, reason: Reason, message: str) -> None:
    """Report a row that the run would have sent for another *reason*; its contact waits for a run that may call it."""
    is_row = (run_rows.c.run_id == run.id, run_rows.c.contact_id == contact_id)
    tx.execute(update(run_rows).where(*is_row).values(status=reason.status, reason=reason, message=message))
    tx.execute(update(contacts).where(contacts.c.id == contact_id).values(planned_in=None))
