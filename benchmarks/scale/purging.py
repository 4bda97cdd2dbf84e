"""What the purge of one campaign of a large ledger takes, and what it frees."""

import time
from dataclasses import dataclass

from sqlalchemy import create_engine

from benchmarks.scale.rates import server_of
from benchmarks.scale.tables import postgresql_sizes
from dialer.ledger.database.open import Ledger
from dialer.ledger.purge import erase_traces, forget_people
from dialer.ledger.runs import campaign_id_of


@dataclass(frozen=True)
class Purge:
    """*people* forgotten: seconds by the clock and of the server's processor, its log, and the ledger before and after.

    All in seconds and bytes. *left* is the ledger's size on the disk.
    """

    people: int
    seconds: float
    server_seconds: float
    wal: int
    before: int
    left: int


def purge(address: str, campaign: str) -> Purge:
    """Purge *campaign* from the ledger at *address*."""
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection, Ledger.open(address) as ledger:
        size = _size(ledger)
        before, began = server_of(connection), time.perf_counter()
        with ledger.write() as tx:
            campaign_id = campaign_id_of(tx, campaign)
            assert campaign_id is not None
            people = forget_people(tx, campaign_id)
        erase_traces(ledger)
        seconds, after = time.perf_counter() - began, server_of(connection)
        left = _size(ledger)
    engine.dispose()
    return Purge(people, seconds, after.seconds - before.seconds, after.wal - before.wal, size, left)


def _size(ledger: Ledger) -> int:
    with ledger.read() as tx:
        return sum(whole for whole, _ in postgresql_sizes(tx).values())
