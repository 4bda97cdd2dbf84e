"""Recognises contacts of a sheet that the ledger knows from earlier runs, and what may be done about them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, select

from dialer.ledger.schema import CLAIMABLE, contacts


def known_contacts(tx: Connection, campaign_id: int, keys: Collection[str]) -> dict[str, Any]:
    """Give the campaign's contacts with these *keys*, at most as many as a statement takes, by their key."""
    if not keys:
        return {}
    told = (contacts.c.state, contacts.c.reason, contacts.c.message, contacts.c.replaced_by)
    query = select(contacts.c.id, contacts.c.key, *told)
    query = query.where(contacts.c.campaign_id == campaign_id, contacts.c.key.in_(keys))
    return {row.key: row for row in tx.execute(query)}


def may_exist(known: Any) -> bool:
    """Tell whether a contact's call exists or may exist; *known* is one of `known_contacts`, or None for a new one."""
    return known is not None and known.state not in CLAIMABLE


def is_claimable(known: Any) -> bool:
    """Tell whether a contact of an earlier run may be called by this one."""
    return known is not None and known.state in CLAIMABLE and known.replaced_by is None
