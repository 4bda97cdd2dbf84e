"""Several workers on one queue: each campaign is run, none is run twice, and the stand-in's own list is the judge."""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from procrastinate import App, JobContext

from dialer.exit_codes import EXIT_BUG, EXIT_STOPPED, EXIT_TERMINATED
from dialer.fleet.housekeeping import MOST_TAKEOVERS, Housekeeping
from dialer.fleet.listing import JobState, QueuedJob, cancel_job, list_jobs
from dialer.fleet.orders import Order, defer_night, defer_run
from dialer.fleet.own_process import Ended
from dialer.fleet.queue import open_queue
from dialer.fleet.worker import HELD_SECONDS, beat
from dialer.ledger.database.open import Ledger
from dialer.sandbox import Sandbox
from tests.fleet.hands import Hands, campaign_file, order, rung, states, worker
from tests.ledger.postgres import end_sessions
from tests.support import ANY_HOUR, FAST, MONDAY_NOON, FakeClock, number

pytestmark = pytest.mark.slow


async def _defer(location: str, *orders: Order) -> list[int | None]:
    async with open_queue(location) as app:
        return [await defer_run(app, each) for each in orders]


def test_several_workers_run_each_campaign_once(tmp_path: Path, location: str, ledger: Ledger) -> None:
    """Three workers, six campaigns: everybody is called once, and each job tells how its run ended."""
    campaigns = [campaign_file(tmp_path, f"c{index}", 3 * index) for index in range(6)]
    with Sandbox() as sandbox:
        hands = Hands(sandbox, location, tmp_path)

        async def live() -> None:
            await _defer(location, *map(order, campaigns))
            await asyncio.gather(*(worker(ledger, hands).run() for _ in range(3)))

        asyncio.run(live())
        found = asyncio.run(states(location, ledger))
        assert rung(sandbox) == {number(index): 1 for index in range(18)}
    assert hands.begun == {f"c{index}": 1 for index in range(6)}
    assert found == [(f"c{index}", JobState.SUCCEEDED, 0) for index in range(6)]


def test_a_worker_takes_jobs_of_its_queues_alone(tmp_path: Path, location: str, ledger: Ledger) -> None:
    """What waits in the queue of another profile waits on."""
    (tmp_path / "dialer.toml").write_text("[profiles.acme]\n[profiles.beta]\n", "utf-8")
    campaigns = [campaign_file(tmp_path, name) for name in ("acme", "beta")]
    for campaign in campaigns:
        campaign.path.write_text(f'profile = "{campaign.name}"\n{campaign.path.read_text("utf-8")}', "utf-8")
    with Sandbox() as sandbox:
        hands = Hands(sandbox, location, tmp_path)
        asyncio.run(_defer(location, *(Order(name, f"{name}.toml", name, "ada", 0) for name in ("acme", "beta"))))
        asyncio.run(worker(ledger, hands, queues=("beta",)).run())
    assert asyncio.run(states(location, ledger)) == [("acme", JobState.WAITS, None), ("beta", JobState.SUCCEEDED, 0)]


def test_a_held_campaign_waits_for_its_run(tmp_path: Path, location: str, ledger: Ledger) -> None:
    """A job that finds another run of its campaign going did nothing, and is done again a while later."""
    campaign = campaign_file(tmp_path, "spring")
    with Sandbox() as sandbox, Ledger.open(location) as other:
        hands = Hands(sandbox, location, tmp_path)
        asyncio.run(_defer(location, order(campaign)))
        with other.lock(what="a run", since=MONDAY_NOON, campaign="spring"):
            asyncio.run(worker(ledger, hands).run())
        assert rung(sandbox) == {}
    (job,) = asyncio.run(_listed(location, ledger))
    assert job.end is not None
    assert job.not_before is not None
    assert (job.state, job.tries, job.end.exit_code) == (JobState.WAITS, 1, 75)
    assert job.not_before.timestamp() - job.end.ended_at_ms / 1000 == pytest.approx(HELD_SECONDS, abs=5)


