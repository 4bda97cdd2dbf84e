"""Runs a campaign: reads its sheet, plans a slot for every callable contact, creates the calls, writes the results."""

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dialer.campaign.file import Campaign
from dialer.contacts.loader import Loaded, load_contacts
from dialer.errors import UsageError
from dialer.jobs.intake.email_findings import EmailFindings
from dialer.jobs.intake.rows import RunStart, take_in, tell
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.execution import execute
from dialer.jobs.sending.options import Listener, RunOptions, new_job
from dialer.jobs.sending.summary import RunSummary
from dialer.ledger.database.open import Ledger
from dialer.ledger.runs import Run

if TYPE_CHECKING:
    from dialer.sheets.sources.frames import Frame


def run_campaign(
    campaign: Campaign,
    *,
    contacts: "Frame | None" = None,
    options: RunOptions | None = None,
    listener: Listener | None = None,
    runtime: Runtime | None = None,
) -> RunSummary:
    """Run *campaign* once and return what became of every row of its sheet.

    Blocks until done; from async code await `run_campaign_async`. With *contacts*, a pandas DataFrame, its lines are
    the rows in place of a sheet's: the columns are row 1, the first line is row 2. Without a *runtime* it works with
    the environment's settings and the real parts. Raises `CannotStart` (nothing was sent), `LedgerHeld` (another run is
    going), `CampaignPaused` and their kin; whatever happens once sending has begun is in the summary instead.
    """
    job = new_job(campaign, options, listener, runtime)
    loaded = load_contacts(job.campaign, now_ms=job.runtime.clock.now_ms(), contacts=contacts)
    tell(loaded, loaded.sheet.notes)
    emails = EmailFindings(loaded.mapping)
    summary = execute(job, _SheetIntake(loaded, emails))
    return replace(summary, notes=(*loaded.sheet.notes, *emails.notes(), *summary.notes))


async def run_campaign_async(
    campaign: Campaign,
    *,
    contacts: "Frame | None" = None,
    options: RunOptions | None = None,
    listener: Listener | None = None,
    runtime: Runtime | None = None,
) -> RunSummary:
    """Do what `run_campaign` does, in a thread: the event loop that awaits it goes on meanwhile.

    Cancelling it does not end the run, whose calls would be left in doubt: ask it to stop by its ledger. Raises as
    `run_campaign` does, and `UsageError` for options that take signals, which only a main thread can.
    """
    if options is not None and options.take_signals:
        raise UsageError("run_campaign_async runs in a thread, which gets no signals: leave out take_signals.")
    return await asyncio.to_thread(
        run_campaign, campaign, contacts=contacts, options=options, listener=listener, runtime=runtime
    )


@dataclass(frozen=True)
class _SheetIntake:
    """The rows of a sheet as it is now."""

    loaded: Loaded
    emails: EmailFindings
    are_rows_judged = True

    @property
    def sha256(self) -> str:
        return self.loaded.sheet.sha256

    def is_empty(self, _ledger: Ledger) -> bool:
        return False

    def take_in(self, ledger: Ledger, start: RunStart) -> Run:
        run = take_in(ledger, self.loaded, start, self.emails)
        tell(self.loaded, self.emails.notes())
        return run
