"""Promises about an API that goes down and comes back, seen through whole submittings on virtual time."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest

from dialer.calls.attempt import Settlement
from dialer.calls.outcome import Kind, StopCode
from dialer.clock import to_ms
from dialer.submit.circuit_breaker import OUTAGE_FAILURES, OUTAGE_SECONDS
from tests.submit.rehearsal import Post, Rehearsal, after, always, create, put_off_once
from tests.submit.virtual_time import LoopClock
from tests.support import MONDAY_NOON

MANY = {"max_unknown": 1_000, "max_failures_in_a_row": 1_000, "max_attempts": 20}


class Outage:
    """An API that cannot be reached for so many seconds from the start, whatever is asked."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.rehearsal = Rehearsal(self.answer, count=30, probe=self.probe, settings=MANY)
        self.probes_during = 0
        self.began: float | None = None

    def is_down(self) -> bool:
        """Return whether it is down now; it goes down at the first POST."""
        now = self.rehearsal.clock.monotonic()
        return self.began is not None and now < self.began + self.seconds

    async def answer(self, post: Post) -> httpx.Response:
        """Create the call, or let the connection fail."""
        if self.began is None:
            self.began = self.rehearsal.clock.monotonic()
        if self.is_down():
            raise httpx.ConnectError("down")
        return await create(post)

    def probe(self) -> httpx.Response:
        """Answer a GET, or let the connection fail."""
        if self.is_down():
            self.probes_during += 1
            raise httpx.ConnectError("down")
        return httpx.Response(404)


def test_an_outage_is_waited_out_with_gets_and_nobody_is_lost() -> None:
    """While the API is down hardly a POST is tried; when it answers again everybody gets a call."""
    outage = Outage(60)
    done = outage.rehearsal.run()
    during = [post for post in done.of("post") if post.at < (outage.began or 0) + outage.seconds]

    assert done.stop_code is None
    assert {
        settlement.claim.contact_id for settlement in done.settlements if settlement.outcome.kind == Kind.CREATED
    } == {*range(30)}
    assert OUTAGE_FAILURES <= len(during) <= OUTAGE_FAILURES + 4
    assert outage.probes_during >= 3


def test_an_outage_that_does_not_end_ends_the_run() -> None:
    """After five minutes the run gives up; what was claimed is pending again, nothing is failed or unknown."""
    done = Outage(3_600).rehearsal.run()

    assert done.stop_code == StopCode.UNREACHABLE
    assert all(settlement.again for settlement in done.settlements)
    last_ms = max(settlement.settled_at_ms for settlement in done.settlements)
    assert last_ms < to_ms(MONDAY_NOON) + (OUTAGE_SECONDS + 120) * 1_000


def test_a_clock_that_goes_wrong_during_the_run_stops_it() -> None:
    """Every reply's Date is held against our clock: calls are not planned by a clock that is minutes off."""

    async def answer(post: Post) -> httpx.Response:
        reply = await create(post)
        reply.headers["date"] = format_datetime(MONDAY_NOON + timedelta(minutes=10), usegmt=True)
        return reply

    done = Rehearsal(answer, count=30, settings={"concurrency": 1}).run()

    assert done.stop_code == StopCode.CLOCK_WRONG
    assert [settlement.outcome.kind for settlement in done.settlements] == [Kind.CREATED]
    assert done.submitter is not None
    assert done.submitter.stopped is not None
    assert "clock" in done.submitter.stopped.message


def test_an_api_that_allows_less_than_agreed_is_asked_for_less() -> None:
    """Where a second holds 16 and not 20, the share gives way until few are put off, and everybody gets a call."""
    let_through: list[float] = []

    async def answer(post: Post) -> httpx.Response:
        now = limited.clock.monotonic()
        if sum(now - at < 1 for at in let_through[-16:]) == 16:
            return httpx.Response(429)
        let_through.append(now)
        return await create(post)

    limits = {"requests_per_second": 20, "max_attempts": 20}
    limited = Rehearsal(answer, count=500, settings=limits)
    done = limited.run()

    assert len({settlement.claim.contact_id for settlement in done.settlements if settlement.outcome.call_id}) == 500
    assert done.submitter is not None
    assert 0.6 < done.submitter.share.lowest < 0.85
    assert done.submitter.share.put_off < 20


def test_a_pause_asked_of_the_first_get_is_kept() -> None:
    """An API that is busy from the start is not sent calls before its time."""
    answers = iter([httpx.Response(429, headers={"retry-after": "7"})])
    done = Rehearsal(count=2, probe=lambda: next(answers, httpx.Response(404)), settings={"concurrency": 1}).run()

    assert min(post.at for post in done.of("post")) >= 7


def most_in(seconds: float, instants: Sequence[float]) -> int:
    """Return how many of *instants* lie in so many seconds at most, wherever these begin."""
    ordered = sorted(instants)
    return max(sum(first <= at < first + seconds for at in ordered) for first in ordered)


