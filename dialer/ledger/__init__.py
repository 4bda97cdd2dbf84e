"""What was intended and what happened, durably."""

from dialer.ledger.connect import read, write
from dialer.ledger.lock import Copies, RunLock
from dialer.ledger.store import DEFAULT_LEDGER, Ledger, ledger_file, shown_location
from dialer.ledger.writer import LedgerWriter

__all__ = [
    "DEFAULT_LEDGER",
    "Copies",
    "Ledger",
    "LedgerWriter",
    "RunLock",
    "ledger_file",
    "read",
    "shown_location",
    "write",
]
