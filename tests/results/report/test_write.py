"""The report of real runs: what it tells of a campaign and of one run, and of whom it tells nothing."""

import json
import re
from datetime import date
from typing import NamedTuple

import pytest
from sqlalchemy import update

from dialer.calls.outcome import Outcome
from dialer.calls.pause import Pause, PauseReason
from dialer.errors import UsageError
from dialer.exit_codes import EXIT_UNKNOWN
from dialer.jobs.purge import purge_campaign
from dialer.jobs.retry import retry_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.sending.options import RunOptions, SilentListener
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import runs
from dialer.ledger.live.pauses import record_pauses
from dialer.ledger.suppression_list import suppress_numbers
from dialer.reasons import Status
from dialer.results.report.compose import Scope
from dialer.results.report.write import write_report
from dialer.sandbox import Faults, Sandbox
from tests.jobs.test_run import hurried, run_at
from tests.support import ANY_HOUR, FAST, NOON_MS, CampaignFolder, number

NOW = Scope(NOON_MS)
ALIVE = f"{ANY_HOUR}{FAST}[report]\nwrite = true\n"


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


class Reported(NamedTuple):
    """A campaign that has run twice, and the ids of its runs."""

    folder: CampaignFolder
    first: str
    second: str


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """Run a campaign for a night, which calls one person, and by hand; one is refused, and one row has no name."""
    folder = CampaignFolder(tmp_path_factory.mktemp("reported"))
    people = [[f"Person {index}", number(index)] for index in range(3)]
    folder.sheet(["Name", "Phone"], [*people, ["", number(50)]])
    with Sandbox(faults=Faults(refuse_name="Person 2")) as sandbox:
        first = run_at(sandbox, folder.campaign(), RunOptions(limit=1, night=date(2026, 11, 22)))
        second = run_at(sandbox, folder.campaign())
    return Reported(folder, first.run_id, second.run_id)


def test_a_campaign_is_told_as_a_whole_and_a_run_by_itself(reported: Reported) -> None:
    """The campaign's page tells where everybody stands after all runs, a run's what that one did."""
    whole, one = page_of(reported.folder), page_of(reported.folder, Scope(NOON_MS, run_id=reported.second))
    assert figures(whole)[:3] == [4, 3, 2]
    assert figures(one)[:3] == [4, 2, 1]
    assert reported.first in whole
    assert reported.first not in one
    assert people(whole)["row"] == people(one)["row"] == [4, 5]


def test_numbers_are_masked_unless_asked_for(reported: Reported) -> None:
    """No whole number stands on the page unless somebody asks for it."""
    masked, whole = page_of(reported.folder), page_of(reported.folder, Scope(NOON_MS, unmasked=True))
    assert not [index for index in (0, 1, 2, 50) if number(index) in masked]
    assert people(masked)["phone"] == [f"…{number(index)[-2:]}" for index in (2, 50)]
    assert people(whole)["phone"] == [number(2), number(50)]


def test_a_page_that_is_loaded_anew_says_how_far_the_run_is(reported: Reported) -> None:
    """While a run goes on the page loads itself; afterwards it never does."""
    going = page_of(reported.folder, Scope(NOON_MS, run_id=reported.second, refresh_seconds=10))
    assert '<meta http-equiv="refresh" content="10">' in going
    assert "<strong>2</strong> of 2 planned calls are done" in going
    assert 'http-equiv="refresh"' not in page_of(reported.folder, Scope(NOON_MS, run_id=reported.second))


def test_a_page_of_a_run_that_waits_says_why(reported: Reported) -> None:
    """Whoever looks at a paused run reads who has paused it, and no time left by a pace that there is not."""
    pause = Pause(PauseReason.ASKED, NOON_MS - 20_000, None, "Paused by ada@office.")
    with Ledger.open(reported.folder.path / ".dialer/ledger.db") as ledger, ledger.write() as tx:
        record_pauses(tx, reported.second, [pause])
    going = page_of(reported.folder, Scope(NOON_MS, run_id=reported.second, refresh_seconds=10))
    assert "The run waits" in going
    assert "Nothing is sent now: somebody has paused the campaign (Paused by ada@office)." in going
    assert "the rest takes" not in going


def test_nights_have_their_place_in_the_month(reported: Reported) -> None:
    """Each night of the last month is there with what it created, one without a run as empty."""
    page = page_of(reported.folder)
    assert re.search(r"<title>2026-11-22: 1 created, exit 3", page)
    assert re.search(r"<title>2026-11-21: 0 created, no run</title>", page)
    assert len(re.findall(r"<title>2026-1[01]-\d\d: ", page)) == 31


def test_a_night_is_the_campaigns_own_date(folder: CampaignFolder) -> None:
    """East of UTC a night has tomorrow's date; two starts of a night add up; older than a month, it is not drawn."""
    folder.people(4)
    nights = [date(2026, 10, 24), date(2026, 10, 25), date(2026, 11, 24), date(2026, 11, 24)]
    with Sandbox() as sandbox:
        for night in nights:
            run_at(sandbox, folder.campaign(), RunOptions(limit=1, night=night))
            with Ledger.open(folder.path / ".dialer/ledger.db") as ledger, ledger.write() as tx:
                tx.execute(update(runs).values(exit_code=EXIT_UNKNOWN))  # or the night would be done
    drawn = re.findall(r"<title>(\d{4}-\d\d-\d\d): (\d+) created, (.*?)</title>", page_of(folder))
    assert len(drawn) == 31
    assert [drawn[0], drawn[-1]] == [("2026-10-25", "1", drawn[0][2]), ("2026-11-24", "2", drawn[-1][2])]
    assert {told for _, count, told in drawn if count == "0"} == {"no run"}


