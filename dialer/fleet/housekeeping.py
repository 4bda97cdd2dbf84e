"""What every worker looks after beside its jobs: those whose worker died, nights that are due, jobs long over.

The queue's own periodic tasks would not do: they know hours of UTC alone, and wait until a worker has a free hand.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from dialer.clock import Clock
from dialer.errors import DialerError
from dialer.fleet.nights import due_night, enabled_campaigns
from dialer.fleet.orders import Order, defer_night, defer_takeover
from dialer.fleet.queue import JOB
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.refusal import why_refused
from dialer.ledger.fleet.queue_tables import JobEnd, record_end

LOOK_SECONDS = 15.0
"""How often a worker looks."""

BEAT_SECONDS, DEAD_SECONDS = 10.0, 60.0
"""How often a worker says that it lives, and after how long without a word its jobs are taken over."""

KEPT_HOURS, FORGET_SECONDS = 24 * 30, 3600.0
"""So long the queue remembers jobs that have ended, and how often it is looked which are older."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Housekeeping:
    """Looks after the queue in *ledger*, and with *nights* after those of *folder*; *by* asks for them."""

    ledger: Ledger
    folder: Path
    clock: Clock
    by: str
    nights: bool

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
        """Take over what is left, and ask for the nights that are due."""
        await self.take_over(app)
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
        for job in await app.job_manager.get_stalled_jobs(task_name=JOB, seconds_since_heartbeat=dead_seconds):
            job_id = job.id or 0
            order = replace(Order.from_job(job), takes_over=job_id)
            taken = None if job.abort_requested else await defer_takeover(app, order, job_id)
            new += [] if taken is None else [taken]
            with suppress(ConnectorException):  # another worker has seen it too
                await app.job_manager.finish_job_by_id_async(job_id, Status.FAILED, delete_job=False)
                by = "" if taken is None else f" Job {taken} takes it over."
                await asyncio.to_thread(self.record, job_id, None, f"Its worker died.{by}")
        return new

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
