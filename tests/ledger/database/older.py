"""Writes ledgers as earlier programs left them: their tables and rows lie in `versions/`, as those programs wrote them.

Rows 2 to 12 of the sheet of `spring` were read by the runs r1 and r2:

    2 created · 3 refused by both runs · 4 not sent, then unknown · 5 unknown · 6 claimed, never settled
    7 and 11 never tried · 8 not sent and left to a later run · 9 not sent · 10 created · 12 no phone

From version 2 on, `winter` has called its row 2, and was purged. The shapes of version 3 add: row 7's number is
suppressed; calls of rows 2 and 10 have ended; row 10 is to be called again, and row 9 was mended into row 11's person.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, select, text

from dialer.ledger.database.engine import open_engine, read

VERSIONS = {path.stem: path for path in sorted((Path(__file__).parent / "versions").glob("*.sql"))}
"""The file of every version and shape that any program has written before today's."""


def write_older(location: str, version: str) -> Engine:
    """Write a ledger of that *version* at *location*, where nothing is yet; return the open database."""
    engine = open_engine(location)
    is_file = engine.dialect.name == "sqlite"
    script = VERSIONS[version].read_text("utf-8")
    if is_file:
        script = script.replace("id SERIAL NOT NULL", "id INTEGER NOT NULL")
    with engine.begin() as connection:
        for statement in script.split(";\n")[:-1]:
            connection.exec_driver_sql(statement)
        for table in () if is_file else ("campaigns", "sheets", "contacts"):
            next_id = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608
            connection.exec_driver_sql(next_id)
    return engine


def schema_of(engine: Engine) -> dict[str, Any]:
    """Read the schema as the database itself tells it."""
    with read(engine) as tx:
        if engine.dialect.name == "sqlite":
            found = tx.execute(text("SELECT name, sql FROM sqlite_master")).all()
            return {name: " ".join(str(sql).replace("( ", "(").split()).replace("( ", "(") for name, sql in found}
        columns = text(
            "SELECT table_name, ordinal_position, column_name, data_type, is_nullable, column_default"
            " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
        )
        constraints = text(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
        )
        indexes = text("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
        parts = {"columns": columns, "constraints": constraints, "indexes": indexes}
        return {name: [tuple(row) for row in tx.execute(query)] for name, query in parts.items()}


def content_of(engine: Engine) -> dict[str, Any]:
    """Read every table that is there, whatever its shape."""
    found = MetaData()
    found.reflect(engine)
    with read(engine) as tx:
        rows = {name: sorted(map(repr, tx.execute(select(its)))) for name, its in found.tables.items()}
    return rows | {"tables": schema_of(engine)}
