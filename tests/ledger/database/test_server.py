"""A server that may lose commits, or a pooler that gives no session of one's own, is refused with what to do."""

import re
import socket
import time
from pathlib import Path

import pytest
from sqlalchemy import (
    Connection,
    create_engine,
    delete,
    false,
    insert,
    inspect,
    literal_column,
    make_url,
    select,
    table,
    text,
)
from sqlalchemy.exc import OperationalError, ProgrammingError

from dialer.errors import (
    LedgerHeld,
    LedgerUnreachable,
    LedgerUnusable,
    LedgerWriteFailed,
    LedgerWriteLost,
    TransitionRefused,
)
from dialer.ledger.database.lock import holding_run
from dialer.ledger.database.open import Ledger, shown_location
from dialer.ledger.database.schema import campaigns, metadata
from dialer.ledger.database.server import why_unreachable
from dialer.ledger.live.pauses import refuse_claims
from dialer.ledger.suppression_list import suppress_numbers
from dialer.ledger.transitions.claims import claim_all
from tests.ledger.books import ready
from tests.ledger.pooler import pooled
from tests.ledger.postgres import Server, socket_folder
from tests.support import MONDAY_NOON

pytestmark = pytest.mark.slow


def _through(port: int, database: str) -> str:
    name = make_url(database).database
    return f"postgresql+psycopg://dialer@127.0.0.1:{port}/{name}?sslmode=disable"


@pytest.mark.parametrize("whose", ["DATABASE {name}", "ROLE dialer IN DATABASE {name}"])
@pytest.mark.parametrize("level", ["off", "local", "remote_write", "on", "remote_apply"])
def test_every_connection_waits_for_the_disk(database: str, whose: str, level: str) -> None:
    """Whatever the database or the role says, each commit of each connection is durable; what is stronger is kept."""
    with Ledger.open(database) as ledger, ledger.write() as tx:
        tx.exec_driver_sql(f"ALTER {whose.format(name=make_url(database).database)} SET synchronous_commit = {level}")
    with Ledger.open(database) as ledger, ledger.read() as first, ledger.read() as second, ledger.write() as third:
        found = {tx.scalar(text("SHOW synchronous_commit")) for tx in (first, second, third)}
    assert found == {"remote_apply" if level == "remote_apply" else "on"}


@pytest.mark.parametrize("level", ["read committed", "repeatable read", "serializable"])
def test_claim_sees_what_came_before_it_whatever_the_server_says(database: str, level: str) -> None:
    """An opt-out that is stored after a claim's transaction began, and before it claims, holds at any default level."""
    with Ledger.open(database) as ledger, ledger.write() as tx:
        name = make_url(database).database
        tx.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_isolation = '{level}'")
    with Ledger.open(database) as ledger:
        (claim,) = ready(ledger.engine, 1)
        with ledger.write() as claiming:
            refuse_claims(claiming, claim.run_id)
            with ledger.write() as tx:
                suppress_numbers(tx, [claim.phone], reason="asked", at_ms=0)
            with pytest.raises(TransitionRefused):
                claim_all(claiming, [claim])


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
    with pooled(socket_folder(database)) as port:
        for _ in range(5):
            with pytest.raises(LedgerUnusable, match=r"pool_mode = session.*own port"):
                Ledger.open(_through(port, database))
    with Ledger.open(database) as ledger, ledger.lock(what="a run", since=MONDAY_NOON, campaign="spring") as held:
        assert not held.why_lost()


def test_pooler_of_sessions_is_accepted(database: str) -> None:
    """A pooler that leaves a client its backend keeps every promise that a run needs."""
    with pooled(socket_folder(database), by_session=True) as port, Ledger.open(_through(port, database)) as ledger:
        for _ in range(3):
            with ledger.lock(what="a run", since=MONDAY_NOON, campaign="spring") as held:
                assert not held.why_lost()


