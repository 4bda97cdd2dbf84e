"""The commands together, and the one place where an error becomes a message."""

import os
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from dialer.cli.failures import fail
from dialer.cli.signals import Terminated, take_signals
from dialer.cli.terminal import guard_streams
from dialer.exit_codes import EXIT_OK, EXIT_TERMINATED
from dialer.extras import DISTRIBUTION
from dialer.memory import collect_seldom

COMMANDS = {
    "init": "Write a campaign file for a sheet: the columns and variables found, and what is left to be said.",
    "check": "Judge every row of the campaign's sheet: no network, nothing stored but a file of the rejected rows.",
    "plan": (
        "Show the whole schedule, what is left out and what does not fit: no network, nothing sent, nothing stored."
    ),
    "doctor": "Check that everything is ready to call, with one GET: a line for each check, and what to do about it.",
    "test-call": "Call yourself now with a row's values, shown first; it is kept apart, and nobody counts as called.",
    "run": "Create a call for every eligible row of the campaign's sheet, and write what became of each row.",
    "retry": "Send again only the rows that surely failed; those that have a call, or may have one, never.",
    "reconcile": "Find out about unknown calls by looking at the API's listing; nothing is sent again to find out.",
    "sync": "Ask the API how calls ended whose slot has passed; whoever asked for no more calls is never called again.",
    "nightly": (
        "Run the night of every enabled campaign of a folder: newest sheet, reconcile, sync, plan, create the calls."
    ),
    "worker": "Take runs and nights from the queue and do each in a process of its own, until SIGTERM or Ctrl-C.",
    "jobs": "Show which runs and nights wait in the queue, are being done, and ended how.",
    "migrate": "Make the tables of a fleet's ledger and queue, or bring them up to date: stop all workers before.",
    "pause": "Pause a campaign from anywhere: its run sends nothing, and no other begins, until it is resumed.",
    "resume": "Let a paused campaign go on: its run, where one is waiting, or the next one.",
    "stop": "Stop the run of a campaign from anywhere, as Ctrl-C does: what is in flight is finished first.",
    "status": "Show where a campaign, or every campaign of the ledger, stands.",
    "results": "Write where every row of the campaign stands, rebuilt from the ledger.",
    "report": "Write one page with plots: how far, how fast, what is wrong, who needs a person.",
    "purge": (
        "Erase the campaign's people from ledger and results; runs still know, by keyed hashes, whom not to call again."
    ),
    "schema": "Print the JSON Schema of a campaign file, by which editors complete its keys and mark wrong ones.",
    "rules": "Show which hours and caps hold where, from which source, and until when.",
    "sandbox": "Serve a local stand-in for the API, with faults on request; `dialer sandbox --help` lists them.",
    "man": "Write a man page for each command: `man dialer`, `man dialer-run` and so on.",
    "suppress": "Keep the list of numbers never to call.",
    "webhooks": "Hear from the API that calls have ended.",
}
"""Every command in the order of the listing, with the first sentence of its own help.

The command NAME is the function NAME of the module `dialer.cli.NAME`, a dash as an underscore, or the `app` of that
module where it has one: a group of commands, or a command with settings.
"""


def load_command(name: str) -> Any:
    """Import the module of the command *name* and return its typer command, or its group of commands."""
    attribute = name.replace("-", "_")
    module = import_module(f"dialer.cli.{attribute}")
    if not hasattr(module, "app"):
        alone = typer.Typer(rich_markup_mode=None, add_completion=False)
        alone.command(name)(getattr(module, attribute))
        return typer.main.get_command(alone)
    return typer.main.get_command(module.app)


class _LazyCommand(TyperCommand):
    """Stands in the listing for a command whose module is imported when it is invoked or its own help is asked for.

    Importing all of them takes more than a second, which neither `dialer --help` nor a single command needs.
    """

    def make_context(self, *arguments: Any, **settings: Any) -> Any:
        """Hand over to the real command: it reads its arguments, and all that follows is its own."""
        command = load_command(str(self.name))
        collect_seldom()
        return command.make_context(*arguments, **settings)


class _LazyGroup(TyperGroup):
    """All commands of `dialer`, none of them imported."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, sentence in COMMANDS.items():
            self.add_command(_LazyCommand(name, help=sentence))

    def invoke(self, context: Any) -> Any:
        """Do the command; one that Ctrl-C ends before it can take that itself says so."""
        try:
            return super().invoke(context)
        except KeyboardInterrupt:
            sys.stderr.write("Interrupted.\n")
            raise


app = typer.Typer(
    cls=_LazyGroup,
    help="Turns a contact spreadsheet into AI phone calls, each created at most once, each at a permitted hour.",
    no_args_is_help=True,
    rich_markup_mode=None,  # drawing boxes around the help costs 0.2 s at each `--help`
    pretty_exceptions_enable=False,  # its tracebacks show local variables: people's numbers among them
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(*, value: bool) -> None:
    if value:
        typer.echo(f"dialer {version(DISTRIBUTION)}")
        raise typer.Exit


@app.callback()
def _dialer(
    *,
    version: bool = typer.Option(
        False,
        "--version",
        callback=lambda value: _version(value=value),
        is_eager=True,
        help="Print the version.",
    ),
) -> None:
    """Turn a contact spreadsheet into AI phone calls, each created at most once, each at a permitted hour."""


def main() -> None:
    """Run the command line and end the process with its exit code."""
    guard_streams()
    os.umask(0o077)  # everything written holds people's numbers
    take_signals()
    try:
        code = app(standalone_mode=False)
    except Terminated:
        sys.stderr.write("Terminated.\n")
        code = EXIT_TERMINATED
    except Exception as error:  # noqa: BLE001 - the last resort of every command
        code = fail(error)
    sys.exit(code if isinstance(code, int) else EXIT_OK)
