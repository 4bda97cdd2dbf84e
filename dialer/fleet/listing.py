"""What waits in a fleet's queue, what is being done, and how the last jobs ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from procrastinate import App
from procrastinate.jobs import Job, Status
from typing_extensions import TypedDict

from dialer.clock import iso_ms, to_ms
from dialer.fleet.orders import Order
from dialer.fleet.queue import JOB
from dialer.ledger.database.open import Ledger
from dialer.ledger.fleet.queue_tables import JobEnd, read_ends


class JobState(StrEnum):
    """Where a job stands."""

    WAITS = "waits"
    RUNS = "runs"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


_STATES: Mapping[str, JobState] = {
    Status.TODO.value: JobState.WAITS,
    Status.DOING.value: JobState.RUNS,
    Status.SUCCEEDED.value: JobState.SUCCEEDED,
    Status.FAILED.value: JobState.FAILED,
    Status.CANCELLED.value: JobState.CANCELLED,
    Status.ABORTED.value: JobState.CANCELLED,
}


class JobJson(TypedDict):
    """One job: a run of a campaign, or its night of a date."""

    id: int
    campaign: str
    queue: str
    night: str | None
    state: JobState
    asked_by: str
    asked_at: str
    not_before: str | None
    tries: int
    takes_over: int | None
    ended_at: str | None
    exit_code: int | None
    message: str


class JobsJson(TypedDict):
    """What `dialer jobs --json` prints."""

    jobs: list[JobJson]


class EnqueuedJson(TypedDict):
    """What `dialer run --enqueue` and `dialer nightly --enqueue` print with `--json`.

    *waiting*: the campaigns that have a job already, so that none was added; *unreadable*: what is wrong with files.
    """

    jobs: list[JobJson]
    waiting: list[str]
    unreadable: list[str]


@dataclass(frozen=True)
class QueuedJob:
    """A job as it stands: what it does, how often it was begun, and how it ended or was put off."""

    job_id: int
    order: Order
    state: JobState
    tries: int
    not_before: datetime | None
    end: JobEnd | None

    @property
    def has_ended(self) -> bool:
        """Whether nothing comes of it any more."""
        return self.state not in (JobState.WAITS, JobState.RUNS)

    @property
    def text(self) -> str:
        """One line for people."""
        order = self.order
        what = f"run of {order.campaign}" if order.night is None else f"night {order.night} of {order.campaign}"
        parts = [f"job {self.job_id} {self.state}: {what}, queue {order.queue}"]
        parts += [f"asked for by {order.by}, {iso_ms(order.at_ms)}"]
        parts += [f"takes over job {order.takes_over}"] if order.takes_over else []
        parts += [f"not before {iso_ms(to_ms(self.not_before))}"] if self.not_before and not self.has_ended else []
        if self.end is not None:
            code = "" if self.end.exit_code is None else f"exit {self.end.exit_code}, "
            parts += [f"{code}{iso_ms(self.end.ended_at_ms)}", self.end.message]
        return "; ".join(filter(None, parts))

    def as_json(self) -> JobJson:
        """Return the object that `--json` prints."""
        order, end = self.order, self.end
        return {
            "id": self.job_id,
            "campaign": order.campaign,
            "queue": order.queue,
            "night": None if order.night is None else order.night.isoformat(),
            "state": self.state,
            "asked_by": order.by,
            "asked_at": iso_ms(order.at_ms),
            "not_before": None if self.not_before is None else iso_ms(to_ms(self.not_before)),
            "tries": self.tries,
            "takes_over": order.takes_over,
            "ended_at": None if end is None else iso_ms(end.ended_at_ms),
            "exit_code": None if end is None else end.exit_code,
            "message": "" if end is None else end.message,
        }


async def list_jobs(app: App, ledger: Ledger) -> list[QueuedJob]:
    """Return every job that the queue remembers, the first first."""
    jobs = sorted(await app.job_manager.list_jobs_async(task=JOB), key=_number)
    with ledger.read() as tx:
        ends = read_ends(tx, [_number(job) for job in jobs])
    return [
        QueuedJob(
            _number(job),
            Order.from_job(job),
            _state(job, ends.get(_number(job))),
            job.attempts,
            job.scheduled_at,
            ends.get(_number(job)),
        )
        for job in jobs
    ]


def _state(job: Job, end: JobEnd | None) -> JobState:
    """Return where *job* stands: whoever was taken for dead, and ended well after that, has done the job."""
    state = _STATES.get(str(job.status), JobState.RUNS)
    return JobState.SUCCEEDED if state is JobState.FAILED and end is not None and end.is_good else state


def _number(job: Job) -> int:
    return job.id or 0


async def cancel_job(app: App, job_id: int) -> bool:
    """Cancel a job that waits, or ask the worker that does it to stop it; return whether there is such a one."""
    return await app.job_manager.cancel_job_by_id_async(job_id, abort=True)
