"""Closes runs in the ledger."""

from contextlib import suppress

from dialer.errors import DialerError, LedgerWriteFailed
from dialer.exit_codes import exit_code_of
from dialer.jobs.sending.summary import RunSummary
from dialer.ledger.database.open import Ledger
from dialer.ledger.runs import Run, end_run, stop_waiting_rows


def store_end(ledger: Ledger, run: Run, summary: RunSummary) -> LedgerWriteFailed | None:
    """Close the run, and return why that could not be done; the first connection may be one that the server ended."""
    failed, told = None, summary.stop.told if summary.stop else None
    for _ in range(2):
        try:
            with ledger.write_own() as tx:
                end_run(tx, run, ended_at_ms=summary.ended_at_ms, exit_code=summary.exit_code, stop=told)
        except LedgerWriteFailed as error:
            failed = error
            ledger.reconnect()
        else:
            return None
    return failed


def end_unsent(ledger: Ledger, run: Run, ended_at_ms: int, error: DialerError) -> None:
    """Close a run that sends nothing after all, because of *error*."""
    with suppress(DialerError), ledger.write() as tx:  # what is raised says why; the next start bears the rest
        stop_waiting_rows(tx, run)
        end_run(tx, run, ended_at_ms=ended_at_ms, exit_code=exit_code_of(error), stop=None)
