"""Writes the results anew from the ledger: where every row of a campaign stands, or what one run did."""

from collections.abc import Iterator
from pathlib import Path

from dialer.errors import UsageError
from dialer.jobs.summary import Tally
from dialer.ledger import Ledger, read
from dialer.ledger.rows import RowReport, campaign_id_of, find_run, reports, runs_of
from dialer.results import write_table


def rebuild_results(ledger: Ledger, campaign: str, path: Path, *, run_id: str | None = None) -> Tally:
    """Write the results of *campaign* to *path* (CSV, XLSX or JSON by its suffix) and count them.

    Without *run_id*: every row of the sheet that was read last, as it stands now. With it: what that run did.
    Raises `UsageError` when there is nothing to write.
    """
    with read(ledger.engine) as tx:
        campaign_id = campaign_id_of(tx, campaign)
        runs = [] if campaign_id is None else runs_of(tx, campaign_id)
        if not runs:
            raise UsageError(f"{campaign} has never run with this ledger, so there are no results.")
        facts = runs[0] if run_id is None else find_run(tx, run_id)
    if not facts.header:
        raise UsageError(f"{campaign}: its people were erased by `dialer purge`, so there are no results.")
    tally = Tally()
    rows: Iterator[RowReport] = reports(ledger.engine, facts, standing=run_id is None)
    write_table(path, facts.header, tally.count(rows))
    return tally
