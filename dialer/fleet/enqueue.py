"""Lets runs and nights wait for a worker in place of doing them here."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dialer.campaign.file import Campaign
from dialer.clock import SYSTEM_CLOCK, Clock
from dialer.errors import UsageError
from dialer.exit_codes import EXIT_OK, EXIT_USAGE
from dialer.fleet.listing import EnqueuedJson, QueuedJob, list_jobs
from dialer.fleet.nights import enabled_campaigns, tonight
from dialer.fleet.orders import Order, defer_night, defer_run
from dialer.fleet.places import refuse_file
from dialer.fleet.queue import open_queue, refuse_unready
from dialer.jobs.intake.decisions import whoever_runs
from dialer.jobs.locations import ledger_location
from dialer.ledger.database.open import Ledger
from dialer.nightly.campaign_files import files_with_a_night
from dialer.settings import Settings


@dataclass(frozen=True)
class Enqueued:
    """What was added to the queue, which campaigns had a job there already, and why files could not be read."""

    jobs: tuple[QueuedJob, ...]
    waiting: tuple[str, ...]
    unreadable: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """One line for each campaign."""
        lines = [job.text for job in self.jobs]
        lines += [f"{name}: has its job already; see `dialer jobs`" for name in self.waiting]
        return "\n".join([*lines, *self.unreadable])

    @property
    def exit_code(self) -> int:
        """2 where a file could not be read, so that nobody knows whether it has a night; else 0."""
        return EXIT_USAGE if self.unreadable else EXIT_OK

    def as_json(self) -> EnqueuedJson:
        """Return the object that `--json` prints."""
        return {
            "jobs": [job.as_json() for job in self.jobs],
            "waiting": list(self.waiting),
            "unreadable": list(self.unreadable),
        }


async def enqueue_run(
    campaign: Campaign, settings: Settings, ledger: str | None, *, clock: Clock = SYSTEM_CLOCK
) -> Enqueued:
    """Let a run of *campaign* wait for a worker, unless one waits already.

    Raises `LedgerUnusable` where the campaign's ledger has no queue of this version.
    """
    location = ledger_location(campaign, settings, ledger)
    order = Order.of(campaign, by=whoever_runs(), at_ms=clock.now_ms())
    return await _enqueue(location, [order])


async def enqueue_nights(
    place: Path, settings: Settings, ledger: str | None, *, clock: Clock = SYSTEM_CLOCK
) -> Enqueued:
    """Let tonight of every enabled campaign in *place* wait for a worker, unless somebody has asked for it before.

    Raises `UsageError` where no campaign is enabled, and as `enqueue_run` does.
    """
    orders: dict[str, list[Order]] = {}
    enabled, unreadable = enabled_campaigns(place)
    for campaign in enabled:
        night = tonight(campaign, clock.now())
        order = Order.of(campaign, by=whoever_runs(), at_ms=clock.now_ms(), night=night)
        orders.setdefault(str(ledger_location(campaign, settings, ledger)), []).append(order)
    if not orders and not unreadable:
        raise UsageError(files_with_a_night(place)[1].text)
    done = [await _enqueue(location, of_ledger) for location, of_ledger in orders.items()]
    jobs = tuple(job for each in done for job in each.jobs)
    return Enqueued(jobs, tuple(name for each in done for name in each.waiting), tuple(map(str, unreadable)))


async def _enqueue(location: str | Path, orders: Sequence[Order]) -> Enqueued:
    refuse_file(location)
    added, waiting = set[int](), list[str]()
    with Ledger.open(location) as ledger:
        refuse_unready(ledger)
        async with open_queue(location) as app:
            for order in orders:
                job_id = await (defer_run(app, order) if order.night is None else defer_night(app, order, order.night))
                if job_id is None:
                    waiting.append(order.campaign)
                else:
                    added.add(job_id)
            jobs = [job for job in await list_jobs(app, ledger) if job.job_id in added]
    return Enqueued(tuple(jobs), tuple(waiting))
