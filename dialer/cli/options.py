"""The options that several commands have in common."""

import logging
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.logs import LogFormat, known_format, log_to_file, log_to_stderr


def _be_verbose(context: typer.Context, value: bool) -> bool:  # noqa: FBT001 - the shape of a typer callback
    if value:
        log_to_stderr(context.params.get("log_format") or LogFormat.TEXT)
    return value


def _log_to_file(context: typer.Context, value: Path | None) -> Path | None:
    if value is not None:
        log_to_file(value.absolute(), context.params.get("log_format") or LogFormat.TEXT)
    return value


def _be_quiet(value: bool) -> bool:  # noqa: FBT001 - as above
    if value:  # without a handler Python prints warnings, such as notes of a sheet, on stderr
        logging.getLogger("dialer").addHandler(logging.NullHandler())
    return value


def at_least_one(said: str | int) -> int:
    """Read a whole number from 1 up, and say so of any other text."""
    text = str(said)
    if not (text.isascii() and text.isdecimal() and int(text[:20]) > 0):
        raise typer.BadParameter(f"{text!r} is not a whole number from 1 up.")
    return int(text)


def read_date(said: str | date) -> date:
    """Read a date as files and options write one."""
    try:
        return date.fromisoformat(str(said))
    except ValueError as error:
        raise typer.BadParameter(f"{said!r} is no date such as 2026-11-23.") from error


CampaignArgument = Annotated[
    Path, typer.Argument(metavar="CAMPAIGN", help="A campaign file, or NAME for campaigns/NAME.toml.")
]
FolderArgument = Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder of campaign files.")]
QueueOption = Annotated[
    list[str] | None,
    typer.Option("--queue", metavar="NAME", help="The queue of this profile, or default; without it, every queue."),
]
ContactsOption = Annotated[
    str | None,
    typer.Option("--contacts", metavar="SHEET", help="Read this sheet, address or - (standard input) instead."),
]
JsonOption = Annotated[bool, typer.Option("--json", callback=_be_quiet, help="Print one JSON object on stdout.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", callback=_be_quiet, help="Say nothing but errors.")]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", callback=_be_verbose, help="Log each step; show tracebacks of errors.")
]
LogFileOption = Annotated[
    Path | None,
    typer.Option("--log-file", metavar="FILE", callback=_log_to_file, help="Log each step at the end of this file."),
]
LogFormatOption = Annotated[
    str,
    typer.Option(
        "--log-format",
        metavar="text|json",
        is_eager=True,
        callback=known_format,
        help="How lines of the log are written.",
    ),
]
LimitOption = Annotated[
    int | None, typer.Option(parser=at_least_one, metavar="N", help="Create at most this many calls, the first rows'.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Everything but the calls and the ledger.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before creating calls.")]
EnqueueOption = Annotated[
    bool, typer.Option("--enqueue", help="Let it wait for a worker (dialer worker) in place of doing it here.")
]
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
