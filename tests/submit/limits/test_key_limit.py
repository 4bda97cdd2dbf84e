"""A request has a permit of a moment ago, and without one nothing is claimed or sent."""

import asyncio
from collections.abc import Coroutine
from random import Random
from typing import Any

import pytest

from dialer.calls.permit import PERMIT_SECONDS, Lease, Permit
from dialer.campaign.tables import Submit
from dialer.clock import Clock
from dialer.submit.gate import Gate
from dialer.submit.limits.kept_share import Bucket
from dialer.submit.limits.key_limit import KeyLimit
from tests.submit.limits.simulated import Weather, arrivals, most_in_a_second, weather_of
from tests.support import FakeClock


class Box(Bucket):
    """A bucket with so many permits, all of them of now, which is asked in one thread at a time."""

    def __init__(self, permits: float, *, fails: int = 0, clock: Clock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.left = permits
        self.fails = fails
        self.asked: list[int] = []
        self.held: list[float] = []

    def take(self, permits: int, ahead: float) -> Permit | float:
        """Take them where they are left; return the seconds to wait, else."""
        assert ahead >= 0
        self.asked.append(permits)
        if self.fails:
            self.fails -= 1
            raise OSError("gone")
        if self.left < permits:
            self.left += 1
            return 0.01
        self.left -= permits
        now = self.clock.monotonic()
        return Permit(now, now + PERMIT_SECONDS)

    def hold(self, seconds: float) -> None:
        """Remember."""
        self.held.append(seconds)

    def lease(self) -> Lease | None:
        """Have nothing left to lease."""
        return None

    def renew(self, lease: Lease) -> Lease | None:
        """Know no lease."""
        raise AssertionError(lease)

    def release(self, lease: Lease) -> None:
        """Know no lease."""
        raise AssertionError(lease)


def _limit(box: Box, rate: float = 100) -> KeyLimit:
    return KeyLimit(box, rate, box.clock)


def _run(main: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(main, 20))


def test_a_permit_is_used_once() -> None:
    """The one that was taken before the claim serves the request; the next request takes its own."""

    async def live() -> None:
        box, stopped = Box(2), asyncio.Event()
        limit = _limit(box)
        assert await limit.wait_to_claim(stopped)
        assert await limit.wait_to_send(stopped)
        assert box.left == 1
        assert await limit.wait_to_send(stopped)
        assert box.left == 0

    _run(live())


@pytest.mark.parametrize(("late", "taken"), [(PERMIT_SECONDS * 0.9, 1), (PERMIT_SECONDS * 1.1, 2)])
def test_what_leaves_late_takes_another(late: float, taken: int) -> None:
    """A permit counts in the second in which it was given, and a request that leaves later counts in another."""

    async def live() -> None:
        clock, stopped = FakeClock(), asyncio.Event()
        box = Box(5, clock=clock)
        limit = _limit(box)
        assert await limit.wait_to_claim(stopped)
        clock.advance(late)
        assert await limit.wait_to_send(stopped)
        assert 5 - box.left == taken

    _run(live())


def test_those_who_wait_are_served_at_once() -> None:
    """As many permits as a fiftieth of a second holds are taken together, for a bucket locks a table for each look."""

    async def live() -> None:
        box, stopped = Box(60), asyncio.Event()
        limit = _limit(box, rate=300)
        assert all(await asyncio.gather(*(limit.wait_to_claim(stopped) for _ in range(20))))
        assert (box.left, sum(box.asked)) == (40, 20)
        assert max(box.asked) == 6

    _run(live())


def test_an_empty_bucket_is_waited_for() -> None:
    """For as long as it says; nobody passes before."""

    async def live() -> None:
        box, stopped = Box(0), asyncio.Event()
        assert await _limit(box).wait_to_claim(stopped)
        assert box.asked == [1, 1]

    _run(live())


def test_a_stop_ends_the_wait() -> None:
    """A run that stops claims and sends nothing more, with permits or without."""

    async def live() -> None:
        box, stopped = Box(float("-inf")), asyncio.Event()
        limit = _limit(box)
        waiting = [asyncio.create_task(limit.wait_to_claim(stopped)), asyncio.create_task(limit.wait_to_send(stopped))]
        await asyncio.sleep(0)
        stopped.set()
        assert await asyncio.gather(*waiting) == [False, False]
        assert not await limit.wait_to_send(stopped)
        limit.close()

    _run(live())


def test_a_claim_does_not_outlive_its_wait() -> None:
    """A claimed call whose life ends before a permit comes is not sent."""

    async def live() -> None:
        stopped, clock = asyncio.Event(), FakeClock()
        limit = _limit(Box(float("-inf"), clock=clock))
        assert not await limit.wait_to_send(stopped, until=clock.monotonic() + 0.05)
        limit.close()

    _run(live())


def test_a_bucket_that_is_gone_gives_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """It is asked again; what is wrong is in the log, by its kind alone."""

    async def live() -> None:
        box, stopped = Box(1, fails=2), asyncio.Event()
        assert await _limit(box).wait_to_claim(stopped)
        assert len(box.asked) == 3

    _run(live())
    assert [record.message for record in caplog.records] == ["no permit of the key: OSError"] * 2


def test_a_pause_is_everybodys() -> None:
    """What the API asks of one run is put into the bucket of all."""

    async def live() -> None:
        box = Box(1)
        limit = _limit(box)
        limit.hold(30.0)
        await asyncio.gather(*limit._besides)
        assert box.held == [30.0]

    _run(live())


def test_what_confirms_a_call_waits_a_moment_only() -> None:
    """The call exists: its outcome is not kept from the ledger until a pause of the key is over; the GET stays here."""

    async def live() -> None:
        clock = FakeClock()
        limit = _limit(Box(float("-inf"), clock=clock))
        gate = Gate(Submit(requests_per_second=100), clock=clock, random=Random(1), limit=limit)
        await gate.take_turn()
        assert not gate.leaving()()
        limit.close()

    _run(live())


def test_a_pause_that_cannot_be_shared_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """The run that was asked pauses by itself; nothing of it is lost by a database that is gone."""

    class Gone(Box):
        """A bucket that cannot be reached."""

        def hold(self, seconds: float) -> None:
            """Fail."""
            raise OSError(seconds)

    async def live() -> None:
        limit = _limit(Gone(1))
        limit.hold(30.0)
        await asyncio.gather(*limit._besides)

    _run(live())
    assert [record.message for record in caplog.records] == ["the key's pause is not shared: OSError"]


def test_a_request_leaves_by_a_permit_that_holds_and_is_its_own() -> None:
    """What was let through and is late, since its connection had to open, stays; nor do two leave by one permit."""

    async def live() -> None:
        clock = FakeClock()
        limit, stopped = _limit(Box(3, clock=clock)), asyncio.Event()
        assert await limit.wait_to_send(stopped)
        assert (limit.may_leave(), limit.may_leave()) == (True, False)
        assert await limit.wait_to_send(stopped)
        clock.advance(PERMIT_SECONDS * 1.1)
        assert not limit.may_leave()

    _run(live())


@pytest.mark.parametrize("seed", [1, 4, 34])
def test_no_second_has_more_requests_than_the_limit(seed: int) -> None:
    """Whatever ways to the database take, and however late timers and connections are; see `simulated` for more."""
    weather, random = weather_of(seed)
    assert 0 < most_in_a_second(arrivals(weather, random)) <= max(1.0, weather.rate)


@pytest.mark.parametrize("way_seconds", [0.002, 0.5])
def test_what_the_limit_allows_is_used(way_seconds: float) -> None:
    """At least 93 %, by permits of a quick database and by shares of a slow one."""
    weather = Weather(20.0, 4, 30.0, lambda _: (way_seconds / 2, way_seconds))
    sent = [at for at in arrivals(weather, Random(1)) if at >= 10]
    assert len(sent) >= 0.93 * 20 * 20
