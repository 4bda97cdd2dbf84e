"""Counts rows while they are written out."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dialer.ledger.row_reports import RowReport
from dialer.reasons import FOR_A_PERSON, Status


@dataclass
class Tally:
    """Counts rows by status and reason while they are written out.

    *first_problem* tells of the first row that somebody has to look at, "" where there is none.
    """

    counts: Counter[Status] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    first_slot_ms: int | None = None
    last_slot_ms: int | None = None
    first_problem: str = ""

    def add(self, row: RowReport) -> None:
        """Count one row."""
        self.counts[row.status] += 1
        if row.reason:
            self.reasons[str(row.reason)] += 1
        if not self.first_problem and row.status in FOR_A_PERSON:
            self.first_problem = f"row {row.row}, {row.reason}: {row.message}"
        if row.status == Status.CREATED and row.slot_ms is not None:
            self.first_slot_ms = min(row.slot_ms, self.first_slot_ms or row.slot_ms)
            self.last_slot_ms = max(row.slot_ms, self.last_slot_ms or row.slot_ms)

    def add_all(self, rows: Iterable[RowReport]) -> None:
        """Count every one of *rows*."""
        for row in rows:
            self.add(row)

    def counted(self, rows: Iterable[RowReport]) -> Iterator[RowReport]:
        """Pass *rows* on to whoever writes them, counting each."""
        for row in rows:
            self.add(row)
            yield row
