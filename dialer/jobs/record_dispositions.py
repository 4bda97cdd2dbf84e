"""Stores how calls stand, and with the same commit whom that forbids to call again."""

from collections.abc import Sequence

from dialer.calls.disposition import Disposition
from dialer.ledger.database.open import Ledger
from dialer.ledger.dispositions import CHUNK_ROWS, CreatedCall, write_dispositions
from dialer.ledger.suppression_list import OpenCall, calls_still_to_ring, suppress_numbers, wait_for_claims

OPT_OUT_REASON = "asked during a call not to be called again"


def record_ends(
    ledger: Ledger, found: Sequence[tuple[CreatedCall, Disposition]], *, seen_at_ms: int
) -> tuple[OpenCall, ...]:
    """Store how calls stand, and suppress the numbers whose person asked for no more calls.

    Gives the calls to these numbers that exist already and ring all the same. Needs no lock of the ledger: see
    `dialer.ledger.dispositions`; no claim for the numbers follows the commit. Raises `LedgerWriteFailed`.
    """
    opted_out: list[str] = []
    for start in range(0, len(found), CHUNK_ROWS):
        chunk = found[start : start + CHUNK_ROWS]
        with ledger.write() as tx:
            if any(disposition.asks_never_again for _, disposition in chunk):
                wait_for_claims(tx)  # before anything is held that others wait for
            asked = write_dispositions(tx, chunk, seen_at_ms=seen_at_ms)
            suppress_numbers(tx, [call.phone for call in asked], reason=OPT_OUT_REASON, at_ms=seen_at_ms)
        opted_out += [call.phone for call in asked]
    with ledger.read() as tx:
        return tuple(calls_still_to_ring(tx, opted_out, from_ms=seen_at_ms))
