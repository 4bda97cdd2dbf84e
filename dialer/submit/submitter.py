"""Sends planned calls: permit, claim, POST, settle, for each of them, by a few workers side by side.

The order is the promise. Nothing is sent before its claim is on the disk, and nothing is sent twice unless the
first time surely did not count. A stop ends the claiming; what is in flight is finished and settled.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from dialer.campaign_tables import Submit
from dialer.clock import Clock, to_ms
from dialer.status import Reason
from dialer.submit.attempt import Book, PlannedCall, Settlement
from dialer.submit.bookkeeping import Bookkeeper, Claimed, Try
from dialer.submit.client import CONNECT_SECONDS, Client
from dialer.submit.gate import Gate
from dialer.submit.listing import KnownCalls
from dialer.submit.outcome import Kind, Outcome, StopCode, never_sent
from dialer.submit.payload import body
from dialer.submit.refused_batch import Aftermath, in_doubt
from dialer.submit.watch import Stop

MIN_LEAD_MS = round(CONNECT_SECONDS * 1000) + 2_000
"""How far ahead a slot must lie when its request is handed over: one already past may be dialled at once, and a lost
connection may first have to be opened again."""

MAX_WITNESSES = 1_000
"""How many of the calls created last a listing must hold before it is believed about a refused batch."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sender:
    """What every attempt of a run shares: the run's id and the fields common to all its bodies."""

    run_id: str
    shared_fields: Mapping[str, Any]
    settings: Submit


class Submitter:
    """Sends the planned calls of one run. `stop` may be called from anywhere on the loop, at any time."""

    def __init__(
        self,
        sender: Sender,
        book: Book,
        *,
        connect: Callable[[], Client],
        clock: Clock,
        random: Random,
        on_outcome: Callable[[Outcome, bool], None],
    ) -> None:
        self._sender = sender
        self._settings = sender.settings
        self._connect = connect
        self._clock = clock
        self._on_outcome = on_outcome
        self._gate = Gate(sender.settings, clock=clock, random=random)
        self._books = Bookkeeper(
            book, sender.run_id, max_attempts=self._settings.max_attempts, clock=clock, stop=self._gate.close
        )
        self._feeding = asyncio.Lock()
        self._recent: deque[tuple[str, int]] = deque(maxlen=MAX_WITNESSES)
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
        self.late = False
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
        """Take the next calls, as many as one request carries; none when there are none or nothing may be sent."""
        async with self._feeding:
            batch: list[PlannedCall] = []
            while len(batch) < self._settings.batch_size and not self._gate.is_closed and not self.late:
                call = await anext(calls, None)
                if call is None:
                    break
                batch.append(call)
            return batch

    async def _submit(self, client: Client, tries: Sequence[Try]) -> None:
        """Attempt calls until each is created, refused, unknown, or surely not sent `max_attempts` times."""
        while tries:
            if not await self._gate.permit(client):
                return
            claimed = await self._books.claim([item for item in tries if not self._is_late(item.call.slot_ms)])
            if not claimed:
                return
            outcomes = await self._send(client, claimed)
            refused = [index for index, outcome in enumerate(outcomes) if _is_refusal(outcome)]
            if len(refused) > 1:  # one bad row refuses its whole batch: each is sent alone, once it surely is not there
                outcomes = await self._look_for(client, claimed, outcomes, refused)
                for item in await self._settle(claimed, outcomes):
                    await self._submit(client, [item])
                return
            tries = await self._settle(claimed, outcomes)
            if self.late:
                return
            if tries:
                await self._gate.back_off(outcomes[0], tries[0].made - 1)

    async def _send(self, client: Client, claimed: Sequence[Claimed]) -> list[Outcome]:
        """Send what may be sent now, in one request; give one outcome for each of *claimed*, in order."""
        if not await self._gate.send():
            return [never_sent("the run stopped before its turn", reason=Reason.STOPPED)] * len(claimed)
        late = never_sent("its slot had come too close, so it is planned anew", reason=Reason.WAITING)
        timely = [item for item in claimed if not self._is_late(item.claim.slot_ms)]
        bodies = [
            body(self._sender.shared_fields, json.loads(item.try_.call.payload), item.claim.slot_ms) for item in timely
        ]
        if len(claimed) == 1:
            return [await client.create(bodies[0]) if bodies else late]
        answers = iter(await client.create_batch(bodies) if bodies else [])
        return [next(answers) if item in timely else late for item in claimed]

    async def _look_for(
        self, client: Client, claimed: Sequence[Claimed], outcomes: Sequence[Outcome], refused: Sequence[int]
    ) -> list[Outcome]:
        """Replace the refusals of a batch by what the listing shows after the settle time."""
        told = list(outcomes)
        known = KnownCalls(dict(self._recent))
        refusal = outcomes[refused[0]]
        if await self._gate.wait(self._settings.settle_time.total_seconds()):
            template = str(self._sender.shared_fields.get("callTemplateId", ""))
            aftermath = Aftermath(template, known, self._clock, self._now_ms())
            found = await aftermath.outcomes(client, [claimed[index].claim for index in refused], refusal)
        else:
            found = [in_doubt(refusal.http_status)] * len(refused)
        for index, outcome in zip(refused, found, strict=True):
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
            self._recent.append((outcome.call_id, claim.slot_ms))
        self._on_outcome(outcome, final)
        self._gate.note(outcome, final=final)

    def _is_late(self, slot_ms: int) -> bool:
        late = slot_ms < self._now_ms() + MIN_LEAD_MS
        self.late = self.late or late
        return late

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())


def _is_refusal(outcome: Outcome) -> bool:
    return outcome.kind == Kind.REFUSED and outcome.stop is None
