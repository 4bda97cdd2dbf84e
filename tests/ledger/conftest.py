"""A fresh ledger for each test, on SQLite and, where the promise is the database's, on a real PostgreSQL as well."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from dialer.ledger.database.open import Ledger
from tests.ledger.books import empty
from tests.ledger.postgres import Server

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]
"""The kinds of ledger: the promises of each are kept on both, and the quick tests look at the default."""


@pytest.fixture(scope="session")
def ledger_made_once(postgres: Server) -> Iterator[Ledger]:
    """Return a ledger on PostgreSQL that is made once: emptying it is ten times as fast as making one."""
    with Ledger.open(postgres.create_database("kept")) as ledger:
        yield ledger


@pytest.fixture
def kept_ledger(ledger_made_once: Ledger) -> Ledger:
    """Return the ledger that is made once, with sessions that live: an earlier test may have restarted the server."""
    with suppress(OperationalError), ledger_made_once.engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")  # where it fails the pool forgets every session that it has
    return ledger_made_once


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the place of a ledger that is not there yet."""
    return tmp_path / ".dialer" / "ledger.db"


@pytest.fixture(params=BOTH)
def location(request: pytest.FixtureRequest) -> str:
    """Return the place of a ledger of either kind that is not there yet."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("file"))
    return str(request.getfixturevalue("database"))


@pytest.fixture(params=BOTH)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Return an open ledger of either kind with nothing in it."""
    if request.param == "sqlite":
        return cast("Engine", request.getfixturevalue("sqlite"))
    ledger: Ledger = request.getfixturevalue("kept_ledger")
    empty(ledger)
    return ledger.engine


@pytest.fixture(scope="session")
def new_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a ledger's file with nothing in it, made once: copying it is faster than syncing it table by table."""
    path = tmp_path_factory.mktemp("new") / "ledger.db"
    Ledger.open(path).close()
    return path


@pytest.fixture
def sqlite(file: Path, new_file: Path) -> Iterator[Engine]:
    """Return an open ledger on SQLite."""
    file.parent.mkdir(mode=0o700)
    shutil.copy(new_file, file)
    with Ledger.open(file) as ledger:
        yield ledger.engine
