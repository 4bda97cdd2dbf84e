"""The queue's tables: made, brought up to date from any version, and never another program's."""

from typing import Any

import pytest
from procrastinate.schema import SchemaManager
from sqlalchemy import text, update

from dialer.errors import LedgerUnusable
from dialer.fleet.queue import migrate_queue, queue_scripts, refuse_unready
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import meta
from dialer.ledger.fleet.queue_tables import upgrade_queue

pytestmark = pytest.mark.slow

_SHAPE = {
    "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
    " WHERE table_schema = 'public' AND table_name LIKE 'procrastinate%' ORDER BY 1, 2",
    "functions": "SELECT proname, pg_get_function_identity_arguments(oid) FROM pg_proc"
    " WHERE pronamespace = 'public'::regnamespace ORDER BY 1, 2",
    "indexes": "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
}


def _shape(ledger: Ledger) -> dict[str, Any]:
    with ledger.read() as tx:
        return {name: [tuple(row) for row in tx.execute(text(query))] for name, query in _SHAPE.items()}


def test_a_new_queue_is_made_once(database: str) -> None:
    """Before, every use is refused with the command that makes it; after, the command has nothing to do."""
    with Ledger.open(database) as ledger:
        with pytest.raises(LedgerUnusable, match=r"has no queue yet\. Next: dialer migrate"):
            refuse_unready(ledger)
        assert migrate_queue(ledger) == ["schema"]
        refuse_unready(ledger)
        assert migrate_queue(ledger) == []


@pytest.mark.parametrize("missing", [1, 3, 9])
def test_an_older_queue_is_brought_up_to_date(database: str, location: str, missing: int) -> None:
    """By the library's own scripts, in their order, to what a new queue has: tables, functions and indexes."""
    scripts = queue_scripts()
    had = list(scripts)[:-missing]
    with Ledger.open(database) as ledger, Ledger.open(location) as new:
        with ledger.write() as tx:
            upgrade_queue(tx, "\n".join(scripts[name] for name in had), {name: scripts[name] for name in had})
        with pytest.raises(LedgerUnusable, match=rf"its queue is of version {had[-1]}, and .* Next: dialer migrate"):
            refuse_unready(ledger)
        assert migrate_queue(ledger) == list(scripts)[-missing:]
        refuse_unready(ledger)
        assert _shape(ledger) == _shape(new)


def test_a_newer_queue_is_left_alone(ledger: Ledger) -> None:
    """A program with an older library neither uses it nor changes it."""
    with ledger.write() as tx:
        tx.execute(update(meta).where(meta.c.name == "queue_version").values(value="99.00.00_01_next"))
    before = _shape(ledger)
    for use in (refuse_unready, migrate_queue):
        with pytest.raises(LedgerUnusable, match=r"its queue is of version 99.* Install the newer program"):
            use(ledger)
    assert _shape(ledger) == before


def test_the_queue_of_another_program_is_left_alone(database: str) -> None:
    """Its jobs are not ours: the ledger is to have a schema of its own."""
    with Ledger.open(database) as ledger:
        with ledger.write() as tx:
            connection = tx.connection.driver_connection
            assert connection is not None
            connection.execute(SchemaManager.get_schema())
        with pytest.raises(LedgerUnusable, match=r"another program keeps a queue there .*\?schema=NAME"):
            migrate_queue(ledger)
    with Ledger.open(f"{database}&schema=ours") as ledger:
        assert migrate_queue(ledger) == ["schema"]
