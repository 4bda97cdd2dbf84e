"""`dialer nightly`: every campaign of a folder that has its night."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from typing_extensions import TypedDict

from dialer.cli.json_output import print_json
from dialer.cli.options import JsonOption, LedgerOption, LogFileOption, LogFormatOption, QuietOption, VerboseOption
from dialer.clock import SystemClock
from dialer.errors import UsageError
from dialer.nightly.folder import NightlyOptions, night_times, run_nightly
from dialer.nightly.timers.units import Timer, timer_units


class UnitsJson(TypedDict):
    """What `dialer nightly --print TIMER --json` prints: the *timer*, and its *units* as text."""

    timer: str
    units: str


def nightly(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder of campaign files.")] = Path("campaigns"),
    *,
    print_: Annotated[
        str | None,
        typer.Option("--print", metavar="TIMER", help="Print a unit: systemd, cron, github-actions or airflow."),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Run the night of every enabled campaign of a folder: newest sheet, reconcile, sync, plan, create the calls."""
    if print_ is not None:
        units = _units(print_, folder)
        if as_json:
            print_json(UnitsJson(timer=print_, units=units))
        else:
            typer.echo(units)
        return
    summary = run_nightly(folder.absolute(), options=NightlyOptions(ledger=ledger, apart=True))
    if as_json:
        print_json(summary.as_json())
    elif not quiet:
        typer.echo(summary.text)
    raise typer.Exit(summary.exit_code)


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
