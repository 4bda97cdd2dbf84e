"""A query in place of a sheet: the text that the database writes, of one instant, and nothing but reading."""

import json
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, NullPool, create_engine, make_url

from dialer.errors import SheetError
from dialer.sheets.sources.database import order_notes, rows_of
from tests.ledger.postgres import Server

MANY = 5_000
"""Rows that do not arrive at once."""

FOREIGN = ("datestyle = 'German'", "timezone = 'Asia/Tokyo'", "intervalstyle = 'iso_8601'", "bytea_output = 'escape'")


@pytest.fixture(scope="module")
def server(postgres: Server) -> Iterator[Connection]:
    """Return a session on a database whose settings are not those of most, and that holds people."""
    engine = create_engine(postgres.create_database("crm"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        for setting in FOREIGN:
            connection.exec_driver_sql(f"ALTER DATABASE crm SET {setting}")
        connection.exec_driver_sql("CREATE TYPE mood AS ENUM ('glad')")
        connection.exec_driver_sql("CREATE SEQUENCE numbers")
        connection.exec_driver_sql("CREATE TABLE people (name text)")
        connection.exec_driver_sql("INSERT INTO people SELECT 'Ada' FROM generate_series(1, 5000)")
        yield connection


@pytest.fixture
def address(server: Connection) -> str:
    """Return the address of that database, as a campaign names it."""
    return _written(server.engine.url)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return an SQLite database that holds people, and that others may write while it is read."""
    path = tmp_path / "crm 50%.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE people (name TEXT)")
        connection.executemany("INSERT INTO people VALUES (?)", [("Ada",)] * MANY)
    return path


def _written(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _read(address: str, query: str) -> list[list[str]]:
    return [json.loads(line) for line in rows_of(address, query, label="the source")]


def _refusal(address: str, query: str) -> str:
    with pytest.raises(SheetError) as caught:
        _read(address, query)
    assert caught.value.__cause__ is None
    return str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("'O''Hara, %s :x'", "O'Hara, %s :x"),
        ("E'a\\nb'", "a\nb"),
        ("NULL", ""),
        ("true", "true"),
        ("1 = 2", "false"),
        ("12125550100::bigint", "12125550100"),
        ("1.10::numeric(20,2)", "1.10"),
        ("123456789012345678901234567890.1", "123456789012345678901234567890.1"),
        ("0.1::float8", "0.1"),
        ("'2026-11-26'::date", "2026-11-26"),
        ("'infinity'::date", "infinity"),
        ("'0044-03-15 BC'::date", "0044-03-15 BC"),
        ("'2026-11-26 09:30'::timestamp", "2026-11-26 09:30:00"),
        ("'2026-11-26 10:30+01'::timestamptz", "2026-11-26 09:30:00+00"),
        ("'1 day 2 hours'::interval", "1 day 02:00:00"),
        ("""'{"a": 1.10}'::json""", '{"a": 1.10}'),
        ("ARRAY['a', 'b']", "{a,b}"),
        ("'\\x01ff'::bytea", "\\x01ff"),
        ("'glad'::mood", "glad"),
    ],
)
def test_a_value_is_the_text_that_the_server_writes(address: str, written: str, text: str) -> None:
    """Whatever server and database are set to: dates are ISO, decimals exact, NULL is empty, and no value is lost."""
    assert _read(address, f"SELECT {written} AS value") == [["value"], [text]]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("'007'", "007"),
        ("NULL", ""),
        ("12125550100", "12125550100"),
        ("0.1", "0.1"),
        ("x'01ff'", "\\x01ff"),
        ("1 = 1", "1"),
    ],
)
def test_a_value_of_sqlite_is_its_text(file: Path, written: str, text: str) -> None:
    """SQLite has numbers, texts, bytes and NULL, and for yes and no 1 and 0."""
    assert _read(f"sqlite:///{file}", f'SELECT {written} AS "a value"') == [["a value"], [text]]


def test_columns_keep_their_names(file: Path) -> None:
    """A name may have a point, and one that stands twice stays twice: the sheet's own rules say what that means."""
    query = 'SELECT name AS "a.b", name, name FROM people LIMIT 1;'
    assert _read(f"sqlite:///{file}", query) == [["a.b", "name", "name"], ["Ada"] * 3]


@pytest.mark.slow
def test_all_rows_of_a_server_are_of_one_instant(server: Connection, address: str) -> None:
    """The rows arrive by and by (FETCH), and what others commit meanwhile is in none of them."""
    lines = rows_of(address, "SELECT name FROM people", label="the source")
    next(lines), next(lines)
    server.exec_driver_sql("UPDATE people SET name = 'Bob'")
    asked = server.exec_driver_sql("SELECT query FROM pg_stat_activity WHERE application_name = 'dialer'").scalar_one()
    assert str(asked).startswith("FETCH")
    assert [json.loads(line) for line in lines] == [["Ada"]] * (MANY - 1)


def test_all_rows_of_a_file_are_of_one_instant(file: Path) -> None:
    """What another program writes into the database meanwhile is in none of the rows."""
    lines = rows_of(f"sqlite:///{file}", "SELECT name FROM people", label="the source")
    next(lines), next(lines)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE people SET name = 'Bob'")
    assert [json.loads(line) for line in lines] == [["Ada"]] * (MANY - 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT nextval('numbers')", "would change the database"),
        ("WITH gone AS (DELETE FROM people RETURNING name) SELECT * FROM gone", "0A000"),
        ("DELETE FROM people", 'syntax error at or near "DELETE"'),
        ("SELECT 1; DELETE FROM people", "multiple commands"),
        ("COMMIT", "syntax error"),
        ("SELECT phone FROM people", 'column "phone" does not exist'),
        ("SELECT CAST('x2125550100' AS int)", "22P02"),
        ("SELECT name FROM people WHERE name = $1", "has a parameter"),
        ("", "syntax error"),
    ],
)
def test_a_server_is_only_read(server: Connection, address: str, query: str, said: str) -> None:
    """What would write is refused by the server itself; a mistake is told in its words, and a value never."""
    message = _refusal(address, query)
    assert message.startswith("the source: ")
    assert said in message
    assert "2125550100" not in message
    assert server.exec_driver_sql("SELECT count(*) FROM people").scalar_one() == MANY


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("DELETE FROM people", "would change the database"),
        ("CREATE TABLE t (a)", "would change the database"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("SELECT phone FROM people", "no such column: phone"),
        ("SELEC 1", "syntax error"),
        ("", "gives no rows"),
        ("SELECT CAST(x'ff' AS TEXT)", "holds text that is not UTF-8"),
        ("VACUUM INTO 'copy.db'", "another file"),
        ("ATTACH 'other.db' AS other", "another file"),
    ],
)
def test_a_file_is_only_read(file: Path, query: str, said: str) -> None:
    """What would write is refused by SQLite itself; a mistake is told in its words."""
    before = file.read_bytes()
    assert said in _refusal(f"sqlite:///{file}", query)
    assert file.read_bytes() == before
    assert not [*Path().glob("*.db")]  # where a name without a folder leads