@pytest.mark.parametrize("rate", [1, 8])
@pytest.mark.parametrize("seconds", [2.0, 8.0])
def test_a_network_that_comes_back_is_not_sent_everything_at_once(rate: int, seconds: float) -> None:
    """Where connections could not open for seconds, those that do so together leave at the pace, and nobody is lost."""
    clock, stalls_at = LoopClock(), 15.0

    def connect_seconds() -> float:
        return stalls_at + seconds - clock.monotonic() if stalls_at < clock.monotonic() < stalls_at + seconds else 0.0

    settings = {"requests_per_second": rate, "concurrency": None}
    count = 40 * rate
    done = Rehearsal(after(4, create), count, settings, connect_seconds=connect_seconds, clock=clock).run()

    posts = done.of("post")
    assert most_in(1.0, [event.at for event in posts]) <= rate
    assert sorted(event.contact_id for event in posts) == [*range(count)]
    assert done.kinds.count(Kind.CREATED) == count


def test_what_looks_for_the_end_of_an_outage_counts_in_the_pace() -> None:
    """GETs and POSTs together keep the limit, before the outage, during it, and after it."""
    outage, asked = Outage(60), list[float]()
    outage.rehearsal.settings = MANY | {"requests_per_second": 1}

    def probe() -> httpx.Response:
        asked.append(outage.rehearsal.clock.monotonic())
        return outage.probe()

    outage.rehearsal.probe = probe
    done = outage.rehearsal.run()

    assert outage.probes_during >= 3
    assert most_in(1.0, [*asked, *(event.at for event in done.of("post"))]) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_a_look_for_the_end_of_an_outage_is_asked_for_is_kept(status: int) -> None:
    """Whoever answers a GET with "come again later" is sent nothing before that."""
    asked = list[float]()

    def probe() -> httpx.Response:
        asked.append(down.clock.monotonic())
        return httpx.Response(status, headers={"retry-after": "100"}) if len(asked) == 5 else httpx.Response(404)

    async def answer(post: Post) -> httpx.Response:
        return await (create if len(asked) >= 5 else always(503))(post)

    down = Rehearsal(answer, count=60, probe=probe, settings=MANY)
    done = down.run()

    busy_at = asked[4]
    assert not [at for at in (*asked, *(event.at for event in done.of("post"))) if busy_at < at < busy_at + 100]
    assert done.kinds.count(Kind.CREATED) > 20


def test_a_pause_begins_with_the_reply_that_asks_for_it() -> None:
    """However long its outcome takes to be written, no other worker sends meanwhile."""

    class SlowBook(Rehearsal):
        async def _settle(self, settlement: Settlement) -> None:
            await asyncio.sleep(5 * (settlement.outcome.kind == Kind.NOT_SENT))
            await super()._settle(settlement)

    done = SlowBook(put_off_once(429, retry_after="60"), count=30, is_proved=True).run()

    put_off_at = done.of("replied", 2)[0].at
    assert not [event.at for event in done.of("post") if put_off_at < event.at < put_off_at + 60]
    assert done.kinds.count(Kind.CREATED) == 30


@pytest.mark.parametrize("rate", [1, 8])
def test_a_first_request_whose_connection_opens_slowly_counts_when_it_leaves(rate: int) -> None:
    """A handshake of half a second does not make the first second hold one more."""
    asked, handshakes = list[float](), [0.6]

    def probe() -> httpx.Response:
        asked.append(slow.clock.monotonic())
        return httpx.Response(404)

    settings = {"requests_per_second": rate}
    slow = Rehearsal(
        count=30, settings=settings, probe=probe, connect_seconds=lambda: handshakes.pop() if handshakes else 0.0
    )
    done = slow.run()

    assert most_in(1.0, [*asked, *(event.at for event in done.of("post"))]) <= rate
    assert done.kinds == [Kind.CREATED] * 30


def test_a_pause_that_an_outage_asks_for_is_kept_and_then_the_api_is_asked() -> None:
    """A pause longer than an outage is waited for ends in one more look: the API may be back by then."""
    asked = list[float]()
    pause = OUTAGE_SECONDS + 60

    def probe() -> httpx.Response:
        asked.append(down.clock.monotonic())
        return httpx.Response(404)

    async def answer(post: Post) -> httpx.Response:
        if down.clock.monotonic() < pause:
            return httpx.Response(503, headers={"retry-after": str(int(pause))})
        return await create(post)

    down = Rehearsal(answer, count=30, probe=probe, settings=MANY, is_proved=True)
    done = down.run()

    assert not [at for at in asked if 1 < at < pause]
    assert done.stop_code is None
    assert done.kinds.count(Kind.CREATED) > 20


def test_what_the_job_asked_before_counts_in_the_pace() -> None:
    """A job that has just read the listing waits with its first request as long as its pace says."""
    done = Rehearsal(count=2, settings={"requests_per_second": 1}, asked_at=[0.0]).run()

    assert min(event.at for event in done.of("post")) >= 2
