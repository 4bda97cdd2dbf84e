"""Sends planned calls: permit, claim, POST, settle, for each of them, by a few workers side by side.

The order is the promise. Nothing is sent before its claim is on the disk, and nothing is sent twice unless the
first time surely did not count. A stop ends the claiming; what is in flight is finished and settled.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from dialer.api.client import CONNECT_SECONDS, Client
from dialer.api.payload import body
from dialer.calls.attempt import Claim, PlannedCall, Settlement
from dialer.calls.known_calls import KnownCalls
from dialer.calls.outcome import Outcome, Stop, StopCode, never_sent
from dialer.campaign.tables import Submit
from dialer.clock import Clock
from dialer.reasons import Reason
from dialer.submit.attempt_store import AttemptStore, Claimed, ClaimWriter, Try
from dialer.submit.gate import Gate
from dialer.submit.refused_batch import Aftermath, needs_look

MIN_LEAD_MS = round(CONNECT_SECONDS * 1000) + 2_000
"""How far ahead a slot must lie when its request is handed over: one already past may be dialled at once, and a lost
connection may first have to be opened again."""

LONG_WAIT_SECONDS = 0.05
"""After a longer wait between claim and request, in a pause for instance, the suppression list is looked at again."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sender:
    """What every attempt of a run shares: the run's id and the fields common to all its bodies.

    `repr()` does not show the fields: the secrets of webhooks are among them.
    """

    run_id: str
    shared_fields: Mapping[str, Any] = field(repr=False)
    settings: Submit


