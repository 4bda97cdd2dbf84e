"""A request leaves only on a young claim and a lock that was just seen to be held, whatever it waited for."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import chain, repeat

import pytest

from dialer.calls.attempt import CLAIM_LIFE_SECONDS
from dialer.calls.outcome import Kind, StopCode
from dialer.reasons import Reason
from dialer.submit.heartbeat import BEAT_SECONDS, FRESH_SECONDS, Heartbeat
from dialer.submit.submitter import Submitter
from tests.submit.rehearsal import Lock, Rehearsal, put_off_once
from tests.submit.virtual_time import JumpingLoop, LoopClock, run
from tests.support import FakeClock


def _at_once() -> float:
    return 0.0


def _frozen(at: float, seconds: float) -> Callable[[Submitter], Awaitable[None]]:
    """Freeze the program *at* a second for so many: its clocks go on, and nothing of it does."""

    async def freeze(_submitter: Submitter) -> None:
        await asyncio.sleep(at)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, JumpingLoop)
        loop._jump(seconds)

    return freeze


def _ages(done: Rehearsal) -> list[float]:
    """Return how long before its request each was claimed that was sent."""
    born = {(event.contact_id, event.slot_ms): event.at for event in done.of("claim")}
    return [post.at - born[post.contact_id, post.slot_ms] for post in done.of("post")]


def _everybody_once(done: Rehearsal) -> bool:
    created = [item.claim.contact_id for item in done.settlements if item.outcome.kind == Kind.CREATED]
    return sorted(created) == list(range(done.count)) and len(done.of("post")) == done.count


class Suspended(FakeClock):
    """The clock of a machine that is suspended for long just before its *nth* look at it."""

    def __init__(self, nth: int) -> None:
        super().__init__()
        self.looks = -nth

    def monotonic(self) -> float:
        """Return seconds since an arbitrary instant."""
        self.looks += 1
        self.advance(3 * FRESH_SECONDS if self.looks == 0 else 0)
        return super().monotonic()


@pytest.mark.parametrize("nth", range(1, 7))
def test_a_lock_that_was_never_lost_is_held_whenever_the_machine_was_suspended(nth: int) -> None:
    """An answer that grew old is asked for again; a no would let the worker leave its row, though nothing is wrong."""
    stops: list[object] = []
    clock = Suspended(nth)
    heartbeat = Heartbeat(Lock(lambda: ""), clock=clock, close=stops.append)

    async def ask() -> list[bool]:
        return [await heartbeat.is_held() for _ in range(4)]

    assert asyncio.run(ask()) == [True] * 4
    assert clock.looks >= 0
    assert not stops


@pytest.mark.parametrize("seconds", [CLAIM_LIFE_SECONDS - 3, CLAIM_LIFE_SECONDS + 3])
def test_connection_that_opens_too_late_sends_nothing(seconds: float) -> None:
    """Between claim and first byte lies no more than a claim's life; after that it is claimed anew, and sent then."""
    waits = chain([0.0, seconds], repeat(0.0))
    done = Rehearsal(connect_seconds=lambda: next(waits), settings={"concurrency": 1, "max_attempts": 1}).run()

    expired = [item for item in done.settlements if item.outcome.reason == Reason.CLAIM_EXPIRED]
    assert len(expired) == (seconds > CLAIM_LIFE_SECONDS)
    assert all(item.outcome.kind == Kind.NOT_SENT and item.again for item in expired)
    assert _everybody_once(done)
    assert max(_ages(done)) < CLAIM_LIFE_SECONDS


def test_pause_longer_than_a_claim_lives_is_waited_for_without_claims() -> None:
    """Claims that a pause would outlive are given back when it begins: a machine that dies in it leaves no unknowns."""
    done = Rehearsal(
        put_off_once(429, retry_after="600"),
        count=20,
        commit_seconds=lambda contact: 0.0 if contact < 3 else 2.0,
        connect_seconds=_at_once,
    ).run()

    posts = {event.contact_id for event in done.of("post")}
    assert posts == set(range(20))
    assert max(_ages(done)) < CLAIM_LIFE_SECONDS
    assert not [event for event in done.of("claim") if 10 < event.at < 590]
    assert len([item for item in done.settlements if item.outcome.kind == Kind.CREATED]) == 20


