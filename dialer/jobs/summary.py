"""What a run comes to: its counts, its reasons and its exit code, as one documented object."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialer.clock import iso_ms
from dialer.ledger.rows import RowReport
from dialer.status import Reason, Status
from dialer.submit import StopCode
from dialer.submit.watch import Stop

if TYPE_CHECKING:
    from dialer.jobs.sync import SyncSummary

EXIT_CODES: dict[int, str] = {
    0: "done; every eligible row within the horizon was created",
    1: "a bug or an unexpected failure",
    2: "usage, campaign or sheet cannot be used: nothing was sent",
    3: "done, and some rows failed, were rejected, or found no time before the campaign's end",
    4: "some rows are unknown (wins over 3)",
    5: "stopped early (key refused, no credit, too many failures, disk full…): unsent rows stay pending",
    75: "another run holds this ledger",
    130: "interrupted by Ctrl-C; in-flight requests were finished, the rest stays pending",
    143: "as 130, by SIGTERM",
}
"""Every exit code of `dialer` and its meaning."""

EXIT_OK, EXIT_BUG, EXIT_USAGE, EXIT_FAILED_ROWS, EXIT_UNKNOWN, EXIT_STOPPED, EXIT_HELD = 0, 1, 2, 3, 4, 5, 75
SIGNAL_EXIT = 128
"""A run ended by signal n exits with 128 + n, as shells report it."""


@dataclass
class Tally:
    """Counts rows by status and reason while they are written out."""

    counts: Counter[Status] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    first_slot_ms: int | None = None
    last_slot_ms: int | None = None

    def add(self, row: RowReport) -> RowReport:
        """Count *row* and give it back."""
        self.counts[row.status] += 1
        if row.reason:
            self.reasons[str(row.reason)] += 1
        if row.status == Status.CREATED and row.slot_ms is not None:
            self.first_slot_ms = min(row.slot_ms, self.first_slot_ms or row.slot_ms)
            self.last_slot_ms = max(row.slot_ms, self.last_slot_ms or row.slot_ms)
        return row

    def count(self, rows: Iterable[RowReport]) -> Iterable[RowReport]:
        """Pass *rows* on, counting each."""
        return map(self.add, rows)


@dataclass(frozen=True)
class RunSummary:
    """What one run did. Slots are those of the calls it created; instants in ms since the epoch.

    *idle*: there was nothing to do, so that not even a run was begun. *sync* tells how earlier calls ended, where the
    run asked.
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
    sync: "SyncSummary | None" = None

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
        ended = self.tally.reasons[Reason.NO_SLOT]  # the campaign is over, and these were never called
        if self.tally.counts[Status.FAILED] or self.tally.counts[Status.REJECTED] or ended:
            return EXIT_FAILED_ROWS
        return EXIT_OK

    def as_json(self) -> dict[str, Any]:
        """Give the object that `--json` prints."""
        slots = (self.tally.first_slot_ms, self.tally.last_slot_ms)
        first, last = (None if slot is None else iso_ms(slot) for slot in slots)
        return {
            "run_id": self.run_id,
            "campaign": self.campaign,
            "started_at": iso_ms(self.started_at_ms),
            "ended_at": iso_ms(self.ended_at_ms),
            "counts": {str(status): count for status, count in self.counts.items()},
            "reasons": dict(sorted(self.tally.reasons.items())),
            "first_slot": first,
            "last_slot": last,
            "results": None if self.results is None else str(self.results),
            "stop": None if self.stop is None else {"code": str(self.stop.code), "message": self.stop.message},
            "dry_run": self.dry_run,
            "idle": self.idle,
            "sync": None if self.sync is None else self.sync.as_json(),
            "exit_code": self.exit_code,
        }
