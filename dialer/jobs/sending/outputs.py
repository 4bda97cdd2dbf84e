"""What a run writes for people, again and again while it goes on: the results and, if wanted, the page beside them."""

import logging
from pathlib import Path

from dialer.errors import DialerError
from dialer.jobs.sending.options import RunJob
from dialer.ledger.database.open import Ledger
from dialer.ledger.row_reports import reports
from dialer.ledger.runs import Run, find_run
from dialer.results.table import refuse_unwritable_table, write_table
from dialer.results.tally import Tally

REFRESH_SECONDS = 10.0
"""How often both are written while a run goes on, and how often a browser loads the page."""

MOST_ROWS_AT_ONCE = 20_000
"""Results of more rows are first written while the run goes on: 100,000 took 2.6 of the 12.5 s to the first call."""

_log = logging.getLogger(__name__)


def write_results(job: RunJob, ledger: Ledger, run: Run) -> Tally:
    """Write the results of the run so far, if they go anywhere, and count them."""
    tally = Tally()
    with ledger.read() as tx:
        facts = find_run(tx, run.id)
    rows = reports(ledger, facts)
    if job.results_path is None:
        tally.add_all(rows)
    else:
        write_table(job.results_path, facts.header, tally.counted(rows), result_columns=facts.result_columns)
    return tally


def report_path(job: RunJob) -> Path | None:
    """Return where the run's page goes, beside its results; None where it writes none."""
    if job.results_path is None or job.options.dry_run or not job.campaign.report.write:
        return None
    return job.results_path.with_suffix(".html")


def write_page(job: RunJob, ledger: Ledger, run: Run, *, goes_on: bool = True, next_step: str = "") -> str:
    """Write the page of the run, if it has one; return why it could not be written, which never ends a run.

    A page of a run that *goes_on* loads itself anew in a browser.
    """
    path = report_path(job)
    if path is None:
        return ""
    from dialer.results.report.compose import Scope  # noqa: PLC0415 - needs pandas, which other runs need not pay
    from dialer.results.report.write import write_report  # noqa: PLC0415

    refresh_seconds = round(REFRESH_SECONDS) if goes_on else None
    now_ms = job.runtime.clock.now_ms()
    try:
        write_report(
            ledger, job.campaign, path, Scope(now_ms, run.id, refresh_seconds=refresh_seconds, next_step=next_step)
        )
    except DialerError as error:
        return f"The report was not written. {error}"
    except Exception as error:  # noqa: BLE001 - a bug in what is drawn must not end a run that has created calls
        return f"The report was not written: unexpected {type(error).__name__}, this is a bug."
    return ""


def begin_outputs(job: RunJob, ledger: Ledger, run: Run) -> None:
    """Write both before anything is sent, so that a disk that refuses the results ends the run here.

    Of a long sheet the first calls do not wait for them: it is only seen whether they can be written.
    """
    with ledger.read() as tx:
        row_count = find_run(tx, run.id).row_count or 0
    if row_count > MOST_ROWS_AT_ONCE:
        if job.results_path is not None:
            refuse_unwritable_table(job.results_path, row_count=row_count)
        return
    write_results(job, ledger, run)
    if problem := write_page(job, ledger, run):
        _log.warning("%s", problem, extra={"action": "report", "run_id": run.id})


def refresh_outputs(job: RunJob, ledger: Ledger, run: Run) -> None:
    """Write both as the run stands."""
    write_results(job, ledger, run)
    write_page(job, ledger, run)
