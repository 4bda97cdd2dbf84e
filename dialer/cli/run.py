"""`dialer run`: the main job."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.create_calls import create_calls
from dialer.cli.enqueue import enqueue_run, refuse_with_enqueue
from dialer.cli.locations import absolute, find_campaign
from dialer.cli.options import (
    CampaignArgument,
    ContactsOption,
    DryRunOption,
    EnqueueOption,
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
from dialer.cli.rehearsal import forget_rehearsals
from dialer.jobs.run import run_campaign
from dialer.jobs.sending.options import RunOptions

AcceptOption = Annotated[
    bool,
    typer.Option("--accept-earlier-calls", help="Call also whom the API lists as called and this ledger does not."),
]


def run(
    campaign: CampaignArgument,
    *,
    contacts: ContactsOption = None,
    limit: LimitOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    sandbox: SandboxOption = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="With --sandbox: forget earlier rehearsals of this folder first.")
    ] = False,
    results: ResultsOption = None,
    plan: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Send the slots of this plan file, and no others.")
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Go on although not everybody fits before the campaign's end.")
    ] = False,
    accept_earlier_calls: AcceptOption = False,
    enqueue: EnqueueOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Create a call for every eligible row of the campaign's sheet, and write what became of each row."""
    found = find_campaign(campaign, contacts)
    if enqueue:
        refuse_with_enqueue(contacts, limit, dry_run, sandbox, fresh, results, plan, partial, accept_earlier_calls)
        enqueue_run(found, ledger, yes=yes, as_json=as_json, quiet=quiet)
    if fresh:
        forget_rehearsals(found, sandbox=sandbox)
    chosen = RunOptions(limit, absolute(results), dry_run=dry_run, take_signals=True, partial=partial)
    options = replace(chosen, accept_earlier_calls=accept_earlier_calls, plan=absolute(plan))
    create_calls(
        run_campaign, found, options, ledger=ledger, sandbox=sandbox, yes=yes, quiet=quiet, as_json=as_json, tells=True
    )
