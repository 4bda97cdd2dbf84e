"""A run waits once for its campaign, and a night is asked for once, however many machines ask at once."""

import asyncio
from datetime import date, timedelta
from pathlib import Path

import pytest

from dialer.fleet.listing import JobState
from dialer.fleet.orders import Order, defer_night, defer_run, defer_takeover
from dialer.fleet.queue import open_queue
from dialer.ledger.database.open import Ledger
from dialer.sandbox import Sandbox
from tests.fleet.hands import Hands, campaign_file, order, states, worker

pytestmark = pytest.mark.slow

NIGHT = date(2026, 11, 26)


def _night(night: date, campaign: str = "spring") -> Order:
    return Order(campaign, f"{campaign}.toml", "default", "ada@office", 0, night)


def test_a_run_waits_once(tmp_path: Path, location: str, ledger: Ledger) -> None:
    """Ten that ask at once leave one job; another campaign's waits beside it, and once it ran the next may wait."""
    spring, summer = (order(campaign_file(tmp_path, name, first)) for name, first in (("spring", 0), ("summer", 3)))

    async def live() -> None:
        async with open_queue(location, connections=5) as app:
            asked = await asyncio.gather(*(defer_run(app, spring) for _ in range(10)))
            assert len([job for job in asked if job is not None]) == 1
            assert await defer_run(app, summer) is not None
            with Sandbox() as sandbox:
                await worker(ledger, Hands(sandbox, location, tmp_path)).run()
            assert await defer_run(app, spring) is not None

    asyncio.run(live())
    found = asyncio.run(states(location, ledger))
    done = [("spring", JobState.SUCCEEDED, 0), ("summer", JobState.SUCCEEDED, 0)]
    assert found == [*done, ("spring", JobState.WAITS, None)]


def test_each_night_of_a_campaign_is_asked_for_once(tmp_path: Path, location: str, ledger: Ledger) -> None:
    """While its job waits, and long after it was done; the night after, and another campaign's, have their own."""

    async def live() -> None:
        async with open_queue(location, connections=5) as app:
            asked = await asyncio.gather(*(defer_night(app, _night(NIGHT), NIGHT) for _ in range(10)))
            assert len([job for job in asked if job is not None]) == 1
            assert await defer_night(app, _night(NIGHT, "summer"), NIGHT) is not None
            with Sandbox() as sandbox:
                await worker(ledger, Hands(sandbox, location, tmp_path)).run()
            assert await defer_night(app, _night(NIGHT), NIGHT) is None
            assert await defer_night(app, _night(NIGHT + timedelta(days=1)), NIGHT + timedelta(days=1)) is not None

    asyncio.run(live())


def test_a_night_waits_beside_the_one_before(location: str) -> None:
    """Where last night's job still waits, tonight is asked for all the same: a timer asks once, and says it is done."""

    async def live() -> None:
        async with open_queue(location, connections=2) as app:
            for night in (NIGHT, NIGHT + timedelta(days=1)):
                assert await defer_night(app, _night(night), night) is not None
                assert await defer_night(app, _night(night), night) is None

    asyncio.run(live())


def test_a_night_and_a_run_of_one_campaign_wait_beside_each_other(location: str) -> None:
    """The lock of the ledger decides which is first; neither is lost."""

    async def live() -> None:
        async with open_queue(location) as app:
            assert await defer_night(app, _night(NIGHT), NIGHT) is not None
            assert await defer_run(app, Order("spring", "spring.toml", "default", "ada@office", 0)) is not None

    asyncio.run(live())


def test_a_job_is_taken_over_by_what_waits_anyway(location: str) -> None:
    """Where a run of the campaign waits already, none is added; each job is taken over once at most."""

    async def live() -> None:
        async with open_queue(location) as app:
            run = Order("spring", "spring.toml", "default", "ada@office", 0)
            assert await defer_run(app, run) is not None
            assert await defer_takeover(app, run, 77) is None
            other = Order("summer", "summer.toml", "default", "ada@office", 0)
            assert await defer_takeover(app, other, 78) is not None
            assert await defer_takeover(app, other, 78) is None

    asyncio.run(live())
