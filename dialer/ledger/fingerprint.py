"""A fingerprint of what a ledger says about calls: it changes with every attempt, outcome and purge."""

import hashlib

from sqlalchemy import Connection, select

from dialer.ledger.schema import attempts, called

_NEVER_USED = hashlib.sha256().hexdigest()


def ledger_fingerprint(tx: Connection | None) -> str:
    """Give the fingerprint, hexadecimal; the same for no ledger (None) and for one that has never called anybody."""
    if tx is None:
        return _NEVER_USED
    digest = hashlib.sha256()
    made = select(attempts.c.contact_id, attempts.c.number, attempts.c.slot_ms, attempts.c.outcome, attempts.c.call_id)
    erased = select(called.c.campaign_id, called.c.digest).order_by(*called.primary_key.columns)
    for query in (made.order_by(attempts.c.contact_id, attempts.c.number), erased):
        for row in tx.execute(query):
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()
