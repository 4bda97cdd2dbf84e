"""Sends planned calls: permit, claim, POST, settle, for each of them, by a few workers side by side.

The order is the promise. Nothing is sent before its claim is on the disk, and nothing is sent twice unless the
first time surely did not count. A stop ends the claiming; what is in flight is finished and settled.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from dialer.campaign import Submit
from dialer.clock import Clock, to_ms
from dialer.errors import LedgerWriteFailed
from dialer.status import Reason
from dialer.submit.attempt import Book, Claim, PlannedCall, Settlement
from dialer.submit.client import Client
from dialer.submit.outcome import Kind, Outcome, StopCode, never_sent
from dialer.submit.pacing import MAX_PAUSE_SECONDS, Pacer
from dialer.submit.payload import body

MIN_LEAD_MS = 2_000
"""How far ahead a slot must lie when its request leaves: one already past may be dialled at once."""

_HELD_BACK = (Reason.STOPPED, Reason.WAITING)

BACKOFF_SECONDS = 0.5
MAX_BACKOFF_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Stop:
    """Why the run ended early, in one sentence for people."""

    code: StopCode
    message: str


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
        self._book = book
        self._connect = connect
        self._clock = clock
        self._random = random
        self._on_outcome = on_outcome
        self._stopped = asyncio.Event()
        self._pacer = Pacer(sender.settings.requests_per_second, clock, self._stopped)
        self._feeding = asyncio.Lock()
        self._refused_in_a_row = 0
        self._unknown = 0
        self.stopped: Stop | None = None
        self.late = False

    def stop(self, code: StopCode, message: str) -> None:
        """End the run: no further claim, what is in flight is finished. The first reason given stays."""
        self.stopped = self.stopped or Stop(code, message)
        self._stopped.set()

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
                if not await self._ready(client):
                    return
                while (call := await self._next(calls)) is not None:
                    await self._submit_one(client, call)
        except BaseException:
            self._stopped.set()
            raise

    async def _ready(self, client: Client) -> bool:
        """Open the connection before any call is claimed; tell whether the run may send."""
        for attempt in range(self._settings.max_attempts):
            if not await self._pacer.send():
                return False
            refusal = await client.probe()
            if refusal is None:
                return True
            if refusal.stop != StopCode.UNREACHABLE or attempt + 1 == self._settings.max_attempts:
                self.stop(refusal.stop or StopCode.UNREACHABLE, refusal.message)
            else:
                await self._pacer.wait(self._backoff(attempt))
        return False

    async def _next(self, calls: AsyncIterator[PlannedCall]) -> PlannedCall | None:
        async with self._feeding:
            if self._stopped.is_set() or self.late:
                return None
            return await anext(calls, None)

    async def _submit_one(self, client: Client, call: PlannedCall) -> None:
        """Attempt one call until it is created, refused, unknown, or surely not sent `max_attempts` times."""
        for attempt in range(self._settings.max_attempts):
            if not await self._pacer.permit() or self._is_late(call.slot_ms):
                return
            claim = await self._claim(call, attempt)
            if claim is None:
                return
            outcome = await self._send(client, call, claim)
            retry = outcome.kind == Kind.NOT_SENT and attempt + 1 < self._settings.max_attempts
            again = retry or outcome.stop is not None or outcome.reason in _HELD_BACK
            if not await self._settle(Settlement(claim, outcome, self._now_ms(), again=again)):
                return
            self._react(outcome, final=not again)
            if not retry or self.late:
                return
            await self._back_off(outcome, attempt)

    async def _claim(self, call: PlannedCall, attempt: int) -> Claim | None:
        number = call.attempts + attempt + 1
        wanted = Claim(call.contact_id, number, self._sender.run_id, call.phone, call.slot_ms + attempt, self._now_ms())
        try:
            return await self._book.claim(wanted)
        except LedgerWriteFailed as error:
            self.stop(StopCode.LEDGER_FAILED, f"{error} Nothing is sent that the ledger cannot hold.")
            return None

    async def _send(self, client: Client, call: PlannedCall, claim: Claim) -> Outcome:
        if not await self._pacer.send():
            return never_sent("the run stopped before its turn", reason=Reason.STOPPED)
        if self._is_late(claim.slot_ms):
            return never_sent("its slot had come too close, so it is planned anew", reason=Reason.WAITING)
        own = json.loads(call.payload)
        return await client.create(body(self._sender.shared_fields, own, claim.slot_ms))

    async def _settle(self, settlement: Settlement) -> bool:
        try:
            await self._book.settle(settlement)
        except LedgerWriteFailed as error:
            outcome, claim = settlement.outcome, settlement.claim
            what = f"{outcome.kind} {outcome.call_id or outcome.reason}"
            self.stop(
                StopCode.LEDGER_FAILED,
                f"{error} The outcome of contact {claim.contact_id}, attempt {claim.number}, could not be written"
                f" (it was: {what}); the next run holds it as unknown.",
            )
            return False
        return True

    def _react(self, outcome: Outcome, *, final: bool) -> None:
        self._on_outcome(outcome, final)
        if outcome.pause_seconds is not None:
            self._pause(outcome.pause_seconds)
        if outcome.stop is not None:
            self.stop(outcome.stop, outcome.message)
        self._unknown += outcome.kind == Kind.UNKNOWN
        self._refused_in_a_row = 0 if outcome.kind == Kind.CREATED else self._refused_in_a_row + final
        if self._refused_in_a_row >= self._settings.max_failures_in_a_row:
            message = f"{self._refused_in_a_row} calls in a row failed. The last: {outcome.message}"
            self.stop(StopCode.FAILURES_IN_A_ROW, message)
        if self._unknown >= self._settings.max_unknown:
            self.stop(StopCode.TOO_MANY_UNKNOWN, f"{self._unknown} calls may or may not exist. {outcome.message}")

    def _pause(self, seconds: float) -> None:
        if seconds > MAX_PAUSE_SECONDS:
            message = f"The API asks to wait {seconds / 60:.0f} minutes. Run again after that."
            self.stop(StopCode.PAUSE_TOO_LONG, message)
        else:
            self._pacer.pause(seconds)

    async def _back_off(self, outcome: Outcome, attempt: int) -> None:
        """Wait after a try that surely did not count; a reply that put the call off holds back everyone."""
        if outcome.http_status is None:
            await self._pacer.wait(self._backoff(attempt))
        else:
            self._pacer.pause(self._backoff(attempt))  # whatever longer pause the reply asked for stays

    def _is_late(self, slot_ms: int) -> bool:
        late = slot_ms < self._now_ms() + MIN_LEAD_MS
        self.late = self.late or late
        return late

    def _backoff(self, attempt: int) -> float:
        """Give the wait after failed try number *attempt* (from 0): doubling, half of it jitter."""
        longest = min(MAX_BACKOFF_SECONDS, BACKOFF_SECONDS * 2.0**attempt)
        return longest * (0.5 + self._random.random() / 2)

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())
