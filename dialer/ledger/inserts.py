"""INSERT that bears a row which is there already: one statement in both databases, and no part of plain SQL."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def bearing_insert(tx: Connection, table: Table) -> Any:
    """Give the database's own INSERT into *table*, with its methods `on_conflict_do_nothing` and `…_do_update`."""
    return _INSERTS[tx.dialect.name](table)
