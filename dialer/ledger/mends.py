"""Remembers what rows of a sheet became when they were mended in a results file, so that no run takes them for new.

A row is known by its number and a keyed hash of its cells as they were read. Whoever changes the row in the sheet
itself makes another row of it, which is judged as it is.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from dialer.ledger.database.keyed_hashes import digests
from dialer.ledger.database.schema import contacts, mends, sheet_rows
from dialer.ledger.runs import Run

PURGED_CONTACT = 0
"""Stands for a contact that was called and erased: the ledger gives its number to nobody."""


def cells_of_rows(tx: Connection, sheet_id: int, rows: list[int]) -> dict[int, str]:
    """Return the cells (JSON text) that a sheet has in each of *rows*, at most 500."""
    query = select(sheet_rows.c.row, sheet_rows.c.cells)
    query = query.where(sheet_rows.c.sheet_id == sheet_id, sheet_rows.c.row.in_(rows))
    return {found.row: found.cells for found in tx.execute(query)}


def remember_mends(
    tx: Connection, run: Run, before: Mapping[int, str], after: Mapping[int, str], became: Mapping[int, int]
) -> None:
    """Note the contact that each mended row *became*, if any: for its cells *before*, and for all it was before that.

    *before* and *after* are cells (JSON text) by row.
    """
    digest_of = _digests(tx, run.campaign_id, [*before.values(), *after.values()])
    for row, text in before.items():
        old, new, contact_id = digest_of[text], digest_of[after[row]], became.get(row)
        if old == new:
            continue
        of_row = (mends.c.campaign_id == run.campaign_id, mends.c.row == row)
        tx.execute(delete(mends).where(*of_row, mends.c.digest.in_((old, new))))
        tx.execute(update(mends).where(*of_row, mends.c.became == old).values(became=new, contact_id=contact_id))
        entry = {"campaign_id": run.campaign_id, "row": row, "digest": old, "became": new, "contact_id": contact_id}
        tx.execute(insert(mends).values(entry))


def has_mends(tx: Connection, campaign_id: int) -> bool:
    """Return whether any row of the campaign was ever mended."""
    return tx.scalar(select(mends.c.row).where(mends.c.campaign_id == campaign_id).limit(1)) is not None


def mended_contacts(tx: Connection, campaign_id: int, cells: Mapping[int, str]) -> dict[int, Any]:
    """Return the contact that each row with just these *cells* (JSON text), at most 500, was mended into.

    None for one that was called and erased. A row that was never mended, or into no contact, is left out.
    """
    columns = (contacts.c.state, contacts.c.reason, contacts.c.message, contacts.c.replaced_by, contacts.c.phone)
    query = (
        select(mends.c.row, mends.c.digest, mends.c.contact_id, contacts.c.id, *columns)
        .outerjoin(contacts, contacts.c.id == mends.c.contact_id)
        .where(mends.c.campaign_id == campaign_id, mends.c.row.in_(cells), mends.c.contact_id.is_not(None))
    )
    found = tx.execute(query).all()
    digest_of = _digests(tx, campaign_id, [cells[item.row] for item in found]) if found else {}
    return {
        item.row: None if item.contact_id == PURGED_CONTACT else item
        for item in found
        if item.digest == digest_of[cells[item.row]]
    }


def forget_mends(tx: Connection, campaign_id: int, kept: Any) -> None:
    """Keep, of the campaign's mends, only that rows became contacts who were called; *kept* selects their ids."""
    of_campaign = mends.c.campaign_id == campaign_id
    is_kept = func.coalesce(mends.c.contact_id.in_(kept) | (mends.c.contact_id == PURGED_CONTACT), False)
    tx.execute(delete(mends).where(of_campaign, ~is_kept))
    tx.execute(update(mends).where(of_campaign).values(contact_id=PURGED_CONTACT))


def _digests(tx: Connection, campaign_id: int, texts: list[str]) -> dict[str, str]:
    return digests(tx, f"mends of {campaign_id}", texts)
