"""The tables of a fleet's queue, beside a ledger on PostgreSQL: made, brought up to date, and of which version.

The queue's own are made by scripts of its library. How each job ended stands in a table of ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, Table, Text, inspect, select, text, update

from dialer.errors import LedgerUnusable
from dialer.exit_codes import GOOD_EXITS
from dialer.ledger.database.engine import upsert
from dialer.ledger.database.schema import meta
from dialer.ledger.database.server import wait_to_make_tables

_metadata = MetaData()

job_ends = Table(  # a row for each job that has ended, and for each time that one was put off
    "job_ends",
    _metadata,
    Column("job_id", BigInteger, primary_key=True, autoincrement=False),
    Column("ended_at_ms", BigInteger, nullable=False),
    Column("exit_code", Integer),  # unset where its worker died
    Column("message", Text, nullable=False),
)

_FIRST = "procrastinate_jobs"
_JOBS_OF_NIGHTS = text("""
    SELECT job.args->>'night', job.id, job.status::text, job_ends.ended_at_ms
    FROM procrastinate_jobs AS job LEFT JOIN job_ends ON job_ends.job_id = job.id
    WHERE job.args->>'night' >= :since ORDER BY job.id
""")
_VERSION = "queue_version"


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How a job ended, or was put off, at an instant (ms): its exit code, None where its worker died, and why."""

    ended_at_ms: int
    exit_code: int | None
    message: str

    @property
    def is_good(self) -> bool:
        """Whether the job did its work: nothing of it is left to be done again."""
        return self.exit_code in GOOD_EXITS


class NightStep(NamedTuple):
    """Where a job of a night stands: its status, and the instant (ms) at which it ended or was put off last."""

    job_id: int
    status: str
    ended_at_ms: int | None

    @property
    def has_ended(self) -> bool:
        """Whether nothing comes of it any more."""
        return self.status not in ("todo", "doing")


def queue_version(tx: Connection) -> str | None:
    """Return the name of the last script that the queue's tables have had; None where there are none."""
    return tx.scalar(select(meta.c.value).where(meta.c.name == _VERSION))


def upgrade_queue(tx: Connection, whole: str, steps: Mapping[str, str]) -> list[str]:
    """Make the queue's tables by the script *whole*, or bring those of an earlier version up to date.

    *steps* are the library's scripts from the first version on, by their names in order; *whole* comes to the same.
    Return the names of the scripts that were run. Raises `LedgerUnusable` for tables that another program made, and for
    those of a newer library.
    """
    wait_to_make_tables(tx)
    found, last = queue_version(tx), list(steps)[-1]
    if found is None and inspect(tx).has_table(_FIRST):
        raise LedgerUnusable(
            f"{tx.engine.url.database}: another program keeps a queue there ({_FIRST}). Give the ledger a schema of its"
            " own: ?schema=NAME in its URL."
        )
    refuse_newer_queue(tx, last)
    missing = {"schema": whole} if found is None else {name: step for name, step in steps.items() if name > found}
    for script in missing.values():
        _run(tx, script)
    if found is None:
        _metadata.create_all(tx)
    insert = upsert(tx, meta).values(name=_VERSION, value=last)
    tx.execute(insert.on_conflict_do_nothing())
    tx.execute(update(meta).where(meta.c.name == _VERSION).values(value=last))
    return list(missing)


def refuse_newer_queue(tx: Connection, last: str) -> None:
    """Raise `LedgerUnusable` where the queue's tables had a script that this library, whose *last* it is, lacks."""
    found = queue_version(tx)
    if found is not None and found > last:
        raise LedgerUnusable(
            f"{tx.engine.url.database}: its queue is of version {found}, and this program knows {last}. Install the"
            " newer program that brought it there. Nothing was changed."
        )


def _run(tx: Connection, script: str) -> None:
    """Run several statements, which only the driver itself takes at once, in the transaction."""
    connection = tx.connection.driver_connection
    assert connection is not None  # noqa: S101 - for the type checker: an open transaction has one
    connection.execute(script)


def record_end(tx: Connection, job_id: int, end: JobEnd) -> None:
    """Store how a job ended, in place of how it was put off before."""
    values = {"ended_at_ms": end.ended_at_ms, "exit_code": end.exit_code, "message": end.message}
    insert = upsert(tx, job_ends).values(job_id=job_id, **values)
    tx.execute(insert.on_conflict_do_update(index_elements=[job_ends.c.job_id], set_=values))


def jobs_of_nights(tx: Connection, since: date) -> dict[date, tuple[NightStep, ...]]:
    """Return how far each night from *since* on has come, as what changes with every step of its jobs."""
    found: dict[date, list[NightStep]] = {}
    for night, *step in tx.execute(_JOBS_OF_NIGHTS, {"since": since.isoformat()}):
        found.setdefault(date.fromisoformat(night), []).append(NightStep(*step))
    return {night: tuple(steps) for night, steps in found.items()}


def read_ends(tx: Connection, job_ids: Sequence[int]) -> dict[int, JobEnd]:
    """Return how those of *job_ids* ended that have an end."""
    query = select(job_ends).where(job_ends.c.job_id.in_(job_ids))
    return {row.job_id: JobEnd(row.ended_at_ms, row.exit_code, row.message) for row in tx.execute(query)}
