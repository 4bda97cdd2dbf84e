"""A server that may lose commits, or a pooler that gives no session of one's own, is refused with what to do."""

import socket
import time

import pytest
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import OperationalError

from dialer.errors import LedgerUnusable
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.server import why_unreachable
from tests.ledger.pooler import pooled
from tests.ledger.postgres import Server
from tests.support import MONDAY_NOON

pytestmark = pytest.mark.slow


def _through(port: int, database: str) -> str:
    name = make_url(database).database
    return f"postgresql+psycopg://dialer@127.0.0.1:{port}/{name}?sslmode=disable"


def _folder(database: str) -> str:
    return str(make_url(database).query["host"])


@pytest.mark.parametrize("whose", ["DATABASE {name}", "ROLE dialer IN DATABASE {name}"])
@pytest.mark.parametrize("level", ["off", "local", "remote_write", "on", "remote_apply"])
def test_every_connection_waits_for_the_disk(database: str, whose: str, level: str) -> None:
    """Whatever the database or the role says, each commit of each connection is durable; what is stronger is kept."""
    with Ledger.open(database) as ledger, ledger.write() as tx:
        tx.exec_driver_sql(f"ALTER {whose.format(name=make_url(database).database)} SET synchronous_commit = {level}")
    with Ledger.open(database) as ledger, ledger.read() as first, ledger.read() as second, ledger.write() as third:
        found = {tx.scalar(text("SHOW synchronous_commit")) for tx in (first, second, third)}
    assert found == {"remote_apply" if level == "remote_apply" else "on"}


def test_server_that_does_not_sync_is_refused(database: str, postgres: Server) -> None:
    """A server that tells the disk nothing, or writes torn pages, loses claims in a crash: nothing is sent with it."""
    with Ledger.open(postgres.create_database("other")) as other:
        server = other.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        for name in ("fsync", "full_page_writes"):
            server.exec_driver_sql(f"ALTER SYSTEM SET {name} = off")
            server.exec_driver_sql("SELECT pg_reload_conf()")
            try:
                _await(server, name, "off")
                with pytest.raises(LedgerUnusable, match=rf"has committed: {name} is off\..* Set them to on"):
                    Ledger.open(database)
            finally:
                server.exec_driver_sql(f"ALTER SYSTEM RESET {name}")
                server.exec_driver_sql("SELECT pg_reload_conf()")
                _await(server, name, "on")
        server.close()
    Ledger.open(database).close()


def _await(server: Connection, name: str, value: str) -> None:
    """Wait until the server's processes have read their configuration anew."""
    until = time.monotonic() + 10
    while server.exec_driver_sql(f"SHOW {name}").scalar() != value:
        assert time.monotonic() < until


def test_tables_that_a_crash_empties_are_refused(database: str) -> None:
    """Somebody made the list of opt-outs faster: after a crash nobody would be on it."""
    with Ledger.open(database) as ledger, ledger.write() as tx:
        tx.exec_driver_sql("ALTER TABLE suppressed SET UNLOGGED")
    with pytest.raises(LedgerUnusable, match=r"unlogged: suppressed\..* ALTER TABLE suppressed SET LOGGED"):
        Ledger.open(database)


def test_pooler_of_transactions_is_refused(database: str) -> None:
    """Neither a lock nor a durable commit can be had there: no command uses it, one that takes no lock neither."""
    with pooled(_folder(database)) as port:
        for _ in range(5):
            with pytest.raises(LedgerUnusable, match=r"pool_mode = session.*own port"):
                Ledger.open(_through(port, database))
    with Ledger.open(database) as ledger, ledger.lock(what="a run", since=MONDAY_NOON, campaign="spring") as held:
        assert not held.why_lost()


def test_pooler_of_sessions_is_accepted(database: str) -> None:
    """A pooler that leaves a client its backend keeps every promise that a run needs."""
    with pooled(_folder(database), by_session=True) as port, Ledger.open(_through(port, database)) as ledger:
        for _ in range(3):
            with ledger.lock(what="a run", since=MONDAY_NOON, campaign="spring") as held:
                assert not held.why_lost()


def test_a_server_that_is_not_there_is_told_as_a_server() -> None:
    """Host, port and database are named, with what to do; the password is not."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers
        port = taken.getsockname()[1]
        with pytest.raises(LedgerUnusable) as refused:
            Ledger.open(f"postgresql://ada:hidden-word@127.0.0.1:{port}/calls")
    said = str(refused.value)
    assert f"database calls of the PostgreSQL server at 127.0.0.1, port {port}, and no connection can be made" in said
    assert "hidden-word" not in said


@pytest.mark.parametrize(
    ("server_says", "told"),
    [
        ('FATAL:  password authentication failed for user "ada"', "user's name or password is wrong"),
        ("fe_sendauth: no password supplied", "user's name or password is wrong"),
        ('FATAL:  database "calls" does not exist', "no such database or user"),
        ('FATAL:  role "ada" does not exist', "no such database or user"),
        ("FATAL:  sorry, too many clients already", "no more connections"),
        ("ERROR:  transaction blocks not allowed in statement pooling mode", "pool_mode = session"),
        ("FATAL:  query_wait_timeout", "default_pool_size"),
        ("Connection refused", "no connection can be made"),
    ],
)
def test_why_a_server_gives_no_session_is_told(server_says: str, told: str) -> None:
    """In the words of the server (its documentation, chapter 20.15) as libpq passes them on."""
    error = OperationalError("", None, Exception(f"connection failed: {server_says}"))
    assert told in why_unreachable(make_url("postgresql://ada@db.example.com/calls"), error)
