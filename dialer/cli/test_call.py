"""`dialer test-call`: one call to oneself."""

import sys
from functools import partial
from typing import Annotated

import typer

from dialer.cli.create_calls import create_calls
from dialer.cli.locations import find_campaign
from dialer.cli.options import (
    CampaignArgument,
    ContactsOption,
    JsonOption,
    LedgerOption,
    LogFileOption,
    LogFormatOption,
    QuietOption,
    SandboxOption,
    VerboseOption,
    YesOption,
    at_least_one,
)
from dialer.errors import UsageError
from dialer.jobs.call_oneself import call_oneself, read_test_number, refuse_uncalled
from dialer.jobs.sending.options import RunOptions


def test_call(
    campaign: CampaignArgument,
    *,
    row: Annotated[
        int, typer.Option("--row", metavar="ROW", parser=at_least_one, help="The row of the sheet to speak.")
    ],
    contacts: ContactsOption = None,
    yes: YesOption = False,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Call yourself now with a row's values, shown first; it is kept apart, and nobody counts as called.

    The number is test_number under [call], or is asked for, or read from standard input.
    """
    found = find_campaign(campaign, contacts)
    if found.call.test_number is None:
        refuse_uncalled(found, row)
    number = read_test_number(found, found.call.test_number or _said())
    create_calls(
        partial(call_oneself, row=row, number=number),
        found,
        RunOptions(take_signals=True),
        ledger=ledger,
        sandbox=sandbox,
        yes=yes,
        quiet=quiet,
        as_json=as_json,
        row=row,
    )


def _said() -> str:
    """Ask for the number on a terminal, or read it: every process list shows what stands among the arguments."""
    if sys.stdin.isatty() and sys.stderr.isatty():
        return str(typer.prompt("Your number, with + and the country code", err=True)).strip()
    said = sys.stdin.readline().strip()
    if not said:
        raise UsageError(
            "No number to call. Write test_number under [call], or give your number on standard input, on a line."
        )
    return said
