"""A server that may lose commits, or a pooler that gives no session of one's own, is refused with what to do."""

import time

import pytest
from sqlalchemy import Connection, make_url, text

from dialer.errors import LedgerUnusable
from dialer.ledger.database.open import Ledger
from tests.ledger.pooler import pooled
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


def test_server_that_does_not_sync_is_refused(database: str, postgres: str) -> None:
    """A server that tells the disk nothing, or writes torn pages, loses claims in a crash: nothing is sent with it."""
    with Ledger.open(postgres.format("postgres")) as other:
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


def test_pooler_of_transactions_is_refused(database: str) -> None:
    """A lock on a session that is not one's own holds nobody off, and stays for ever: it is not even tried."""
    with pooled(_folder(database)) as port, Ledger.open(_through(port, database)) as ledger:
        for _ in range(5):
            with (
                pytest.raises(LedgerUnusable, match=r"pool_mode = session.*own port"),
                ledger.lock(what="a run", since=MONDAY_NOON, campaign="spring"),
            ):
                pass
    with Ledger.open(database) as ledger, ledger.lock(what="a run", since=MONDAY_NOON, campaign="spring") as held:
        assert not held.why_lost()


def test_pooler_of_sessions_is_accepted(database: str) -> None:
    """A pooler that leaves a client its backend keeps every promise that a run needs."""
    with pooled(_folder(database), by_session=True) as port, Ledger.open(_through(port, database)) as ledger:
        for _ in range(3):
            with ledger.lock(what="a run", since=MONDAY_NOON, campaign="spring") as held:
                assert not held.why_lost()
