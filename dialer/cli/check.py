"""`dialer check`: what a sheet is worth, before anything is sent."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.options import (
    CampaignArgument,
    ContactsOption,
    JsonOption,
    QuietOption,
    VerboseOption,
    find_campaign,
)


def check(
    campaign: CampaignArgument,
    *,
    contacts: ContactsOption = None,
    problems: Annotated[Path | None, typer.Option(metavar="FILE", help="Where rejected rows are written.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,  # noqa: ARG001 - its callback does the work
) -> None:
    """Judge every row of the campaign's sheet: no network, nothing stored but a file of the rejected rows."""
    from dialer.jobs.check import check_campaign  # noqa: PLC0415 - a second that --help need not pay

    found = find_campaign(campaign, contacts)
    summary = check_campaign(found, problems=None if problems is None else problems.absolute())
    if as_json:
        typer.echo(json.dumps(summary.as_json(), indent=2))
    elif not quiet:
        lines = [
            f"{summary.sheet}",
            *(f"  {field} = {header}" for field, header in summary.mapping.items()),
            *([f"  not used: {', '.join(summary.unmapped)}"] if summary.unmapped else []),
            f"{summary.callable_rows} can be called, {summary.rejected} are rejected, {summary.skipped} are skipped.",
            *(f"  {count} {reason}" for reason, count in sorted(summary.reasons.items())),
            *(f"row {row}: {reason}: {message}" for row, reason, message in summary.first_problems),
        ]
        sys.stderr.write("\n".join(lines) + "\n")
        if summary.problems_file is not None:
            typer.echo(summary.problems_file)
    raise typer.Exit(summary.exit_code)
