"""`dialer retry`: only the rows that surely failed, again."""

from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.create_calls import Wish, create_calls
from dialer.cli.options import (
    CampaignArgument,
    DryRunOption,
    JsonOption,
    LedgerOption,
    LimitOption,
    QuietOption,
    ResultsOption,
    SandboxOption,
    VerboseOption,
    YesOption,
    find_campaign,
)


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
    verbose: VerboseOption = False,  # noqa: ARG001 - its callback does the work
) -> None:
    """Send again only the rows that surely failed; those that have a call, or may have one, never."""
    from dialer.jobs.retry import RetryOptions, retry_campaign  # noqa: PLC0415 - a second that --help need not pay

    chosen = RetryOptions(tuple(only or ()), None if mended is None else mended.absolute())
    wish = Wish(
        yes=yes,
        dry_run=dry_run,
        sandbox=sandbox,
        quiet=quiet,
        as_json=as_json,
        ledger=ledger,
        results=results,
        limit=limit,
    )
    create_calls(
        find_campaign(campaign),
        wish,
        lambda target, options, display: retry_campaign(
            target.campaign, retry=chosen, options=options, listener=display, runtime=target.runtime
        ),
    )
