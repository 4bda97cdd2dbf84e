"""Runs a campaign: reads its sheet, plans a slot for every callable contact, creates the calls, writes the results."""

from dataclasses import dataclass, replace

from dialer.campaign.file import Campaign
from dialer.contacts.loader import Loaded, load_contacts
from dialer.jobs.intake.email_findings import EmailFindings
from dialer.jobs.intake.rows import RunStart, take_in, tell
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.execution import execute
from dialer.jobs.sending.options import Listener, RunOptions, new_job
from dialer.jobs.sending.summary import RunSummary
from dialer.ledger.database.open import Ledger
from dialer.ledger.runs import Run


def run_campaign(
    campaign: Campaign,
    *,
    options: RunOptions | None = None,
    listener: Listener | None = None,
    runtime: Runtime | None = None,
) -> RunSummary:
    """Run *campaign* once and return what became of every row of its sheet.

    Blocks until done; from async code call it in a thread. Without a *runtime* it works with the environment's settings
    and the real parts. Raises `CannotStart` (nothing was sent), `LedgerHeld` (another run is going) and their kin;
    whatever happens once sending has begun is in the summary instead.
    """
    job = new_job(campaign, options, listener, runtime)
    loaded = load_contacts(job.campaign, now_ms=job.runtime.clock.now_ms())
    tell(loaded, loaded.sheet.notes)
    emails = EmailFindings(loaded.mapping)
    summary = execute(job, _SheetIntake(loaded, emails))
    return replace(summary, notes=(*loaded.sheet.notes, *emails.notes(), *summary.notes))


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