@pytest.mark.parametrize("seconds", [FRESH_SECONDS + 1, CLAIM_LIFE_SECONDS + 1, 900.0])
def test_program_that_was_frozen_asks_for_its_lock_before_it_sends_on(seconds: float) -> None:
    """What was claimed before a suspension is given back, and goes out under a new claim while the lock is held."""
    done = Rehearsal(
        count=40,
        commit_seconds=lambda _contact: 1.0,
        connect_seconds=_at_once,
        meanwhile=_frozen(3.5, seconds),
        why_lost=str,
    ).run()

    assert _everybody_once(done)
    assert {item.outcome.reason for item in done.settlements} == {"", Reason.CLAIM_EXPIRED}
    assert max(_ages(done)) < FRESH_SECONDS


def test_doubt_lets_nothing_leave_until_the_lock_is_asked_for() -> None:
    """Whatever may have ended the lock holds the next request back at once, however fresh the last answer is."""
    doubts, asked = [False], list[str]()

    def why_lost() -> str:
        asked.append("")
        doubts[0] = False
        return ""

    heartbeat = Heartbeat(Lock(why_lost, lambda: doubts[0]), clock=FakeClock(), close=lambda _stop: None)

    async def ask() -> list[bool]:
        held = [await heartbeat.is_held(), heartbeat.may_leave([])]
        doubts[0] = True
        return [*held, heartbeat.may_leave([]), await heartbeat.is_held(), heartbeat.may_leave([])]

    assert asyncio.run(ask()) == [True, True, False, True, True]
    assert len(asked) == 2


def test_program_that_was_frozen_and_taken_over_sends_nothing_more() -> None:
    """A lock that is gone after a suspension ends the run before another request leaves."""
    frozen: list[float] = []

    async def freeze(submitter: Submitter) -> None:
        await _frozen(3.5, 60)(submitter)
        frozen.append(60)

    done = Rehearsal(
        count=40,
        commit_seconds=lambda _contact: 1.0,
        connect_seconds=_at_once,
        meanwhile=freeze,
        why_lost=lambda: "its session on the server has ended" if frozen else "",
    ).run()

    assert done.stop_code == StopCode.LOCK_LOST
    assert "its session on the server has ended" in done.stop_message
    assert max(event.at for event in done.of("post")) < 4
    assert all(item.again for item in done.settlements if item.outcome.kind == Kind.NOT_SENT)


def test_lock_that_is_lost_in_a_pause_ends_the_run_at_once() -> None:
    """The lock is asked for all the time: no run waits for the end of a pause to learn that it is over."""

    async def keep(submitter: Submitter) -> None:
        await submitter.keep_lock()
        ended.append(done.clock.monotonic())

    ended: list[float] = []
    done = Rehearsal(
        put_off_once(429, retry_after="600"),
        count=20,
        connect_seconds=_at_once,
        meanwhile=keep,
        why_lost=lambda: "it was let go" if done.clock.monotonic() > 100 else "",
    )
    done.run()

    assert done.stop_code == StopCode.LOCK_LOST
    assert 100 < ended[0] < 100 + 2 * BEAT_SECONDS
    assert not [event for event in done.of("post") if event.at > 50]


def test_answer_that_comes_late_counts_from_when_it_was_asked() -> None:
    """A server that takes long to answer proves what was so when it was asked, not when the answer came."""

    async def ask() -> bool:
        return await Heartbeat(Lock(slow), clock=LoopClock(), close=lambda _stop: None).is_held()

    waits = iter([FRESH_SECONDS + 1, FRESH_SECONDS + 1, 0.0])

    def slow() -> str:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, JumpingLoop)
        loop._jump(next(waits))
        return ""

    assert run(ask())
    assert not list(waits)
