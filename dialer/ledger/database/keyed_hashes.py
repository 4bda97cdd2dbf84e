"""Keyed hashes: how a ledger recognises people whom it does not name.

A hash is HMAC-SHA256 under a random key of 32 bytes that is made with the ledger and kept in it. Somebody who
has only the hashes learns nothing from them; somebody who has the whole ledger can still look up a number they hold.
"""

import hmac
import secrets
from collections.abc import Iterable

from sqlalchemy import Connection, select

from dialer.ledger.database.schema import meta

HASH_KEY = "hash_key"
"""The name of the key's row in `meta`."""

KEY_BYTES = 32


def new_key() -> str:
    """Make the key of a new ledger, as it is kept in `meta`."""
    return secrets.token_bytes(KEY_BYTES).hex()


def digests(tx: Connection, scope: str, texts: Iterable[str]) -> dict[str, str]:
    """Return the hash of each of *texts*, 64 hex digits; a text has a different one in each *scope*."""
    texts = list(texts)
    if not texts:
        return {}
    key = bytes.fromhex(tx.execute(select(meta.c.value).where(meta.c.name == HASH_KEY)).scalar_one())
    return {text: hmac.digest(key, _joined(scope, text), "sha256").hex() for text in texts}


def _joined(scope: str, text: str) -> bytes:
    return f"{scope}\0{text}".encode("utf-8", "surrogatepass")
