"""`dialer run`: the main job."""

from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.create_calls import Wish, create_calls
from dialer.cli.options import (
    CampaignArgument,
    ContactsOption,
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


def run(
    campaign: CampaignArgument,
    *,
    contacts: ContactsOption = None,
    limit: LimitOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    sandbox: SandboxOption = False,
    results: ResultsOption = None,
    plan: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Send the slots of this plan file, and no others.")
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Go on although not everybody fits before the campaign's end.")
    ] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    ledger: LedgerOption = None,
    verbose: VerboseOption = False,  # noqa: ARG001 - its callback does the work
) -> None:
    """Create a call for every eligible row of the campaign's sheet, and write what became of each row."""
    from dialer.jobs.run import run_campaign  # noqa: PLC0415 - a second that --help need not pay

    wish = Wish(
        yes=yes,
        dry_run=dry_run,
        sandbox=sandbox,
        quiet=quiet,
        as_json=as_json,
        ledger=ledger,
        results=results,
        limit=limit,
        partial=partial,
        plan=plan,
    )
    create_calls(
        find_campaign(campaign, contacts),
        wish,
        lambda target, options, display: run_campaign(
            target.campaign, options=options, listener=display, runtime=target.runtime
        ),
    )
