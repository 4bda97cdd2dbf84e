"""The report of real runs: what it tells of a campaign and of one run, and of whom it tells nothing."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from dialer.errors import UsageError
from dialer.jobs.purge import purge_campaign
from dialer.jobs.sending.options import RunOptions
from dialer.ledger.database.open import Ledger
from dialer.results.report.compose import Scope
from dialer.results.report.write import write_report
from dialer.sandbox import Faults, Sandbox
from tests.jobs.test_run import run_at
from tests.support import NOON_MS, CampaignFolder, number

NOW = Scope(NOON_MS)


def page_of(folder: CampaignFolder, scope: Scope = NOW) -> str:
    """Write the report of the folder's campaign, and read it."""
    path = folder.path / "report.html"
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        write_report(ledger, folder.campaign(), path, scope)
    return path.read_text("utf-8")


def figures(page: str) -> list[int]:
    """Return the figures of the funnel."""
    return [int(text) for text in re.findall(r'<span class="number">(\d+)</span>', page)]


def people(page: str) -> dict[str, list[object]]:
    """Return the rows that need a person, as the page's script reads them."""
    found = re.search(r'id="rows">(.*?)</script>', page)
    assert found is not None
    rows: dict[str, list[object]] = json.loads(found[1])
    return rows


def test_a_campaign_is_told_as_a_whole_and_a_run_by_itself(folder: CampaignFolder) -> None:
    """The campaign's page tells where everybody stands after all runs, a run's what that one did."""
    with Sandbox(faults=Faults(refuse_name="Person 2")) as sandbox:
        first = run_at(sandbox, folder.campaign(), RunOptions(limit=1))
        second = run_at(sandbox, folder.campaign())

    whole, one = page_of(folder), page_of(folder, Scope(NOON_MS, run_id=second.run_id))
    assert figures(whole)[:3] == [3, 3, 2]
    assert figures(one)[:3] == [3, 2, 1]
    assert first.run_id in whole
    assert first.run_id not in one
    assert people(whole)["row"] == people(one)["row"] == [4]


def test_numbers_are_masked_unless_asked_for(folder: CampaignFolder) -> None:
    """No whole number stands on the page unless somebody asks for it."""
    folder.sheet(["Name", "Phone"], [["", number(0)], ["B", number(1)]])
    with Sandbox() as sandbox:
        run_at(sandbox, folder.campaign())

    masked, whole = page_of(folder), page_of(folder, Scope(NOON_MS, unmasked=True))
    assert number(0) not in masked
    assert people(masked)["phone"] == [f"…{number(0)[-2:]}"]
    assert people(whole)["phone"] == [number(0)]


def test_a_page_that_is_loaded_anew_says_how_far_the_run_is(folder: CampaignFolder) -> None:
    """While a run goes on the page loads itself; afterwards it never does."""
    with Sandbox() as sandbox:
        run_id = run_at(sandbox, folder.campaign()).run_id

    going = page_of(folder, Scope(NOON_MS, run_id=run_id, refresh_seconds=10))
    assert '<meta http-equiv="refresh" content="10">' in going
    assert "<strong>3</strong> of 3 planned calls are done" in going
    assert 'http-equiv="refresh"' not in page_of(folder, Scope(NOON_MS, run_id=run_id))


def test_nights_have_their_place_in_the_month(folder: CampaignFolder) -> None:
    """Each night of the last month is there with what it created, one without a run as empty."""
    with Sandbox() as sandbox:
        run_at(sandbox, folder.campaign(), RunOptions(night=date(2026, 11, 22)))

    page = page_of(folder)
    assert re.search(r"<title>2026-11-22: 3 created, exit 0", page)
    assert re.search(r"<title>2026-11-21: 0 created, no run</title>", page)
    assert len(re.findall(r"<title>2026-1[01]-\d\d: ", page)) == 31


@pytest.mark.parametrize("scope", [NOW, Scope(NOON_MS, run_id="nobody's")])
def test_there_has_to_be_something_to_tell(folder: CampaignFolder, scope: Scope) -> None:
    """A campaign that never ran, a run that it has not, and one whose people were erased are named."""
    with Ledger.open(folder.path / ".dialer/ledger.db"):
        pass
    with pytest.raises(UsageError, match="tells nothing of"):
        page_of(folder, scope)


def test_erased_people_are_on_no_page(folder: CampaignFolder) -> None:
    """After a purge there is nobody to tell of."""
    with Sandbox() as sandbox:
        run_at(sandbox, folder.campaign())
    purge_campaign(folder.campaign(), confirm=lambda _: True)
    with pytest.raises(UsageError, match="erased"):
        page_of(folder)
    assert not (folder.path / "report.html").exists()


def test_the_path_of_the_page_is_the_callers(folder: CampaignFolder) -> None:
    """Folders that are missing are made."""
    with Sandbox() as sandbox:
        run_at(sandbox, folder.campaign())
    path = folder.path / "a" / "b" / "page.html"
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        write_report(ledger, folder.campaign(), Path(path), NOW)
    assert path.is_file()
