"""Counts each claim in the mark beside the campaign file, before its request can leave."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from dialer.calls.attempt import Claim, Settlement
from dialer.jobs.run_mark import counting_claims
from dialer.jobs.sending.options import RunJob
from dialer.ledger.database.open import Ledger
from dialer.submit.attempt_store import AttemptStore


@dataclass(frozen=True)
class CountedClaims:
    """An `AttemptStore` that calls *count* with how many claims *store* has committed."""

    store: AttemptStore
    count: Callable[[int], None]

    def claim(self, claims: Sequence[Claim]) -> Awaitable[Sequence[Claim | Exception]]:
        """Store the attempts, and count them before whoever asked hears of it."""
        begun = asyncio.ensure_future(self.store.claim(claims))
        begun.add_done_callback(self._count_stored)
        return begun

    def _count_stored(self, begun: asyncio.Future[Sequence[Claim | Exception]]) -> None:
        if not begun.cancelled() and begun.exception() is None:
            self.count(sum(isinstance(answer, Claim) for answer in begun.result()))

    def settle(self, settlements: Sequence[Settlement]) -> Awaitable[Sequence[object]]:
        """Store the outcomes."""
        return self.store.settle(settlements)

    async def suppressed(self, claims: Sequence[Claim]) -> frozenset[int]:
        """Return whose numbers must not be called any more."""
        return await self.store.suppressed(claims)


@asynccontextmanager
async def open_store(job: RunJob, ledger: Ledger) -> AsyncIterator[AttemptStore]:
    """Open where the run's attempts are written; claims are counted, but for a rehearsal."""
    async with job.runtime.attempt_store(ledger) as store:
        if job.runtime.rehearsal:
            yield store
        else:
            with counting_claims(job.campaign) as count:
                yield CountedClaims(store, count)