def test_a_run_that_lost_its_lock_goes_on_later(tmp_path: Path, location: str, ledger: Ledger) -> None:
    """Whose session the server ended did nothing wrong: its job waits, and its end is stored all the same."""
    campaign = campaign_file(tmp_path, "spring")
    with Sandbox() as sandbox:
        hands = _Cut(sandbox, location, tmp_path)
        asyncio.run(_defer(location, order(campaign)))
        asyncio.run(worker(ledger, hands).run())
    (job,) = asyncio.run(_listed(location, ledger))
    assert (job.state, job.tries, job.end and job.end.exit_code) == (JobState.WAITS, 1, 5)


class _Cut(Hands):
    """Hands whose sessions, and the worker's, the server ends when the job ends."""

    async def __call__(self, order: Order, stop: asyncio.Event) -> Ended:  # noqa: ARG002 - as `Hands`
        await asyncio.to_thread(end_sessions, self.location, only_locks=False)
        return Ended(EXIT_STOPPED, "The run's lock was lost.", has_lost_ledger=True)


async def _listed(location: str, ledger: Ledger) -> list[QueuedJob]:
    async with open_queue(location) as app:
        return await list_jobs(app, ledger)


@dataclass
class _Stopped(Hands):
    """Hands that work until they are stopped, as a process does that gets SIGTERM."""

    is_begun: asyncio.Event = field(default_factory=asyncio.Event)
    is_done: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, order: Order, stop: asyncio.Event) -> Ended:
        self.begun[order.campaign] += 1
        self.is_begun.set()
        try:
            await stop.wait()
        finally:
            self.is_done.set()
        return Ended(EXIT_TERMINATED, "Interrupted.")


def test_a_drained_worker_leaves_its_job_to_another(tmp_path: Path, location: str, ledger: Ledger) -> None:
    """It takes no more, stops what it does in order, and the next worker does the same job to its end."""
    campaign = campaign_file(tmp_path, "spring")
    with Sandbox() as sandbox:

        async def live() -> list[tuple[str, JobState, int | None]]:
            stopped = _Stopped(sandbox, location, tmp_path)
            first = worker(ledger, stopped, once=False)
            await _defer(location, order(campaign))
            running = asyncio.create_task(first.run())
            await stopped.is_begun.wait()
            assert await first.health() == {"state": "ready", "jobs": 1}
            first.drain()
            assert (await first.health())["state"] == "draining"
            await running
            between = await states(location, ledger)
            await worker(ledger, Hands(sandbox, location, tmp_path)).run()
            return between + await states(location, ledger)

        assert asyncio.run(live()) == [("spring", JobState.WAITS, EXIT_TERMINATED), ("spring", JobState.SUCCEEDED, 0)]
        assert rung(sandbox) == {number(index): 1 for index in range(3)}


def test_jobs_of_dead_workers_are_taken_over_once(tmp_path: Path, location: str, ledger: Ledger) -> None:
    """However many workers see it, one new job runs the campaign; the stalled one is failed and never done again."""
    campaign = campaign_file(tmp_path, "spring")
    keeping = Housekeeping(ledger, location, tmp_path, FakeClock(), "", nights=False)
    with Sandbox() as sandbox:
        hands = Hands(sandbox, location, tmp_path)

        async def live() -> list[tuple[str, JobState, int | None]]:
            (first,) = await _defer(location, order(campaign))
            async with open_queue(location, connections=4) as app:
                manager = app.job_manager
                await manager.fetch_job(queues=None, worker_id=await manager.register_worker())  # and it dies
                assert list(await keeping.take_over(app)) == [], "a worker that has just been heard of is dead"
                seen = await asyncio.gather(*(keeping.take_over(app, dead_seconds=0) for _ in range(4)))
                assert sum(map(len, seen)) == 1
                last = (await list_jobs(app, ledger))[-1]
                assert last.order.takes_over == first
            await worker(ledger, hands).run()
            return await states(location, ledger)

        assert asyncio.run(live()) == [("spring", JobState.FAILED, None), ("spring", JobState.SUCCEEDED, 0)]
        assert rung(sandbox) == {number(index): 1 for index in range(3)}
    assert hands.begun == {"spring": 1}


