"""Remembers whom a purged campaign has called without keeping who they are: one keyed hash for each contact."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from dialer.ledger.keyed import digests
from dialer.ledger.schema import called

CHUNK_KEYS = 500
"""Keys a statement: under every database's parameter limit."""


def remember_called(tx: Connection, campaign_id: int, keys: Sequence[str]) -> int:
    """Remember the contacts with these *keys* as called; give how many were not remembered before."""
    added = 0
    for start in range(0, len(keys), CHUNK_KEYS):
        wanted = set(digests(tx, str(campaign_id), keys[start : start + CHUNK_KEYS]).values())
        wanted -= _stored(tx, campaign_id, wanted)
        if wanted:
            tx.execute(insert(called), [{"campaign_id": campaign_id, "digest": digest} for digest in sorted(wanted)])
        added += len(wanted)
    return added


def called_before(tx: Connection, campaign_id: int, keys: Sequence[str]) -> set[str]:
    """Give those of at most `CHUNK_KEYS` *keys* whose contacts were called before a purge."""
    if not keys:
        return set()
    key_of = {digest: key for key, digest in digests(tx, str(campaign_id), keys).items()}
    return {key_of[digest] for digest in _stored(tx, campaign_id, set(key_of))}


def _stored(tx: Connection, campaign_id: int, wanted: set[str]) -> set[str]:
    query = select(called.c.digest).where(called.c.campaign_id == campaign_id, called.c.digest.in_(wanted))
    return set(tx.scalars(query))
