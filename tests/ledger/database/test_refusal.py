"""What a database refuses is told in plain words with what to do, whichever of the two it is; its own words are not."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from dialer.ledger.database.refusal import why_refused

FOREIGN = re.compile(r"sqlite3|psycopg|sqlalchemy|Error\b|relation|\btable:|people", re.IGNORECASE)


def refused_by_sqlite(file: Path, *statements: str, flags: str = "") -> str:
    """Return what is said of the last of *statements*, which SQLite refuses."""
    *before, last = statements
    with closing(sqlite3.connect(f"file:{file}{flags}", uri=True, isolation_level=None)) as connection:
        for statement in before:
            connection.execute(statement)
        with pytest.raises(sqlite3.Error) as refused:
            connection.execute(last)
    return why_refused(refused.value)


def test_sqlite_full_disk_and_read_only(tmp_path: Path) -> None:
    """Each is told apart from the other: what to do differs."""
    file = tmp_path / "l.db"
    fill = "INSERT INTO people VALUES (zeroblob(100000))"

    assert "disk is full" in refused_by_sqlite(file, "CREATE TABLE people (x)", "PRAGMA max_page_count = 2", fill)
    assert "may only be read" in refused_by_sqlite(file, fill, flags="?mode=ro")


def test_sqlite_foreign_tables_and_damage(tmp_path: Path) -> None:
    """A ledger of other tables, a file that is none, one that is broken, one that cannot be opened."""
    (tmp_path / "text").write_bytes(b"Name,Phone\n" * 400)
    (tmp_path / "folder").mkdir()

    assert "tables are not those" in refused_by_sqlite(tmp_path / "l.db", "SELECT * FROM people")
    assert "restore a copy" in refused_by_sqlite(tmp_path / "text", "SELECT * FROM people")
    with pytest.raises(sqlite3.Error) as refused:
        sqlite3.connect(tmp_path / "folder")
    assert "cannot be opened" in why_refused(refused.value)


def test_sqlite_by_a_code_that_is_not_in_the_table(tmp_path: Path) -> None:
    """The number is said, and where its meaning is; without one nothing breaks."""
    said = refused_by_sqlite(tmp_path / "l.db", "CREATE TABLE a (x UNIQUE)", "INSERT INTO a VALUES (1), (1)")

    assert f"code {sqlite3.SQLITE_CONSTRAINT_UNIQUE}" in said
    assert "sqlite.org/rescode.html" in why_refused(sqlite3.ProgrammingError("Cannot operate on a closed database."))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["SELECT * FROM people"], "tables are not those"),
        (["SET default_transaction_read_only = on", "COMMIT", "CREATE TABLE a (x int)"], "only lets it be read"),
        (["SET statement_timeout = 1", "SELECT pg_sleep(5)"], "statement_timeout"),
        (
            [
                "REVOKE CREATE ON SCHEMA public FROM public",
                "CREATE ROLE guest",
                "SET ROLE guest",
                "CREATE TABLE a (x int)",
            ],
            "Grant the user",
        ),
        (["SELECT pg_terminate_backend(pg_backend_pid())"], "ended the connection"),
        (["SELECT 1 / 0"], "code 22012"),
    ],
)
def test_postgresql(database: str, statements: list[str], said: str) -> None:
    """A server's refusals: other tables, a standby, a limit, rights, its end, and one by its code."""
    *before, last = statements
    with create_engine(database).connect() as connection:
        for statement in before:
            connection.exec_driver_sql(statement)
        with pytest.raises(DBAPIError) as refused:
            connection.exec_driver_sql(last)
        connection.invalidate()

    told = why_refused(refused.value.orig)
    assert said in told
    assert not FOREIGN.search(told)
