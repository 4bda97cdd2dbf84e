"""What every worker looks after beside its jobs: those whose worker died, nights that are due, jobs long over.

The queue's own periodic tasks would not do: they know hours of UTC alone, and wait until a worker has a free hand.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status

from dialer.clock import Clock
from dialer.errors import DialerError
from dialer.exit_codes import EXIT_BUG
from dialer.fleet.morning import keep_morning, read_morning
from dialer.fleet.nights import due_night, enabled_campaigns
from dialer.fleet.orders import Order, defer_night, defer_takeover
from dialer.fleet.queue import JOB
from dialer.jobs.runtime import Runtime
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.refusal import why_refused
from dialer.ledger.fleet.queue_tables import JobEnd, NightStep, jobs_of_nights, read_ends, record_end
from dialer.nightly.folder import tell_undone
from dialer.settings import read_settings
from dialer.words import command, trouble

LOOK_SECONDS = 15.0
"""How often a worker looks."""

BEAT_SECONDS, DEAD_SECONDS = 10.0, 60.0
"""How often a worker says that it lives, and after how long without a word its jobs are taken over."""

MOST_TAKEOVERS = 9
"""So often in a row a job is taken over: what ends its workers may be the job."""

MORNINGS = timedelta(days=3)
"""So long the summary of a night follows what becomes of its jobs."""

KEPT_HOURS, FORGET_SECONDS = 24 * 30, 3600.0
"""So long the queue remembers jobs that have ended, and how often it is looked which are older."""

_log = logging.getLogger(__name__)


class Following(NamedTuple):
    """What follows a job that ended before its work: the job that takes it over, and a sentence that tells it.

    *exit_code*: that of a job that nobody takes over, because too many have tried.
    """

    job_id: int | None = None
    exit_code: int | None = None
    told: str = ""


@dataclass(frozen=True)
class Housekeeping:
    """Looks after the queue in *ledger*, and with *nights* after those of *folder*; *by* asks for them.

    *kept* tells of which nights it has kept the summary, and how far they had come.
    """

    ledger: Ledger
    location: str | Path = field(repr=False)  # it may hold a password
    folder: Path
    clock: Clock
    by: str
    nights: bool
    kept: dict[date, tuple[NightStep, ...]] = field(default_factory=dict)

    async def look_again(self, app: App) -> None:
        """Look again and again; a queue that cannot be reached is looked at the next time."""
        while True:
            try:
                await self.look(app)
            except ConnectorException as error:
                _log.warning("the queue: %s", why_refused(error.__cause__), extra={"action": "queue_gone"})
            except DialerError as error:
                _log.warning("the nights: %s", error, extra={"action": "no_nights"})
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self, app: App) -> None:
        """Take over what is left, keep the summaries of nights that are over, and ask for the nights that are due."""
        await self.take_over(app)
        await self.keep_mornings(app)
        if self.nights:
            await self.ask_for_nights(app)

    async def forget(self, app: App) -> None:
        """Delete jobs that ended long ago, again and again: a large queue is slow to begin with."""
        while True:
            with suppress(ConnectorException):  # the next time is soon enough
                await app.job_manager.delete_old_jobs(
                    KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
                )
            await asyncio.sleep(FORGET_SECONDS)

    async def take_over(self, app: App, *, dead_seconds: float = DEAD_SECONDS) -> Sequence[int]:
        """Let new jobs do what those of workers left that are silent for *dead_seconds*; return the new jobs' numbers.

        A stalled job itself is never done again. The new one begins a run, which waits for the campaign's lock, bears
        what was claimed as unknown, and looks it up before it sends: so it is safe where the worker lives after all.
        """
        new = []
        stalled = list(await app.job_manager.get_stalled_jobs(task_name=JOB, seconds_since_heartbeat=dead_seconds))
        ends = await asyncio.to_thread(self._ends, [job.id or 0 for job in stalled])
        for job in stalled:
            job_id = job.id or 0
            if job_id in ends and ends[job_id].is_good:  # the worker died between the two
                with suppress(ConnectorException):
                    await app.job_manager.finish_job_by_id_async(job_id, Status.SUCCEEDED, delete_job=False)
                continue
            following = await self.follow(app, job)
            if following is None:
                continue
            new += [] if following.job_id is None else [following.job_id]
            with suppress(ConnectorException):  # another worker has seen it too
                await app.job_manager.finish_job_by_id_async(job_id, Status.FAILED, delete_job=False)
                await asyncio.to_thread(self.record, job_id, following.exit_code, f"Its worker died.{following.told}")
                await self.tell_last(job, following)
        return new

    async def follow(self, app: App, job: Job) -> Following | None:
        """Let a new job do what *job* left, unless that was cancelled or too many have tried.

        Return what follows; None where *job* itself waits by now, because its worker lives after all.
        """
        order, job_id = Order.from_job(job), job.id or 0
        if job.abort_requested:
            return Following()
        if order.takeovers >= MOST_TAKEOVERS:
            file = self.folder / Path(order.file).name
            next_step = command("run" if order.night is None else "nightly", file)
            return Following(
                exit_code=EXIT_BUG,
                told=f" So did {MOST_TAKEOVERS} before it that did the same, and no other job takes over. See whether"
                f" something ends processes on these machines, such as memory that runs out. Next: {next_step}",
            )
        order = replace(order, takes_over=job_id, takeovers=order.takeovers + 1)
        taken = await defer_takeover(app, order, job_id)
        if taken is not None:
            return Following(taken, told=f" Job {taken} takes it over.")
        waiting = await app.job_manager.list_jobs_async(queueing_lock=order.lock, status=Status.TODO.value)
        return None if job_id in {each.id for each in waiting} else Following()

    async def tell_last(self, job: Job, following: Following) -> None:
        """Notify whomever the campaign names where nobody does the night that *job* was for."""
        order = Order.from_job(job)
        if following.exit_code is None or order.night is None:
            return
        file, runtime = self.folder / Path(order.file).name, Runtime(settings=read_settings(), clock=self.clock)
        message = f"The job {job.id} ended before its work.{following.told}"
        with suppress(DialerError):  # the summary of all campaigns tells it too
            await asyncio.to_thread(tell_undone, file, order.night, following.exit_code, message, runtime)

    def _ends(self, job_ids: Sequence[int]) -> dict[int, JobEnd]:
        with suppress(DialerError), self.ledger.read() as tx:
            return read_ends(tx, job_ids)
        return {}

    async def keep_mornings(self, app: App) -> None:
        """Keep the summary of every night of the last days whose jobs have all ended, and that has changed since.

        Every worker does: they compose the same from the database, whichever of them is alive.
        """
        since = self.clock.now().date() - MORNINGS
        with suppress(DialerError):
            for night, steps in (await asyncio.to_thread(self._steps, since)).items():
                if self.kept.get(night) == steps or not all(step.has_ended for step in steps):
                    continue
                morning = await read_morning(app, self.ledger, self.folder, night, self.clock)
                try:
                    await asyncio.to_thread(keep_morning, morning, self.folder, self.location)
                except OSError as error:
                    _log.warning("the summary of %s: %s", night, trouble(error), extra={"action": "no_summary"})
                else:
                    self.kept[night] = steps

    def _steps(self, since: date) -> dict[date, tuple[NightStep, ...]]:
        with self.ledger.read() as tx:
            return jobs_of_nights(tx, since)

    async def ask_for_nights(self, app: App) -> Sequence[int]:
        """Ask for every night of the folder that is due and that no machine has asked for; return the jobs' numbers."""
        asked = []
        enabled, unreadable = await asyncio.to_thread(enabled_campaigns, self.folder)
        for error in unreadable:
            _log.warning("no night of: %s", error, extra={"action": "no_night"})
        for campaign in enabled:
            night = due_night(campaign, self.clock.now())
            if night is not None:
                order = Order.of(campaign, by=self.by, at_ms=self.clock.now_ms(), night=night)
                asked += [await defer_night(app, order, night)]
        return [job_id for job_id in asked if job_id is not None]

    def record(self, job_id: int, exit_code: int | None, message: str) -> None:
        """Store how a job ended; where that cannot be written, the queue still says whether it succeeded."""
        end = JobEnd(self.clock.now_ms(), exit_code, message)
        for _ in range(2):  # the first connection may be one that the server has ended
            with suppress(DialerError), self.ledger.write() as tx:
                record_end(tx, job_id, end)
                return
            self.ledger.reconnect()
