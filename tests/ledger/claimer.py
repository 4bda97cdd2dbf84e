"""Claims for ever and says what it was promised, in processes that are there to be killed.

`python -m tests.ledger.claimer LOCATION RUN` forks a fresh process for each line it is given. The process takes the
ledger's lock, claims the run's calls through the writer, eight at a time, and prints each acknowledged claim.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from dialer.calls.attempt import Claim, PlannedCall, Settlement
from dialer.calls.outcome import Kind, Outcome
from dialer.ledger.database.open import Ledger
from dialer.ledger.slots import next_page
from dialer.ledger.writer import LedgerWriter

SINCE = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def _say(text: str) -> None:
    os.write(1, f"{text}\n".encode())  # unbuffered: what was promised must be known to the one who kills


async def _claim_all(ledger: Ledger, run_id: str) -> None:
    with ledger.read() as tx:
        calls = iter(next_page(tx, run_id, after_ms=-1))
    async with LedgerWriter(ledger) as book:
        await asyncio.gather(*(_work(book, run_id, calls) for _ in range(8)))


async def _work(book: LedgerWriter, run_id: str, calls: Iterator[PlannedCall]) -> None:
    for call in calls:
        wanted = Claim(call.contact_id, call.attempts + 1, run_id, call.phone, call.slot_ms, 0)
        (claim,) = await book.claim([wanted])
        assert isinstance(claim, Claim)
        _say(f"claimed {claim.contact_id} {claim.number}")
        if claim.contact_id % 2:
            outcome = Outcome(Kind.CREATED, call_id=f"call-{claim.contact_id}", http_status=200)
            await book.settle([Settlement(claim, outcome, 1)])
            _say(f"settled {claim.contact_id} {claim.number}")


def _live(location: str, run_id: str) -> None:
    with Ledger.open(location) as ledger, ledger.lock(what="a run to be killed", since=SINCE):
        _say(f"pid {os.getpid()}")
        asyncio.run(_claim_all(ledger, run_id))


if __name__ == "__main__":
    for _ in sys.stdin:
        child = os.fork()  # no thread and no connection exists yet; starting Python anew would take a second
        if child == 0:
            _live(sys.argv[1], sys.argv[2])
            _say("nothing left")
            os._exit(0)
        os.waitpid(child, 0)
        _say("dead")
