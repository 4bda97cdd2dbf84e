"""Recalls from the ledger what a run came to, for a start that tells it in the place of one that was killed."""

from contextlib import suppress
from pathlib import Path

from dialer.campaign.file import Campaign
from dialer.errors import UsageError
from dialer.jobs.results import rebuild_results
from dialer.jobs.sending.summary import RunSummary
from dialer.ledger.database.open import Ledger
from dialer.ledger.runs import find_run
from dialer.results.tally import Tally


def recalled(ledger: Ledger, campaign: Campaign, run_id: str, *, results: Path) -> RunSummary:
    """Return the summary of a run of *campaign* that has ended, and write its results to the file *results* anew.

    Of a run whose people were erased since, nothing is counted or written. Raises `LedgerUnusable`, and
    `ResultsNotWritten` as `rebuild_results` does.
    """
    with ledger.read() as tx:
        run = find_run(tx, run_id)
    tally, path = Tally(), None
    results.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(UsageError):
        tally, path = rebuild_results(ledger, campaign.name, results, run_id=run_id), results
    ended_at_ms = run.started_at_ms if run.ended_at_ms is None else run.ended_at_ms
    return RunSummary(run_id, campaign.name, run.started_at_ms, ended_at_ms, tally, path, file=campaign.path)
