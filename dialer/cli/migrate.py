"""`dialer migrate`: the tables of a ledger, and of a fleet's queue beside it, brought up to date."""

from pathlib import Path

import typer
from typing_extensions import TypedDict

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
)
from dialer.ledger.database.open import Ledger, shown_location
from dialer.ledger.database.schema import SCHEMA_VERSION
from dialer.words import counted


class MigrateJson(TypedDict):
    """What `dialer migrate --json` prints: the ledger's version, and the scripts that the queue's tables had."""

    ledger: str
    version: int
    queue_scripts: list[str]


def migrate(
    folder: FolderArgument = Path("campaigns"),
    *,
    queue: QueueOption = None,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Make the tables of a fleet's ledger and queue, or bring them up to date: stop all workers before."""
    with fleet_part():
        from dialer.fleet.places import queue_location, rates_at  # noqa: PLC0415 - an extra
        from dialer.fleet.queue import make_limits, migrate_queue  # noqa: PLC0415 - as above
    location = queue_location(folder, list(queue or ()), ledger)
    with Ledger.open(location) as opened:  # which brings an older ledger up to date
        scripts = migrate_queue(opened)
        make_limits(opened, rates_at(folder, location, ledger))
    place = shown_location(location)
    if as_json:
        print_json(MigrateJson(ledger=place, version=SCHEMA_VERSION, queue_scripts=scripts))
    else:
        done = f"its tables had {counted(len(scripts), 'script')}" if scripts else "its tables were up to date"
        typer.echo(f"{place}: the ledger is of version {SCHEMA_VERSION}; the queue is ready, {done}.")