def test_a_server_that_is_not_there_is_told_as_a_server() -> None:
    """Host, port and database are named, with what to do; the password is not."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers
        port = taken.getsockname()[1]
        with pytest.raises(LedgerUnreachable) as refused:
            Ledger.open(f"postgresql://ada:hidden-word@127.0.0.1:{port}/calls")
    said = str(refused.value)
    assert f"database calls of the PostgreSQL server at 127.0.0.1, port {port}, and no connection can be made" in said
    assert "hidden-word" not in said


def test_a_session_that_the_server_ends_is_told_as_gone(database: str) -> None:
    """Whoever reads then may find it there again soon; a read that the server refuses is another error."""
    with Ledger.open(database) as ledger:
        with pytest.raises(LedgerUnreachable), ledger.read() as tx:
            tx.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        with pytest.raises(LedgerUnusable) as refused, ledger.read() as tx:
            tx.exec_driver_sql("SELECT 1 / 0")
    assert type(refused.value) is LedgerUnusable


def test_a_write_whose_session_the_server_ends_is_told_as_lost(database: str) -> None:
    """Another try may have a session again; a write that the server refuses is another error."""
    with Ledger.open(database) as ledger:
        with pytest.raises(LedgerWriteLost), ledger.write() as tx:
            tx.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        with pytest.raises(LedgerWriteFailed) as refused, ledger.write() as tx:
            tx.exec_driver_sql("SELECT 1 / 0")
    assert type(refused.value) is LedgerWriteFailed


def test_a_write_that_gets_no_session_is_told_as_lost(postgres: Server, database: str) -> None:
    """As one whose session was ended: the server may be there again soon."""
    with Ledger.open(database) as ledger:
        limit = make_url(database).database
        ledger.reconnect()
        engine = create_engine(postgres.address.format("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"ALTER DATABASE {limit} ALLOW_CONNECTIONS false")
        engine.dispose()
        with pytest.raises(LedgerWriteFailed) as refused, ledger.write():
            pass
    assert type(refused.value) is LedgerWriteLost


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


@pytest.fixture
def tenants(database: str, postgres: Server) -> tuple[str, str]:
    """Return the URLs of two ledgers in one database: each in a schema of its own role."""
    name, engine = make_url(database).database, create_engine(database)
    with engine.begin() as tx:
        for tenant in ("acme", "beta"):
            tx.exec_driver_sql(f"CREATE ROLE {tenant}_{name} LOGIN")
            tx.exec_driver_sql(f"CREATE SCHEMA {tenant} AUTHORIZATION {tenant}_{name}")
        tx.exec_driver_sql("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    engine.dispose()
    assert str(name) in postgres.address.format(name)
    first, second = (
        make_url(database).set(username=f"{tenant}_{name}").update_query_dict({"schema": tenant})
        for tenant in ("acme", "beta")
    )
    return str(first), str(second)


def test_two_tenants_of_a_database_cannot_see_each_others_people(tenants: tuple[str, str]) -> None:
    """Neither role reads a table of the other's schema, whatever URL it uses, and none of them is in `public`."""
    acme, beta = tenants
    with Ledger.open(acme) as first, Ledger.open(beta) as second:
        for ledger, own, other in ((first, "acme", "beta"), (second, "beta", "acme")):
            with ledger.read() as tx:
                names = inspect(tx).get_table_names(own)
                assert {"contacts", "attempts", "suppressed"} <= set(names)
                assert tx.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) == 0
            for name in names:
                with ledger.read() as tx, pytest.raises(ProgrammingError, match="permission denied for schema"):
                    tx.execute(select(literal_column("*")).select_from(table(name, schema=other)))
    foreign = make_url(acme).update_query_dict({"schema": "beta"})
    with pytest.raises(LedgerWriteFailed, match=r"this user may use no schema of it\. Grant the user one"):
        Ledger.open(str(foreign))


def test_tenants_with_campaigns_of_one_name_do_not_wait_for_each_other(tenants: tuple[str, str]) -> None:
    """A run of one tenant keeps neither a run nor a purge of the other off, and each still has but one of its own."""
    acme, beta = tenants
    with Ledger.open(acme) as first, Ledger.open(acme) as again, Ledger.open(beta) as second:
        with (
            first.lock(what="a run", since=MONDAY_NOON, campaign="spring", run_id="1"),
            second.lock(what="a run", since=MONDAY_NOON, campaign="spring", run_id="2"),
        ):
            assert (holding_run(first.engine, "spring"), holding_run(second.engine, "spring")) == ("1", "2")
            with pytest.raises(LedgerHeld), again.lock(what="a run", since=MONDAY_NOON, campaign="spring"):
                pass
        with first.lock(what="a run", since=MONDAY_NOON, campaign="spring"):
            with second.lock(what="a purge", since=MONDAY_NOON):
                pass
            with pytest.raises(LedgerHeld), again.lock(what="a purge", since=MONDAY_NOON):
                pass


def test_a_role_of_least_rights_writes_rows_and_makes_no_tables(tenants: tuple[str, str]) -> None:
    """What the page on PostgreSQL grants is enough for the ledger of a run, and lets nobody alter it."""
    acme, _ = tenants
    page = Path("docs/how-to/postgresql.md").read_text("utf-8")
    (grants,) = re.findall(r"CREATE ROLE acme_calls.*?\n(GRANT CONNECT.*?)```", page, re.DOTALL)
    role = f"acme_calls_{make_url(acme).database}"
    Ledger.open(acme).close()
    owner = create_engine(make_url(acme).set(username="dialer").difference_update_query(["schema"]))
    with owner.begin() as tx:
        tx.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
        named = grants.replace("DATABASE dialer", f"DATABASE {make_url(acme).database}").replace("acme_calls", role)
        tx.exec_driver_sql(named)
    owner.dispose()
    with Ledger.open(str(make_url(acme).set(username=role))) as ledger:
        with ledger.lock(what="a run", since=MONDAY_NOON, campaign="spring"), ledger.write() as tx:
            tx.execute(insert(campaigns).values(name="spring"))
            for each in metadata.sorted_tables:
                tx.execute(select(each).limit(1))
                tx.execute(delete(each).where(false()))
        with ledger.read() as tx, pytest.raises(ProgrammingError, match="must be owner"):
            tx.exec_driver_sql("ALTER TABLE contacts ADD COLUMN more TEXT")


def test_a_schema_that_is_not_there_is_made(database: str) -> None:
    """Whoever may make schemas in the database needs no more than a name; the address that people see tells it."""
    url = f"{database}&schema=acme"
    with Ledger.open(url) as ledger, ledger.read() as tx:
        assert tx.scalar(text("SELECT current_schema()")) == "acme"
        assert inspect(tx).has_table("contacts", schema="acme")
        assert not inspect(tx).has_table("contacts", schema="public")
    assert shown_location(url).endswith("?schema=acme")


@pytest.mark.parametrize("name", ["Acme", "pg_acme", "a-b", "a.b", "1a", 'a"; DROP', "a&schema=b", "a" * 64])
def test_a_name_that_no_schema_has_is_refused(database: str, name: str) -> None:
    """Before anything is asked of the server, and in plain words."""
    with pytest.raises(LedgerUnusable, match=r"The ledger's schema is .*: give one name of small letters"):
        Ledger.open(f"{database}&schema={name}")
