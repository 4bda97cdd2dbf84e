"""Sends planned calls: wait, claim, POST, settle, for each of them, by a few workers side by side.

The order is the promise. Nothing is sent before its claim is on the disk, and nothing is sent twice unless the
first time surely did not count. A stop ends the claiming; what is in flight is finished and settled.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from random import Random
from typing import NamedTuple

from dialer.api.client import Client
from dialer.api.echo import Request
from dialer.api.payload import call_body
from dialer.calls.attempt import CLAIM_LIFE_SECONDS, MIN_LEAD_MS, Claim, PlannedCall
from dialer.calls.known_calls import KnownCalls
from dialer.calls.outcome import Outcome, Stop, StopCode, never_sent
from dialer.clock import Clock
from dialer.reasons import Reason
from dialer.submit.attempt_store import AttemptStore, Claimed, ClaimWriter, Try
from dialer.submit.canary import CANARY_CALLS, Canary
from dialer.submit.feed import Feed
from dialer.submit.gate import Gate
from dialer.submit.heartbeat import Heartbeat, HeldLock
from dialer.submit.open_files import most_connections
from dialer.submit.refused_batch import aftermath_of
from dialer.submit.settling import Settler, Settling, is_plain, settled
from dialer.submit.shared_request import SharedRequest
from dialer.submit.workers import MOST_WORKERS, Workers

LONG_WAIT_SECONDS = 0.25
"""A claim that is older when its turn comes, after a pause for instance, has the suppression list looked at again. With
0.05, commits on a busy disk had 1,742 of 2,500 calls look, each for a quarter of a second."""


class Submitted(NamedTuple):
    """What one `Submitter.submit` came to: whether a slot came too close, and how many calls it created."""

    is_late: bool
    created: int


class Submitter:
    """Sends the planned calls of one run. Anything on the loop may call `stop`, `pause`, `hold` and `release`.

    `claimed_slot_ms` is the slot of the last claim.
    *known_calls* are what the ledger knows of other calls; they matter where a request carries more than one.
    `share` is what is used of the agreed rate; `shortfall` says how far the workers miss it, "" where they do not.
    *lock* is the run's; None where there is none to lose.
    """

    def __init__(
        self,
        shared: SharedRequest,
        store: AttemptStore,
        *,
        connect: Callable[[], Client],
        clock: Clock,
        random: Random,
        on_outcome: Callable[[Outcome, bool], None],
        known_calls: KnownCalls | None = None,
        lock: HeldLock | None = None,
    ) -> None:
        self._shared = shared
        self._settings = shared.settings
        self._connect = connect
        self._clock = clock
        self._gate = Gate(shared.settings, clock=clock, random=random, limit=shared.limit)
        self.pause, self.hold, self.release = self._gate.pause, self._gate.hold, self._gate.release
        self.pauses, self.share = self._gate.pauses, self._gate.share
        self._writer = ClaimWriter(
            store,
            shared.run_id,
            max_attempts=self._settings.max_attempts,
            clock=clock,
            stop=self._gate.close,
            hold=self._gate.hold,
        )
        self._canary = Canary()
        self._heartbeat = Heartbeat(lock, clock=clock, close=self._gate.close)
        self.keep_lock = self._heartbeat.go_on
        template = str(shared.shared_fields.get("callTemplateId", ""))
        self._aftermath = aftermath_of(shared.settings, template, self._gate, known_calls or KnownCalls(), clock)
        self._settler = Settler(shared.run_id, self._writer, self._gate, on_outcome, self._aftermath)
        self._is_late = False
        self.shortfall = ""
        self.claimed_slot_ms: int | None = None

    @property
    def stopped(self) -> Stop | None:
        """Why the run ends early; None while it goes on."""
        return self._gate.stop

    @property
    def in_flight(self) -> int:
        """How many claims there are whose outcome is not written."""
        return self._settler.in_flight

    def stop(self, code: StopCode, message: str) -> None:
        """End the run: no further claim, what is in flight is finished. The first reason given stays."""
        self._gate.close(Stop(code, message))

    async def submit(self, calls: AsyncIterator[PlannedCall], *, expected: int) -> Submitted:
        """Send *calls* until there are none, the run is stopped, or a slot has come too close.

        After the last, the caller plans the rest anew and submits again. No more connections are opened than
        *expected* calls need requests.
        """
        self._is_late, self._settler.created = False, 0
        requests = -(-expected // self._settings.batch_size)
        wanted = min(self._settings.concurrency or MOST_WORKERS, requests)
        feed = Feed(calls, batch_size=self._settings.batch_size, is_over=lambda: self._gate.is_closed or self._is_late)
        self._workers = Workers(
            partial(self._work, feed),
            requests_per_second=self._settings.requests_per_second,
            most=most_connections(wanted),
            wanted=wanted,
            clock=self._clock,
        )
        await self._workers.run()
        self.shortfall = self._workers.shortfall or self.shortfall
        return Submitted(self._is_late, self._settler.created)

    async def _work(self, feed: Feed) -> None:
        try:
            async with self._connect() as client:
                if not await self._gate.opened(client):
                    return
                async with self._canary.turn:
                    while not self._canary.is_over and (batch := await feed.next_batch(CANARY_CALLS)):
                        await settled(await self._submit(client, [Try(call) for call in batch]))
                before = None
                try:
                    while batch := await feed.next_batch():
                        before = await self._submit(client, [Try(call) for call in batch], before)
                finally:  # what a call came to is written, whatever else went wrong
                    await settled(before)
        except BaseException:
            self._gate.close()
            raise

    async def _submit(self, client: Client, tries: Sequence[Try], before: Settling | None = None) -> Settling | None:
        """Attempt calls until each is created, refused, unknown, or surely not sent `max_attempts` times.

        *before* is the worker's last request, whose outcome is being written: it is on the disk before another leaves,
        in one commit with the next claim. Return the same of the last request here.
        """
        while tries:
            if self._gate.is_ahead and self._canary.is_over:
                self._workers.add_if_needed()
            if not await self._gate.may_claim(client) or not await self._heartbeat.is_held():
                return before
            with self._workers.at_work():
                claimed, held = await self._claim(tries, before)
                if not claimed and not held:
                    return None
                outcomes = await self._attempt(client, claimed) if claimed else []
                before = self._settler.begin(claimed, outcomes)
            if not held and self._canary.is_over and is_plain(outcomes):
                return before
            again, before = await before, None
            tries = [*again, *held]
            if any(outcome.reason == Reason.BATCH_REFUSED for outcome in outcomes):
                for alone in tries:  # one bad row refuses its whole batch
                    before = await self._submit(client, [alone], before)
                return before
            if self._is_late:
                return None
            if again:
                await self._gate.back_off(outcomes[0], again[0].made - 1)
        return None

    async def _claim(self, tries: Sequence[Try], before: Settling | None) -> tuple[list[Claimed], list[Try]]:
        """Claim those of *tries* that are in time; return them, and those that a pause holds back."""
        in_time = [item for item in tries if not self._comes_too_late(item.call.slot_ms)]
        claimed, held = await self._writer.write_claims(in_time)
        await settled(before)
        self._settler.in_flight += len(claimed)
        self.claimed_slot_ms = claimed[-1].claim.slot_ms if claimed else self.claimed_slot_ms
        return claimed, held

    async def _attempt(self, client: Client, claimed: Sequence[Claimed]) -> list[Outcome]:
        """Send claimed calls and return one outcome for each; what a batch leaves doubtful is looked up."""
        if self._aftermath is None:
            return await self._post(client, claimed)
        claims = [item.claim for item in claimed]
        for claim in claims:
            self._aftermath.known_calls.claimed(claim)
        return await self._aftermath.resolve(client, claims, await self._post(client, claimed))

    async def _post(self, client: Client, claimed: Sequence[Claimed]) -> list[Outcome]:
        """Send what may be sent now, in one request; return one outcome for each of *claimed*, in order."""
        turn = await self._wait_to_send(claimed)
        if turn is None and self._gate.is_closed:
            return [never_sent("the run stopped before its turn", reason=Reason.STOPPED)] * len(claimed)
        if turn is None:
            return [never_sent("a pause began before its turn", reason=Reason.CLAIM_EXPIRED)] * len(claimed)
        let_through_at, suppressed = turn
        withheld = [self._why_withheld(item.claim, suppressed) for item in claimed]
        leaving = [item for item, why in zip(claimed, withheld, strict=True) if why is None]
        bodies = [
            call_body(self._shared.shared_fields, item.try_.call, self._shared.from_numbers, item.claim.slot_ms)
            for item in leaving
        ]
        sent = [Request(item.claim.phone, item.claim.slot_ms) for item in leaving]
        may_leave = partial(self._may_leave, leaving, let_through_at)
        if len(claimed) > 1:
            answers = await client.create_batch(bodies, sent=sent, may_leave=may_leave) if bodies else []
        else:
            answers = [await client.create(bodies[0], sent=sent[0], may_leave=may_leave)] if bodies else []
        if answers:
            self._gate.hear(answers[0])  # one reply, whatever it says of each call
        if not self._canary.is_over:
            if is_plain(answers):  # their connections open while the first call is confirmed
                self._workers.begin_for(self._clock.monotonic() - let_through_at)
            with self._workers.at_rest():  # that is no part of its request
                answers = await self._canary.confirm(client, bodies, answers, self._gate)
        answered = iter(answers)
        return [why or next(answered) for why in withheld]

    def _may_leave(self, claimed: Sequence[Claimed], let_through_at: float) -> bool:
        return self._heartbeat.may_leave(claimed) and self._gate.may_leave(let_through_at)

    async def _wait_to_send(self, claimed: Sequence[Claimed]) -> tuple[float, frozenset[int]] | None:
        """Wait for the pace; return when it let the request through and whom it may not call, or None if it may not."""
        until = min(item.expires_at for item in claimed)
        with self._workers.at_rest():
            may_send = await self._gate.may_send(until=until)
        if not may_send:
            return None
        let_through_at = self._clock.monotonic()
        if let_through_at - (until - CLAIM_LIFE_SECONDS) <= LONG_WAIT_SECONDS:
            return let_through_at, frozenset()
        suppressed = await self._writer.suppressed(claimed)
        return None if suppressed is None else (let_through_at, suppressed)

    def _why_withheld(self, claim: Claim, suppressed: frozenset[int]) -> Outcome | None:
        """Return why a claimed call is not sent after all; None when it is."""
        if claim.contact_id in suppressed:
            return never_sent("its number was suppressed while it waited", reason=Reason.SUPPRESSED)
        if self._comes_too_late(claim.slot_ms):
            return never_sent("its slot had come too close, so it is planned anew", reason=Reason.WAITING)
        return None

    def _comes_too_late(self, slot_ms: int) -> bool:
        """Return whether a slot has come too close to be sent, and remember that one has."""
        is_late = slot_ms < self._clock.now_ms() + MIN_LEAD_MS
        self._is_late |= is_late
        return is_late
