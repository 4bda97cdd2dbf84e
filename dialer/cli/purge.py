"""`dialer purge`: erase a campaign's people."""

import sys
from typing import Annotated

import typer

from dialer.cli.json_output import print_json
from dialer.cli.locations import SANDBOX_CALLS, SANDBOX_RESULTS, find_campaign, find_ledger
from dialer.cli.options import (
    CampaignArgument,
    JsonOption,
    LedgerOption,
    LogFileOption,
    LogFormatOption,
    SandboxOption,
    VerboseOption,
)
from dialer.errors import UsageError
from dialer.jobs.purge import PurgeOptions, PurgeSummary, purge_campaign
from dialer.words import counted


def purge(
    campaign: CampaignArgument,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before erasing.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also erase calls that may exist: they count as called from then on.")
    ] = False,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Erase the campaign's people from ledger and results; runs still know, by keyed hashes, whom not to call again."""
    if not yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("Nobody is there to ask. Give --yes to erase without asking.")
    found = find_campaign(campaign)
    options = PurgeOptions(
        ledger=find_ledger(found, ledger, sandbox=sandbox),
        results_folder=found.folder / SANDBOX_RESULTS if sandbox else None,
        journals=(found.folder / SANDBOX_CALLS,) if sandbox else (),
        force=force,
    )
    summary = purge_campaign(found, options=options, confirm=None if yes else _confirmed)
    if as_json:
        print_json(summary.as_json())
    else:
        sys.stderr.write(
            f"Erased: {_described(summary)}. Remembered as called, by keyed hash:"
            f" {counted(summary.remembered, 'contact')}."
            " The sheet, results written elsewhere, backups and what the API keeps are yours to erase.\n"
        )
    raise typer.Exit(summary.exit_code)


def _confirmed(summary: PurgeSummary) -> bool:
    sys.stderr.write(f"To be erased: {_described(summary)}. This cannot be undone.\n")
    return typer.confirm("Erase these people?", err=True)


def _described(summary: PurgeSummary) -> str:
    contacts = sum(summary.contacts.values())
    parts = (
        counted(contacts, "contact"),
        counted(summary.sheet_rows, "sheet row"),
        counted(len(summary.files), "file"),
    )
    return f"{summary.campaign}, {', '.join(parts)}"
