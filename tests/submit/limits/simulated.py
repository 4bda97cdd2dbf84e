"""Workers that share a key's limit, in a time of their own: `python -m tests.submit.limits.simulated --seeds 1000`.

The bucket is the real one over a table in memory; its answers are quick or slow or do not come, for seconds at a time.
Timers, commits and connections are late. The judge is a server that counts the requests of any sliding second.
"""

import argparse
import asyncio
import selectors
import sys
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

from pyrate_limiter import Rate, RateItem
from pyrate_limiter.abstracts.algorithm import Decision, SlidingWindowLog

from dialer.calls.permit import NETWORK_SECONDS, Lease, Permit, permits_of
from dialer.clock import SystemClock
from dialer.ledger.fleet.key_bucket import KeyBucket
from dialer.ledger.fleet.key_leases import LEASE_SECONDS
from dialer.submit.limits.kept_share import Bucket
from dialer.submit.limits.key_limit import KeyLimit

_ALGORITHM = SlidingWindowLog()


class _NoWait(selectors.SelectSelector):
    """Waits for nothing: what the loop would wait has passed."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        """Let *timeout* pass at once."""
        assert timeout is not None, "everybody waits for nothing"
        self.now += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes when nobody has anything to do; a thread's work takes as long as *delays* say."""

    def __init__(self, delays: Callable[[], float]) -> None:
        self._selector_of_none = _NoWait()
        self._delays = delays
        super().__init__(self._selector_of_none)

    def time(self) -> float:
        """Return the loop's own time, in seconds."""
        return self._selector_of_none.now

    def run_in_executor(  # type: ignore[override]  # its own types are of the standard library's version
        self, _executor: Any, func: Callable[..., Any], *args: Any
    ) -> Any:
        """Do the work at one instant, between two delays."""

        async def work() -> Any:
            await asyncio.sleep(self._delays())
            try:
                return func(*args)
            finally:
                await asyncio.sleep(self._delays())

        return self.create_task(work())


@dataclass
class Table:
    """What the server keeps of a bucket: the names and instants (ms) of its permits, by a clock of its own."""

    loop: VirtualLoop
    rate: Rate
    workers: int
    rows: list[tuple[int, str]] = field(default_factory=list)
    ahead: float = 1e9

    def now(self) -> float:
        """Return the server's time in seconds."""
        return self.loop.time() + self.ahead

    def ms(self) -> int:
        """Return the same in whole milliseconds."""
        return int(self.now() * 1000)


@dataclass
class Session:
    """One worker's way to the table: both the bucket and the leases in it, and the clock of its thread.

    The server's time was read *late* seconds before the rest is done, and its answer came a part of that later.
    """

    table: Table
    delays: Callable[[], float]
    late: float = 0.0

    def monotonic(self) -> float:
        """Return the worker's time as its thread sees it."""
        return self.table.loop.time() - self.late

    def now(self) -> float:
        """Return the server's time in ms, of a while ago."""
        told = (self.table.now() - self.late * 0.6) * 1000
        self.late *= 0.4
        return told

    def put_decision(self, item: RateItem) -> Decision:
        """Decide as the library does over PostgreSQL, under its lock."""
        self.late = 0.0
        rows, rate = self.table.rows, self.table.rate
        start = _ALGORITHM.window_start(rate, item.timestamp)
        newest = sorted((at for at, _ in rows), reverse=True)
        counts = [sum(at >= start for at in newest)]
        decision = _ALGORITHM.decide(
            [rate], counts, item.weight, item.timestamp, lambda offset: newest[offset] if offset < len(newest) else None
        )
        if decision.allowed:
            rows += [(item.timestamp, item.name)] * item.weight
        return decision

    def leak(self, now_ms: int) -> int:
        """Forget what is too old to count."""
        self.table.rows = [row for row in self.table.rows if row[0] >= now_ms - self.table.rate.interval]
        return 0

    def sharers(self) -> int:
        """Count the workers."""
        self.late = 0.0
        return self.table.workers

    def pause(self, at: float, permits: int) -> None:
        """Take all permits of a window."""
        self.table.rows += [(round(at * 1000), "pause")] * permits

    def last_pause(self) -> float | None:
        """Return when the last pause's permits count."""
        return max((at / 1000 for at, name in self.table.rows if name == "pause"), default=None)

    def grant(self, name: str, permits: int, *, limit: int, window: float) -> float | None:
        """Lease so many permits, where all leases and pauses leave room for them."""
        now_ms, until_ms = self.table.ms(), self.table.ms() + round(LEASE_SECONDS * 1000)
        taken = sum(at >= now_ms - window * 1000 for at, whose in self.table.rows if whose != "permit")
        if taken + permits > limit:
            return None
        self.table.rows += [(until_ms, name)] * permits
        return until_ms / 1000

    def renew(self, name: str, permits: int) -> tuple[int, float]:
        """Move so many of a lease's permits on that are not over."""
        now_ms, until_ms = self.table.ms(), self.table.ms() + round(LEASE_SECONDS * 1000)
        held = [row for row in self.table.rows if row[1] == name and row[0] > now_ms][:permits]
        for row in held:
            self.table.rows.remove(row)
        self.table.rows += [(until_ms, name)] * len(held)
        return len(held), until_ms / 1000

    def release(self, name: str, seconds: float) -> None:
        """Let a lease's permits count in *seconds*, where it has not ended."""
        now_ms, until_ms = self.table.ms(), self.table.ms() + round(seconds * 1000)
        rows = self.table.rows
        self.table.rows = [(until_ms if whose == name and at > now_ms else at, whose) for at, whose in rows]


