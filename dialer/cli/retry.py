"""`dialer retry`: only the rows that surely failed, again."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.create_calls import create_calls
from dialer.cli.locations import absolute, find_campaign
from dialer.cli.options import (
    CampaignArgument,
    DryRunOption,
    JsonOption,
    LedgerOption,
    LimitOption,
    LogFileOption,
    LogFormatOption,
    QuietOption,
    ResultsOption,
    SandboxOption,
    VerboseOption,
    YesOption,
)
from dialer.jobs.retry import RetryOptions, retry_campaign
from dialer.jobs.sending.options import RunOptions


def retry(
    campaign: CampaignArgument,
    *,
    only: Annotated[
        list[str] | None, typer.Option(metavar="REASON", help="Only rows that failed for this reason; may be repeated.")
    ] = None,
    mended: Annotated[
        Path | None,
        typer.Option("--from", metavar="RESULTS", help="The failed and rejected rows of this results file, as mended."),
    ] = None,
    limit: LimitOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    sandbox: SandboxOption = False,
    results: ResultsOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Send again only the rows that surely failed; those that have a call, or may have one, never."""
    chosen = RetryOptions(tuple(only or ()), absolute(mended))
    create_calls(
        partial(retry_campaign, retry=chosen),
        find_campaign(campaign),
        RunOptions(limit=limit, results=absolute(results), dry_run=dry_run, take_signals=True),
        ledger=ledger,
        sandbox=sandbox,
        yes=yes,
        quiet=quiet,
        as_json=as_json,
    )
