"""The options that several commands have in common."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer


def _be_verbose(value: bool) -> bool:  # noqa: FBT001 - the shape of a typer callback
    if value:
        logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
        logging.getLogger("dialer").setLevel(logging.DEBUG)
    return value


def _be_quiet(value: bool) -> bool:  # noqa: FBT001 - as above
    if value:  # without a handler Python prints warnings, such as notes of a sheet, on stderr
        logging.getLogger("dialer").addHandler(logging.NullHandler())
    return value


def at_least_one(said: str) -> int:
    """Read a whole number from 1 up, and say so of any other text."""
    if not (said.isascii() and said.isdecimal() and int(said[:20]) > 0):
        raise typer.BadParameter(f"{said!r} is not a whole number from 1 up.")
    return int(said)


CampaignArgument = Annotated[
    Path, typer.Argument(metavar="CAMPAIGN", help="A campaign file, or NAME for campaigns/NAME.toml.")
]
ContactsOption = Annotated[
    Path | None,
    typer.Option("--contacts", metavar="SHEET", help="Read this sheet instead of the campaign's."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", callback=_be_quiet, help="Say nothing but errors.")]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", callback=_be_verbose, help="Log each step; show tracebacks of errors.")
]
LimitOption = Annotated[
    int | None, typer.Option(parser=at_least_one, metavar="N", help="Create at most this many calls, the first rows'.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Everything but the calls and the ledger.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before creating calls.")]
ResultsOption = Annotated[
    Path | None, typer.Option("--results", metavar="FILE", help="Results file: .csv, .xlsx or .json.")
]
LedgerOption = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        metavar="URL",
        help="Ledger: a path or SQLAlchemy URL. [default: .dialer/ledger.db beside it]",
    ),
]
SandboxOption = Annotated[
    bool, typer.Option("--sandbox", help="Rehearse: a local stand-in for the API, and a ledger of its own.")
]
