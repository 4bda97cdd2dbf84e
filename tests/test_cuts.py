"""A run whose connection to its ledger is cut, at a few of its statements; `python -m tests.cuts` cuts at each."""

from pathlib import Path

import pytest

from dialer.exit_codes import EXIT_OK
from tests.cuts import play_all

pytestmark = pytest.mark.slow


def test_everybody_is_called_once_wherever_the_connection_is_cut(database: str, tmp_path: Path) -> None:
    """Whether or not the server got the statement, nobody is called twice, nobody is lost, and no end is a bug's."""
    played = list(play_all(tmp_path, database, first=90, step=150))

    assert not [cut for cut in played if cut.breaches]
    assert len(played) == 4
    assert {cut.code for cut in played} - {EXIT_OK}, "no cut was felt"
