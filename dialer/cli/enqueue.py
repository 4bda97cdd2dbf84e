"""What `run --enqueue` and `nightly --enqueue` share: the queue is an optional part, and asks nobody."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from dialer.campaign.file import Campaign
from dialer.cli.json_output import print_json
from dialer.errors import UsageError
from dialer.extras import install_command
from dialer.settings import read_settings

if TYPE_CHECKING:
    from dialer.fleet.enqueue import Enqueued


@contextmanager
def fleet_part() -> Iterator[None]:
    """Import parts of `dialer.fleet` within: raises `UsageError` where the optional part is not installed."""
    try:
        yield
    except ImportError as error:
        raise UsageError(f"The fleet is not installed. Run: {install_command('fleet')}") from error


def refuse_with_enqueue(*others: object) -> None:
    """Raise `UsageError` where any of the *others*, options of a run, is given."""
    if any(others):
        raise UsageError(
            "--enqueue goes with --yes, --ledger, --json and --quiet: a worker runs the campaign as its file says."
        )


def enqueue_run(campaign: Campaign, ledger: str | None, *, yes: bool, as_json: bool, quiet: bool) -> NoReturn:
    """Let a run of *campaign* wait for a worker, print its job, and end the command.

    Raises `UsageError` where nobody has agreed to its calls.
    """
    if not yes:
        raise UsageError("A worker asks nobody before it calls. Look at `dialer plan`, then give --yes with --enqueue.")
    with fleet_part():
        from dialer.fleet import enqueue  # noqa: PLC0415 - an extra
    _print(asyncio.run(enqueue.enqueue_run(campaign, read_settings(), ledger)), as_json=as_json, quiet=quiet)


def enqueue_nights(place: Path, ledger: str | None, *, as_json: bool, quiet: bool) -> NoReturn:
    """Let the nights of *place* wait for a worker, print their jobs, and end the command."""
    with fleet_part():
        from dialer.fleet import enqueue  # noqa: PLC0415 - an extra
    _print(asyncio.run(enqueue.enqueue_nights(place, read_settings(), ledger)), as_json=as_json, quiet=quiet)


def _print(done: "Enqueued", *, as_json: bool, quiet: bool) -> NoReturn:
    if as_json:
        print_json(done.as_json(), exit_code=done.exit_code)
    elif not quiet:
        typer.echo(done.text)
    raise typer.Exit(done.exit_code)
