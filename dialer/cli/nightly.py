"""`dialer nightly`: every campaign of a folder that has its night."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typing_extensions import TypedDict

from dialer.cli.enqueue import enqueue_nights
from dialer.cli.json_output import print_json
from dialer.cli.options import (
    EnqueueOption,
    JsonOption,
    LedgerOption,
    LogFileOption,
    LogFormatOption,
    QuietOption,
    VerboseOption,
    read_date,
)
from dialer.clock import SystemClock
from dialer.errors import UsageError
from dialer.exit_codes import EXIT_OK
from dialer.nightly.campaign_files import files_with_a_night, night_times
from dialer.nightly.folder import NightlyOptions, run_nightly
from dialer.nightly.timers.units import Timer, timer_units

NightOption = Annotated[
    date | None,
    typer.Option(
        parser=read_date, metavar="DATE", help="This night alone; one that is over, or done and untold, is told."
    ),
]


class UnitsJson(TypedDict):
    """What `dialer nightly --print TIMER --json` prints: the *timer*, and its *units* as text."""

    timer: str
    units: str


class FilesJson(TypedDict):
    """What `dialer nightly --list --json` prints: *files* that have a night, names of campaigns that have none."""

    files: list[str]
    disabled: list[str]


def nightly(
    place: Annotated[
        Path, typer.Argument(metavar="[DIR|FILE]", help="The folder of campaign files, or one of them.")
    ] = Path("campaigns"),
    *,
    list_: Annotated[
        bool, typer.Option("--list", help="List the campaign files that have a night; run none of them.")
    ] = False,
    print_: Annotated[
        str | None,
        typer.Option(
            "--print", metavar="TIMER", help="Print a unit: systemd, cron, github-actions, airflow or kubernetes."
        ),
    ] = None,
    night: NightOption = None,
    enqueue: EnqueueOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Run the night of every enabled campaign of a folder: newest sheet, reconcile, sync, plan, create the calls."""
    if sum((list_, print_ is not None, enqueue)) > 1:
        raise UsageError("--list, --print and --enqueue: give one of them.")
    if list_:
        _list(place.absolute(), as_json=as_json)
    if print_ is not None:
        _print_units(print_, place, as_json=as_json)
    if enqueue:
        enqueue_nights(place.absolute(), ledger, as_json=as_json, quiet=quiet)
    is_asked_for = night is not None  # by a scheduler, which sees by itself that a process died
    options = NightlyOptions(ledger, take_signals=is_asked_for, apart=not is_asked_for, night=night)
    summary = run_nightly(place.absolute(), options=options)
    if as_json:
        print_json(summary.as_json())
    elif not quiet:
        typer.echo(summary.text)
    raise typer.Exit(summary.exit_code)


def _list(place: Path, *, as_json: bool) -> NoReturn:
    """Print which files have a night: the units of a scheduler start each by itself."""
    files, disabled = files_with_a_night(place)
    exit_code = EXIT_OK if files else disabled.exit_code
    if as_json:
        print_json(FilesJson(files=[str(path) for path in files], disabled=list(disabled.names)), exit_code=exit_code)
    elif files:
        typer.echo("\n".join(map(str, files)))
    else:
        typer.echo(disabled.text, err=True)
    raise typer.Exit(exit_code)


def _print_units(name: str, place: Path, *, as_json: bool) -> NoReturn:
    units = _units(name, place)
    if as_json:
        print_json(UnitsJson(timer=name, units=units))
    else:
        typer.echo(units)
    raise typer.Exit


def _units(name: str, folder: Path) -> str:
    if name not in set(Timer):
        raise UsageError(f"--print: there is no timer {name}. There are: {', '.join(Timer)}.")
    command = Path(sys.argv[0])
    return timer_units(
        Timer(name),
        folder=folder.resolve(),
        times=night_times(folder),
        command=str(command.resolve()) if command.exists() else "dialer",
        now=SystemClock().now(),
    )
