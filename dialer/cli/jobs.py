"""`dialer jobs`: what waits in the queue of a fleet, what is being done, and what ended how."""

import asyncio
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from dialer.cli.enqueue import fleet_part
from dialer.cli.json_output import print_json
from dialer.cli.options import (
    FolderArgument,
    JsonOption,
    LedgerOption,
    LogFileOption,
    LogFormatOption,
    QueueOption,
    VerboseOption,
    at_least_one,
    read_date,
)
from dialer.clock import SYSTEM_CLOCK
from dialer.errors import UsageError
from dialer.ledger.database.open import Ledger, shown_location

if TYPE_CHECKING:
    from dialer.fleet.listing import QueuedJob
    from dialer.fleet.morning import Morning

_LAST_ENDED = 20


def jobs(
    folder: FolderArgument = Path("campaigns"),
    *,
    queue: QueueOption = None,
    cancel: Annotated[
        int | None, typer.Option(parser=at_least_one, metavar="ID", help="Cancel this job; stop it where it runs.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help=f"Show more than the last {_LAST_ENDED} that have ended.")
    ] = False,
    night: Annotated[
        date | None,
        typer.Option(parser=read_date, metavar="DATE", help="Tell what became of this night, of all its campaigns."),
    ] = None,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Show which runs and nights wait in the queue, are being done, and ended how."""
    with fleet_part():
        from dialer.fleet.listing import JobsJson  # noqa: PLC0415 - an extra
        from dialer.fleet.places import queue_location  # noqa: PLC0415 - as above
    location = queue_location(folder, list(queue or ()), ledger)
    if night is not None:
        _tell_night(location, folder, night, as_json=as_json)
    found = asyncio.run(_read(location, cancel))
    found = [job for job in found if not queue or job.order.queue in queue]
    ended = [job for job in found if job.has_ended]
    shown = [job for job in found if every or job not in ended[:-_LAST_ENDED]]
    if as_json:
        print_json(JobsJson(jobs=[job.as_json() for job in shown]))
    else:
        typer.echo("\n".join(job.text for job in shown) or f"{shown_location(location)}: no job yet.")


def _tell_night(location: str | Path, folder: Path, night: date, *, as_json: bool) -> NoReturn:
    morning = asyncio.run(_morning(location, folder, night))
    if as_json:
        print_json(morning.as_json(), exit_code=morning.exit_code)
    else:
        typer.echo(morning.text)
    raise typer.Exit(morning.exit_code)


async def _morning(location: str | Path, folder: Path, night: date) -> "Morning":
    from dialer.fleet.morning import read_morning  # noqa: PLC0415 - an extra
    from dialer.fleet.queue import open_queue, refuse_unready  # noqa: PLC0415 - as above

    with Ledger.open(location) as opened:
        refuse_unready(opened)
        async with open_queue(location) as app:
            return await read_morning(app, opened, folder, night, SYSTEM_CLOCK)


async def _read(location: str | Path, cancel: int | None) -> "list[QueuedJob]":
    from dialer.fleet.listing import cancel_job, list_jobs  # noqa: PLC0415 - an extra
    from dialer.fleet.queue import open_queue, refuse_unready  # noqa: PLC0415 - as above

    with Ledger.open(location) as opened:
        refuse_unready(opened)
        async with open_queue(location) as app:
            if cancel is not None and not await cancel_job(app, cancel):
                raise UsageError(f"--cancel: job {cancel} neither waits nor runs; see `dialer jobs --all`.")
            return await list_jobs(app, opened)
