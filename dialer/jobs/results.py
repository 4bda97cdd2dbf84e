"""Writes the results anew from the ledger: where every row of a campaign stands, or what one run did."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from dialer.errors import UsageError
from dialer.ledger.database.open import Ledger
from dialer.ledger.row_reports import RowReport, reports, standing_reports
from dialer.ledger.runs import campaign_id_of, find_run, runs_of
from dialer.results.table import write_table
from dialer.results.tally import Tally


def rebuild_results(ledger: Ledger, campaign: str, path: Path, *, run_id: str | None = None) -> Tally:
    """Write the results of *campaign* to *path* (CSV, XLSX or JSON by its suffix) and count them.

    Without *run_id*: where everybody stands now, first the rows of the sheet that was read last, then contacts that
    only earlier sheets held. With it: what that run did.
    Raises `UsageError` when there is nothing to write.
    """
    found = results_rows(ledger, campaign, run_id=run_id)
    tally = Tally()
    write_table(path, found.header, tally.counted(found.rows), result_columns=found.result_columns)
    return tally


class ResultsRows(NamedTuple):
    """The header of the sheets, what became of each row, and the names of the values that calls brought back."""

    header: tuple[str, ...]
    rows: Iterator[RowReport]
    result_columns: tuple[str, ...]


def results_rows(ledger: Ledger, campaign: str, *, run_id: str | None) -> ResultsRows:
    """Return what `rebuild_results` writes. Raises `UsageError` when there is nothing."""
    with ledger.read() as tx:
        campaign_id = campaign_id_of(tx, campaign)
        runs = [] if campaign_id is None else runs_of(tx, campaign_id)
        if not runs:
            raise UsageError(f"{campaign} has never run with this ledger, so there are no results.")
        facts = runs[0] if run_id is None else find_run(tx, run_id)
    if not facts.header:
        raise UsageError(f"{campaign}: its people were erased by `dialer purge`, so there are no results.")
    if run_id is not None:
        return ResultsRows(facts.header, iter(reports(ledger, facts)), facts.result_columns)
    header = tuple(dict.fromkeys(chain.from_iterable(run.header for run in runs)))
    return ResultsRows(header, iter(standing_reports(ledger, runs, header)), facts.result_columns)
