"""What the tests of a fleet share: campaigns to ask for, hands that need no process, and what came of jobs."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from dialer.campaign.file import Campaign, load_campaign
from dialer.clock import SYSTEM_CLOCK, Clock
from dialer.errors import DialerError
from dialer.exit_codes import exit_code_of
from dialer.fleet.listing import JobState, list_jobs
from dialer.fleet.orders import Order
from dialer.fleet.own_process import Ended, ended_so
from dialer.fleet.queue import open_queue
from dialer.fleet.worker import Worker, WorkerOptions
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions
from dialer.ledger.database.open import Ledger
from dialer.nightly.folder import NightlyOptions, run_nightly
from dialer.sandbox import Sandbox
from tests.jobs.test_run import settings_for
from tests.support import ANY_HOUR, FAST, NOON_MS, TEAM, TEMPLATE, HurriedClock, number


def campaign_file(folder: Path, name: str, first: int = 0, tables: str = ANY_HOUR + FAST) -> Campaign:
    """Write a campaign of three people, from the number *first* on."""
    rows = [f"Person {index},{number(index)}" for index in range(first, first + 3)]
    (folder / f"{name}.csv").write_text("\n".join(["Name,Phone", *rows, ""]), "utf-8")
    path = folder / f"{name}.toml"
    path.write_text(
        f'[call]\nteam_id = "{TEAM}"\ncall_template_id = "{TEMPLATE}"\n'
        f'[contacts]\nfile = "{name}.csv"\nregion = "US"\n{tables}',
        "utf-8",
    )
    return load_campaign(path)


def order(campaign: Campaign) -> Order:
    """Return the order for a run of *campaign*."""
    return Order.of(campaign, by="ada@office", at_ms=NOON_MS)


@dataclass
class Hands:
    """Runs campaigns in threads of this process; *begun* counts how often each was begun."""

    sandbox: Sandbox
    location: str
    folder: Path
    begun: Counter[str] = field(default_factory=Counter)

    async def __call__(self, order: Order, stop: asyncio.Event) -> Ended:  # noqa: ARG002 - a thread runs to its end
        """Run the campaign to its end, as its own process would."""
        self.begun[order.campaign] += 1
        return await asyncio.to_thread(self._run if order.night is None else self._night, order)

    def _night(self, order: Order) -> Ended:
        """Live through the night as `dialer nightly FILE --night DATE` does."""
        runtime = Runtime(settings=settings_for(self.sandbox), clock=HurriedClock())
        options = NightlyOptions(ledger=self.location, night=order.night)
        summary = run_nightly(self.folder / order.file, options=options, runtime=runtime)
        return ended_so(self.folder / order.file, summary.exit_code, json.dumps(summary.as_json()).encode(), b"")

    def _run(self, order: Order) -> Ended:
        runtime = Runtime(settings=settings_for(self.sandbox), clock=HurriedClock())
        options = RunOptions(ledger=self.location)
        try:
            summary = run_campaign(load_campaign(self.folder / order.file), options=options, runtime=runtime)
            return Ended(summary.exit_code, "" if summary.stop is None else summary.stop.told)
        except DialerError as error:
            return Ended(exit_code_of(error), str(error))


def worker(
    ledger: Ledger,
    hands: Hands,
    *,
    once: bool = True,
    queues: tuple[str, ...] = (),
    clock: Clock = SYSTEM_CLOCK,
) -> Worker:
    """Return a worker that ends when nothing waits."""
    return Worker(WorkerOptions(hands.folder, hands.location, queues, once=once), ledger, hands, clock=clock)


def rung(sandbox: Sandbox) -> Counter[str]:
    """Count the calls of each number that the sandbox has created."""
    return Counter(str(call["toPhoneNumber"]) for call in sandbox.created)


async def states(location: str, ledger: Ledger) -> list[tuple[str, JobState, int | None]]:
    """Return the campaign, the state and the exit code of each job, the first first."""
    async with open_queue(location) as app:
        return [
            (job.order.campaign, job.state, None if job.end is None else job.end.exit_code)
            for job in await list_jobs(app, ledger)
        ]
