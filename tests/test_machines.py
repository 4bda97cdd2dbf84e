"""Three machines on one server for a few seconds; `python -m tests.machines` does it for half an hour."""

import pytest

from tests.ledger.postgres import CannotStart
from tests.machines import torture

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # twenty seconds; minutes on a busy machine


def test_everybody_is_called_once_whichever_machine_does_it() -> None:
    """Killed, frozen, cut off, with a server that restarts and crashes: nobody is called twice, and no row is lost."""
    try:
        figures = torture(4, rows=20, seed=3, events_each=(0.5, 1.5), campaigns=1)
    except CannotStart as reason:
        pytest.skip(f"no PostgreSQL here: {reason}")

    assert not figures.breaches, figures.breaches[0]
    assert figures.counts["calls"] == 20 * figures.counts["campaigns"]
