"""Writes the page about a campaign or about one run: for people who ask for it, and for runs that go on."""

from pathlib import Path

from dialer.campaign.file import Campaign
from dialer.errors import UsageError
from dialer.ledger.database.open import Ledger
from dialer.results.report.compose import Scope, compose
from dialer.results.report.page import write_page
from dialer.words import command


def write_report(ledger: Ledger, campaign: Campaign, path: Path, scope: Scope) -> None:
    """Write the page about *campaign* to *path*: where everybody stands now, or what one run did.

    Raises `UsageError` where there is nothing to tell or the optional part is not installed, and `ResultsNotWritten`
    when the disk refuses.
    """
    report = compose(ledger, campaign, scope)
    if report is None:
        what = campaign.name if scope.run_id is None else f"run {scope.run_id} of {campaign.name}"
        raise UsageError(
            f"The ledger tells nothing of {what}: it never ran, or its people were erased."
            f" See {command('status', campaign.path)}"
        )
    write_page(path, report)
