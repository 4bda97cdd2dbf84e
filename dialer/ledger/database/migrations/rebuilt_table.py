"""Makes a table anew in another shape: the one way to change a constraint that SQLite and PostgreSQL share."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, inspect

_BEFORE = "rows_before"


def rebuild(tx: Connection, name: str, ddl: Sequence[str], *, added: Mapping[str, str]) -> None:
    """Make table *name* anew by *ddl* and put its rows back.

    *added* are the columns that an older shape may lack, each with the SQL for its value. On PostgreSQL the step drops
    the foreign keys of other tables to this one before; afterwards a serial starts at 1, and grants have to be given
    anew. A view on the table is not dropped: the database refuses the whole migration.
    """
    tx.exec_driver_sql(f"CREATE TABLE {_BEFORE} AS SELECT * FROM {name}")  # noqa: S608 - the step names it
    if tx.dialect.name == "sqlite":  # rows of other tables point at nothing until the rows are back
        tx.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    for statement in (f"DROP TABLE {name}", *ddl):
        tx.exec_driver_sql(statement)
    kept = {f'"{column["name"]}"': f'"{column["name"]}"' for column in inspect(tx).get_columns(_BEFORE)}
    values = {f'"{column}"': value for column, value in added.items()} | kept
    columns, wanted = ", ".join(values), ", ".join(values.values())
    tx.exec_driver_sql(f"INSERT INTO {name} ({columns}) SELECT {wanted} FROM {_BEFORE}")  # noqa: S608 - as above
    tx.exec_driver_sql(f"DROP TABLE {_BEFORE}")
