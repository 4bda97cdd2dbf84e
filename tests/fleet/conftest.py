"""Queues for the tests of a fleet: a ledger on PostgreSQL with its queue, copied from one that is made once."""

from collections.abc import Iterator
from itertools import count

import pytest
from sqlalchemy import make_url

from dialer.fleet.queue import migrate_queue
from dialer.ledger.database.open import Ledger
from tests.ledger.postgres import Server

_numbers = count()


@pytest.fixture(scope="session")
def queue_template(postgres: Server) -> str:
    """Return the name of a database that holds an empty ledger and its queue: copying it is faster than making one."""
    url = postgres.create_database("fleet_template")
    with Ledger.open(url) as ledger:
        migrate_queue(ledger)
    return "fleet_template"


@pytest.fixture
def location(postgres: Server, queue_template: str) -> str:
    """Return the URL of an empty ledger that has a queue."""
    name = f"fleet_{next(_numbers)}"
    postgres.execute(f"CREATE DATABASE {name} TEMPLATE {queue_template} STRATEGY file_copy")
    assert make_url(postgres.address.format(name)).database == name
    return postgres.address.format(name)


@pytest.fixture
def ledger(location: str) -> Iterator[Ledger]:
    """Return the open ledger at `location`."""
    with Ledger.open(location) as opened:
        yield opened
