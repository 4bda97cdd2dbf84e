"""The results written anew from the ledger."""

from pathlib import Path

import pytest

from dialer.errors import UsageError
from dialer.jobs.results import rebuild_results
from dialer.jobs.sending.options import RunOptions
from dialer.ledger.database.open import Ledger
from dialer.reasons import Status
from dialer.sandbox import Faults, Sandbox
from tests.jobs.test_run import run_at
from tests.support import ANY_HOUR, FAST, CampaignFolder, column, number, read_results


def rebuilt(folder: CampaignFolder, run_id: str | None = None) -> list[dict[str, str]]:
    """Rebuild the results of the folder's campaign and read them."""
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        rebuild_results(ledger, "campaign", folder.path / "again.csv", run_id=run_id)
    return read_results(folder.path / "again.csv")


@pytest.mark.slow
def test_a_runs_file_can_be_written_anew_byte_for_byte(folder: CampaignFolder) -> None:
    """What a run wrote at its end is what the ledger writes later, also after another run."""
    with Sandbox(faults=Faults(refuse_name="Person 1")) as sandbox:
        first = run_at(sandbox, folder.campaign())
        written = (first.results or Path()).read_bytes()
        run_at(sandbox, folder.campaign())

    rebuilt(folder, first.run_id)
    assert (folder.path / "again.csv").read_bytes() == written


@pytest.mark.slow
def test_everybody_is_told_also_who_is_in_no_sheet_any_more(folder: CampaignFolder) -> None:
    """Contacts that only an earlier sheet held stand behind the rows of the last one, in its columns."""
    with Sandbox() as sandbox:
        run_at(sandbox, folder.campaign(), RunOptions(limit=2))
        folder.sheet(["Phone", "Name", "Note"], [[number(7), "New", "hello"], [number(0), "Person 0", ""]])
        run_at(sandbox, folder.campaign())

    rows = rebuilt(folder)
    assert column(rows, "Name") == ["New", "Person 0", "Person 1", "Person 2"]
    assert column(rows, "Note") == ["hello", "", "", ""]
    assert column(rows, "dialer_status") == ["created", "created", "created", "pending"]
    assert column(rows, "dialer_row") == ["2", "3", "3", "4"]


@pytest.mark.slow
def test_who_was_suppressed_since_is_told_once(folder: CampaignFolder) -> None:
    """A person whose row is held back today stands there once: with their call where there is one, else as skipped."""
    with Sandbox() as sandbox:
        run_at(sandbox, folder.campaign(), RunOptions(limit=2))
        (folder.path / "stop.csv").write_text(f"Phone\n{number(1)}\n{number(2)}\n", "utf-8")
        run_at(sandbox, folder.campaign(ANY_HOUR + FAST + '[suppression]\nfiles = ["stop.csv"]\n'))

    rows = rebuilt(folder)
    assert column(rows, "dialer_row") == ["2", "3", "4"]
    assert column(rows, "dialer_status") == ["created", "created", "skipped"]
    assert [bool(call_id) for call_id in column(rows, "dialer_call_id")] == [True, True, False]


@pytest.mark.slow
def test_a_row_without_a_contact_hides_nobody_else_of_its_number(folder: CampaignFolder) -> None:
    """Under another key one number is several contacts': a rejected row of it is not the one that was called."""
    by_id = 'region = "US"\nkey = ["Id"]'
    with Sandbox() as sandbox:
        folder.sheet(["Name", "Phone", "Id"], [["A", number(0), "1"], ["B", number(1), "2"]])
        run_at(sandbox, folder.campaign(contacts=by_id))
        folder.sheet(["Name", "Phone", "Id"], [["", number(0), "9"], ["C", number(2), "3"]])
        run_at(sandbox, folder.campaign(contacts=by_id))

    rows = rebuilt(folder)
    assert column(rows, "Id") == ["9", "3", "1", "2"]
    assert column(rows, "dialer_status") == ["rejected", "created", "created", "created"]


@pytest.mark.slow
def test_the_same_sheet_read_often_is_told_once(folder: CampaignFolder) -> None:
    """However many runs there were, each row stands there once."""
    with Sandbox() as sandbox:
        for _ in range(3):
            run_at(sandbox, folder.campaign())
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        tally = rebuild_results(ledger, "campaign", folder.path / "again.xlsx")

    assert tally.counts == {Status.CREATED: 3}


@pytest.mark.slow
def test_a_campaign_or_run_that_never_was_has_no_results(folder: CampaignFolder) -> None:
    """The message says so, and no file is written."""
    with Sandbox() as sandbox:
        run_at(sandbox, folder.campaign())
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        for name, run_id in (("other", None), ("campaign", "20260101T000000Z-000000")):
            with pytest.raises(UsageError):
                rebuild_results(ledger, name, folder.path / "again.csv", run_id=run_id)
    assert not (folder.path / "again.csv").exists()
