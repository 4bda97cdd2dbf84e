"""One summary of a fleet's night, of all its campaigns: composed from the database, whichever hosts did it or died."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import IO

from procrastinate import App
from typing_extensions import TypedDict

from dialer.clock import Clock
from dialer.exit_codes import EXIT_BUG, EXIT_HELD, EXIT_OK, EXIT_STOPPED, EXIT_USAGE, GOOD_EXITS
from dialer.fleet.listing import JobState, QueuedJob, list_jobs
from dialer.fleet.nights import begins_at, enabled_campaigns
from dialer.fleet.places import ledger_mark
from dialer.jobs.locations import RESULTS_FOLDER
from dialer.jobs.status import CampaignStanding, read_standings
from dialer.ledger.database.open import Ledger
from dialer.ledger.live.nights import NightRun, night_runs
from dialer.nightly.folder import worst_exit
from dialer.reasons import Status
from dialer.results.atomic_write import write_atomically
from dialer.words import counted


class NightOfCampaignJson(TypedDict):
    """What became of one campaign's night: of its last *job*, and of its last run. *counts* and *next* are of now.

    *next* tells what somebody has to do, "" where nobody has to do anything.
    """

    campaign: str
    queue: str
    job: int
    state: JobState
    exit_code: int | None
    message: str
    run_id: str | None
    counts: dict[Status, int]
    next: str


class MorningJson(TypedDict):
    """What `dialer jobs --night DATE --json` prints, and the file `results/morning-DATE.json`.

    *not_asked*: campaigns of the folder whose night has come and has no job; *unreadable*: what is wrong with files.
    """

    night: str
    campaigns: list[NightOfCampaignJson]
    not_asked: list[str]
    unreadable: list[str]
    exit_code: int


@dataclass(frozen=True)
class NightOfCampaign:
    """One campaign's night: its last *job*, the run that did it or else its last, and where the campaign stands now."""

    job: QueuedJob
    run: NightRun | None
    standing: CampaignStanding

    @property
    def is_done(self) -> bool:
        """Whether a run has done the night, of this job or by hand."""
        return self.run is not None and self.run.exit_code in GOOD_EXITS

    @property
    def state(self) -> JobState:
        """Where its last job stands; a night that was done after its job failed has succeeded."""
        return JobState.SUCCEEDED if self.is_done and self.job.has_ended else self.job.state

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it waits or runs, and where its worker died or it was cancelled."""
        if not self.job.has_ended:
            return None
        if self.is_done and self.run is not None:
            return self.run.exit_code
        return None if self.job.end is None else self.job.end.exit_code

    @property
    def next(self) -> str:
        """What somebody has to do, "" where nobody has to do anything."""
        return "" if not self.job.has_ended or self.exit_code == EXIT_OK else self.standing.advice

    @property
    def message(self) -> str:
        """What a person has to know of a night that is not done."""
        return "" if self.is_done or self.job.end is None else self.job.end.message

    @property
    def severity_code(self) -> int:
        """The exit code that its state comes to."""
        if not self.job.has_ended:
            return EXIT_HELD
        missing = EXIT_STOPPED if self.job.state is JobState.CANCELLED else EXIT_BUG
        return missing if self.exit_code is None else self.exit_code

    @property
    def text(self) -> str:
        """One line for people."""
        code = "" if self.exit_code is None else f" exit {self.exit_code}"
        rows = ", ".join(f"{count} {status}" for status, count in self.standing.counts.items() if count)
        parts = (f"{self.job.order.campaign}: {self.state}{code}", rows, self.message, self.next)
        return "; ".join(filter(None, parts))

    def as_json(self) -> NightOfCampaignJson:
        """Return the object that `--json` prints for this campaign."""
        return {
            "campaign": self.job.order.campaign,
            "queue": self.job.order.queue,
            "job": self.job.job_id,
            "state": self.state,
            "exit_code": self.exit_code,
            "message": self.message,
            "run_id": None if self.run is None else self.run.run_id,
            "counts": self.standing.counts,
            "next": self.next,
        }


@dataclass(frozen=True)
class Morning:
    """What became of a *night*: of each campaign, and of those of the folder that have no job or cannot be read."""

    night: date
    campaigns: tuple[NightOfCampaign, ...]
    not_asked: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """The worst of the campaigns' exit codes; 75 while one waits or runs, and nothing is worse."""
        codes = [each.severity_code for each in self.campaigns]
        codes += [EXIT_STOPPED] * bool(self.not_asked) + [EXIT_USAGE] * bool(self.unreadable)
        return worst_exit(codes, default=EXIT_OK)

    @property
    def text(self) -> str:
        """A line that counts, and one for each campaign."""
        states = Counter(each.state for each in self.campaigns)
        count = ", ".join(f"{states[state]} {state}" for state in JobState if states[state])
        lines = [f"night {self.night}: {counted(len(self.campaigns), 'campaign')}" + (f", {count}" if count else "")]
        lines += [each.text for each in self.campaigns]
        lines += [f"{name}: its time has come, and nobody has asked for its night" for name in self.not_asked]
        return "\n".join([*lines, *self.unreadable])

    def as_json(self) -> MorningJson:
        """Return the object that `--json` prints, and that is kept."""
        return {
            "night": self.night.isoformat(),
            "campaigns": [each.as_json() for each in self.campaigns],
            "not_asked": list(self.not_asked),
            "unreadable": list(self.unreadable),
            "exit_code": self.exit_code,
        }


async def read_morning(app: App, ledger: Ledger, folder: Path, night: date, clock: Clock) -> Morning:
    """Return what has become of *night* by now. Raises `UsageError` where there is no such *folder*."""
    jobs = [job for job in await list_jobs(app, ledger) if job.order.night == night]
    return compose(jobs, ledger, folder, night, clock.now())


def compose(jobs: Iterable[QueuedJob], ledger: Ledger, folder: Path, night: date, now: datetime) -> Morning:
    """Return what has become of *night*, which *jobs* were for. Raises as `read_morning` does."""
    last = {job.order.campaign: job for job in sorted(jobs, key=lambda job: job.job_id)}
    enabled, unreadable = enabled_campaigns(folder)
    due = {campaign.name for campaign in enabled if begins_at(campaign, night) <= now}
    found = tuple(_night_of(ledger, last[name], night) for name in sorted(last))
    return Morning(night, found, tuple(sorted(due - last.keys())), tuple(map(str, unreadable)))


def _night_of(ledger: Ledger, job: QueuedJob, night: date) -> NightOfCampaign:
    name = job.order.campaign
    with ledger.read() as tx:
        runs = [run for run in night_runs(tx, name) if run.night == night]
    done = next((run for run in runs if run.exit_code in GOOD_EXITS), None)
    (standing,) = read_standings(ledger, name)
    return NightOfCampaign(job, done or next(iter(runs), None), standing)


def keep_morning(morning: Morning, folder: Path, location: str | Path) -> Path:
    """Keep the summary in the results of *folder*, in the place of an earlier one. Raises `OSError`."""
    path = folder / RESULTS_FOLDER / f"morning-{ledger_mark(folder, location)}{morning.night}.json"
    content = json.dumps(morning.as_json(), indent=2, ensure_ascii=False).encode()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(path, partial(_put, content))
    return path


def _put(content: bytes, file: IO[bytes]) -> None:
    file.write(content)
