"""What a PostgreSQL has to promise before a ledger is trusted to it: durable commits, and sessions of one's own."""

from contextlib import ExitStack
from secrets import randbits
from typing import Any

from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from dialer.errors import LedgerUnusable
from dialer.ledger.database.address import BUSY_SECONDS
from dialer.ledger.database.refusal import why_refused

KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 30_000}
"""How libpq keeps an idle connection known to firewalls, and notices within a minute that its server is gone."""

LOCK_TIMEOUT = f"{BUSY_SECONDS:.0f}s"
"""How long a statement waits for another's transaction, as one of SQLite does."""

_DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') <> %s"
_PATIENCE = "SELECT set_config('lock_timeout', %s, false) WHERE current_setting('lock_timeout') = '0'"
_STRONGER = "remote_apply"

_WANTED = {
    "synchronous_commit": "on",
    "fsync": "on",
    "full_page_writes": "on",
}
"""Without one of them a crash takes back what was called committed (PostgreSQL's documentation, section 19.5)."""

_ROUNDS = 3


_NO_LOGIN = (
    ("password", "the user's name or password is wrong", "Mend them in the ledger's URL, or give it in PGPASSWORD."),
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


def server_arguments(url: URL) -> dict[str, Any]:
    """Return what is said to libpq for each connection, where *url* does not say otherwise."""
    return {name: value for name, value in KEEPALIVES.items() if name not in url.query}


def make_durable(connection: Any, _record: Any) -> None:
    """Let each commit of a new connection wait for the disk, whatever the server, database or role says.

    A statement waits no longer for another's transaction than one of SQLite does, unless they say how long.
    """
    connection.execute(_DURABLE, [_STRONGER])
    connection.execute(_PATIENCE, [LOCK_TIMEOUT])
    connection.commit()


def refuse_undurable(engine: Engine) -> None:
    """Raise `LedgerUnusable` for a server that may lose what it has committed."""
    with engine.connect() as connection:
        found = {name: connection.scalar(text(f"SHOW {name}")) for name in _WANTED}
    lacking = [f"{name} is {value}" for name, value in found.items() if value not in (_WANTED[name], _STRONGER)]
    if lacking:
        raise LedgerUnusable(
            f"{engine.url.database}: this server may lose what it has committed: {', '.join(lacking)}. A claim that is"
            " lost so rings a person twice. Set them to on in its configuration, and reload it."
        )


def refuse_pooled_session(session: Connection, engine: Engine) -> None:
    """Raise `LedgerUnusable` where *session* is one of a pooler that gives a backend for a transaction only.

    There a lock stays on a backend that somebody else gets next. A backend that served *session* is free for others in
    between: held by another connection's transaction, which stays open, it is seen there, or *session* on another one.
    """
    try:
        with ExitStack() as transactions:
            for _ in range(_ROUNDS):
                other = transactions.enter_context(engine.connect())  # first: a new connection may bring a new backend
                before = _backend(session)
                if _backend(other) == before or _backend(session) != before:
                    raise LedgerUnusable(_POOLED.format(engine.url.database))
            _refuse_lost_setting(session, engine)
    except SQLAlchemyError as error:
        why = why_refused(getattr(error, "orig", None))
        raise LedgerUnusable(f"{engine.url.database}: the ledger cannot be used: {why}") from error


_POOLED = (
    "{}: a pooler (such as PgBouncer) in transaction mode lies before this server: each transaction may have another"
    " backend, so that no lock holds. Let it pool sessions for this database (pool_mode = session), or name the"
    " server's own port."
)


def _refuse_lost_setting(session: Connection, engine: Engine) -> None:
    token = f"{randbits(64):x}"
    session.execute(text("SELECT set_config('dialer.session', :token, false)"), {"token": token})
    if session.scalar(text("SELECT current_setting('dialer.session', true)")) != token:
        raise LedgerUnusable(_POOLED.format(engine.url.database))


def _backend(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT pg_backend_pid()")) or 0)