def test_a_job_that_was_cancelled_is_not_begun_or_is_stopped(tmp_path: Path, location: str, ledger: Ledger) -> None:
    """One that waits is not begun, and one that runs is stopped as by SIGTERM; one that has ended cannot be."""
    campaigns = [campaign_file(tmp_path, name) for name in ("spring", "summer")]
    with Sandbox() as sandbox:

        async def live() -> list[tuple[str, JobState, int | None]]:
            hands = _Stopped(sandbox, location, tmp_path)
            runs, waits = await _defer(location, *map(order, campaigns))
            member = worker(ledger, hands, once=False)
            async with open_queue(location) as app:
                assert await cancel_job(app, waits or 0)
                running = asyncio.create_task(member.run())
                await hands.is_begun.wait()
                assert await cancel_job(app, runs or 0)
                await hands.is_done.wait()
                member.drain()
                await running
                assert not await cancel_job(app, runs or 0)
            assert hands.begun == {"spring": 1}
            return await states(location, ledger)

        assert asyncio.run(live()) == [("spring", JobState.CANCELLED, None), ("summer", JobState.CANCELLED, None)]
        assert rung(sandbox) == {}


def test_a_job_that_cannot_be_done_says_why(tmp_path: Path, location: str, ledger: Ledger) -> None:
    """A file that is gone, a campaign of another ledger, a night that is over: failed, and nobody is called."""
    (tmp_path / "dialer.toml").write_text('[profiles.acme]\nledger = "acme.db"\n', "utf-8")
    campaign_file(tmp_path, "other").path.write_text('profile = "acme"\n', "utf-8")
    late = campaign_file(tmp_path, "late", tables="[nightly]\nenabled = true\n")

    async def live() -> None:
        async with open_queue(location) as app:
            await defer_run(app, Order("gone", "../gone.toml", "default", "ada", 0))
            await defer_run(app, Order("other", "other.toml", "default", "ada", 0))
            night = MONDAY_NOON.date()
            await defer_night(app, Order.of(late, by="ada", at_ms=0, night=night), night)
        await worker(ledger, hands).run()

    with Sandbox() as sandbox:
        hands = Hands(sandbox, location, tmp_path)
        asyncio.run(live())
    jobs = asyncio.run(_listed(location, ledger))
    assert [(job.state, job.end and job.end.exit_code) for job in jobs] == [
        (JobState.FAILED, code) for code in (2, 2, 5)
    ]
    assert f"{tmp_path / 'gone.toml'}: there is no such campaign file" in jobs[0].text
    assert f"its ledger is {tmp_path / 'acme.db'}, and this queue lies in" in jobs[1].text
    assert f"The night of {MONDAY_NOON.date()} was over" in jobs[2].text
    assert rung(sandbox) == {}
    assert (tmp_path / f"results/nightly-late-{MONDAY_NOON.date()}.json").exists()


async def _die(app: App, queue_order: Order) -> int:
    """Let a worker begin the job that was asked for, and die."""
    job_id = await defer_run(app, queue_order)
    await app.job_manager.fetch_job(queues=None, worker_id=await app.job_manager.register_worker())
    return job_id or 0


def test_a_job_that_was_done_before_its_worker_died_is_not_done_again(
    tmp_path: Path, location: str, ledger: Ledger
) -> None:
    """Its end is stored before the queue hears of it: between the two, nothing is left to be taken over."""
    asked = order(campaign_file(tmp_path, "spring"))
    keeping = Housekeeping(ledger, location, tmp_path, FakeClock(), "", nights=False)

    async def live() -> None:
        async with open_queue(location) as app:
            keeping.record(await _die(app, asked), 3, "")
            assert list(await keeping.take_over(app, dead_seconds=0)) == []

    asyncio.run(live())
    assert asyncio.run(states(location, ledger)) == [("spring", JobState.SUCCEEDED, 3)]


