"""Judges every row of a campaign's sheet: no network, nothing stored."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dialer.campaign import Campaign
from dialer.contacts import HeldBack, load_contacts
from dialer.jobs.intake import judged_rows
from dialer.jobs.summary import EXIT_FAILED_ROWS, EXIT_OK
from dialer.ledger.intake import ReadRow
from dialer.ledger.rows import RowReport
from dialer.results import write_table
from dialer.status import Status

FIRST_PROBLEMS = 10


@dataclass
class CheckSummary:
    """What a sheet is worth: rows that can be called, rows that cannot and why, columns that nothing uses."""

    campaign: str
    sheet: Path
    callable_rows: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    rejected: int = 0
    skipped: int = 0
    unmapped: tuple[str, ...] = ()
    mapping: dict[str, str] = field(default_factory=dict)
    first_problems: list[tuple[int, str, str]] = field(default_factory=list)
    problems_file: Path | None = None

    @property
    def exit_code(self) -> int:
        """0, or 3 when rows are rejected."""
        return EXIT_FAILED_ROWS if self.rejected else EXIT_OK

    def as_json(self) -> dict[str, Any]:
        """Give the object that `--json` prints."""
        return {
            "campaign": self.campaign,
            "sheet": str(self.sheet),
            "counts": {"callable": self.callable_rows, "rejected": self.rejected, "skipped": self.skipped},
            "reasons": dict(sorted(self.reasons.items())),
            "mapping": self.mapping,
            "unmapped": list(self.unmapped),
            "problems": None if self.problems_file is None else str(self.problems_file),
            "exit_code": self.exit_code,
        }


def check_campaign(campaign: Campaign, *, problems: Path | None = None) -> CheckSummary:
    """Judge every row of the campaign's sheet.

    Rejected rows are written to *problems* (default `results/NAME-problems.csv` beside the campaign), with the
    sheet's own columns, so that the file can be mended and run. Raises `SheetError` and `CampaignError`.
    """
    loaded = load_contacts(campaign)
    summary = CheckSummary(campaign.name, loaded.sheet.path)
    summary.unmapped, summary.mapping = loaded.mapping.unmapped, loaded.mapping.described()
    path = problems or campaign.folder / "results" / f"{campaign.name}-problems.csv"
    rejected = _rejected(judged_rows(loaded), summary)
    first = next(rejected, None)
    if first is not None:
        summary.problems_file = path
        write_table(path, loaded.sheet.header, _with_first(first, rejected))
    return summary


def _with_first(first: RowReport, rest: Iterator[RowReport]) -> Iterator[RowReport]:
    yield first
    yield from rest


def _rejected(rows: Iterator[ReadRow], summary: CheckSummary) -> Iterator[RowReport]:
    """Count every row and give the rejected ones."""
    for row in rows:
        if not isinstance(row.verdict, HeldBack):
            summary.callable_rows += 1
            continue
        held = row.verdict
        summary.reasons[str(held.reason)] += 1
        if held.status == Status.SKIPPED:
            summary.skipped += 1
            continue
        summary.rejected += 1
        if len(summary.first_problems) < FIRST_PROBLEMS:
            summary.first_problems.append((row.number, str(held.reason), held.message))
        yield RowReport(
            row=row.number,
            cells=row.cells,
            status=held.status,
            reason=held.reason,
            message=held.message,
            call_id=None,
            phone=held.phone,
            slot_ms=None,
            attempts=0,
            submitted_at_ms=None,
        )
