"""Real kills of the real command line, a few of them; `python -m tests.kills` does hundreds."""

from pathlib import Path

import pytest

from tests.kills import torture

pytestmark = pytest.mark.slow


def test_everybody_is_called_once_whatever_is_killed(tmp_path: Path) -> None:
    """Killed at random moments and started again until done, no number is called twice and none is left out."""
    verdict = torture(tmp_path, kills=2, rows=197, seed=7)

    assert verdict.is_clean
    assert verdict.kills == 2


def test_everybody_is_called_once_with_a_ledger_on_a_server(tmp_path: Path, database: str) -> None:
    """The same with a PostgreSQL, where a killed run leaves sessions behind that the server has to end."""
    verdict = torture(tmp_path, kills=2, rows=197, seed=7, ledger=database)

    assert verdict.is_clean
    assert verdict.kills == 2
