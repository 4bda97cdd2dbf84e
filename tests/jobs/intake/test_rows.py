"""What rows of the sheet forbid stays forbidden until the sheet has been read anew to its end."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from dialer.contacts.loader import load_contacts
from dialer.jobs.intake.email_findings import EmailFindings
from dialer.jobs.intake.rows import TRANSACTION_ROWS, RunStart, take_in
from dialer.jobs.retry import retry_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.sending.options import RunOptions
from dialer.jobs.sending.summary import RunSummary
from dialer.ledger.database.open import Ledger
from dialer.ledger.intake import ReadRow
from dialer.sandbox import Faults, Sandbox
from tests.jobs.intake.test_other_numbers import HEADER, LIST, TWO_NUMBERS, called, reasons, stop
from tests.jobs.test_run import hurried
from tests.support import ANY_HOUR, FAST, NOON_MS, CampaignFolder, number

TABLES = ANY_HOUR + FAST + TWO_NUMBERS + LIST
ANN = ["Ann", number(1), "", "yes"]
NO = ["Ben", number(50), number(1), "no"]


class Killed(EmailFindings):
    """What ends the reading once the first rows are stored."""

    def see_all(self, rows: Iterable[ReadRow]) -> None:
        """End the process."""
        raise KeyboardInterrupt(len(list(rows)))


def call(
    folder: CampaignFolder, location: str, journal: Path, *, retry: bool = False, refuse: float = 0
) -> tuple[RunSummary, list[str]]:
    """Run or retry; return the summary with the numbers of all calls that exist after it."""
    with Sandbox(journal=journal, faults=Faults(refuse=refuse)) as sandbox:
        job = retry_campaign if retry else run_campaign
        summary = job(folder.campaign(TABLES), options=RunOptions(ledger=location), runtime=hurried(sandbox))
        return summary, called(sandbox)


@pytest.fixture
def journal(folder: CampaignFolder, location: str, tmp_path: Path) -> Path:
    """Let the API refuse Ann; then the sheet says of another row, with Ann's number, that it must not be called."""
    stop(folder, [])
    folder.sheet(HEADER, [ANN])
    journal = tmp_path / "calls.jsonl"
    assert reasons(call(folder, location, journal, refuse=1)[0]) == ["api_400"]
    folder.sheet(HEADER, [ANN, NO])
    assert reasons(call(folder, location, journal)[0]) == ["suppressed", "consent_revoked"]
    return journal


@pytest.mark.slow
def test_what_rows_forbid_outlives_a_reading_that_was_killed(
    folder: CampaignFolder, location: str, journal: Path
) -> None:
    """A retry calls nobody whom the sheet read last forbids; once one that allows it is read whole, a run does."""
    folder.sheet(HEADER, [*[["Nobody", "?", "", "yes"]] * TRANSACTION_ROWS, ANN, NO])
    loaded = load_contacts(folder.campaign(TABLES), now_ms=NOON_MS)
    with Ledger.open(location) as ledger, pytest.raises(KeyboardInterrupt):
        take_in(ledger, loaded, RunStart("killed", loaded.campaign.name, NOON_MS, {}), Killed(loaded.mapping))
    assert call(folder, location, journal, retry=True)[1] == []
    folder.sheet(HEADER, [ANN])
    assert call(folder, location, journal)[1] == [number(1)]


@pytest.mark.slow
def test_what_rows_forbid_outlives_the_same_word_of_a_file(
    folder: CampaignFolder, location: str, journal: Path
) -> None:
    """A number that a row forbids is put into a suppression file and taken off it again: the row still forbids it."""
    stop(folder, [number(1)])
    assert call(folder, location, journal, retry=True)[1] == []
    stop(folder, [])
    summary, calls = call(folder, location, journal, retry=True)
    assert calls == []
    assert summary.idle
