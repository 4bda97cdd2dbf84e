"""`dialer run`: the main job."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.options import (
    SANDBOX_RESULTS,
    CampaignArgument,
    ContactsOption,
    JsonOption,
    LedgerOption,
    QuietOption,
    SandboxOption,
    VerboseOption,
    find_campaign,
)
from dialer.cli.reach import reached
from dialer.errors import UsageError


def run(
    campaign: CampaignArgument,
    *,
    contacts: ContactsOption = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Create at most this many calls, the first rows'.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Everything but the calls and the ledger.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before creating calls.")] = False,
    sandbox: SandboxOption = False,
    results: Annotated[Path | None, typer.Option(metavar="FILE", help="Results file: .csv, .xlsx or .json.")] = None,
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
    from dialer.cli.screen import Screen  # noqa: PLC0415 - rich and the jobs: a second that --help need not pay
    from dialer.jobs.run import run_campaign  # noqa: PLC0415
    from dialer.jobs.run_job import RunOptions  # noqa: PLC0415

    rings_people = not (dry_run or sandbox)
    on_terminal = sys.stdin.isatty() and sys.stderr.isatty()
    if rings_people and not yes and not on_terminal:
        raise UsageError("Nobody is there to ask: give --yes to create calls without asking.")
    found = find_campaign(campaign, contacts)
    screen = Screen(found.name, quiet=quiet or as_json, ask=rings_people and not yes, dry_run=dry_run)
    with reached(found, ledger, sandbox=sandbox) as reach, screen:
        options = RunOptions(
            limit=limit,
            results=None if results is None else results.absolute(),
            results_folder=found.folder / SANDBOX_RESULTS if sandbox else None,
            ledger=reach.ledger,
            dry_run=dry_run,
            take_signals=True,
            partial=partial,
            plan=None if plan is None else plan.absolute(),
        )
        summary = run_campaign(reach.campaign, reach.settings, options=options, listener=screen)
    screen.summarise(summary)
    if as_json:
        typer.echo(json.dumps(summary.as_json(), indent=2))
    elif summary.results is not None:
        typer.echo(summary.results)
    raise typer.Exit(summary.exit_code)
