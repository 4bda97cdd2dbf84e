"""Sends again only what surely failed: from the ledger as it stands, or from a results file that was mended."""

from dataclasses import dataclass, replace
from pathlib import Path

from dialer.campaign.file import Campaign
from dialer.contacts.loader import load_contacts
from dialer.errors import UsageError
from dialer.jobs.intake.mended_rows import MendedRows, begin_retry, last_source_of
from dialer.jobs.intake.other_numbers import remember_other_numbers
from dialer.jobs.intake.renewed_calls import renew_calls
from dialer.jobs.intake.rows import RunStart, tell
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.execution import execute
from dialer.jobs.sending.options import Listener, RunOptions, new_job
from dialer.jobs.sending.summary import RunSummary
from dialer.ledger.database.open import Ledger
from dialer.ledger.retries import Selection, has_failed, retake_rows
from dialer.ledger.runs import Run
from dialer.reasons import Reason
from dialer.words import masked


@dataclass(frozen=True)
class RetryOptions:
    """What the caller decides about a retry: which reasons, and the results file whose rows were mended, if any."""

    only: tuple[str, ...] = ()
    mended: Path | None = None


def retry_campaign(
    campaign: Campaign,
    *,
    retry: RetryOptions | None = None,
    options: RunOptions | None = None,
    listener: Listener | None = None,
    runtime: Runtime | None = None,
) -> RunSummary:
    """Send again the rows of the campaign's last run that surely failed; everything else is reported as it stands.

    With *retry.mended*, a results file: its failed and rejected rows as they are written there now, and no others.
    The ledger decides what a row may become, however the file was edited. Blocks, and raises, as `run_campaign` does;
    a summary that is `idle` says that there was nothing to do.
    """
    retry = retry or RetryOptions()
    unknown = [reason for reason in retry.only if reason not in set(Reason) and not reason.startswith("api_")]
    if unknown:
        raise UsageError(
            f"--only: there is no reason {masked(', '.join(unknown))}. `dialer status` tells which there are."
        )
    if retry.only and retry.mended is not None:
        raise UsageError("A results file brings its own rows: --only and --from exclude each other.")
    job = new_job(campaign, options, listener, runtime)
    selection = Selection(job.campaign.redial.max_calls, retry.only, none=retry.mended is not None)
    if retry.mended is None:
        return execute(job, _Failed(job.campaign, selection, job.runtime.rehearsal))
    loaded = load_contacts(job.campaign.with_contacts(retry.mended), now_ms=job.runtime.clock.now_ms())
    tell(loaded, loaded.sheet.notes)
    rows = MendedRows(job.campaign, selection, loaded, job.runtime.rehearsal)
    summary = execute(job, rows)
    return replace(summary, notes=(*loaded.sheet.notes, *rows.notes, *summary.notes))


@dataclass(frozen=True)
class _Failed:
    """The failed rows of the campaign's last run, from the ledger alone."""

    campaign: Campaign
    selection: Selection
    is_rehearsal: bool
    are_rows_judged = False

    @property
    def sha256(self) -> str:
        return ""

    def is_empty(self, ledger: Ledger) -> bool:
        with ledger.read() as tx:
            return not has_failed(tx, last_source_of(tx, self.campaign, is_rehearsal=self.is_rehearsal), self.selection)

    def take_in(self, ledger: Ledger, start: RunStart) -> Run:
        with ledger.write() as tx:
            source = last_source_of(tx, self.campaign, is_rehearsal=self.is_rehearsal)
            run = begin_retry(tx, start, source.sheet)
            remember_other_numbers(tx, self.campaign, source)
            retake_rows(tx, run, source.run_id, self.selection)
            renew_calls(tx, run, self.campaign, source)
        return run
