"""Changes many rows by one statement in the database's own SQL, and keeps few of those that are read.

SQLAlchemy makes the SQL, once. Its own execution looks up the value of each name of each row three times, which was a
quarter of the processor time of a call in a batch.

SQLite gets all rows at once: 6 µs a claimed contact instead of 14, and Python's lock is free meanwhile, which one
execution a row takes and gives back for each. A server gets a statement a row, so that two writers lock rows in one
order.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, Dialect, Update, column, table
from sqlalchemy.sql.visitors import replacement_traverse

from dialer.chunks import chunks
from dialer.ledger.database.engine import MOST_VALUES

_GIVEN = "given_rows"


class _OwnSql(NamedTuple):
    """A statement's *text*, the values in it that are no row's, and how the driver takes all: by place or by name."""

    text: str
    constants: Mapping[str, Any]
    arrange: Callable[[Mapping[str, Any]], Any]


def change_many(tx: Connection, statement: Update, rows: Sequence[Mapping[str, Any]]) -> int:
    """Execute *statement* for each of *rows*, the values of its parameters by name; return how many rows it changed.

    A row of the table that two of *rows* mean is changed once.
    """
    if tx.dialect.name == "sqlite" and len(rows) > 1:
        names = tuple(rows[0])
        return sum(
            tx.exec_driver_sql(
                _for_all(statement, tx.dialect, names, len(chunk)),
                tuple(chain.from_iterable(map(itemgetter(*names), chunk))),
            ).rowcount
            for chunk in chunks(rows, MOST_VALUES // len(names))
        )
    own = _own_sql(statement, tx.dialect)
    return tx.exec_driver_sql(own.text, [own.arrange({**own.constants, **row}) for row in rows]).rowcount


def keep_little(tx: Connection) -> None:
    """Let a connection to SQLite keep 2 MiB from now on, and sort within them: for what reads and writes in order.

    A plan of 1,000,000 rows took 129 MiB in place of 148, and no longer.
    """
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql("PRAGMA cache_size = -2048")


@lru_cache(maxsize=64)
def _own_sql(statement: Update, dialect: Dialect) -> _OwnSql:
    compiled = statement.compile(dialect=dialect)
    constants = {name: value.value if isinstance(value, Enum) else value for name, value in compiled.params.items()}
    names = compiled.positiontup
    return _OwnSql(str(compiled), constants, dict if names is None else itemgetter(*names))


@lru_cache(maxsize=512)
def _for_all(statement: Update, dialect: Dialect, names: tuple[str, ...], count: int) -> str:
    """Return *statement* for *count* rows at once, whose values, by *names*, are its only placeholders."""
    columns = ", ".join(f"column{place} AS {name}" for place, name in enumerate(names, start=1))
    marks = ", ".join(["?"] * len(names))
    rows = ", ".join([f"({marks})"] * count)
    given = f"FROM (SELECT {columns} FROM (VALUES {rows})) AS {_GIVEN}"  # noqa: S608 - names of our own
    return _from_given(statement, dialect, names).replace(f"FROM {_GIVEN}", given, 1)


@lru_cache(maxsize=64)
def _from_given(statement: Update, dialect: Dialect, names: tuple[str, ...]) -> str:
    given = table(_GIVEN, *map(column, names))

    def of_row(element: Any, **_: Any) -> Any:
        return given.c[element.key] if isinstance(element, BindParameter) and element.key in names else None

    joined: Any = replacement_traverse(statement, {}, of_row)
    return str(joined.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
