"""What a run comes to: its counts, its reasons and its exit code, as one documented object."""

from dataclasses import dataclass
from pathlib import Path

from typing_extensions import TypedDict

from dialer.calls.outcome import Stop, StopCode, StopJson
from dialer.clock import iso_ms
from dialer.exit_codes import EXIT_FAILED_ROWS, EXIT_OK, EXIT_STOPPED, EXIT_UNKNOWN, SIGNAL_EXIT
from dialer.jobs.sync import SyncJson, SyncSummary
from dialer.reasons import Reason, Status
from dialer.results.next_step import NextStep, NextStepJson, Situation, next_step
from dialer.results.tally import Tally
from dialer.submit.rate_share import PaceJson


class RunJson(TypedDict):
    """What the commands that create calls print with `--json`."""

    run_id: str
    campaign: str
    started_at: str
    ended_at: str
    counts: dict[Status, int]
    reasons: dict[str, int]
    first_slot: str | None
    last_slot: str | None
    results: str | None
    report: str | None
    stop: StopJson | None
    notes: list[str]
    pace: PaceJson | None
    dry_run: bool
    idle: bool
    sync: SyncJson | None
    next: NextStepJson | None
    exit_code: int


@dataclass(frozen=True)
class RunSummary:
    """What one run did. Slots are those of the calls it created; instants in ms since the epoch.

    *idle*: there was nothing to do, so that not even a run was begun. *sync* tells how earlier calls ended, where the
    run asked. *notes* tell what was guessed of the sheet, and what is odd about where the campaign lies. *pace* tells
    how it gave way to an API that put requests off, where one did. *file* is the campaign's, *resumes* when a later run
    calls more people, *is_rehearsal* tells that all was done with `--sandbox`. *report* is the page that the run wrote.
    *own_step* is the next step where the job has one of its own.
    """

    run_id: str
    campaign: str
    started_at_ms: int
    ended_at_ms: int
    tally: Tally
    results: Path | None
    stop: Stop | None = None
    signal_number: int | None = None
    dry_run: bool = False
    idle: bool = False
    sync: SyncSummary | None = None
    notes: tuple[str, ...] = ()
    pace: PaceJson | None = None
    file: Path | None = None
    resumes: str = ""
    is_rehearsal: bool = False
    own_step: NextStep | None = None
    report: Path | None = None

    @property
    def counts(self) -> dict[Status, int]:
        """Rows by status; every status is there."""
        return {status: self.tally.counts[status] for status in Status}

    @property
    def exit_code(self) -> int:
        """The code the process ends with, see `EXIT_CODES`."""
        if self.stop is not None:
            interrupted = self.stop.code == StopCode.INTERRUPTED and self.signal_number is not None
            return SIGNAL_EXIT + (self.signal_number or 0) if interrupted else EXIT_STOPPED
        if self.tally.counts[Status.UNKNOWN]:
            return EXIT_UNKNOWN
        if self.idle:  # what else stands was told by the run that left it so
            return EXIT_OK
        reasons = self.tally.reasons
        held = reasons[Reason.NO_SLOT] + reasons[Reason.CALLED_BEFORE_ELSEWHERE]  # no later run calls them by itself
        if self.tally.counts[Status.FAILED] or self.tally.counts[Status.REJECTED] or held:
            return EXIT_FAILED_ROWS
        return EXIT_OK

    @property
    def next_step(self) -> NextStep | None:
        """The one thing to do next; None where the run leaves nothing to do, or did nothing."""
        if self.idle or self.dry_run or self.own_step is not None:
            return self.own_step
        step = next_step(
            Situation(
                str(self.file or self.campaign),
                self.counts,
                self.tally.reasons,
                results=self.results,
                is_stopped=self.stop is not None,
                remedy="" if self.stop is None else self.stop.remedy,
                resumes=self.resumes,
                is_rehearsal=self.is_rehearsal,
            )
        )
        return step if step.command else None

    def as_json(self) -> RunJson:
        """Return the object that `--json` prints."""
        slots = (self.tally.first_slot_ms, self.tally.last_slot_ms)
        first, last = (None if slot is None else iso_ms(slot) for slot in slots)
        return {
            "run_id": self.run_id,
            "campaign": self.campaign,
            "started_at": iso_ms(self.started_at_ms),
            "ended_at": iso_ms(self.ended_at_ms),
            "counts": self.counts,
            "reasons": dict(sorted(self.tally.reasons.items())),
            "first_slot": first,
            "last_slot": last,
            "results": None if self.results is None else str(self.results),
            "report": None if self.report is None else str(self.report),
            "stop": None if self.stop is None else self.stop.as_json(),
            "notes": list(self.notes),
            "pace": self.pace,
            "dry_run": self.dry_run,
            "idle": self.idle,
            "sync": None if self.sync is None else self.sync.as_json(),
            "next": None if self.next_step is None else self.next_step.as_json(),
            "exit_code": self.exit_code,
        }
