"""The end of a run is stored though the server ended the session that would have done it."""

from pathlib import Path

import pytest

from dialer.errors import LedgerWriteFailed
from dialer.jobs.sending.ends import store_end
from dialer.jobs.sending.summary import RunSummary
from dialer.ledger.database.open import Ledger
from dialer.ledger.runs import Run, SheetFacts, begin_run, find_run
from dialer.results.tally import Tally
from tests.ledger.postgres import Server, end_sessions

SUMMARY = RunSummary("run-1", "spring", 0, 1_000, Tally(), None)


def _begin(ledger: Ledger) -> Run:
    with ledger.write() as tx:
        sheet = SheetFacts("spring.csv", "0" * 64, ("Phone",))
        return begin_run(tx, run_id="run-1", campaign="spring", sheet=sheet, started_at_ms=0, facts={})


@pytest.mark.slow
def test_the_end_of_a_run_is_stored_by_another_session(postgres: Server) -> None:
    """A night whose end nobody stored would be done again."""
    with Ledger.open(location := postgres.create_database("run_ends")) as ledger:
        run = _begin(ledger)
        end_sessions(location, only_locks=False)

        assert store_end(ledger, run, SUMMARY) is None
        with ledger.read() as tx:
            assert find_run(tx, "run-1").exit_code == 0


def test_an_end_that_cannot_be_stored_is_returned(tmp_path: Path) -> None:
    """Whoever reads the summary is told that the ledger does not know."""
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        run = _begin(ledger)
        with ledger.write() as tx:
            tx.exec_driver_sql("DROP TABLE runs")

        assert isinstance(store_end(ledger, run, SUMMARY), LedgerWriteFailed)
