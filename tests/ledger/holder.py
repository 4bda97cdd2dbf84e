"""Holds a ledger's lock, says so, and waits to be killed: `python -m tests.ledger.holder LOCATION`."""

import sys
from datetime import UTC, datetime

from dialer.ledger.database.open import Ledger

if __name__ == "__main__":
    since = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    with Ledger.open(sys.argv[1]) as ledger, ledger.lock(what="a run of spring", since=since):
        print("held", flush=True)  # noqa: T201 - the test waits for it
        sys.stdin.read()
