"""A whole submitting on virtual time: a book in memory, an API in the same process, one journal of what happened."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import httpx
from pydantic import SecretStr

from dialer.api.client import Client
from dialer.calls.attempt import Claim, PlannedCall, Settlement
from dialer.calls.known_calls import KnownCalls
from dialer.calls.outcome import Kind, Outcome
from dialer.campaign.tables import Submit
from dialer.clock import from_ms, iso_ms, to_ms
from dialer.submit.shared_request import SharedRequest
from dialer.submit.submitter import Submitter
from tests.submit.virtual_time import LoopClock, run
from tests.support import MONDAY_NOON, answers_of, number

CONTEXT = ssl.create_default_context()
SHARED = {"teamId": "team", "callTemplateId": "template"}
NOW_MS = to_ms(MONDAY_NOON)


@dataclass(frozen=True)
class Event:
    """One line of the journal: *what* is claim, post, replied or settle; *at* counts seconds from the start."""

    what: str
    at: float
    contact_id: int
    slot_ms: int


@dataclass(frozen=True)
class Post:
    """A POST as the API received it; *nth* counts those for the same person, from 1."""

    contact_id: int
    nth: int
    body: dict[str, Any]


@dataclass
class Lock:
    """A lock that is lost when *why_lost* says so; somebody *doubts* it at once, or nobody does."""

    why_lost: Callable[[], str]
    doubts: Callable[[], bool] = lambda: False

    def is_in_doubt(self) -> bool:
        """Return whether something may have ended it."""
        return self.doubts()


Answer = Callable[[Post], Awaitable[httpx.Response]]


async def create(post: Post) -> httpx.Response:
    """Create the call at once."""
    return httpx.Response(200, json={"data": {"_id": f"call-{post.contact_id}"}})


async def no_batches(_bodies: Sequence[dict[str, Any]]) -> httpx.Response:
    """Refuse batches: nobody has to send any."""
    return httpx.Response(404)


def always(status: int, **headers: str) -> Answer:
    """Answer everything with *status*."""

    async def answer(_post: Post) -> httpx.Response:
        return httpx.Response(status, headers={name.replace("_", "-"): text for name, text in headers.items()})

    return answer


def failing(kind: type[httpx.TransportError], times: int = 1_000) -> Answer:
    """Let the first *times* POSTs for each person end in an exception."""

    async def answer(post: Post) -> httpx.Response:
        if post.nth <= times:
            raise kind("made up")
        return await create(post)

    return answer


def after(seconds: float, then: Answer) -> Answer:
    """Answer as *then* does, *seconds* later."""

    async def answer(post: Post) -> httpx.Response:
        await asyncio.sleep(seconds)
        return await then(post)

    return answer


def put_off_once(status: int, **headers: str) -> Answer:
    """Put the third person's first POST off, and create everything else."""

    async def answer(post: Post) -> httpx.Response:
        if (post.contact_id, post.nth) == (2, 1):
            return await always(status, **headers)(post)
        return await create(post)

    return answer


