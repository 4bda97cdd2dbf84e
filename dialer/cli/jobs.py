"""`dialer jobs`: what waits in the queue of a fleet, what is being done, and what ended how."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
)
from dialer.errors import UsageError
from dialer.ledger.database.open import Ledger, shown_location

if TYPE_CHECKING:
    from dialer.fleet.listing import QueuedJob

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
    found = asyncio.run(_read(location, cancel))
    found = [job for job in found if not queue or job.order.queue in queue]
    ended = [job for job in found if job.has_ended]
    shown = [job for job in found if every or job not in ended[:-_LAST_ENDED]]
    if as_json:
        print_json(JobsJson(jobs=[job.as_json() for job in shown]))
    else:
        typer.echo("\n".join(job.text for job in shown) or f"{shown_location(location)}: no job yet.")


async def _read(location: str | Path, cancel: int | None) -> "list[QueuedJob]":
    from dialer.fleet.listing import cancel_job, list_jobs  # noqa: PLC0415 - an extra
    from dialer.fleet.queue import open_queue, refuse_unready  # noqa: PLC0415 - as above

    with Ledger.open(location) as opened:
        refuse_unready(opened)
        async with open_queue(location) as app:
            if cancel is not None and not await cancel_job(app, cancel):
                raise UsageError(f"--cancel: job {cancel} neither waits nor runs; see `dialer jobs --all`.")
            return await list_jobs(app, opened)
