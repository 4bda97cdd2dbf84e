"""A worker of a fleet: takes jobs from the queue and does each in a process of its own."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from procrastinate import App, JobContext, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy

from dialer.campaign.file import load_campaign
from dialer.clock import SYSTEM_CLOCK, Clock
from dialer.errors import CampaignError, DialerError
from dialer.exit_codes import EXIT_HELD, EXIT_INTERRUPTED, EXIT_TERMINATED, GOOD_EXITS, exit_code_of
from dialer.fleet.health import HealthJson
from dialer.fleet.housekeeping import BEAT_SECONDS, DEAD_SECONDS, Housekeeping
from dialer.fleet.marks import keep_marks_again
from dialer.fleet.orders import Order, is_waiting
from dialer.fleet.own_process import Ended, Execute
from dialer.fleet.places import refuse_other_ledger
from dialer.fleet.queue import JOB, open_queue
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.refusal import why_refused

HELD_SECONDS = 60
"""A campaign that another run holds, or may hold since the lock was lost, is looked at again after so long."""

MOST_TRIES = 1440
"""So often: for a day."""

_SPARE_CONNECTIONS = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerOptions:
    """What a worker does: jobs of these *queues* (none: of all), so many at once (*concurrency*).

    The ledger at *location* holds the queue, *folder* the campaign files. *nights*: it asks for the nights of the
    folder's campaigns when their time comes. *once*: it ends when nothing waits any more.
    """

    folder: Path
    location: str | Path = field(repr=False)  # it may hold a password
    queues: Sequence[str] = ()
    concurrency: int = 2
    nights: bool = False
    once: bool = False


class PutOff(Exception):
    """The job did not do its work, left nothing half done, and is done again after *seconds*."""

    def __init__(self, seconds: int, message: str) -> None:
        super().__init__(message)
        self.seconds = seconds


class JobFailed(Exception):
    """The job ended with an exit code that is not good; nobody repeats it."""


class _OnlyPutOff(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, PutOff) and job.attempts < MOST_TRIES:
            return RetryDecision(retry_in={"seconds": exception.seconds})
        return None


async def beat(context: JobContext) -> None:
    """Say that a job's worker lives, as long as it does the job.

    The library ceases to say so when its connections fail, and then waits for what is being done: hours, for a run.
    """
    while True:
        with suppress(ConnectorException):  # the next time
            await context.app.job_manager.update_heartbeat(context.job.worker_id or 0)
        await asyncio.sleep(BEAT_SECONDS)


class Worker:
    """Does jobs until it is drained; `jobs` counts those it is doing.

    *execute* does what a job asks for; *clock* tells which nights are due, and *by* who asks for them.
    """

    def __init__(
        self, options: WorkerOptions, ledger: Ledger, execute: Execute, *, clock: Clock = SYSTEM_CLOCK, by: str = ""
    ) -> None:
        self._options = options
        self._ledger = ledger
        self._execute = execute
        self._clock = clock
        self._keeping = Housekeeping(ledger, options.location, options.folder, clock, by, options.nights)
        self._drained = asyncio.Event()
        self._app: App | None = None
        self.jobs = 0

    def drain(self) -> None:
        """Take no more jobs; those that are being done finish what is in flight, and wait for another worker."""
        self._drained.set()

    async def health(self) -> HealthJson:
        """Return whether the worker takes jobs."""
        state = "draining" if self._drained.is_set() else "ready" if await self._reaches_queue() else "unreachable"
        return {"state": state, "jobs": self.jobs}

    async def _until_reached(self) -> None:
        """Wait for a database that is gone, as long as the job's end can still be stored: then it is taken over."""
        until = self._clock.monotonic() + DEAD_SECONDS
        while self._clock.monotonic() < until:
            if await self._reaches_queue():
                return
            await asyncio.sleep(1)

    async def _reaches_queue(self) -> bool:
        with suppress(ConnectorException):
            return self._app is not None and await self._app.check_connection_async()
        return False

    async def run(self) -> None:
        """Do jobs until `drain`, or until none waits. A database that is gone for a while is waited for."""
        async with AsyncExitStack() as kept:
            connections = self._options.concurrency + _SPARE_CONNECTIONS
            app = await kept.enter_async_context(open_queue(self._options.location, connections=connections))
            self._app = app
            app.task(name=JOB, pass_context=True, retry=_OnlyPutOff())(self._do)
            with suppress(ConnectorException, DialerError):  # it is looked again, and then told
                await self._keeping.look(app)
            marks = keep_marks_again(self._ledger, self._options.location, self._options.folder, self._clock)
            for work in (self._keeping.look_again(app), self._keeping.forget(app), marks):
                kept.callback(asyncio.create_task(work).cancel)
            drained = asyncio.create_task(self._drained.wait())
            kept.callback(drained.cancel)
            while not self._drained.is_set():
                working = asyncio.create_task(self._work(app))
                await asyncio.wait({working, drained}, return_when=asyncio.FIRST_COMPLETED)
                working.cancel()  # it takes no more, and waits for what is being done
                (ended,) = await asyncio.gather(working, return_exceptions=True)
                if isinstance(ended, ConnectorException) and not self._options.once:
                    _log.warning("the queue: %s", why_refused(ended.__cause__), extra={"action": "queue_gone"})
                    await asyncio.wait({drained}, timeout=BEAT_SECONDS)
                elif isinstance(ended, Exception):
                    raise ended
                elif self._options.once:
                    break
            with suppress(ConnectorException):  # another worker does it too
                await self._keeping.keep_mornings(app)

    async def _work(self, app: App) -> None:
        await app.run_worker_async(
            queues=list(self._options.queues) or None,  # type: ignore[arg-type]  # as documented: None is every queue
            concurrency=self._options.concurrency,
            wait=not self._options.once,
            install_signal_handlers=False,
            update_heartbeat_interval=BEAT_SECONDS,
            stalled_worker_timeout=DEAD_SECONDS,
        )

    async def _do(self, context: JobContext, /, **_: object) -> None:
        """Do one job; the queue stores that it succeeded, failed, or waits again."""
        order = Order.from_job(context.job)
        self.jobs += 1
        beating = asyncio.create_task(beat(context))
        try:
            ended = await self._ended(order)
        finally:
            self.jobs -= 1
            beating.cancel()
        await self._until_reached()
        await self._conclude(context, order, ended)

    async def _conclude(self, context: JobContext, order: Order, ended: Ended) -> None:
        """Store how a job ended, and raise what lets the queue put it off or fail it."""
        job = context.job
        is_interrupted = self._drained.is_set() and ended.exit_code in (EXIT_INTERRUPTED, EXIT_TERMINATED)
        has_died = ended.has_died and not is_interrupted
        following = await self._keeping.follow(context.app, job) if has_died else None
        message = ended.message + (following.told if following else "")
        await asyncio.to_thread(self._keeping.record, job.id or 0, ended.exit_code, message)
        if ended.exit_code in GOOD_EXITS:
            return
        if following is not None:
            await self._keeping.tell_last(job, following)
        may_go_on = ended.exit_code == EXIT_HELD or ended.has_lost_ledger or is_interrupted
        if may_go_on and not await is_waiting(context.app, order):
            raise PutOff(0 if is_interrupted else HELD_SECONDS, message)
        raise JobFailed(message)

    async def _ended(self, order: Order) -> Ended:
        try:
            campaign = load_campaign(self._options.folder / Path(order.file).name)
            refuse_other_ledger(campaign, self._options.location)
        except CampaignError as error:
            if order.night is None:  # a night's own process leaves a summary that says it
                return Ended(exit_code_of(error), str(error))
        except DialerError as error:
            return Ended(exit_code_of(error), str(error))
        return await self._execute(order, self._drained)
