"""The queue of a fleet, procrastinate on the PostgreSQL of its ledger: opened, checked, brought up to date.

A job is a whole run, or a night, of one campaign. The queue decides who does it; the ledger decides who may call.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.schema import SchemaManager, migrations_path

from dialer.calls.permit import permits_of
from dialer.errors import LedgerUnusable
from dialer.ledger.database.address import driver_url, ledger_url, schema_of
from dialer.ledger.database.open import Ledger
from dialer.ledger.fleet.key_bucket import open_bucket
from dialer.ledger.fleet.queue_tables import queue_version, refuse_newer_queue, upgrade_queue
from dialer.words import command

JOB = "dialer.job"
"""The name of the queue's one task."""


def migrate_queue(ledger: Ledger) -> list[str]:
    """Make the queue's tables in *ledger*, or bring them up to date; return the scripts that were run.

    Raises as `upgrade_queue` does.
    """
    with ledger.write() as tx:
        return upgrade_queue(tx, SchemaManager.get_schema(), queue_scripts())


def make_limits(ledger: Ledger, rates: Mapping[str, float]) -> None:
    """Make the tables in which runs of each profile share its rate: a role of least rights may make none itself."""
    for name, rate in rates.items():
        with open_bucket(ledger, name, *permits_of(rate)):
            pass


def queue_scripts() -> dict[str, str]:
    """Return the scripts of the library that make its tables from nothing, by their names, in order."""
    return {path.stem: path.read_text("utf-8") for path in sorted(migrations_path.glob("*.sql"))}


def refuse_unready(ledger: Ledger) -> None:
    """Raise `LedgerUnusable` where the queue's tables are missing, or of another version than the library here."""
    last = max(path.stem for path in migrations_path.glob("*.sql"))
    with ledger.read() as tx:
        refuse_newer_queue(tx, last)
        found = queue_version(tx)
    if found != last:
        what = "it has no queue yet" if found is None else f"its queue is of version {found}, and {last} is needed"
        raise LedgerUnusable(f"{ledger.where}: {what}. Next: {command('migrate')}")


@asynccontextmanager
async def open_queue(location: str | Path, *, connections: int = 1) -> AsyncIterator[App]:
    """Yield the queue in the ledger at *location*, over at most so many *connections*."""
    url = ledger_url(location)
    connector = PsycopgConnector(
        conninfo=driver_url(url),
        min_size=1,
        max_size=connections,
        configure=partial(_configure, schema_of(url)),
    )
    async with App(connector=connector).open_async() as app:
        yield app


async def _configure(schema: str | None, connection: "psycopg.AsyncConnection[Any]") -> None:
    if schema is not None:
        await connection.execute("SELECT set_config('search_path', %s, false)", [schema])
        await connection.commit()