@dataclass
class Slow(Bucket):
    """A bucket whose work begins a while before the instant at which it is done."""

    bucket: KeyBucket
    session: Session

    def take(self, permits: int, ahead: float) -> Permit | float:
        """Take permits."""
        return self._begun().take(permits, ahead)

    def hold(self, seconds: float) -> None:
        """Refuse everybody permits."""
        self._begun().hold(seconds)

    def lease(self) -> Lease | None:
        """Lease a share."""
        return self._begun().lease()

    def renew(self, lease: Lease) -> Lease | None:
        """Renew a lease."""
        return self._begun().renew(lease)

    def release(self, lease: Lease) -> None:
        """Return a lease, so that others may have it."""
        self._begun().release(lease)

    def _begun(self) -> KeyBucket:
        self.session.late = self.session.delays()
        return self.bucket


class _LateClock(SystemClock):
    """A worker's clock: the loop's time, and timers that ring late."""

    def __init__(self, loop: VirtualLoop, late: Callable[[], float]) -> None:
        self._loop = loop
        self._late = late

    def monotonic(self) -> float:
        """Return the loop's time."""
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        """Wait *seconds*, and a little more."""
        await asyncio.sleep(seconds + self._late())


@dataclass(frozen=True)
class Weather:
    """What a simulation goes through: *slow* tells the seconds of the database's ways at an instant."""

    rate: float
    workers: int
    seconds: float
    slow: Callable[[float], tuple[float, float]]
    late: float = 0.02
    hands: int = 6


def arrivals(weather: Weather, random: Random) -> list[float]:
    """Return when the requests of all workers come to the server, in seconds, sorted."""
    times: list[float] = []

    def delay() -> float:
        least, most = weather.slow(loop.time())
        return random.uniform(least, most)

    def late() -> float:
        return random.random() ** 8 * weather.late

    loop = VirtualLoop(delay)
    permits, window = permits_of(weather.rate)
    table = Table(loop, Rate(permits, round(window * 1000)), weather.workers)

    async def work(start: float) -> None:
        await asyncio.sleep(start)
        session = Session(table, delay)
        bucket = KeyBucket(cast("Any", session), cast("Any", session), permits, round(window * 1000), session.monotonic)
        limit = KeyLimit(Slow(bucket, session), weather.rate, _LateClock(loop, late))
        stopped = asyncio.Event()
        loop.call_at(weather.seconds, stopped.set)

        async def hand() -> None:
            while await limit.wait_to_claim(stopped):
                await asyncio.sleep(random.uniform(0.002, 0.03))
                if await limit.wait_to_send(stopped, until=loop.time() + 30):
                    await asyncio.sleep(late() / 4)
                    if limit.may_leave():
                        times.append(loop.time() + random.uniform(0, NETWORK_SECONDS))

        await asyncio.gather(*(hand() for _ in range(weather.hands)))
        limit.close()

    async def live() -> None:
        await asyncio.gather(*(work(random.uniform(0, 3)) for _ in range(weather.workers)))

    try:
        loop.run_until_complete(live())
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
    return sorted(times)


def most_in_a_second(instants: list[float]) -> int:
    """Return the most of sorted *instants* that lie in any second."""
    return max((bisect_left(instants, at + 1.0) - index for index, at in enumerate(instants)), default=0)


QUICK = (0.0005, 0.004)


def changing(random: Random) -> Callable[[float], tuple[float, float]]:
    """Return a database that is quick, then slow in a way of its own, then quick again, and so on."""
    spells = [QUICK if index % 2 == 0 else _slowness(random) for index in range(40)]
    lengths = [random.uniform(4, 16) for _ in spells]

    def ways(instant: float) -> tuple[float, float]:
        for spell, length in zip(spells, lengths, strict=True):
            if instant < length:
                return spell
            instant -= length
        return QUICK

    return ways


def _slowness(random: Random) -> tuple[float, float]:
    least = random.choice([0.01, 0.05, 0.2, 0.6, 2.0, 6.0])
    return least, least * random.choice([1.1, 2.0, 4.0])


def weather_of(seed: int) -> tuple[Weather, Random]:
    """Return what the simulation of a seed goes through."""
    random = Random(seed)
    rate, workers = random.choice([0.7, 3.0, 20.0, 60.0]), random.choice([1, 2, 4])
    return Weather(rate, workers, 60.0, changing(random), late=random.choice([0.0, 0.02, 0.2])), random


def main() -> None:
    """Simulate many seeds; print those in which a second had more requests than the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    passed = []
    for seed in range(given.first, given.first + given.seeds):
        weather, random = weather_of(seed)
        if most_in_a_second(arrivals(weather, random)) > max(1.0, weather.rate):
            passed.append(seed)
    sys.stdout.write(f"{given.seeds} seeds: the limit was passed in {passed or 'none'}\n")


if __name__ == "__main__":
    main()