@pytest.mark.slow
def test_the_page_of_a_retry_tells_what_it_did(folder: CampaignFolder) -> None:
    """The page of a retry counts the rows that it sent again, and lists whom it could not call; the whole is apart."""
    folder.people(4)
    campaign = folder.campaign(ALIVE)
    with Sandbox(faults=Faults(refuse=0.5, seed=1)) as sandbox:
        first = run_campaign(campaign, runtime=hurried(sandbox))
    failed = first.counts[Status.FAILED]
    with Sandbox(faults=Faults(refuse_name="Person 3")) as sandbox:
        again = retry_campaign(campaign, runtime=hurried(sandbox))
        created = len(sandbox.created)
    assert again.report is not None
    page, whole = again.report.read_text("utf-8"), page_of(folder)
    assert 0 < created <= failed < 4
    assert figures(page)[2] == created
    assert figures(whole)[:3] == [4, 4, 4 - failed + created]
    assert f"Run {again.run_id}, begun" in page
    assert len(people(page)["row"]) == len(people(whole)["row"]) == failed - created


@pytest.mark.slow
def test_whoever_asked_for_no_more_is_on_the_page_until_the_call_has_rung(folder: CampaignFolder) -> None:
    """Suppressed after its call was created, the row is there with the id, after a later run too, until the slot."""
    with Sandbox() as sandbox:
        summary = run_at(sandbox, folder.campaign())
        (call_id,) = [call["_id"] for call in sandbox.created if call["toPhoneNumber"] == number(1)]
        with Ledger.open(folder.path / ".dialer/ledger.db") as ledger, ledger.write() as tx:
            suppress_numbers(tx, [number(1)], reason="asked", at_ms=NOON_MS)
        before, of_run = page_of(folder), page_of(folder, Scope(NOON_MS, run_id=summary.run_id))
        run_at(sandbox, folder.campaign())
    after, rung = page_of(folder), page_of(folder, Scope(2 * NOON_MS))
    for page in (before, of_run, after):
        found = people(page)
        assert (found["row"], found["call_id"], found["phone"]) == ([3], [call_id], [f"…{number(1)[-2:]}"])
        assert re.search(r"this call rings at \d{4}-\d\d-\d\dT[\d:.]+Z: cancel it at the API", page)
        assert number(1) not in page
    assert "cancel it at the API" not in rung


class Onlooker(SilentListener):
    """Reads the page beside the results while the run goes on."""

    def __init__(self, folder: CampaignFolder) -> None:
        self._folder = folder.path / "results"
        self.pages: list[str] = []

    def settled(self, outcome: Outcome, *, final: bool) -> None:
        """Read what a browser would show now."""
        del outcome, final
        self.pages += [path.read_text("utf-8") for path in self._folder.glob("*.html")]


@pytest.mark.slow
def test_a_run_writes_its_page_and_keeps_it_fresh(folder: CampaignFolder) -> None:
    """From before the first call on the page loads itself; the last one tells the whole, and loads nothing again."""
    onlooker = Onlooker(folder)
    with Sandbox(faults=Faults(refuse_name="Person 1")) as sandbox:
        summary = run_campaign(folder.campaign(ALIVE), listener=onlooker, runtime=hurried(sandbox))

    assert summary.results is not None
    assert summary.report == summary.results.with_suffix(".html")
    assert len(onlooker.pages) == 3
    assert all('http-equiv="refresh"' in page for page in onlooker.pages)
    last = summary.report.read_text("utf-8")
    assert 'http-equiv="refresh"' not in last
    assert figures(last)[:3] == [3, 3, 2]
    assert "What to do next" in last


@pytest.mark.slow
def test_a_page_that_cannot_be_written_ends_no_run(folder: CampaignFolder) -> None:
    """Where something is in its way the run calls everybody all the same, and a note says why there is no page."""
    (folder.path / "out.html").mkdir()
    options = RunOptions(results=folder.path / "out.csv")
    with Sandbox() as sandbox:
        summary = run_at(sandbox, folder.campaign(ALIVE), options)
        created = len(sandbox.created)

    assert (created, summary.exit_code, summary.report) == (3, 0, None)
    assert [note for note in summary.notes if "The report was not written" in note]


@pytest.mark.slow
def test_a_rehearsal_without_calls_and_a_campaign_that_wants_none_write_no_page(folder: CampaignFolder) -> None:
    """A dry run leaves nothing behind, and by default no page is written."""
    with Sandbox() as sandbox:
        run_at(sandbox, folder.campaign(ALIVE), RunOptions(dry_run=True, results=folder.path / "out.csv"))
        run_at(sandbox, folder.campaign())
    assert not list(folder.path.rglob("*.html"))


@pytest.mark.parametrize("scope", [NOW, Scope(NOON_MS, run_id="nobody's")])
def test_there_has_to_be_something_to_tell(folder: CampaignFolder, scope: Scope) -> None:
    """A campaign that never ran, a run that it has not, and one whose people were erased are named."""
    with Ledger.open(folder.path / ".dialer/ledger.db"):
        pass
    with pytest.raises(UsageError, match="tells nothing of"):
        page_of(folder, scope)


@pytest.mark.slow
def test_erased_people_are_on_no_page(folder: CampaignFolder) -> None:
    """After a purge there is nobody to tell of."""
    with Sandbox() as sandbox:
        run_at(sandbox, folder.campaign())
    purge_campaign(folder.campaign(), confirm=lambda _: True)
    with pytest.raises(UsageError, match="erased"):
        page_of(folder)
    assert not (folder.path / "report.html").exists()
