"""Rows that were mended in results, called, and met again in the sheet that nobody changed: nobody is called twice."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from dialer.errors import SheetError
from dialer.jobs.purge import PurgeOptions, purge_campaign
from dialer.jobs.retry import RetryOptions, retry_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions
from dialer.jobs.sending.summary import RunSummary
from dialer.jobs.status import read_standings
from dialer.ledger.database.open import Ledger
from dialer.sandbox import Faults, Sandbox
from tests.jobs.test_retry import by_row, mend, rows_of
from tests.jobs.test_run import hurried
from tests.support import ANY_HOUR, FAST, CampaignFolder, number

BY_ID = 'key = ["Id"]\n'


class Story:
    """One campaign that is run and mended in turns, with all the calls that its API has created."""

    def __init__(self, folder: CampaignFolder, journal: Path, options: RunOptions) -> None:
        self._folder, self._journal, self.options = folder, journal, options
        self.tables = ANY_HOUR + FAST
        self.calls: list[str] = []
        self.bodies: Sequence[Mapping[str, Any]] = []
        folder.sheet(["Id", "Name", "Phone"], [["7", "Ann", number(0)], ["8", "Eve", "12"]])

    def _play(self, job: Callable[[Runtime], RunSummary], faults: Faults | None) -> dict[str, str]:
        with Sandbox(journal=self._journal, faults=faults or Faults()) as sandbox:
            self.last = job(hurried(sandbox))
            self.bodies = sandbox.created
            self.calls = sorted(str(call["toPhoneNumber"]) for call in self.bodies)
        return rows_of(self.last)[1] if self.last.results is not None else {}

    def run(self, faults: Faults | None = None) -> dict[str, str]:
        """Run the sheet, and return what is told of Eve's row."""
        campaign = self._folder.campaign(self.tables)
        return self._play(lambda runtime: run_campaign(campaign, options=self.options, runtime=runtime), faults)

    def mend(self, results: RunSummary, phone: str, faults: Faults | None = None, **cells: str) -> dict[str, str]:
        """Write a number and other cells into Eve's row of *results*, give them back, and return what is told of it."""
        changes = {"3": {"Phone": phone} | cells}
        retry = RetryOptions(mended=mend(results, self._folder.path / "mended.csv", by_row(changes)))
        campaign = self._folder.campaign(self.tables)
        return self._play(
            lambda runtime: retry_campaign(campaign, retry=retry, options=self.options, runtime=runtime), faults
        )

    def retry(self) -> dict[str, str]:
        """Send again what failed, and return what is told of Eve's row."""
        campaign = self._folder.campaign(self.tables)
        return self._play(lambda runtime: retry_campaign(campaign, options=self.options, runtime=runtime), None)

    def to_mend(self) -> int:
        """Return how many rows `status` counts as rejected."""
        with Ledger.open(self._folder.path / ".dialer/ledger.db") as ledger:
            (found,) = read_standings(ledger, "campaign")
        return found.standing.rejected


@pytest.fixture
def story(folder: CampaignFolder, tmp_path: Path) -> Story:
    """Return a story in a ledger of its own."""
    return Story(folder, tmp_path / "calls.jsonl", RunOptions())


def told(row: dict[str, str]) -> tuple[str, str]:
    """Return status and reason."""
    return row["dialer_status"], row["dialer_reason"]


CREATED = ("skipped", "already_created")


@pytest.mark.slow
@pytest.mark.parametrize("key", ["", BY_ID], ids=["by number", "by id"])
def test_a_mended_row_that_was_called_is_not_told_to_be_mended_again(story: Story, key: str) -> None:
    """The sheet as it was has the row's call, with its id and number; a second mend of old results is refused aloud."""
    story.tables = key + story.tables
    assert told(story.run()) == ("rejected", "phone_invalid")
    first = story.last
    created = story.mend(first, number(20))
    assert told(created) == ("created", "")
    for _ in range(2):
        again = story.run()
        assert told(again) == CREATED
        assert (again["dialer_call_id"], again["dialer_phone"]) == (created["dialer_call_id"], number(20))
        assert "mended in a results file" in again["dialer_message"]
    assert story.to_mend() == 0
    story.mend(story.last, number(40))
    with pytest.raises(SheetError, match=r"row 3 of the sheet is another one by now"):
        story.mend(first, number(40))
    assert story.calls == [number(0), number(20)]


@pytest.mark.slow
def test_it_holds_on_a_server(folder: CampaignFolder, tmp_path: Path, database: str) -> None:
    """On PostgreSQL, run, mended, run again and mended once more, the person has one call."""
    story = Story(folder, tmp_path / "calls.jsonl", RunOptions(ledger=database))
    story.run()
    first = story.last
    story.mend(first, number(20))
    assert told(story.run()) == CREATED
    with pytest.raises(SheetError):
        story.mend(first, number(40))
    assert story.calls == [number(0), number(20)]