def test_whoever_was_taken_for_dead_and_ends_well_has_succeeded(tmp_path: Path, location: str, ledger: Ledger) -> None:
    """A job that froze, was taken over and woke is not told as failed with the exit code of a success."""
    asked = order(campaign_file(tmp_path, "spring"))
    keeping = Housekeeping(ledger, location, tmp_path, FakeClock(), "", nights=False)

    async def live() -> None:
        async with open_queue(location) as app:
            frozen = await _die(app, asked)
            assert len(await keeping.take_over(app, dead_seconds=0)) == 1
            keeping.record(frozen, 0, "")

    asyncio.run(live())
    assert asyncio.run(states(location, ledger))[0] == ("spring", JobState.SUCCEEDED, 0)


def test_a_job_is_taken_over_a_few_times(tmp_path: Path, location: str, ledger: Ledger) -> None:
    """What ends its workers may be the job: then it has failed, its night's summary says so, and nobody tries again."""
    campaign = campaign_file(tmp_path, "spring", tables=ANY_HOUR + FAST + "[nightly]\nenabled = true\n")
    night = MONDAY_NOON.date()
    keeping = Housekeeping(ledger, location, tmp_path, FakeClock(), "", nights=False)

    async def live() -> None:
        async with open_queue(location) as app:
            await _die(app, Order.of(campaign, by="ada", at_ms=0, night=night))
            for _ in range(MOST_TAKEOVERS):
                assert len(await keeping.take_over(app, dead_seconds=0)) == 1
                await app.job_manager.fetch_job(queues=None, worker_id=await app.job_manager.register_worker())
            assert list(await keeping.take_over(app, dead_seconds=0)) == []

    asyncio.run(live())
    jobs = asyncio.run(_listed(location, ledger))
    assert {job.state for job in jobs} == {JobState.FAILED}
    assert f"Next: dialer nightly {campaign.path}" in jobs[-1].text
    (night_told,) = json.loads((tmp_path / f"results/nightly-spring-{night}.json").read_text("utf-8"))["campaigns"]
    assert (night_told["exit_code"], night_told["run"]) == (EXIT_BUG, None)


def test_a_job_whose_process_died_is_taken_over(tmp_path: Path, location: str, ledger: Ledger) -> None:
    """Its worker lives and sees it at once: a new job does the work."""
    campaign = campaign_file(tmp_path, "spring")
    with Sandbox() as sandbox:
        hands = _Dying(sandbox, location, tmp_path)
        asyncio.run(_defer(location, order(campaign)))
        for _ in range(2):
            asyncio.run(worker(ledger, hands).run())
        assert rung(sandbox) == {number(index): 1 for index in range(3)}
    assert asyncio.run(states(location, ledger)) == [
        ("spring", JobState.FAILED, 137),
        ("spring", JobState.SUCCEEDED, 0),
    ]


class _Dying(Hands):
    """Hands whose first process is killed."""

    async def __call__(self, order: Order, stop: asyncio.Event) -> Ended:
        if order.takes_over is None:
            return Ended(137, "Its process was ended by SIGKILL.", has_died=True)
        return await super().__call__(order, stop)


def test_a_worker_says_that_it_lives_while_it_does_a_job(tmp_path: Path, location: str, ledger: Ledger) -> None:
    """Also where the library has ceased to: nobody takes the job over."""
    asked = order(campaign_file(tmp_path, "spring"))
    keeping = Housekeeping(ledger, location, tmp_path, FakeClock(), "", nights=False)

    async def live() -> None:
        async with open_queue(location) as app:
            await _die(app, asked)
            (job,) = await app.job_manager.list_jobs_async(status="doing")
            await asyncio.to_thread(_silence, ledger)
            beating = asyncio.create_task(beat(JobContext(app=app, job=job, start_timestamp=0, abort_reason=_none)))
            while list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=60)):  # noqa: ASYNC110 - as is
                await asyncio.sleep(0)
            beating.cancel()
            assert list(await keeping.take_over(app)) == []

    asyncio.run(asyncio.wait_for(live(), 20))


def _none() -> None:
    """Nobody asked to abort it."""


def _silence(ledger: Ledger) -> None:
    with ledger.write() as tx:
        tx.exec_driver_sql("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '2 minutes'")
