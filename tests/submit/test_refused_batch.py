"""Batches that the API does not take whole: nothing of them is sent again before it is looked for."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from dialer.api.reply import judge_reply
from dialer.calls.known_calls import KnownCalls
from dialer.calls.outcome import Kind, Outcome, StopCode, never_sent, no_reply
from dialer.calls.reconciliation import ExpectedCalls
from dialer.clock import iso_ms
from dialer.submit.refused_batch import needs_look
from dialer.submit.submitter import Submitter
from tests.submit.rehearsal import Post, Rehearsal
from tests.support import MONDAY_NOON

SETTLE_SECONDS = 120
COUNT, TAKEN = 8, 5


@dataclass(frozen=True)
class Reply:
    """How the API answers a batch, once it has *taken* so many of its calls."""

    status: int = 200
    taken: int = TAKEN
    retry_after: str | None = None


class Api:
    """An API that answers batches as it is told, then takes all; it notes what was asked when."""

    def __init__(self, *replies: Reply, **rehearsal: Any) -> None:
        self._replies = list(replies)
        self.created: list[dict[str, Any]] = []
        self.batches_at: list[float] = []
        self.looks_at: list[float] = []
        settings = {"batch_size": COUNT, "concurrency": 1, "settle_time": f"{SETTLE_SECONDS}s"}
        shared: dict[str, Any] = {"count": COUNT, "batch": self.batch, "listing": self.listing, "settings": settings}
        shared["is_proved"] = True  # whole batches from the first on
        self.done = Rehearsal(self.single, **shared | rehearsal)

    async def single(self, post: Post) -> httpx.Response:
        """Take one call."""
        return httpx.Response(200, json={"data": self._make(post.body)})

    async def batch(self, bodies: Sequence[dict[str, Any]]) -> httpx.Response:
        """Take as many as it is told, and answer."""
        self.batches_at.append(self.done.clock.monotonic())
        reply = self._replies.pop(0) if self._replies else Reply(taken=len(bodies))
        made = [self._make(body) for body in bodies[: reply.taken]]
        headers = {} if reply.retry_after is None else {"retry-after": reply.retry_after}
        return httpx.Response(reply.status, headers=headers, json={"data": made})

    def _make(self, body: dict[str, Any]) -> dict[str, Any]:
        at = iso_ms(self.done.clock.now_ms())
        self.created.append(body | {"_id": f"call-{len(self.created)}", "createdAt": at})
        return self.created[-1]

    def listing(self) -> httpx.Response:
        """List every call there is."""
        self.looks_at.append(self.done.clock.monotonic())
        return httpx.Response(200, json={"data": self.created})

    def run(self) -> "Api":
        """Submit everything."""
        self.done.run()
        assert self.done.error is None
        return self

    @property
    def final(self) -> dict[int, tuple[Kind, str, bool]]:
        """What was settled last of each contact: kind, reason, whether it stays pending."""
        return {
            item.claim.contact_id: (item.outcome.kind, str(item.outcome.reason), item.again)
            for item in self.done.settlements
        }

    @property
    def calls_a_person(self) -> Counter[str]:
        """How many calls each person has."""
        return Counter(call["toPhoneNumber"] for call in self.created)


@pytest.mark.parametrize("taken", [0, TAKEN, COUNT])
@pytest.mark.parametrize(("status", "code"), [(402, StopCode.NO_CREDIT), (403, StopCode.KEY_REFUSED)])
def test_what_a_batch_created_before_the_stop_is_found(status: int, code: StopCode, taken: int) -> None:
    """The run stops, the calls that exist get their ids, and only those that surely do not exist stay pending."""
    api = Api(Reply(status, taken)).run()

    assert api.done.stop_code == code
    for contact in range(COUNT):
        pending = (Kind.NOT_SENT, f"api_{status}", True)
        assert api.final[contact] == ((Kind.CREATED, "", False) if contact < taken else pending)
    assert len(api.created) == taken


@pytest.mark.parametrize("status", [425, 429, 400, 413, 422])
@pytest.mark.parametrize("taken", [0, TAKEN, COUNT])
def test_what_a_batch_created_before_its_refusal_is_not_sent_again(status: int, taken: int) -> None:
    """Put off or refused: what exists is found, the rest is sent again, and everybody ends with one call."""
    api = Api(Reply(status, taken)).run()

    assert {kind for kind, _, _ in api.final.values()} == {Kind.CREATED}
    assert set(api.calls_a_person.values()) == {1}
    assert len(api.created) == COUNT


def test_what_was_put_off_stays_together_and_what_was_refused_is_sent_alone() -> None:
    """A busy API says nothing against any of the calls; a refusal may be about one of them."""
    assert len(Api(Reply(429)).run().batches_at) == 2
    assert len(Api(Reply(400)).run().batches_at) == 1


def test_who_goes_alone_is_in_no_batch_and_nobody_is_left_out() -> None:
    """A call that was in a refused batch is sent by itself, in its turn; the others fill batches around it."""
    sizes: list[int] = []
    api = Api(count=9, alone={0, 5}, settings={"batch_size": 3, "concurrency": 1})
    batch = api.batch

    async def counted(bodies: Sequence[dict[str, Any]]) -> httpx.Response:
        sizes.append(len(bodies))
        return await batch(bodies)

    api.done.batch = counted
    api.run()
    assert sizes == [3, 3]
    assert {event.contact_id for event in api.done.of("post")} == {0, 4, 5}
    assert set(api.calls_a_person.values()) == {1}
    assert [claim.contact_id for claim in api.done.claims] == list(range(9))


def test_what_is_refused_before_it_is_read_needs_no_look() -> None:
    """A wrong key creates nothing: the rows are pending at once."""
    api = Api(Reply(401, 0)).run()

    assert api.looks_at == []
    assert {(kind, again) for kind, _, again in api.final.values()} == {(Kind.REFUSED, True)}


def test_a_request_of_one_call_needs_no_look() -> None:
    """A refusal of it is about that call, so nothing can have come before."""
    assert Api(Reply(400, 0), count=1).run().looks_at == []


@pytest.mark.parametrize("status", [400, 402, 429])
def test_the_look_comes_after_the_settle_time(status: int) -> None:
    """A call may appear in the listing minutes after it was created: nothing is believed before."""
    api = Api(Reply(status)).run()

    assert len(api.looks_at) == 2
    assert api.looks_at[0] >= api.batches_at[0] + SETTLE_SECONDS


def test_the_looks_keep_the_pause_that_was_asked_for() -> None:
    """An API that asks for silence is not asked for its listing either."""
    api = Api(Reply(429, retry_after="600")).run()

    assert min(api.looks_at) >= api.batches_at[0] + 600
    assert set(api.calls_a_person.values()) == {1}


@pytest.mark.parametrize("status", [400, 402, 429])
def test_a_run_stopped_before_the_look_leaves_the_batch_unknown(status: int) -> None:
    """Who ends the run does not wait for the settle time, and nobody knows what was created."""

    async def stop(submitter: Submitter) -> None:
        await asyncio.sleep(10)
        submitter.stop(StopCode.INTERRUPTED, "Interrupted.")

    api = Api(Reply(status), meanwhile=stop).run()

    assert {(kind, again) for kind, _, again in api.final.values()} == {(Kind.UNKNOWN, False)}
    assert api.looks_at == []
    assert max(event.at for event in api.done.of("settle")) < 11


def test_nothing_is_claimed_once_the_credit_ran_out() -> None:
    """The gate closes with the reply, and not when the settle time is over."""
    settings = {"batch_size": 2, "concurrency": 3, "settle_time": f"{SETTLE_SECONDS}s"}
    api = Api(Reply(402, 1), count=400, settings=settings, commit_seconds=lambda _contact: 0.1).run()

    assert max(event.at for event in api.done.of("claim")) < 1
    assert min(api.looks_at) >= SETTLE_SECONDS
    assert max(api.calls_a_person.values()) == 1


@pytest.mark.parametrize(
    ("missing", "kind"), [("", Kind.CREATED), ("call-of-an-earlier-run", Kind.UNKNOWN)], ids=["whole", "lacks one"]
)
def test_a_listing_must_hold_what_earlier_runs_created(missing: str, kind: Kind) -> None:
    """Where a call known to exist is not listed, absence proves nothing: the rest of the batch is unknown."""
    around = KnownCalls(ExpectedCalls({missing: 1} if missing else {}))
    api = Api(Reply(400), known_calls=around).run()

    assert [api.final[contact][0] for contact in range(COUNT)] == [Kind.CREATED] * TAKEN + [kind] * (COUNT - TAKEN)


def test_calls_that_the_run_created_must_be_listed_too() -> None:
    """The first batch went well; a listing without one of its calls says nothing about the second batch."""
    api = Api(Reply(taken=COUNT), Reply(400), count=2 * COUNT)
    whole = api.listing

    def lacking() -> httpx.Response:
        reply = whole().json()["data"]
        return httpx.Response(200, json={"data": reply[1:]})

    api.done.listing = lacking
    api.run()
    assert Counter(kind for kind, _, _ in api.final.values()) == {Kind.CREATED: COUNT + TAKEN, Kind.UNKNOWN: 3}


@pytest.mark.parametrize("length", range(1, 4 * COUNT, 2))
def test_a_listing_cut_after_its_oldest_calls_frees_nobody(length: int) -> None:
    """Other workers have created calls meanwhile: one that shows none of theirs may hide some of the batch's, too."""
    settings = {"batch_size": COUNT, "concurrency": 2, "settle_time": f"{SETTLE_SECONDS}s"}
    api = Api(Reply(taken=COUNT), Reply(400), count=4 * COUNT, settings=settings)
    whole = api.listing
    api.done.listing = lambda: httpx.Response(200, json={"data": whole().json()["data"][:length]})
    api.run()

    assert max(api.calls_a_person.values()) == 1


