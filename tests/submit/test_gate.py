"""Promises about an API that goes down and comes back, seen through whole submittings on virtual time."""

from datetime import timedelta
from email.utils import format_datetime

import httpx

from dialer.calls.outcome import Kind, StopCode
from dialer.clock import to_ms
from dialer.submit.circuit_breaker import OUTAGE_FAILURES, OUTAGE_SECONDS
from tests.submit.rehearsal import Post, Rehearsal, create
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
