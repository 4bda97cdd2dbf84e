"""Remembers whom a purged campaign has called without keeping who they are: one keyed hash for each contact.

The hash is HMAC-SHA256 under a random key of 32 bytes that is made once for a ledger and kept in it. It shows nothing
to somebody who has the hashes alone; who has the whole ledger can still ask it about a number they already hold.
"""

import hmac
import secrets
from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from dialer.ledger.schema import called, meta

SECRET = "called_key"  # noqa: S105 - the name of the row in `meta`, not what is in it
KEY_BYTES = 32
CHUNK_KEYS = 500
"""Keys a statement: under every database's parameter limit."""


def remember_called(tx: Connection, campaign_id: int, keys: Sequence[str]) -> int:
    """Remember the contacts with these *keys* as called; give how many were not remembered before."""
    secret = _secret(tx) or _new_secret(tx)
    added = 0
    for start in range(0, len(keys), CHUNK_KEYS):
        digests = {_digest(secret, campaign_id, key) for key in keys[start : start + CHUNK_KEYS]}
        digests -= _stored(tx, campaign_id, digests)
        if digests:
            tx.execute(insert(called), [{"campaign_id": campaign_id, "digest": digest} for digest in sorted(digests)])
        added += len(digests)
    return added


def called_before(tx: Connection, campaign_id: int, keys: Sequence[str]) -> set[str]:
    """Give those of at most `CHUNK_KEYS` *keys* whose contacts were called before a purge."""
    secret = _secret(tx) if keys else None
    if secret is None:
        return set()
    key_of = {_digest(secret, campaign_id, key): key for key in keys}
    return {key_of[digest] for digest in _stored(tx, campaign_id, set(key_of))}


def _stored(tx: Connection, campaign_id: int, digests: set[str]) -> set[str]:
    query = select(called.c.digest).where(called.c.campaign_id == campaign_id, called.c.digest.in_(digests))
    return set(tx.scalars(query))


def _digest(secret: bytes, campaign_id: int, key: str) -> str:
    return hmac.digest(secret, f"{campaign_id}\0{key}".encode("utf-8", "surrogatepass"), "sha256").hex()


def _secret(tx: Connection) -> bytes | None:
    stored = tx.scalar(select(meta.c.value).where(meta.c.name == SECRET))
    return None if stored is None else bytes.fromhex(stored)


def _new_secret(tx: Connection) -> bytes:
    secret = secrets.token_bytes(KEY_BYTES)
    tx.execute(insert(meta).values(name=SECRET, value=secret.hex()))
    return secret
