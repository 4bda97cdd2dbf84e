"""Counts rows while they are written out."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from dialer.ledger.database.open import Ledger
from dialer.ledger.row_reports import RowReport, standing_reports
from dialer.ledger.runs import campaign_id_of, runs_of
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


def standing_tally(ledger: Ledger, campaign: str) -> Tally:
    """Count where every row of *campaign* stands; nothing where it never ran, or its people were erased."""
    with ledger.read() as tx:
        campaign_id = campaign_id_of(tx, campaign)
        runs = [] if campaign_id is None else runs_of(tx, campaign_id)
    tally = Tally()
    if runs and runs[0].header:
        header = tuple(dict.fromkeys(chain.from_iterable(run.header for run in runs)))
        tally.add_all(standing_reports(ledger, runs, header))
    return tally
