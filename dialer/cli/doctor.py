"""`dialer doctor`: is everything ready to call."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.json_output import print_json
from dialer.cli.locations import find_campaign, find_ledger
from dialer.cli.options import JsonOption, LedgerOption, LogFileOption, LogFormatOption, VerboseOption
from dialer.jobs.doctor import diagnose


def doctor(
    campaign: Annotated[
        Path | None, typer.Argument(metavar="[CAMPAIGN]", help="A campaign; without it, what every campaign needs.")
    ] = None,
    *,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Check that everything is ready to call, with one GET: a line for each check, and what to do about it."""
    found = None if campaign is None else find_campaign(campaign)
    summary = diagnose(found, find_ledger(found, ledger, sandbox=False))
    if as_json:
        print_json(summary.as_json())
    else:
        for finding in summary.findings:
            typer.echo(f"{finding.level:<8} {finding.check:<12} {finding.text}")
        if not summary.exit_code:
            sys.stderr.write("Ready.\n")
    raise typer.Exit(summary.exit_code)