def test_a_text_that_is_not_utf_8_is_not_quoted(file: Path) -> None:
    """It is somebody's name, or more than that."""
    said = _refusal(f"sqlite:///{file}", "SELECT CAST('Ada Lovelace' || x'ff' AS TEXT)")
    assert said == "the source: holds text that is not UTF-8. Convert it in the query."


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    """A missing file is not made, and another program's file is not taken for one."""
    assert "no such file" in _refusal(f"sqlite:///{tmp_path}/none.db", "SELECT 1")
    (tmp_path / "people.db").write_text("Name,Phone\n" * 100)
    assert "no SQLite database" in _refusal(f"sqlite:///{tmp_path}/people.db", "SELECT name FROM people")
    assert [path.name for path in tmp_path.iterdir()] == ["people.db"]


@pytest.mark.slow
def test_an_address_does_not_choose_the_encoding(address: str) -> None:
    """Text is text, whatever the address asks of the driver."""
    asking = make_url(address).update_query_dict({"client_encoding": "SQL_ASCII"})
    assert _read(_written(asking), "SELECT 'é' AS a") == [["a"], ["é"]]


@pytest.mark.slow
def test_a_server_that_lets_nobody_in_is_told(address: str, closed_port: int) -> None:
    """The message says what to mend, and quotes neither the address nor what the driver says of it."""
    url = make_url(address)
    assert "no such database or user" in _refusal(_written(url.set(database="nope")), "SELECT 1")
    assert "option" in _refusal(_written(url.update_query_dict({"hunter2": "1"})), "SELECT 1")
    assert "no address of a database" in _refusal("postgresql://reader:hunter2", "SELECT 1")
    elsewhere = _refusal(f"postgresql://reader:hunter2@127.0.0.1:{closed_port}/crm", "SELECT 1")
    assert "no connection can be made" in elsewhere
    assert "hunter2" not in elsewhere


_NO_ENTRY = b'SFATAL\0C28000\0Mno pg_hba.conf entry for host "192.0.2.1", user "reader", no encryption\0\0'


@pytest.mark.parametrize(
    ("mode", "answer", "said"),
    [
        ("require", b"N", "sslmode"),
        ("verify-full&sslrootcert=none.crt", b"S", "certificate"),
        ("disable", b"E" + (len(_NO_ENTRY) + 4).to_bytes(4, "big") + _NO_ENTRY, "does not let this user in"),
    ],
)
def test_a_server_that_wants_another_connection_is_told(mode: str, answer: bytes, said: str) -> None:
    """It runs, so that is not what to look at: the answers are those of PostgreSQL's protocol (SSLRequest, startup)."""

    def refuse(listener: socket.socket) -> None:
        with listener.accept()[0] as connection:
            connection.recv(1024)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        thread = threading.Thread(target=refuse, args=(listener,))
        thread.start()
        port = listener.getsockname()[1]
        message = _refusal(f"postgresql://reader@127.0.0.1:{port}/crm?sslmode={mode}&gssencmode=disable", "SELECT 1")
        thread.join()
    assert said in message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://reader@db..example.com/crm", "its host is not known"),
        ("postgresql://reader@127.0.0.1/crm?connect_timeout=soon", "an option in the address"),
    ],
)
def test_an_address_that_leads_nowhere_is_told(address: str, said: str) -> None:
    """No server is asked."""
    assert said in _refusal(address, "SELECT 1")


@pytest.mark.parametrize(
    ("query", "is_ordered"),
    [
        ("SELECT a FROM b ORDER BY a", True),
        ("select a from b order\n\tby a limit 3", True),
        ("SELECT a FROM b", False),
        ("SELECT a FROM (SELECT a FROM b ORDER BY a) c", False),
        ("SELECT row_number() OVER (ORDER BY a) FROM b", False),
        ("SELECT 'order by' FROM b -- ORDER BY a", False),
        ("SELECT a FROM b /* ORDER\nBY a */", False),
        ('SELECT "order by" FROM b', False),
        ("SELECT $$(order by$$ FROM b ORDER BY a", True),
        ("SELECT ')' FROM b ORDER BY f((a))", True),
    ],
)
def test_a_query_without_an_order_is_told(query: str, *, is_ordered: bool) -> None:
    """Only an order of the whole answer counts: without one, rows may have other numbers each time."""
    assert bool(order_notes(query)) is not is_ordered