class Submitter:
    """Sends the planned calls of one run. `stop` may be called from anywhere on the loop, at any time.

    *around* is what the ledger knows of other calls; it matters where a request carries more than one.
    """

    def __init__(
        self,
        sender: Sender,
        book: AttemptStore,
        *,
        connect: Callable[[], Client],
        clock: Clock,
        random: Random,
        on_outcome: Callable[[Outcome, bool], None],
        around: KnownCalls | None = None,
    ) -> None:
        self._sender = sender
        self._settings = sender.settings
        self._connect = connect
        self._clock = clock
        self._on_outcome = on_outcome
        self._gate = Gate(sender.settings, clock=clock, random=random)
        self._books = ClaimWriter(
            book, sender.run_id, max_attempts=self._settings.max_attempts, clock=clock, stop=self._gate.close
        )
        self._feeding = asyncio.Lock()
        self._ahead: PlannedCall | None = None
        self._around = around or KnownCalls()
        self.late = False
        self.created = 0

    @property
    def stopped(self) -> Stop | None:
        """Why the run ends early; None while it goes on."""
        return self._gate.stop

    def stop(self, code: StopCode, message: str) -> None:
        """End the run: no further claim, what is in flight is finished. The first reason given stays."""
        self._gate.close(Stop(code, message))

    async def submit(self, calls: AsyncIterator[PlannedCall]) -> None:
        """Send *calls* until there are none, the run is stopped, or a slot has come too close (`late`).

        After `late` the rest has to be planned anew; the caller does that and submits again.
        """
        self.late, self._ahead = False, None
        workers = [self._work(calls) for _ in range(self._settings.concurrency)]
        # Not a TaskGroup: it would cancel the other workers in the middle of their POSTs.
        for ended in await asyncio.gather(*workers, return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended

    async def _work(self, calls: AsyncIterator[PlannedCall]) -> None:
        try:
            async with self._connect() as client:
                if not await self._gate.opened(client):
                    return
                while batch := await self._next(calls):
                    await self._submit(client, [Try(call) for call in batch])
        except BaseException:
            self._gate.close()
            raise

    async def _next(self, calls: AsyncIterator[PlannedCall]) -> list[PlannedCall]:
        """Take the next calls, as many as one request carries; none when there are none or nothing may be sent.

        A call that goes alone ends the batch before it, and waits as the one call that was read ahead.
        """
        async with self._feeding:
            batch: list[PlannedCall] = []
            while len(batch) < self._settings.batch_size and not self._gate.is_closed and not self.late:
                call, self._ahead = self._ahead or await anext(calls, None), None
                if call is None:
                    break
                if call.alone and batch:
                    self._ahead = call
                    break
                batch.append(call)
                if call.alone:
                    break
            return batch

    async def _submit(self, client: Client, tries: Sequence[Try]) -> None:
        """Attempt calls until each is created, refused, unknown, or surely not sent `max_attempts` times."""
        while tries:
            if not await self._gate.permit(client):
                return
            claimed = await self._books.claim([item for item in tries if not self._is_late(item.call.slot_ms)])
            if not claimed:
                return
            for item in claimed if self._settings.batch_size > 1 else ():
                self._around.claimed(item.claim)
            outcomes = await self._look_for(client, claimed, await self._send(client, claimed))
            tries = await self._settle(claimed, outcomes)
            if any(outcome.reason == Reason.BATCH_REFUSED for outcome in outcomes):
                for alone in tries:  # one bad row refuses its whole batch
                    await self._submit(client, [alone])
                return
            if self.late:
                return
            if tries:
                await self._gate.back_off(outcomes[0], tries[0].made - 1)

    async def _send(self, client: Client, claimed: Sequence[Claimed]) -> list[Outcome]:
        """Send what may be sent now, in one request; give one outcome for each of *claimed*, in order."""
        suppressed = await self._leave(claimed)
        if suppressed is None:
            return [never_sent("the run stopped before its turn", reason=Reason.STOPPED)] * len(claimed)
        held = [self._held(item.claim, suppressed) for item in claimed]
        bodies = [
            body(self._sender.shared_fields, json.loads(item.try_.call.payload), item.claim.slot_ms)
            for item, why in zip(claimed, held, strict=True)
            if why is None
        ]
        if len(claimed) == 1:
            return [held[0] or await client.create(bodies[0])]
        answers = iter(await client.create_batch(bodies) if bodies else [])
        return [why or next(answers) for why in held]

    async def _leave(self, claimed: Sequence[Claimed]) -> frozenset[int] | None:
        """Wait for leave to send; give the contacts suppressed while it took long. None when nothing may be sent."""
        began = self._clock.monotonic()
        if not await self._gate.send():
            return None
        if self._clock.monotonic() - began <= LONG_WAIT_SECONDS:
            return frozenset()
        return await self._books.suppressed(claimed)

    def _held(self, claim: Claim, suppressed: frozenset[int]) -> Outcome | None:
        """Tell why a claimed call is not sent after all; None when it is."""
        if claim.contact_id in suppressed:
            return never_sent("its number was suppressed while it waited", reason=Reason.SUPPRESSED)
        if self._is_late(claim.slot_ms):
            return never_sent("its slot had come too close, so it is planned anew", reason=Reason.WAITING)
        return None

    async def _look_for(self, client: Client, claimed: Sequence[Claimed], outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Replace what a batch's reply leaves doubtful by what the listing shows after the settle time."""
        doubtful = [index for index, outcome in enumerate(outcomes) if needs_look(outcome)]
        if len(doubtful) <= 1:  # a request of one call: the reply is about that call
            return list(outcomes)
        template = str(self._sender.shared_fields.get("callTemplateId", ""))
        settle_seconds = self._settings.settle_time.total_seconds()
        aftermath = Aftermath(template, settle_seconds, self._gate, self._around, self._clock)
        claims = [claimed[index].claim for index in doubtful]
        found = await aftermath.outcomes(client, claims, outcomes[doubtful[0]])
        told = list(outcomes)
        for index, outcome in zip(doubtful, found, strict=True):
            told[index] = outcome
        return told

    async def _settle(self, claimed: Sequence[Claimed], outcomes: Sequence[Outcome]) -> list[Try]:
        """Write the outcomes and react to them; give what has to be tried again by this run."""
        written, retries = await self._books.settle(claimed, outcomes)
        for settlement in written:
            self._react(settlement, final=not settlement.again)
        return [] if self._gate.is_closed else retries

    def _react(self, settlement: Settlement, *, final: bool) -> None:
        outcome, claim = settlement.outcome, settlement.claim
        told = {"action": "settled", "run_id": self._sender.run_id, "contact_id": claim.contact_id}
        _log.debug(
            "run %s contact %d attempt %d: %s %s",
            self._sender.run_id,
            claim.contact_id,
            claim.number,
            outcome.kind,
            outcome.reason,
            extra=told,
        )
        if outcome.call_id is not None:
            self.created += 1
        if self._settings.batch_size > 1:
            self._around.settled(settlement)
        self._on_outcome(outcome, final)
        self._gate.note(outcome, final=final)

    def _is_late(self, slot_ms: int) -> bool:
        late = slot_ms < self._now_ms() + MIN_LEAD_MS
        self.late = self.late or late
        return late

    def _now_ms(self) -> int:
        return self._clock.now_ms()
