"""Sends planned calls: permit, claim, POST, settle, for each of them, by a few workers side by side.

The order is the promise. Nothing is sent before its claim is on the disk, and nothing is sent twice unless the
first time surely did not count. A stop ends the claiming; what is in flight is finished and settled.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, TypeVar

from dialer.campaign_tables import Submit
from dialer.clock import Clock, to_ms
from dialer.errors import LedgerWriteFailed, NumberSuppressed
from dialer.status import Reason
from dialer.submit.attempt import Book, Claim, PlannedCall, Settlement
from dialer.submit.client import CONNECT_SECONDS, Client
from dialer.submit.gate import Gate
from dialer.submit.outcome import Kind, Outcome, StopCode, never_sent
from dialer.submit.payload import body
from dialer.submit.watch import Stop

MIN_LEAD_MS = round(CONNECT_SECONDS * 1000) + 2_000
"""How far ahead a slot must lie when its request is handed over: one already past may be dialled at once, and a lost
connection may first have to be opened again."""

_HELD_BACK = (Reason.STOPPED, Reason.WAITING)

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Sender:
    """What every attempt of a run shares: the run's id and the fields common to all its bodies."""

    run_id: str
    shared_fields: Mapping[str, Any]
    settings: Submit


@dataclass(frozen=True, slots=True)
class _Try:
    """A planned call and how often this run has tried it."""

    call: PlannedCall
    made: int = 0


@dataclass(frozen=True, slots=True)
class _Claimed:
    try_: _Try
    claim: Claim


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
        self._book = book
        self._connect = connect
        self._clock = clock
        self._on_outcome = on_outcome
        self._gate = Gate(sender.settings, clock=clock, random=random)
        self._feeding = asyncio.Lock()
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
                    await self._submit(client, [_Try(call) for call in batch])
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

    async def _submit(self, client: Client, tries: Sequence[_Try]) -> None:
        """Attempt calls until each is created, refused, unknown, or surely not sent `max_attempts` times."""
        while tries:
            if not await self._gate.permit(client):
                return
            claimed = await self._claim([item for item in tries if not self._is_late(item.call.slot_ms)])
            if not claimed:
                return
            outcomes = await self._send(client, claimed)
            refused_whole = len(outcomes) > 1 and all(_is_refusal(outcome) for outcome in outcomes)
            tries = await self._settle(claimed, outcomes, split=refused_whole)
            if refused_whole:  # one bad row refuses its whole batch: halve it until the bad row is alone
                middle = len(tries) // 2
                await self._submit(client, tries[:middle])
                await self._submit(client, tries[middle:])
                return
            if self.late:
                return
            if tries:
                await self._gate.back_off(outcomes[0], tries[0].made - 1)

    async def _claim(self, tries: Sequence[_Try]) -> list[_Claimed]:
        """Claim each of *tries*; none of them when the ledger refuses one, for then nothing may be sent."""
        wanted = [self._claim_of(item) for item in tries]
        answers = await _each([self._book.claim(claim) for claim in wanted])
        claimed = []
        for item, answer in zip(tries, answers, strict=True):
            if isinstance(answer, LedgerWriteFailed):
                self.stop(StopCode.LEDGER_FAILED, f"{answer} Nothing is sent that the ledger cannot hold.")
            elif isinstance(answer, NumberSuppressed):
                _log.debug("run %s: %s", self._sender.run_id, answer, extra={"action": "suppressed"})
            elif isinstance(answer, BaseException):
                raise answer
            else:
                claimed.append(_Claimed(item, answer))
        return claimed

    def _claim_of(self, item: _Try) -> Claim:
        call, number = item.call, item.call.attempts + item.made + 1
        slot_ms = call.slot_ms + item.made
        return Claim(call.contact_id, number, self._sender.run_id, call.phone, slot_ms, self._now_ms())

    async def _send(self, client: Client, claimed: Sequence[_Claimed]) -> list[Outcome]:
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

    async def _settle(self, claimed: Sequence[_Claimed], outcomes: Sequence[Outcome], *, split: bool) -> list[_Try]:
        """Write the outcomes and react to them; give what has to be tried again by this run."""
        retries, settlements = [], []
        for item, outcome in zip(claimed, outcomes, strict=True):
            tried = replace(item.try_, made=item.try_.made + 1)
            retry = split or (outcome.kind == Kind.NOT_SENT and tried.made < self._settings.max_attempts)
            again = retry or outcome.stop is not None or outcome.reason in _HELD_BACK
            settlements.append(Settlement(item.claim, outcome, self._now_ms(), again=again))
            retries += [tried] if retry else []
        written = await _each([self._book.settle(settlement) for settlement in settlements])
        for settlement, answer in zip(settlements, written, strict=True):
            if isinstance(answer, LedgerWriteFailed):
                self._could_not_settle(settlement, answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                self._react(settlement, final=not settlement.again)
        return [] if self._gate.is_closed else retries

    def _could_not_settle(self, settlement: Settlement, error: LedgerWriteFailed) -> None:
        outcome, claim = settlement.outcome, settlement.claim
        what = f"{outcome.kind} {outcome.call_id or outcome.reason}"
        self.stop(
            StopCode.LEDGER_FAILED,
            f"{error} The outcome of contact {claim.contact_id}, attempt {claim.number}, could not be written"
            f" (it was: {what}); the next run holds it as unknown.",
        )

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
        self.created += outcome.kind == Kind.CREATED
        self._on_outcome(outcome, final)
        self._gate.note(outcome, final=final)

    def _is_late(self, slot_ms: int) -> bool:
        late = slot_ms < self._now_ms() + MIN_LEAD_MS
        self.late = self.late or late
        return late

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())


async def _each(work: Sequence[Coroutine[Any, Any, _T]]) -> list[_T | BaseException]:
    """Do all of *work* side by side and give the results or exceptions, in order."""
    if len(work) > 1:
        return await asyncio.gather(*work, return_exceptions=True)
    try:  # a lone one needs no task, which costs a tenth of a call
        return [await only for only in work]
    except Exception as error:  # noqa: BLE001 - given back, as gather does
        return [error]


def _is_refusal(outcome: Outcome) -> bool:
    return outcome.kind == Kind.REFUSED and outcome.stop is None
