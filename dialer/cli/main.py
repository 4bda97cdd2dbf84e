"""The commands together, and the one place where an error becomes a message."""

import logging
import os
import signal
import sys
import traceback
from types import FrameType

import typer

from dialer.cli import (
    check,
    init,
    nightly,
    plan,
    purge,
    reconcile,
    results,
    retry,
    rules,
    run,
    sandbox,
    status,
    suppress,
    sync,
    webhooks,
)
from dialer.cli.options import LOGGER
from dialer.errors import DialerError
from dialer.exit_codes import EXIT_BUG, EXIT_TERMINATED, exit_code_of
from dialer.extras import DISTRIBUTION

app = typer.Typer(
    help="Turns a contact spreadsheet into AI phone calls, each created at most once, each at a permitted hour.",
    no_args_is_help=True,
    rich_markup_mode=None,  # drawing boxes around the help costs 0.2 s at each `--help`
    pretty_exceptions_enable=False,  # its tracebacks show local variables: people's numbers among them
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _command in (
    init.init,
    check.check,
    plan.plan,
    run.run,
    retry.retry,
    reconcile.reconcile,
    sync.sync,
    nightly.nightly,
    status.status,
    results.results,
    purge.purge,
    rules.rules,
):
    app.command()(_command)
app.add_typer(suppress.app, name="suppress")
app.add_typer(webhooks.app, name="webhooks")
app.command(
    add_help_option=False,  # its options, --help among them, are passed on
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)(sandbox.sandbox)


def _version(*, value: bool) -> None:
    if value:
        from importlib.metadata import version  # noqa: PLC0415 - 20 ms that no other command needs

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
        help="Tell the version.",
    ),
) -> None:
    """Turn a contact spreadsheet into AI phone calls, each created at most once, each at a permitted hour."""


class _Terminated(BaseException):
    """SIGTERM outside the sending, where it needs no care: nothing is in flight."""


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise _Terminated


def main() -> None:
    """Run the command line and end the process with its exit code."""
    os.umask(0o077)  # everything written holds people's numbers
    signal.signal(signal.SIGTERM, _terminate)
    try:
        app()
    except DialerError as error:
        _complain(str(error))
        sys.exit(exit_code_of(error))
    except _Terminated:
        sys.exit(EXIT_TERMINATED)
    except Exception as error:  # noqa: BLE001 - the last resort of every command
        # The message of a foreign error may hold a number or a key, so only its kind is told.
        _complain(f"Unexpected {type(error).__name__}: this is a bug. Run again with --verbose to see where.")
        sys.exit(EXIT_BUG)


def _complain(message: str) -> None:
    sys.stderr.write(f"Error: {message}\n")
    if logging.getLogger(LOGGER).isEnabledFor(logging.DEBUG):
        # Frames only: the last line of a traceback quotes the foreign message again.
        sys.stderr.write("".join(traceback.format_tb(sys.exc_info()[2])))
