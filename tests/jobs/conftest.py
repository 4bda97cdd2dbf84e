"""A place for a ledger of either kind, for the stories that are the same on both."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.ledger.postgres import CannotStart, running_postgres

_numbers = count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Return the address of a server that lives as long as the tests; `{}` in it stands for a database's name."""
    try:
        with running_postgres() as address:
            yield address
    except CannotStart as reason:
        pytest.skip(f"no PostgreSQL here: {reason}")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the place of a ledger of either kind, with nothing in it."""
    if request.param == "sqlite":
        return str(tmp_path / "kept/ledger.db")
    address: str = request.getfixturevalue("postgres")
    name = f"story_{next(_numbers)}"
    engine = create_engine(address.format("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return address.format(name)
