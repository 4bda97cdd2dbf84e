"""A place for a ledger of either kind, for the stories that are the same on both."""

from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the place of a ledger of either kind, with nothing in it."""
    if request.param == "sqlite":
        return str(tmp_path / "kept/ledger.db")
    return str(request.getfixturevalue("database"))
