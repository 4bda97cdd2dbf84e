"""How many claims and outcomes a second one PostgreSQL stores for runs of different campaigns at once."""

import asyncio
import multiprocessing
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

from sqlalchemy import Connection, create_engine, text

from benchmarks.scale.filling import Campaign, created, plan_people, planned_claims
from dialer.calls.attempt import Claim
from dialer.ledger.database.open import Ledger
from dialer.ledger.writer import LedgerWriter

HANDS = 16
"""Requests that a run has under way at once."""

WARM_UP_CALLS = 200


@dataclass(frozen=True)
class Rate:
    """So many *runs* at once: calls a second of all together, and what each call took of the server."""

    runs: int
    calls_a_second: float
    server_microseconds: float
    wal_bytes: float
    connections: float


@dataclass(frozen=True)
class Server:
    """Seconds of the processor that all processes of a server have used, bytes of its log, sessions in the database."""

    seconds: float
    wal: int
    sessions: int


def measure(address: str, runs: int, calls: int) -> Rate:
    """Let so many *runs* of *calls* calls each claim and settle at once, each in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, context.Pool(runs) as pool:
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        connection = engine.connect()
        begun, ended, told = manager.Barrier(runs + 1), manager.Barrier(runs + 1), manager.Barrier(runs + 1)
        working = [pool.apply_async(_work, (address, runs, each, calls, begun, ended, told)) for each in range(runs)]
        begun.wait()
        before, began = server_of(connection), time.perf_counter()
        ended.wait()
        seconds, after = time.perf_counter() - began, server_of(connection)
        told.wait()
        for each in working:
            each.get()
        connection.close()
        engine.dispose()
    made = runs * calls
    return Rate(
        runs,
        made / seconds,
        (after.seconds - before.seconds) / made * 1e6,
        (after.wal - before.wal) / made,
        (before.sessions - 1) / runs,
    )


def _work(address: str, runs: int, each: int, calls: int, begun: Barrier, ended: Barrier, told: Barrier) -> None:
    campaign = Campaign(
        f"rate-{runs}-{each}", f"20261123-170000-{runs:03}{each:03}", calls + WARM_UP_CALLS, runs * 10 + each
    )
    with (
        Ledger.open(address) as ledger,
        ledger.lock(what="a run", since=datetime.now(UTC), campaign=campaign.name, run_id=campaign.run_id),
    ):
        plan_people(ledger, campaign)
        claims = planned_claims(ledger, campaign.run_id)

        async def send() -> None:
            async with LedgerWriter(ledger) as writer:

                async def hand(left: "list[int]") -> None:
                    settled = None
                    while left and (claim := next(claims, None)) is not None:
                        left.pop()
                        claimed = writer.claim([claim])  # the outcome of the last call shares its commit, as in a run
                        if settled is not None:
                            await writer.settle([settled])
                        (stored,) = await claimed
                        assert isinstance(stored, Claim)
                        settled = created(stored)
                    if settled is not None:
                        await writer.settle([settled])

                for count, barrier in ((WARM_UP_CALLS, begun), (calls, ended)):
                    left = [0] * count
                    await asyncio.gather(*(hand(left) for _ in range(HANDS)))
                    barrier.wait()

        asyncio.run(send())
        told.wait()


_CLIENTS = """
    SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = current_database()
"""


def server_of(connection: Connection) -> Server:
    """Return what the server has used and written so far: on this machine, for its processes are looked at here."""
    wal = connection.scalar(text("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))
    sessions = connection.scalar(text(_CLIENTS))
    backend = Path(f"/proc/{connection.scalar(text('SELECT pg_backend_pid()'))}/stat")
    first = int(_fields(backend)[_PARENT])
    living = Path(f"/proc/{first}/task/{first}/children").read_text("ascii").split()
    return Server(sum(_seconds(pid) for pid in (str(first), *living)), int(wal), int(sessions))


_PARENT, _OWN, _OF_ENDED = 1, slice(11, 13), slice(13, 15)
"""Fields of `/proc/PID/stat` after the name (its manual page): the parent, then user and system ticks of 10 ms."""


def _fields(stat: Path) -> list[str]:
    return stat.read_text("ascii").rpartition(")")[2].split()


def _seconds(pid: str) -> float:
    try:
        fields = _fields(Path(f"/proc/{pid}/stat"))
    except FileNotFoundError:
        return 0.0
    return sum(map(int, (*fields[_OWN], *fields[_OF_ENDED]))) / 100
