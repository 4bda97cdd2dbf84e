"""What a PostgreSQL has to promise before a ledger is trusted to it: durable commits, and sessions of one's own."""

from contextlib import ExitStack
from functools import partial
from itertools import chain
from secrets import randbits
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateSchema

from dialer.errors import LedgerUnusable
from dialer.ledger.database.address import BUSY_SECONDS, SCHEMA, schema_of
from dialer.ledger.database.schema import metadata

KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 30_000}
"""How libpq keeps an idle connection known to firewalls, and notices within a minute that its server is gone."""

LOCK_TIMEOUT = f"{BUSY_SECONDS:.0f}s"
"""How long a statement waits for another's transaction, as one of SQLite does."""

_DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') <> %s"
_PATIENCE = "SELECT set_config('lock_timeout', %s, false) WHERE current_setting('lock_timeout') = '0'"
_STRONGER = "remote_apply"

_MAKING_TABLES = 0x736368656D61
"""The advisory lock under which PostgreSQL makes the tables: "schema" in ASCII."""

SCHEMA_OPTION = "ledger_schema"
"""Under this name an engine's options hold the schema that its URL names, or None."""

_SEARCH = "SELECT set_config('search_path', %s, false)"

_WANTED = {
    "synchronous_commit": "on",
    "fsync": "on",
    "full_page_writes": "on",
}
"""Without one of them a crash takes back what was called committed (PostgreSQL's documentation, section 19.5)."""

_UNLOGGED = """
SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relname = ANY(:ours) AND pg_table_is_visible(oid) ORDER BY 1
"""

_ROUNDS = 3


_NO_LOGIN = (
    ("password", "the user's name or password is wrong", "Mend them in the ledger's URL, or give it in PGPASSWORD."),
    (
        "statement pooling",
        "a pooler in statement mode lies before it",
        "Set pool_mode = session, or name its own port.",
    ),
    ("query_wait_timeout", "its pooler has no connection left", "Let it keep six (default_pool_size), or more."),
    ("too many c", "it takes no more connections", "Raise its limit (max_connections), or run again later."),
    ("does not exist", "there is no such database or user", "Create it there, or mend the ledger's URL."),
)
"""Words of the server when it refuses a session, what they mean, and what to do."""

_NO_SERVER = ("no connection can be made", "Is the server running, and are host and port right? Mend the ledger's URL.")


def why_unreachable(url: URL, error: OperationalError) -> str:
    """Say why the server at *url* gives no session, and what to do about it, without the password."""
    said = str(error.orig)
    what, remedy = next(((what, remedy) for sign, what, remedy in _NO_LOGIN if sign in said), _NO_SERVER)
    port = f", port {url.port}" if url.port else ""
    return (
        f"The ledger is the database {url.database} of the PostgreSQL server at {url.host or 'this machine'}{port}, and"
        f" {what}. {remedy} It is named by --ledger or DIALER_LEDGER."
    )


def server_engine(url: URL) -> Engine:
    """Return the engine of the PostgreSQL database at *url*, whose connections use the schema that it names."""
    for index in chain.from_iterable(table.indexes for table in metadata.tables.values()):
        # Named where the tables are, it would load PostgreSQL's dialect, a twelfth of a short command's imports.
        index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]
    schema = schema_of(url)
    engine = create_engine(
        url.difference_update_query([SCHEMA]),
        isolation_level="READ COMMITTED",  # at another, which a server may set, a claim misses what came meanwhile
        connect_args=_arguments(url),
        hide_parameters=True,
        execution_options={SCHEMA_OPTION: schema},
    )
    if schema is not None:
        event.listen(engine, "connect", partial(_use_schema, schema), insert=True)  # before SQLAlchemy asks which it is
    return engine


def _arguments(url: URL) -> dict[str, Any]:
    """Return what is said to libpq for each connection, where *url* does not say otherwise."""
    return {name: value for name, value in KEEPALIVES.items() if name not in url.query}


def _use_schema(schema: str, connection: Any, _record: Any) -> None:
    """Let the tables of a new connection be those in *schema*, and no others."""
    connection.execute(_SEARCH, [schema])
    connection.commit()


def wait_to_make_tables(tx: Connection) -> None:
    """Let one process make the tables; on SQLite a transaction that writes has waited already."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(_MAKING_TABLES)))


def make_schema(tx: Connection) -> None:
    """Make the schema that the ledger's URL names, unless it is there: a role of least rights may make none."""
    schema = tx.get_execution_options().get(SCHEMA_OPTION)
    if schema is not None and tx.scalar(text("SELECT to_regnamespace(:name)"), {"name": schema}) is None:
        tx.execute(CreateSchema(schema, if_not_exists=True))


def make_durable(connection: Any, _record: Any) -> None:
    """Let each commit of a new connection wait for the disk, whatever the server, database or role says.

    A statement waits no longer for another's transaction than one of SQLite does, unless they say how long.
    """
    connection.execute(_DURABLE, [_STRONGER])
    connection.execute(_PATIENCE, [LOCK_TIMEOUT])
    connection.commit()


def refuse_unfit(engine: Engine) -> None:
    """Raise `LedgerUnusable` for a server that may lose what it has committed, or that a pooler keeps away."""
    _refuse_pooler(engine)
    _refuse_undurable(engine)


def _refuse_undurable(engine: Engine) -> None:
    with engine.connect() as connection:
        found = {name: connection.scalar(text(f"SHOW {name}")) for name in _WANTED}
        unlogged = connection.scalars(text(_UNLOGGED), {"ours": list(metadata.tables)}).all()
    lacking = [f"{name} is {value}" for name, value in found.items() if value not in (_WANTED[name], _STRONGER)]
    if lacking:
        raise LedgerUnusable(
            f"{engine.url.database}: this server may lose what it has committed: {', '.join(lacking)}. A claim that is"
            " lost so rings a person twice. Set them to on in its configuration, and reload it."
        )
    if unlogged:
        raise LedgerUnusable(
            f"{engine.url.database}: a crash of this server empties tables of the ledger that are unlogged:"
            f" {', '.join(unlogged)}. Let each be written to its log: ALTER TABLE {unlogged[0]} SET LOGGED"
        )


def _refuse_pooler(engine: Engine) -> None:
    """Raise `LedgerUnusable` where a pooler gives a session a backend for one transaction only.

    There a lock stays on a backend that somebody else gets next, and what a session has set holds for others. A backend
    that served a session is free for others in between: held by another connection's transaction, which stays open, it
    is seen there, or the session on another one.
    """
    with ExitStack() as open_ones:
        session = open_ones.enter_context(engine.connect()).execution_options(isolation_level="AUTOCOMMIT")
        for _ in range(_ROUNDS):
            other = open_ones.enter_context(engine.connect())  # first: a new connection may bring a new backend
            before = _backend(session)
            if _backend(other) == before or _backend(session) != before:
                raise LedgerUnusable(_POOLED.format(engine.url.database))
        _refuse_lost_setting(session, engine)


_POOLED = (
    "{}: a pooler (such as PgBouncer) in transaction mode lies before this server: each transaction may have another"
    " backend, so that no lock and no setting holds. Let it pool sessions for this database (pool_mode = session), or"
    " name the server's own port."
)


def _refuse_lost_setting(session: Connection, engine: Engine) -> None:
    token = f"{randbits(64):x}"
    session.execute(text("SELECT set_config('dialer.session', :token, false)"), {"token": token})
    if session.scalar(text("SELECT current_setting('dialer.session', true)")) != token:
        raise LedgerUnusable(_POOLED.format(engine.url.database))


def _backend(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT pg_backend_pid()")) or 0)
