"""Writes what became of requests, and lets the run react to it once that is on the disk."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from dialer.calls.attempt import Settlement
from dialer.calls.outcome import Kind, Outcome
from dialer.submit.attempt_store import Claimed, ClaimWriter, Try, Writing
from dialer.submit.gate import Gate
from dialer.submit.refused_batch import Aftermath

Settling = asyncio.Task[list[Try]]
"""Outcomes that are being written; it ends with what this run has to try again."""

_log = logging.getLogger(__name__)


def is_plain(outcomes: Sequence[Outcome]) -> bool:
    """Return whether nothing but a count follows from *outcomes*: all were created, and nothing is wrong."""
    return all(outcome.kind == Kind.CREATED and outcome.stop is None for outcome in outcomes)


async def settled(before: Settling | None) -> None:
    """Wait until the outcome of a worker's last request is on the disk, where it has one."""
    if before is not None:
        await before


class Settler:
    """Settles the requests of one run, and tells *on_outcome* of each outcome, and whether it is final.

    `in_flight` counts the claims whose outcome is not written, `created` the calls.
    """

    def __init__(
        self,
        run_id: str,
        writer: ClaimWriter,
        gate: Gate,
        on_outcome: Callable[[Outcome, bool], None],
        aftermath: Aftermath | None,
    ) -> None:
        self._run_id = run_id
        self._writer = writer
        self._gate = gate
        self._on_outcome = on_outcome
        self._aftermath = aftermath
        self.in_flight = 0
        self.created = 0

    def begin(self, claimed: Sequence[Claimed], outcomes: Sequence[Outcome]) -> Settling:
        """Begin to write the *outcomes* of *claimed*, at once."""
        return asyncio.create_task(self._finish(claimed, self._writer.begin(claimed, outcomes)))

    async def _finish(self, claimed: Sequence[Claimed], writing: Writing) -> list[Try]:
        try:
            written = await self._writer.finish(writing)
            self.in_flight -= len(claimed)
            rows = {item.claim.contact_id: item.try_.call.row for item in claimed}
            for settlement in written:
                self._react(settlement, rows[settlement.claim.contact_id])
        except BaseException:  # whoever began it hears of it only before the next request: the others at once
            self._gate.close()
            raise
        return [] if self._gate.is_closed else writing.retries

    def _react(self, settlement: Settlement, row: int | None) -> None:
        outcome, claim, final = settlement.outcome, settlement.claim, not settlement.again
        if _log.isEnabledFor(logging.DEBUG):
            extra = {"action": "settled", "run_id": self._run_id, "contact_id": claim.contact_id, "row": row}
            where = (self._run_id, row, claim.number, outcome.kind, outcome.reason)
            _log.debug("run %s row %s attempt %d: %s %s", *where, extra=extra)
        if outcome.call_id is not None:
            self.created += 1
        if self._aftermath is not None:
            self._aftermath.known_calls.settled(settlement)
        self._on_outcome(outcome, final)
        self._gate.react(outcome, final=final)
