"""How requests are held back: never more than the rate, and nearly as many."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise
from random import Random

import pytest

from dialer.submit.pacing import Pacer
from tests.submit.virtual_time import LoopClock, run

SENDS = 1_500
JITTER_SECONDS = 0.020
OPENINGS: dict[str, Callable[[Random, float], float]] = {
    "some": lambda random, _at: random.choice([0, 0, 0, 0.4]),
    "all, as long": lambda _random, _at: 3.0,
    "all, any time": lambda random, _at: random.uniform(0, 6),
    "none until the network is back": lambda _random, at: max(0.0, 7.0 - at),
    "the later, the sooner": lambda _random, at: max(0.0, 5.0 - 1.5 * at),
}
"""How long a connection takes to open that is opened at an instant, in seconds."""


async def send_all(
    rate: float, *, workers: int, commit: Callable[[], float], travel: Callable[[], float], count: int = SENDS
) -> list[float]:
    """Send *count* requests as the submitter does; return the instants at which they arrive, in order.

    *commit* is the time that writing a claim takes, *travel* the time until the API sees the request.
    """
    pacer, stopped, left, arrivals = Pacer(rate, LoopClock()), asyncio.Event(), iter(range(count)), []
    loop = asyncio.get_running_loop()

    async def work() -> None:
        for _ in left:
            assert await pacer.wait_to_claim(stopped)
            await asyncio.sleep(commit())
            assert await pacer.wait_to_send(stopped)
            arrivals.append(loop.time() + travel())

    await asyncio.gather(*(work() for _ in range(workers)))
    return sorted(arrivals)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("rate", [0.5, 5, 50, 500])
def test_no_sliding_second_holds_more_than_the_rate(rate: float, seed: int) -> None:
    """However late timers, commits and packets are, the API never sees more than the rate in any second."""
    random = Random(seed)
    arrivals = run(
        send_all(
            rate,
            workers=16,
            commit=lambda: random.uniform(0, 0.010),
            travel=lambda: random.uniform(0, JITTER_SECONDS),
        ),
        lateness=lambda: random.uniform(0, 0.001),
    )

    in_a_second = max(1, int(rate))
    spans = [later - first for first, later in zip(arrivals, arrivals[in_a_second:], strict=False)]
    assert len(arrivals) == SENDS
    assert min(spans) > max(1.0, 1 / rate)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.5, 5, 50, 500])
def test_nearly_all_of_the_rate_is_used(rate: float) -> None:
    """Holding back costs at most a fortieth of the rate, with timers as late as they really are."""
    random = Random(3)
    arrivals = run(
        send_all(rate, workers=16, commit=lambda: 0.002, travel=lambda: 0.0),
        lateness=lambda: random.uniform(0, 0.001),
    )

    assert SENDS / arrivals[-1] >= 0.975 * rate


def test_the_first_second_is_no_burst() -> None:
    """A run that starts after a rest, or goes on after one, sends no more at once than at any time."""

    async def twice() -> list[float]:
        pacer, stopped, loop = Pacer(5, LoopClock()), asyncio.Event(), asyncio.get_running_loop()
        sent = []
        for index in range(20):
            if index == 10:
                await asyncio.sleep(60)
            await pacer.wait_to_send(stopped)
            sent.append(loop.time())
        return sent

    sent = run(twice())
    assert min(later - first for first, later in zip(sent, sent[5:], strict=False)) > 1


def test_a_pause_holds_everyone_and_the_longest_counts() -> None:
    """Nobody passes either gate during a pause; a shorter one, asked for later, does not cut it short."""

    async def held() -> list[float]:
        stopped, loop = asyncio.Event(), asyncio.get_running_loop()
        pacer = Pacer(1_000, LoopClock())
        passed = []

        async def go(gate: Callable[[asyncio.Event], Awaitable[bool]]) -> None:
            assert await gate(stopped)
            passed.append(loop.time())

        pacer.pause(30)
        pacer.pause(5)
        waiting = asyncio.gather(*(go(gate) for gate in (pacer.wait_to_claim, pacer.wait_to_send) * 10))
        await asyncio.sleep(20)
        pacer.pause(15)
        await waiting
        return passed

    passed = run(held())
    assert len(passed) == 20
    assert min(passed) == pytest.approx(35, abs=0.01)
    assert max(passed) < 36


def test_a_pause_holds_those_who_wait_for_their_turn_already() -> None:
    """Whoever stood in the queue when the pause began does not slip through it."""

    async def queued() -> list[float]:
        loop = asyncio.get_running_loop()
        pacer, stopped = Pacer(2, LoopClock()), asyncio.Event()
        passed = []

        async def go() -> None:
            assert await pacer.wait_to_send(stopped)
            passed.append(loop.time())

        waiting = asyncio.gather(*(go() for _ in range(6)))
        await asyncio.sleep(0.1)
        pacer.pause(60)
        await waiting
        return passed

    passed = run(queued())
    assert passed[0] == 0
    assert passed[1] > 60
    assert all(third - first > 1 for first, third in zip(passed[1:], passed[3:], strict=False))


def test_a_stop_releases_every_waiter_at_once() -> None:
    """Whether they wait for their turn, for a pause or for a back-off, a stop ends it, and the answer is no."""

    async def stopping() -> tuple[list[bool], float]:
        stopped, loop = asyncio.Event(), asyncio.get_running_loop()
        pacer, paused = Pacer(0.001, LoopClock()), Pacer(5, LoopClock())
        assert await pacer.wait_to_claim(stopped)
        assert await pacer.wait_to_send(stopped)
        paused.pause(600)
        waits = [
            pacer.wait_to_claim(stopped),
            pacer.wait_to_send(stopped),
            pacer.wait(600, stopped),
            paused.wait_to_claim(stopped),
            paused.wait_to_send(stopped),
        ]
        waiting = asyncio.gather(*waits)
        await asyncio.sleep(3)
        stopped.set()
        return await waiting, loop.time()

    answers, ended_at = run(stopping())
    assert answers == [False] * 5
    assert ended_at == pytest.approx(3, abs=0.01)


def test_after_a_stop_nobody_passes() -> None:
    """A stopped run gives no leave, even where there is room."""

    async def stopped() -> list[bool]:
        event = asyncio.Event()
        pacer = Pacer(100, LoopClock())
        event.set()
        return [await pacer.wait_to_claim(event), await pacer.wait_to_send(event), await pacer.wait(10, event)]

    assert run(stopped()) == [False, False, False]


def test_a_wait_ends_in_its_time() -> None:
    """Without a stop a wait lasts as long as it says, and the answer is yes."""

    async def waiting() -> tuple[bool, float]:
        pacer, stopped = Pacer(100, LoopClock()), asyncio.Event()
        return await pacer.wait(7, stopped), asyncio.get_running_loop().time()

    done, ended_at = run(waiting())
    assert done
    assert ended_at == pytest.approx(7, abs=0.01)


@pytest.mark.parametrize("rate", [5, 50, 500])
def test_timers_that_are_late_cost_no_burst_and_little_of_the_rate(rate: float) -> None:
    """On a machine with no core free, where timers come up to 20 ms late, no second holds more than the rate."""
    random = Random(4)
    arrivals = run(
        send_all(rate, workers=32, commit=lambda: random.uniform(0, 0.03), travel=lambda: 0.0, count=int(20 * rate)),
        lateness=lambda: random.uniform(0, 0.020),
    )

    assert min(later - first for first, later in zip(arrivals, arrivals[int(rate) :], strict=False)) > 1
    assert len(arrivals) / arrivals[-1] >= 0.95 * rate


def test_where_timers_are_late_requests_may_differ_more_on_their_way() -> None:
    """A machine that wakes a process 40 ms late delays what leaves it as well: the slack grows to cover that."""
    random = Random(6)
    arrivals = run(
        send_all(50, workers=32, commit=lambda: 0.002, travel=lambda: random.uniform(0, 0.04), count=1_000),
        lateness=lambda: random.uniform(0.02, 0.04),
    )

    assert min(later - first for first, later in zip(arrivals, arrivals[50:], strict=False)) > 1


@pytest.mark.parametrize("rate", [10, 50, 500])
def test_a_machine_that_stands_still_for_a_moment_catches_up(rate: float) -> None:
    """0.3 s without a core, twice in ten seconds, cost little of the rate, and no second holds more than it."""
    stalls = [(2.0, 0.3), (6.0, 0.3)]

    def lateness() -> float:
        at = asyncio.get_running_loop().time()
        return stalls.pop(0)[1] if stalls and at > stalls[0][0] else 0.0002

    sending = send_all(rate, workers=16, commit=lambda: 0.002, travel=lambda: 0.0, count=int(10 * rate))
    arrivals = run(sending, lateness=lateness)

    assert not stalls
    assert min(later - first for first, later in zip(arrivals, arrivals[int(rate) :], strict=False)) > 1
    assert len(arrivals) / arrivals[-1] >= 0.958 * rate


def test_what_a_stall_held_back_does_not_leave_at_once() -> None:
    """After 0.5 s without a core, 50 of 100 requests a second are late: they leave at twice the rate, not together."""
    stalls = [(2.0, 0.5)]

    def lateness() -> float:
        at = asyncio.get_running_loop().time()
        return stalls.pop(0)[1] if stalls and at > stalls[0][0] else 0.0002

    sending = send_all(100, workers=64, commit=lambda: 0.002, travel=lambda: 0.0, count=500)
    arrivals = run(sending, lateness=lateness)

    assert not stalls
    assert all(later - first > 0.1 for first, later in zip(arrivals, arrivals[32:], strict=False))


def test_claims_of_a_fast_run_pass_together() -> None:
    """At 500 a second ten claims share a commit, and at 10 each passes when it is due."""

    async def passed(rate: float) -> list[float]:
        pacer, stopped, loop, instants = Pacer(rate, LoopClock()), asyncio.Event(), asyncio.get_running_loop(), []

        async def work() -> None:
            assert await pacer.wait_to_claim(stopped)
            instants.append(loop.time())

        await asyncio.gather(*(work() for _ in range(int(4 * rate))))
        return instants

    def waits(instants: list[float]) -> int:
        return sum(later - first > 0.001 for first, later in pairwise(instants))

    assert waits(run(passed(500))) < 250
    assert waits(run(passed(10))) > 30


def test_after_a_pause_no_second_holds_more_than_the_rate() -> None:
    """Whoever waited for the end of a pause goes on at the pace: the workers do not all send at once."""

    async def paused() -> list[float]:
        pacer, stopped, loop = Pacer(20, LoopClock()), asyncio.Event(), asyncio.get_running_loop()
        sent = []

        async def work() -> None:
            for _ in range(3):
                assert await pacer.wait_to_claim(stopped)
                await asyncio.sleep(0.002)
                assert await pacer.wait_to_send(stopped)
                sent.append(loop.time())

        waiting = asyncio.gather(*(work() for _ in range(64)))
        await asyncio.sleep(1.5)
        pacer.pause(2)
        await waiting
        return sent

    sent = run(paused())
    assert min(later - first for first, later in zip(sent, sent[20:], strict=False)) > 1
    after = [at for at in sent if at > 3]
    assert min(after) == pytest.approx(3.5, abs=0.05)
    assert len(after) / (after[-1] - after[0]) >= 0.97 * 20


@pytest.mark.parametrize("rate", [0.5, 1, 10, 50])
@pytest.mark.parametrize("opening", OPENINGS.values(), ids=OPENINGS)
def test_requests_whose_connections_open_late_count_when_they_leave(
    rate: float, opening: Callable[[Random, float], float]
) -> None:
    """However long each takes to open, no second holds more than the rate, and whoever may not leave waits anew."""

    async def late() -> list[float]:
        pacer, stopped, loop, left = Pacer(rate, LoopClock()), asyncio.Event(), asyncio.get_running_loop(), []
        random = Random(9)

        async def send() -> None:
            is_open, may_leave = False, False
            while not may_leave:
                assert await pacer.wait_to_send(stopped)
                turn = loop.time()
                await asyncio.sleep(0 if is_open else opening(random, turn))
                is_open, may_leave = True, pacer.may_leave(turn)
            left.append(loop.time())

        await asyncio.gather(*(send() for _ in range(200)))
        return sorted(left)

    left = run(late())
    most = max(1, int(rate))
    assert min(later - first for first, later in zip(left, left[most:], strict=False)) > max(1, 1 / rate)
    assert left[-1] < 2 * 200 / rate + 10


@pytest.mark.parametrize(
    ("rate", "asked", "waits"), [(1, 1, 1), (1, 3, 1), (2, 2, 1), (3, 3, 1), (0.5, 1, 2), (4, 3, 0)]
)
def test_what_was_asked_before_counts(rate: float, asked: int, waits: float) -> None:
    """Requests that a job made just before fill the second as any other."""

    async def first() -> float:
        pacer = Pacer(rate, LoopClock())
        pacer.count([0.0] * asked)
        assert await pacer.wait_to_send(asyncio.Event())
        return asyncio.get_running_loop().time()

    assert run(first()) == pytest.approx(waits, abs=0.05)


def test_a_share_that_gave_way_holds_both_waits_back() -> None:
    """After a 429 fewer requests pass: nine tenths of 50 a second and a little, and in time all of them again."""

    async def sending() -> tuple[float, float]:
        pacer, stopped, loop = Pacer(50, LoopClock()), asyncio.Event(), asyncio.get_running_loop()

        async def seconds(count: int) -> float:
            began = loop.time()
            for _ in range(count):
                assert await pacer.wait_to_claim(stopped)
                assert await pacer.wait_to_send(stopped)
            return loop.time() - began

        await seconds(100)
        pacer.share.give_way()
        await seconds(50)
        pacer.share.give_way()
        gave_way = 100 / await seconds(100)
        await seconds(3_000)
        return gave_way, 100 / await seconds(100)

    gave_way, came_back = run(sending())
    assert 43 < gave_way < 46
    assert 48.5 < came_back < 50


def test_a_cancelled_waiter_costs_nobody_a_turn() -> None:
    """A waiter that gives up leaves the queue as if it had never stood in it."""

    async def cancelling() -> float:
        pacer, stopped = Pacer(1, LoopClock()), asyncio.Event()
        assert await pacer.wait_to_send(stopped)
        tasks = [asyncio.create_task(pacer.wait_to_send(stopped)) for _ in range(50)]
        await asyncio.sleep(0)
        for task in tasks[:-1]:
            task.cancel()
        await asyncio.wait(tasks)
        return asyncio.get_running_loop().time()

    assert run(cancelling()) < 1.1


def test_a_look_waits_for_the_pace_but_for_no_pause() -> None:
    """A call that has just been created is read back a turn later, whatever holds the next calls back."""

    async def looked() -> list[float]:
        pacer, stopped, loop = Pacer(1, LoopClock()), asyncio.Event(), asyncio.get_running_loop()
        assert await pacer.wait_to_send(stopped)
        pacer.pause(60)
        pacer.hold()
        looks = []
        for _ in range(2):
            await pacer.wait_to_look(stopped)
            looks.append(loop.time())
        stopped.set()
        await pacer.wait_to_look(stopped)
        return [*looks, loop.time()]

    assert run(looked()) == pytest.approx([1.02, 2.04, 2.04], abs=0.01)