def test_a_stop_because_of_the_clock_is_looked_behind_as_well() -> None:
    """A batch refused by an API whose clock differs may have been created in part all the same."""
    api = Api(Reply(400))
    batch = api.batch

    async def dated(bodies: Sequence[dict[str, Any]]) -> httpx.Response:
        reply = await batch(bodies)
        reply.headers["date"] = "Mon, 23 Nov 2026 16:50:00 GMT"
        return reply

    api.done.batch = dated
    api.run()
    assert api.done.stop_code == StopCode.CLOCK_WRONG
    assert Counter(kind for kind, _, _ in api.final.values()) == {Kind.CREATED: TAKEN, Kind.NOT_SENT: COUNT - TAKEN}


@pytest.mark.parametrize(
    ("outcome", "doubtful"),
    [
        *((judge_reply(status, {}, b"", now=MONDAY_NOON), True) for status in (400, 402, 403, 404, 413, 422, 425, 429)),
        *((judge_reply(status, {}, b"", now=MONDAY_NOON), False) for status in (200, 301, 308, 401, 500, 503)),
        (never_sent("no connection"), False),
        (no_reply("no reply in time"), False),
    ],
    ids=lambda value: f"{value.http_status}" if isinstance(value, Outcome) else str(value),
)
def test_only_a_reply_that_seems_to_deny_is_doubted(outcome: Outcome, *, doubtful: bool) -> None:
    """What never left surely does not exist, and what is unknown already stays so."""
    assert needs_look(outcome) == doubtful
