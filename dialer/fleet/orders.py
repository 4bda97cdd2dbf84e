"""What is asked of a fleet: a run, or a night, of one campaign. Each waits once, and each night is asked for once."""

from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any, Self

from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status

from dialer.campaign.file import Campaign
from dialer.fleet.places import queue_of
from dialer.fleet.queue import JOB


@dataclass(frozen=True)
class Order:
    """One job: a run of *campaign*, or its *night* of that date. *file* is the campaign file's name in its folder.

    *by* asked for it, at an instant (ms). *takes_over* is the job whose worker died; *takeovers* counts them all.
    """

    campaign: str
    file: str
    queue: str
    by: str
    at_ms: int
    night: date | None = None
    takes_over: int | None = None
    takeovers: int = 0

    @classmethod
    def of(cls, campaign: Campaign, *, by: str, at_ms: int, night: date | None = None) -> Self:
        """Return the order for *campaign*, in the queue of its profile."""
        return cls(campaign.name, campaign.path.name, queue_of(campaign), by, at_ms, night)

    @classmethod
    def from_job(cls, job: Job) -> Self:
        """Read the order that *job* holds."""
        known = {name: value for name, value in job.task_kwargs.items() if name != "timestamp"}
        night = known.pop("night", None)
        return cls(**known, queue=job.queue, night=date.fromisoformat(str(night)) if night else None)  # type: ignore[arg-type]  # written by `arguments`

    @property
    def lock(self) -> str:
        """What a waiting job excludes: another run of the campaign, or another job of the same night."""
        return f"run {self.campaign}" if self.night is None else f"night {self.campaign} {self.night}"

    def arguments(self) -> dict[str, Any]:
        """Return the order as the queue stores it."""
        stored = {name: value for name, value in asdict(self).items() if name != "queue"}
        return stored | {"night": None if self.night is None else self.night.isoformat()}


async def defer_run(app: App, order: Order) -> int | None:
    """Let a run wait for a worker and return its job's number; None where a run of the campaign waits already."""
    task = app.configure_task(name=JOB, queue=order.queue, queueing_lock=order.lock)
    try:
        return await task.defer_async(**order.arguments())
    except AlreadyEnqueued:
        return None


async def defer_night(app: App, order: Order, night: date) -> int | None:
    """Let the *night* wait for a worker and return its job's number; None where it has been asked for before.

    The queue remembers each night of each campaign, so that it has one job, however many machines ask.
    """
    stamp = int(datetime(night.year, night.month, night.day, tzinfo=UTC).timestamp())
    return await _defer_once(app, order, f"night {order.campaign}", stamp)


async def defer_takeover(app: App, order: Order, job_id: int) -> int | None:
    """Let a new job do what the job *job_id* did not end; None where one has been asked for, or waits anyway."""
    return await _defer_once(app, order, f"takes over {job_id}", job_id)


async def _defer_once(app: App, order: Order, what: str, stamp: int) -> int | None:
    """Defer by the record that the queue keeps of periodic jobs: one for each *what* and *stamp*."""
    job = Job(
        queue=order.queue,
        lock=None,
        queueing_lock=order.lock,
        task_name=JOB,
        task_kwargs=order.arguments() | {"timestamp": stamp},
    )
    try:
        return await app.job_manager.defer_periodic_job(job, what, stamp)
    except AlreadyEnqueued:
        return None


async def is_waiting(app: App, order: Order) -> bool:
    """Return whether another job of the same kind waits for the campaign."""
    with suppress(ConnectorException):  # unreachable for a moment: the queue refuses a second one that waits
        waiting = await app.job_manager.list_jobs_async(queueing_lock=order.lock, status=Status.TODO.value)
        return bool(list(waiting))
    return False
