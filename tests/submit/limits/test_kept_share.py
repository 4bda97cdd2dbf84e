"""A share is leased while the bucket is slow, and for no longer."""

import asyncio
from collections.abc import Callable

from dialer.calls.permit import Lease
from dialer.submit.limits.kept_share import SLOW_ANSWERS, SLOW_SECONDS, STUCK_SECONDS, KeptShare
from tests.submit.limits.test_key_limit import Box
from tests.support import FakeClock


class Lender(Box):
    """A bucket that leases three permits for ten seconds, and answers after *seconds*, or not at all."""

    def __init__(self, seconds: float) -> None:
        super().__init__(0, clock=FakeClock())
        self.seconds = seconds
        self.is_gone = False
        self.left_leases = 1
        self.released: list[Lease] = []

    def lease(self) -> Lease | None:
        """Lease what is left."""
        self._answer()
        self.left_leases -= 1
        now = self.clock.monotonic()
        return Lease("one", 3, now, now + 10) if self.left_leases >= 0 else None

    def renew(self, lease: Lease) -> Lease | None:
        """Let it hold ten seconds more."""
        self._answer()
        return lease._replace(not_after=self.clock.monotonic() + 10)

    def release(self, lease: Lease) -> None:
        """Take it back."""
        self.released.append(lease)

    def _answer(self) -> None:
        if self.is_gone:
            raise OSError("gone")
        assert isinstance(self.clock, FakeClock)
        self.clock.advance(self.seconds)


def _live(box: Lender, look: Callable[[KeptShare], None], turns: int = 400) -> None:
    """Let *look* see the share of a slow bucket again and again."""

    async def live() -> None:
        share = KeptShare(box, asyncio.Lock(), 10, box.clock)
        share.look_at(2 * STUCK_SECONDS)
        for _ in range(turns):
            look(share)
            await asyncio.sleep(0.0005)
        share.close()

    asyncio.run(live())


def test_several_slow_answers_ask_for_a_share() -> None:
    """An answer that is quick again begins the count anew."""

    async def live() -> None:
        box = Lender(1.0)
        share = KeptShare(box, asyncio.Lock(), 10, box.clock)
        for seconds in (*[2 * SLOW_SECONDS] * (SLOW_ANSWERS - 1), 0.0, *[2 * SLOW_SECONDS] * (SLOW_ANSWERS - 1)):
            share.look_at(seconds)
            assert not share.is_wanted
        share.look_at(2 * SLOW_SECONDS)
        assert share.is_wanted
        share.close()

    asyncio.run(live())


def test_a_share_is_spent_without_asking() -> None:
    """As many permits at once as were leased; more are not of it."""
    seen: list[bool] = []

    def look(share: KeptShare) -> None:
        if share.most(9) == 3 and not seen:
            seen.append(share.take(4) is None and share.take(3) is not None)

    _live(Lender(1.0), look)
    assert seen == [True]


def test_a_bucket_that_is_quick_again_gets_its_share_back() -> None:
    """From the instant on until which the share was used."""
    box = Lender(1.0)

    def look(share: KeptShare) -> None:
        if (permit := share.take(1)) is not None:
            box.seconds = 0.0
            used.append(permit.not_after)

    used: list[float] = []
    _live(box, look)
    assert [lease.not_after for lease in box.released] == used[-1:]


def test_a_lease_outlasts_a_bucket_that_is_gone_and_ends() -> None:
    """What cannot be renewed is spent until its end; then nothing is given."""
    box, given = Lender(1.0), list[float]()

    def look(share: KeptShare) -> None:
        if (permit := share.take(1)) is not None:
            box.is_gone = True
            given.append(permit.not_after)

    _live(box, look)
    assert box.is_gone
    assert max(given) <= min(given) + 10


def test_a_run_that_ends_gives_its_share_back() -> None:
    """It is free in a window, and not only when the lease would have ended; a bucket that is gone keeps nobody."""
    box = Lender(1.0)
    _live(box, lambda share: share.take(1) and None, turns=60)
    assert len(box.released) == 1