@dataclass
class Rehearsal:
    """One call of `Submitter.submit`; `run` it, then read what happened.

    *claim_faults* and *settle_faults* are raised for the contacts they name, *list_fault* when the book is asked who
    has *opted_out*; *commit_seconds* is how long the
    claim of a contact takes; *shift_ms* is how far the book moves each slot. *lead_ms* is how far ahead the
    first slot lies, the others follow a tenth of a second apart. *is_proved*: the canary is over already.
    *asked_at* is when the job asked before, the last time alone.
    """

    answer: Answer = create
    count: int = 10
    settings: dict[str, Any] = field(default_factory=dict)
    probe: Callable[[], httpx.Response] = lambda: httpx.Response(404)
    asked_at: Sequence[float] = ()
    listing: Callable[[], httpx.Response] = lambda: httpx.Response(404)
    batch: Callable[[Sequence[dict[str, Any]]], Awaitable[httpx.Response]] = field(default=no_batches)
    known_calls: KnownCalls | None = None
    claim_faults: dict[int, Exception] = field(default_factory=dict)
    settle_faults: dict[int, Exception] = field(default_factory=dict)
    opted_out: set[int] = field(default_factory=set)
    list_fault: Exception | None = None
    commit_seconds: Callable[[int], float] = lambda _contact: 0.0
    connect_seconds: Callable[[], float] | None = None
    why_lost: Callable[[], str] | None = None
    is_proved: bool = False
    shift_ms: int = 0
    lead_ms: int = 3_600_000
    attempts: int = 0
    alone: Collection[int] = ()
    random: Random = field(default_factory=lambda: Random(5))
    meanwhile: Callable[[Submitter], Awaitable[None]] | None = None
    journal: list[Event] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)
    told: list[tuple[Outcome, bool]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    clock: LoopClock = field(default_factory=LoopClock)
    submitter: Submitter | None = None
    late: bool = False
    connections: int = 0
    error: BaseException | None = None

    def run(self) -> "Rehearsal":
        """Submit everything; an exception that `submit` raises is kept in `error`."""
        run(self._run())
        return self

    async def _run(self) -> None:
        settings = Submit.model_validate({"requests_per_second": 100, "concurrency": 4} | self.settings)
        self.submitter = Submitter(
            SharedRequest("a-run", SHARED, settings),
            self,
            connect=self._connect,
            clock=self.clock,
            random=self.random,
            on_outcome=lambda outcome, final: self.told.append((outcome, final)),
            known_calls=self.known_calls,
            lock=None if self.why_lost is None else Lock(self.why_lost),
        )
        self.submitter._canary.is_over = self.is_proved
        aside = asyncio.ensure_future(self.meanwhile(self.submitter)) if self.meanwhile else None
        try:
            self.late = (await self.submitter.submit(self._planned(), expected=self.count)).is_late
        except Exception as error:  # noqa: BLE001 - the test judges it
            self.error = error
        if aside:
            await aside

    def _connect(self) -> Client:
        self.connections += 1
        key = SecretStr("sk-test-0123")
        transport = httpx.MockTransport(self._serve)
        client = Client("http://api.test", key, clock=self.clock, read_seconds=60, context=CONTEXT, transport=transport)
        client.asked_at.extend(self.asked_at)
        return client

    async def _planned(self) -> AsyncIterator[PlannedCall]:
        for index in range(self.count):
            payload = json.dumps({"nameOfHuman": f"Person {index}", "toPhoneNumber": number(index)})
            slot_ms = NOW_MS + self.lead_ms + index * 100
            yield PlannedCall(index, number(index), payload, slot_ms, self.attempts, alone=index in self.alone)

    async def _serve(self, request: httpx.Request) -> httpx.Response:
        if self.connect_seconds is not None:  # as a connection does that has to be opened first
            await asyncio.sleep(self.connect_seconds())
            await request.extensions["trace"]("http11.send_request_headers.started", {})
        if request.method == "GET":
            return self.listing() if request.url.params else self.probe()
        body = json.loads(request.content)
        if "phoneCalls" in body:
            return await self.batch(body["phoneCalls"])
        self.bodies.append(body)
        contact_id = next(index for index in range(self.count) if number(index) == body["toPhoneNumber"])
        slot_ms = next(claim.slot_ms for claim in self.claims if iso_ms(claim.slot_ms) == body["callDelayedUntil"])
        self._note("post", contact_id, slot_ms)
        reply = await self.answer(Post(contact_id, len(self.of("post", contact_id)), body))
        self._note("replied", contact_id, slot_ms)
        return reply

    def _note(self, what: str, contact_id: int, slot_ms: int) -> None:
        self.journal.append(Event(what, self.clock.monotonic(), contact_id, slot_ms))

    def claim(self, claims: Sequence[Claim]) -> Awaitable[list[Claim | Exception]]:
        """Store the attempts in memory, as a book."""
        return asyncio.ensure_future(answers_of(map(self._claim, claims)))

    async def _claim(self, claim: Claim) -> Claim:
        await asyncio.sleep(self.commit_seconds(claim.contact_id))
        if claim.contact_id in self.claim_faults:
            raise self.claim_faults[claim.contact_id]
        stored = replace(claim, slot_ms=claim.slot_ms + self.shift_ms)
        self.claims.append(stored)
        self._note("claim", stored.contact_id, stored.slot_ms)
        return stored

    def settle(self, settlements: Sequence[Settlement]) -> Awaitable[list[Exception | None]]:
        """Store the outcomes in memory, as a book."""
        return asyncio.ensure_future(answers_of(map(self._settle, settlements)))

    async def _settle(self, settlement: Settlement) -> None:
        if settlement.claim.contact_id in self.settle_faults:
            raise self.settle_faults[settlement.claim.contact_id]
        self.settlements.append(settlement)
        self._note("settle", settlement.claim.contact_id, settlement.claim.slot_ms)

    async def suppressed(self, claims: Sequence[Claim]) -> frozenset[int]:
        """Return who must not be called any more, as a book."""
        if self.list_fault is not None:
            raise self.list_fault
        return frozenset(claim.contact_id for claim in claims if claim.contact_id in self.opted_out)

    def of(self, what: str, contact_id: int | None = None) -> list[Event]:
        """Return the events of one kind, of one contact or of all, in order."""
        return [event for event in self.journal if event.what == what and contact_id in {None, event.contact_id}]

    @property
    def kinds(self) -> list[Kind]:
        """The kinds of the outcomes, in the order of the settlements."""
        return [settlement.outcome.kind for settlement in self.settlements]

    @property
    def stop_code(self) -> str | None:
        """Why it stopped, if it did."""
        assert self.submitter is not None
        return self.submitter.stopped.code if self.submitter.stopped else None

    @property
    def stop_message(self) -> str:
        """What it tells people about the stop."""
        assert self.submitter is not None
        assert self.submitter.stopped is not None
        return self.submitter.stopped.message

    def lead_seconds(self, event: Event) -> float:
        """Return how far ahead of *event* its slot lay."""
        return (from_ms(event.slot_ms) - MONDAY_NOON).total_seconds() - event.at