@pytest.mark.slow
def test_a_row_that_was_changed_in_the_sheet_is_judged_as_it_is(story: Story, folder: CampaignFolder) -> None:
    """Whoever mends the sheet itself has said who is meant: another number is another person."""
    story.run()
    story.mend(story.last, number(20))
    folder.sheet(["Id", "Name", "Phone"], [["7", "Ann", number(0)], ["8", "Eve", "13"]])
    assert told(story.run()) == ("rejected", "phone_invalid")
    folder.sheet(["Id", "Name", "Phone"], [["7", "Ann", number(0)], ["8", "Eve", number(41)]])
    assert told(story.run()) == ("created", "")
    assert story.calls == [number(0), number(20), number(41)]


@pytest.mark.slow
def test_a_row_that_took_two_mends_is_known_by_all_that_it_was(story: Story) -> None:
    """Mended badly, mended to a number that is refused, and mended at last: the sheet as it was has its last call."""
    story.run()
    story.mend(story.last, "13")
    story.mend(story.last, number(20), Faults(refuse_name="Eve"))
    assert told(story.mend(story.last, number(21))) == ("created", "")
    again = story.run()
    assert (told(again), again["dialer_phone"]) == (CREATED, number(21))
    assert story.calls == [number(0), number(21)]


@pytest.mark.slow
@pytest.mark.parametrize("key", ["", BY_ID], ids=["by number", "by id"])
def test_a_mended_row_that_was_refused_waits_for_a_retry(story: Story, key: str) -> None:
    """A run of the sheet as it was neither sends nor forgets it; a retry sends the number that it was mended to."""
    story.tables = key + story.tables
    story.run()
    story.mend(story.last, number(20), Faults(refuse_name="Eve"))
    assert told(story.run())[0] == "failed"
    assert story.calls == [number(0)]
    assert told(story.retry()) == ("created", "")
    assert told(story.run()) == CREATED
    assert story.calls == [number(0), number(20)]


@pytest.mark.slow
def test_a_purge_leaves_it_known(story: Story, folder: CampaignFolder) -> None:
    """Erased, the mended person is still not offered for another mend."""
    story.run()
    story.mend(story.last, number(20))
    purge_campaign(folder.campaign(story.tables), options=PurgeOptions())
    assert told(story.run()) == CREATED
    assert story.calls == [number(0), number(20)]


@pytest.mark.slow
def test_a_row_mended_into_somebody_else_of_the_sheet_is_known(story: Story) -> None:
    """Mended to the number of a row that has its call, it has that call and needs no mending."""
    story.run()
    story.mend(story.last, number(0))
    assert told(story.run()) == CREATED
    assert story.calls == [number(0)]


@pytest.mark.slow
def test_a_mended_row_that_is_suppressed_since_is_not_called(story: Story, folder: CampaignFolder) -> None:
    """Put on a list since, the mended number is called by no run of the sheet as it was, and by no retry."""
    story.run()
    story.mend(story.last, number(20), Faults(refuse_name="Eve"))
    (folder.path / "stop.csv").write_text(f"phone\n{number(20)}\n", encoding="utf-8")
    story.tables += '[suppression]\nfiles = ["stop.csv"]\n'
    story.run()
    story.retry()
    assert story.calls == [number(0)]


@pytest.mark.slow
def test_numbers_and_dates_that_a_program_wrote_another_way_are_kept(story: Story, folder: CampaignFolder) -> None:
    """`0001` that came back as `1` is said as `0001`, with a note; another value in such a column is an edit."""
    story.tables = '[contacts.variables]\ncode = "Code"\nlong = "Long"\nsum = "Sum"\ndue = "Due"\n' + story.tables
    header = ["Name", "Phone", "Code", "Long", "Sum", "Due"]
    eve = ["Eve", "12", "0001", "12345678901234567890", "1E3", "2026-12-01"]
    folder.sheet(header, [["Ann", number(0), "1", "2", "3", ""], eve])
    story.run()
    story.mend(story.last, number(20), Code="1", Long="1.23E+019", Sum="2000", Due="12/1/2026")
    (made,) = (body for body in story.bodies if body["toPhoneNumber"] == number(20))
    said = {item["key"]: item["value"] for item in made["promptVariableValues"]}
    assert said == {"code": "0001", "long": "12345678901234567890", "sum": "2000", "due": "2026-12-01"}
    notes = " ".join(story.last.notes)
    assert 'Column "Code": a spreadsheet program wrote 1 number or date another way, such as in row 3' in notes
    assert 'Column "Long": a spreadsheet program wrote 1 number or date another way' in notes
    assert "Sum" not in notes
