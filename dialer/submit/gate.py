"""Stands between the workers and the API: nobody passes before the API answers, faster than agreed, or after a stop."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from math import inf
from random import Random

from dialer.api.client import Client
from dialer.calls.outcome import Outcome, Stop, StopCode
from dialer.calls.pause import PauseReason
from dialer.campaign.tables import Submit
from dialer.clock import Clock
from dialer.submit.circuit_breaker import OUTAGE_SECONDS, CircuitBreaker
from dialer.submit.limits.key_limit import KeyLimit
from dialer.submit.pacing import MAX_PAUSE_SECONDS, Pacer
from dialer.submit.pause_log import PauseLog
from dialer.submit.rate_share import RateShare

BACKOFF_SECONDS = 0.5
TOO_MANY_REQUESTS = 429
CONNECTING_AT_ONCE = 8
"""So many handshakes at once hold neither the API's gateway nor the requests that go on meanwhile up."""
MAX_BACKOFF_SECONDS = 30.0

TURN_SECONDS = 0.5
"""So long what confirms a call waits for a permit of the key: the call exists, and its outcome is yet to be written."""

SHARED_PAUSE_SECONDS = 1.0
"""A shorter pause that the API asks for is over before the others of the key have heard of it."""


class Gate:
    """Shared by the workers of one run. Once it is closed by `close`, nobody passes any more.

    *limit* is what the run shares with others of its key; None where it has the key to itself.
    """

    def __init__(self, settings: Submit, *, clock: Clock, random: Random, limit: KeyLimit | None = None) -> None:
        self._limit = limit
        self._settings = settings
        self._clock = clock
        self._random = random
        self._closed = asyncio.Event()
        self._shut = asyncio.Event()  # closed for a second reason: not even the last looks pass
        self._pacer = Pacer(settings.requests_per_second, clock)
        self._breaker = CircuitBreaker(settings)
        self._probing = asyncio.Lock()
        self._asking = asyncio.Lock()
        self._has_answered = False
        self._connecting = asyncio.Semaphore(CONNECTING_AT_ONCE)
        self.pauses = PauseLog(clock)
        self.stop: Stop | None = None

    @property
    def is_closed(self) -> bool:
        """Whether nothing more may be claimed or sent."""
        return self._closed.is_set()

    def close(self, stop: Stop | None = None) -> None:
        """Let nobody pass any more. The first reason given stays; another one, or none, ends the last looks as well."""
        if stop is None or (self.is_closed and (self.stop is None or self.stop.code != stop.code)):
            self._shut.set()
        self.stop = self.stop or stop
        self._closed.set()

    async def opened(self, client: Client) -> bool:
        """Open *client*'s connection before any call is claimed; return whether the run may send.

        The first one asks the API by a GET whether it may; the others open theirs without one, a few at once, so that
        they take nothing of the pace.
        """
        async with self._asking:
            if not self._has_answered:
                await self._connect(client)
                self._pacer.count(client.asked_at)
                self._has_answered = await self._connected(client.probe)
                return self._has_answered
        async with self._connecting:
            return await self._connected(lambda _: client.connect())

    async def _connected(self, ask: Callable[[Callable[[], bool]], Awaitable[Outcome | None]]) -> bool:
        for attempt in range(self._settings.max_attempts):
            if self.is_closed or (not self._has_answered and not await self._wait_to_send(self._closed)):
                return False
            answer = await ask(self.leaving())
            if answer is not None:
                self.hear(answer)
            if answer is None or answer.stop is None:
                return True
            if answer.stop != StopCode.UNREACHABLE or attempt + 1 == self._settings.max_attempts:
                self.close(Stop(answer.stop, answer.why_stop))
            else:
                await self._pacer.wait(self._backoff(attempt), self._closed)
        return False

    @property
    def share(self) -> RateShare:
        """The share of the agreed rate that is used."""
        return self._pacer.share

    def hear(self, outcome: Outcome) -> None:
        """Learn from the reply to one request whether there were too many, and pause for as long as it asks for."""
        if outcome.http_status == TOO_MANY_REQUESTS:
            self._pacer.share.give_way()
        if outcome.pause_seconds is not None:
            self.pause(outcome.pause_seconds)

    def may_leave(self, let_through_at: float) -> bool:
        """Return whether a request may leave now that `may_send` let through at an instant of the monotonic clock."""
        return self._has_permit() and self._pacer.may_leave(let_through_at)

    def _has_permit(self) -> bool:
        return self._limit is None or self._limit.may_leave()

    @property
    def is_ahead(self) -> bool:
        """Whether a call could be claimed and sent at once: the pace waits for the workers, and not they for it."""
        return not self._breaker.is_down and self._pacer.has_room

    async def may_claim(self, client: Client) -> bool:
        """Wait until what one request carries may be claimed. False when the run stopped meanwhile."""
        if self._breaker.is_down and not await self._answers_again(client):
            return False
        return await self._pacer.wait_to_claim(self._closed) and (
            self._limit is None or await self._limit.wait_to_claim(self._closed)
        )

    async def may_send(self, *, own: StopCode | None = None, until: float = inf) -> bool:
        """Wait until one request may be sent whose calls are claimed. False when the run stopped meanwhile.

        False at once, too, when a pause lasts beyond *until*: a claim does not wait for its end.
        Whoever closed the gate for the reason *own*, and has to look once more what came of a request, still passes,
        at the same pace, unless the run was stopped for another reason too.
        """
        return await self._wait_to_send(self._stopped_for(own), until)

    async def may_ask(self, client: Client, *, own: StopCode | None = None) -> bool:
        """Wait until a GET may leave over *client*'s connection, as `may_send` does."""
        await self._connect(client)
        return await self.may_send(own=own)

    async def _connect(self, client: Client) -> None:
        if self._limit is not None:  # no permit outlasts a handshake
            await client.connect()

    async def _wait_to_send(self, stopped: asyncio.Event, until: float = inf) -> bool:
        return await self._pacer.wait_to_send(stopped, until=until) and (
            self._limit is None or await self._limit.wait_to_send(stopped, until=until)
        )

    async def take_turn(self) -> None:
        """Wait until one GET more is within the pace, but neither for the end of a pause nor once the run stops.

        One that has no permit of the key by then does not leave.
        """
        await self._pacer.wait_to_look(self._closed)
        if self._limit is not None:
            await self._limit.wait_to_send(self._closed, until=self._clock.monotonic() + TURN_SECONDS)

    def leaving(self) -> Callable[[], bool]:
        """Return what a GET that has just been let through is to call when it leaves, and counts from then on."""
        let_through_at = self._clock.monotonic()
        return lambda: self._has_permit() and self._pacer.leave(let_through_at)

    def _stopped_for(self, own: StopCode | None) -> asyncio.Event:
        return self._closed if own is None else self._shut

    async def _answers_again(self, client: Client) -> bool:
        """Wait until the API answers a GET: an outage is never probed with a POST. False when the run stopped."""
        async with self._probing:
            began, attempt = self._clock.monotonic(), 0
            self.pauses.begin(PauseReason.OUTAGE)
            while self._breaker.is_down and not self.is_closed:
                if self._clock.monotonic() - began > OUTAGE_SECONDS:
                    minutes = timedelta(seconds=OUTAGE_SECONDS) // timedelta(minutes=1)
                    message = f"The API has been down for {minutes} minutes. Run again later."
                    self.close(Stop(StopCode.UNREACHABLE, message))
                elif await self._may_probe(client, attempt):
                    self._hear(await client.probe(self.leaving()))
                    attempt += 1
            self.pauses.end(PauseReason.OUTAGE)
        return not self.is_closed

    async def _may_probe(self, client: Client, attempt: int) -> bool:
        """Wait until the API may be asked again, as the pace and the pauses that it asked for allow."""
        waited = await self._pacer.wait(self._backoff(attempt), self._closed)
        return waited and await self.may_ask(client)

    def _hear(self, answer: Outcome | None) -> None:
        """Learn from a probe during an outage whether it is over."""
        if answer is not None:
            self.hear(answer)
        if answer is None or not (answer.is_outage or answer.stop):
            self._breaker.came_back()
        elif answer.stop not in (None, StopCode.UNREACHABLE):
            self.close(Stop(answer.stop, answer.why_stop))

    def react(self, outcome: Outcome, *, final: bool) -> None:
        """Stop if the outcome of an attempt asks for it; *final* when its call is not tried again."""
        stop = self._breaker.count(outcome, final=final)
        if stop is not None:
            self.close(stop)

    def hold(self, message: str) -> None:
        """Let nobody claim or send until `release`: somebody asked for it, as *message* says."""
        self.pauses.begin(PauseReason.ASKED, message)
        self._pacer.hold()

    def release(self) -> None:
        """Let everybody go on who was held."""
        self.pauses.end(PauseReason.ASKED)
        self._pacer.release()

    def pause(self, seconds: float, reason: PauseReason = PauseReason.API, message: str = "") -> None:
        """Hold everybody back for *seconds*; a pause longer than any run should wait ends it."""
        if seconds > MAX_PAUSE_SECONDS:
            message = f"The API asks to wait {seconds / 60:.0f} minutes. Run again after that."
            self.close(Stop(StopCode.PAUSE_TOO_LONG, message))
        else:
            self.pauses.last(reason, seconds, message)
            self._pacer.pause(seconds)
            if self._limit is not None and reason == PauseReason.API and seconds >= SHARED_PAUSE_SECONDS:
                self._limit.hold(seconds)

    async def wait(self, seconds: float, *, own: StopCode | None = None) -> bool:
        """Wait *seconds*; False at once when the run stops meanwhile, for another reason than *own*."""
        return await self._pacer.wait(seconds, self._stopped_for(own))

    async def back_off(self, outcome: Outcome, attempt: int) -> None:
        """Wait after a try that surely did not count; a reply that put the call off holds back everyone."""
        if outcome.http_status is None:
            await self._pacer.wait(self._backoff(attempt), self._closed)
        else:
            self.pause(self._backoff(attempt))  # whatever longer pause the reply asked for stays

    def _backoff(self, attempt: int) -> float:
        """Return the wait after failed try number *attempt* (from 0): doubling, half of it jitter."""
        longest = min(MAX_BACKOFF_SECONDS, BACKOFF_SECONDS * 2.0**attempt)
        return longest * (0.5 + self._random.random() / 2)
